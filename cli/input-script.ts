/**
 * What is typed at the console, from a file: each line and its Enter, a byte every 5 ms of the machine's time, the first 0.5 s after the
 * power came on. A line that begins with @ is no text:
 *
 *     @wait 2000          nothing is typed for so many milliseconds
 *     @keys ad\x1b[A      these keys, without Enter; \xHH is a byte, \\ a backslash
 *     @alt 2              Alt with F2, at once: with --screen, screen 2 is shown
 *     @@text              a line that begins with @
 *     @stop               the run stops here, and what follows is not read
 *
 * The rule: time is the machine's, all boots together, so that the same file and seed are the same run.
 */

import { wholeNumber } from '../reports/facts.js';
import type { PlannedInput } from '../reports/index.js';
import { UserError } from './errors.js';

const START_MS = 500;
const KEY_MS = 5;
/** What xterm sends for Alt with F1 to F12, behind ESC [; from 1. */
const ALT = ['', '1;3P', '1;3Q', '1;3R', '1;3S', ...[15, 17, 18, 19, 20, 21, 23, 24].map((key) => `${key};3~`)];
const WAIT_MS_MAX = 1_000_000_000;

export interface InputScript {
  readonly input: readonly PlannedInput[];
  /** Cycle at which the run stops, all boots together. */
  readonly stopAt?: number;
}

/** The events of a script; `name` is what errors call it, `clockHz` cycles a second. Throws UserError. */
export function readInputScript(text: string, name: string, clockHz: number): InputScript {
  const events: PlannedInput[] = [];
  let at = START_MS;
  const cyclesOf = (ms: number) => Math.round((ms / 1000) * clockHz);
  const type = (bytes: Uint8Array): void => {
    for (const byte of bytes) {
      events.push({ at: cyclesOf(at), bytes: [byte] });
      at += KEY_MS;
    }
  };
  const press = (sequence: string): void => {
    events.push({ at: cyclesOf(at), bytes: [...Buffer.from(`\x1b[${sequence}`)] });
    at += KEY_MS;
  };
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, '');
    const fail = (expected: string): never => {
      throw new UserError(`${name}:${index + 1}: expected ${expected}, found ${JSON.stringify(line)}`);
    };
    if (!line.startsWith('@') || line.startsWith('@@')) {
      type(Buffer.from(`${line.startsWith('@@') ? line.slice(1) : line}\n`));
      continue;
    }
    const [, verb, rest] = /^@(\w*) ?(.*)$/.exec(line) ?? fail('@wait, @keys, @alt, @stop or @@');
    if (verb === 'stop') return { input: events, stopAt: cyclesOf(at) };
    if (verb === 'wait') at += wholeNumber(rest, 0, WAIT_MS_MAX) ?? fail('@wait and a number of milliseconds');
    else if (verb === 'alt') press(ALT[wholeNumber(rest, 1, ALT.length - 1) ?? fail('@alt and a number from 1 to 12')]);
    else if (verb === 'keys') type(keysOf(rest) ?? fail('keys, with \\xHH for a byte and \\\\ for a backslash'));
    else fail('@wait, @keys, @alt, @stop or @@');
  }
  return { input: events };
}

function keysOf(text: string): Uint8Array | undefined {
  if (/\\(?!\\|x[0-9a-fA-F]{2})/.test(text.replaceAll('\\\\', ''))) return undefined;
  const parts = text.split(/(\\\\|\\x[0-9a-fA-F]{2})/).map((part) => {
    if (part === '\\\\') return Buffer.from('\\');
    return part.startsWith('\\x') ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part);
  });
  return new Uint8Array(Buffer.concat(parts));
}
