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
