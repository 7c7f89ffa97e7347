/** Values of options: parsed strictly, refused with the option's name, what was expected and what was found. */
import { InvalidArgumentError } from 'commander';
import { SEED_MAX } from '../reports/index.js';

function wholeNumber(what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      throw new InvalidArgumentError(`Expected ${what} from ${least} to ${most}.`);
    }
    return value;
  };
}

export const parseSeed = wholeNumber('a seed', 0, SEED_MAX);
export const parseCuts = wholeNumber('a number of power cuts', 0, 10_000);
export const parseCycles = wholeNumber('a number of cycles', 1, Number.MAX_SAFE_INTEGER);
export const parseRam = wholeNumber('a number of MiB', 4, 1024);
export const parseInterval = wholeNumber('a number of milliseconds', 10, 1_000_000);

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
