/** What tests of programs in bytecode say again and again, as lines for `assemble`. The boot object is in slot 0. */
import type { Line } from './assembler.js';

/** Pushes a string. */
export const str = (text: string): Line => ['sconst_bin', text];

/** Pushes an integer object. */
export const int = (value: number): Line[] => [['iconst_32bit', value], ['i2o']];

/** A new object of the class in a slot. */
export const made = (name: string, slot: number): Line[] => [['summon_by_name', name], ['new'], ['os_set32', slot]];

/** Calls a method of the object in a slot; each argument is the lines that push it. */
export const call = (slot: number, ordinal: number, ...args: readonly (readonly Line[])[]): Line[] => [
  ['os_get32', slot],
  ...args.flat(),
  ['call_32bit', ordinal, args.length],
];

/** The same, its result dropped. */
export const tell = (...what: Parameters<typeof call>): Line[] => [...call(...what), ['os_drop']];

/** Prints a text. */
export const say = (text: string): Line[] => [['os_get32', 0], str(text), ['call_10', 1], ['os_drop']];
