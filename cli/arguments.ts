/** Values of options: parsed strictly, refused with the option's name, what was expected and what was found. */
import { InvalidArgumentError } from 'commander';
import { wholeNumber } from '../reports/facts.js';
import { OPTION_LIMITS, SEED_MAX } from '../reports/index.js';

export function numberOf(what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = wholeNumber(text, least, most);
    if (value === undefined) throw new InvalidArgumentError(`Expected ${what} from ${least} to ${most}.`);
    return value;
  };
}

function nameOf(what: string): (text: string) => string {
  return (text) => {
    if (text === '') throw new InvalidArgumentError(`Expected ${what}.`);
    return text;
  };
}

export const parseSeed = numberOf('a seed', 0, SEED_MAX);
export const parseCuts = numberOf('a number of power cuts', 0, 10_000);
export const parseCycles = numberOf('a number of cycles', 1, Number.MAX_SAFE_INTEGER);
export const parseRam = numberOf('a number of MiB', ...OPTION_LIMITS.ramMiB);
export const parseInterval = numberOf('a number of milliseconds', ...OPTION_LIMITS.snapshotIntervalMs);
export const parseGeneration = numberOf('a generation', 1, 999_999_999);
export const parseClassName = nameOf('the name of a class');
export const parseFile = nameOf('the name of a file');
export const parseFolder = nameOf('the name of a folder');

/** Milliseconds. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? [];
  const value = Number(number) * { s: 1000, m: 60_000, h: 3_600_000 }[(unit ?? 's') as 's' | 'm' | 'h'];
  if (!(value > 0)) throw new InvalidArgumentError('Expected a duration as 90s, 10m or 2h.');
  return value;
}

export function parseQueueUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw new InvalidArgumentError('Expected an address as redis://host:6379 or rediss://user:password@host:6379.');
  }
  return text;
}

export function parseQueueName(text: string): string {
  if (!/^[\w-]{1,64}$/.test(text)) {
    throw new InvalidArgumentError('Expected a name of up to 64 letters, digits, - and _.');
  }
  return text;
}
