/** Files that the user names: what cannot be read is a mistake of one line, with what it was wanted for. */
import { readFileSync } from 'node:fs';
import { reasonOf, UserError } from './errors.js';

/** `what` it is, as `the class file`. Throws UserError. */
export function readBytes(file: string, what: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw cannotRead(file, what, error);
  }
}

/** Its text; `-` is standard input. Throws UserError. */
export function readText(file: string, what: string): string {
  const isInput = file === '-';
  try {
    return readFileSync(isInput ? 0 : file, 'utf8');
  } catch (error) {
    throw cannotRead(isInput ? 'standard input' : file, what, error);
  }
}

/** What is said of a file or folder that the system refused. */
export function cannotRead(place: string, what: string, error: unknown): UserError {
  return new UserError(`${place}: cannot read ${what}: ${reasonOf(error)}`);
}
