/** How a method of an internal class is called, and how it ends. */

import type { Frame, Thread } from './frames.js';
import type { Machine } from './machine.js';
import { type Reference, StringObject } from './objects.js';

/** The class has no method of that number itself; the root class may have it. */
export const INHERITED = Symbol('inherited');
/** The instruction is executed again: a frame was entered for it, or a class was loaded. */
export const AGAIN = Symbol('again');

export interface Call {
  readonly machine: Machine;
  readonly thread: Thread;
  readonly frame: Frame;
  readonly self: Reference;
  /** Kind of the class whose methods are meant: that of `self`, or an ancestor's. */
  readonly kind: string;
  readonly ordinal: number;
  readonly args: readonly Reference[];
}

export type Result = Reference | typeof INHERITED | typeof AGAIN;

/** Bytes a string or binary may have at most. */
export const BYTES_MAX = 0x08000000;

/** Arguments of a method, with the exceptions of missing and wrong ones. */
export class Arguments {
  constructor(
    private readonly machine: Machine,
    private readonly values: readonly Reference[],
    least: number,
  ) {
    if (values.length < least) machine.throwText('sys: need more parameters');
  }

  at(n: number): Reference {
    return this.values[n] ?? null;
  }

  int(n: number): number {
    const value = this.at(n);
    return typeof value === 'number' ? value : this.machine.throwText('type assert failed');
  }

  string(n: number): StringObject {
    const value = this.at(n);
    return value instanceof StringObject ? value : this.machine.throwText('not a string arg');
  }
}

/** An index or length: negative ones are as far out of bounds as can be. */
export const unsigned = (value: number): number => value >>> 0;
