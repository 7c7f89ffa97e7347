/**
 * Calls in progress: threads and their frames, and how an instruction can end other than well.
 *
 * Rule: a frame has stacks of its own, as in the original; that a machine may lay those of all frames of a thread one
 * behind the other shows only in how much fits (`LIMITS`). What a frame popped from its integer stack stays readable by
 * its number until the frame calls another one; after that it has no specified value.
 */

import type { Method, PhantomClass, PhantomObject, Reference, ThreadObject } from './objects.js';

/** What fits on a thread's stacks, over all its frames. */
export const LIMITS = {
  objectCells: (64 + 5) * 1024,
  integerCells: (32 + 7) * 1024,
  /** Frames and catchers share a third stack. */
  controlBytes: (64 + 9) * 4096,
  frameBytes: 32,
  catcherBytes: 16,
} as const;

/** An object is thrown: a program may catch it. */
export class Thrown extends Error {
  constructor(readonly value: Reference) {
    super('thrown');
  }
}

/** Malformed code: the thread ends. */
export class Malformed extends Error {}

/** The run as a whole ends: a thread waits for what no other thread can give any more, or a limit of the run is met. */
export class Stopped extends Error {
  constructor(readonly reason: 'waits for ever' | 'instructions' | 'memory') {
    super(reason);
  }
}

export interface Catcher {
  readonly cls: PhantomClass;
  readonly handler: number;
  /** Depths of the two stacks when it was pushed. */
  readonly osp: number;
  readonly isp: number;
}

export class Frame {
  ip = 0;
  /** First free cell of the object stack; cell 0 is the first argument. */
  osp: number;
  isp = 0;
  readonly ints: (number | undefined)[] = [];
  readonly catchers: Catcher[] = [];
  /** Of a print that waits for a method 5: the arguments that are printed, and the text of the next. */
  printed = 0;
  text: Reference | undefined;

  /** `objectBase`, `integerBase`, `controlBase`: what the frames below take of the thread's stacks. */
  constructor(
    readonly method: Method,
    readonly self: PhantomObject,
    readonly objects: Reference[],
    readonly objectBase: number,
    readonly integerBase: number,
    readonly controlBase: number,
    /** Takes the result; undefined in the first frame of a thread. */
    readonly then: ((result: Reference) => void) | undefined,
  ) {
    this.osp = objects.length;
  }

  get controlBytes(): number {
    return LIMITS.frameBytes + this.catchers.length * LIMITS.catcherBytes;
  }

  hasObjectRoom(cells: number): boolean {
    return this.objectBase + this.osp + cells <= LIMITS.objectCells;
  }

  hasIntegerRoom(cells: number): boolean {
    return this.integerBase + this.isp + cells <= LIMITS.integerCells;
  }
}

export interface Thread {
  readonly object: ThreadObject;
  /** The last one is running. */
  readonly frames: Frame[];
}
