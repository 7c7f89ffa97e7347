/**
 * What a program can hold: references and the objects behind them.
 *
 * Rule: an int is its value and has no identity; null is one value, whoever made it; everything else is an object and
 * is the same only as itself. Strings and binaries are bytes. `identity` is the number that root methods show (`C@N`),
 * 0 until it is first asked for.
 */

import type { Screen } from './screen.js';

/** null, an int (32 bits, signed), or an object. */
export type Reference = null | number | PhantomObject;

export abstract class PhantomObject {
  identity = 0;
  immutable = false;
  /** A class of classes is of itself. */
  readonly cls: PhantomClass;

  constructor(cls?: PhantomClass) {
    this.cls = cls ?? (this as unknown as PhantomClass);
  }
}

/** A method of a class loaded from a class file, or the bytecode of the first thread. */
export interface Method {
  readonly owner: PhantomClass;
  readonly name: string;
  readonly ordinal: number;
  readonly code: Buffer;
  /** Those of the defining class, whoever inherits the method. */
  readonly constants: readonly (Reference | undefined)[];
  isVoid: boolean;
  lines: readonly { readonly ip: number; readonly line: number }[];
}

/** Kind of a class loaded from a class file; internal classes have their own name. */
export const USER = 'user';

export class PhantomClass extends PhantomObject {
  /** By ordinal. */
  readonly methods: (Method | undefined)[] = [];
  readonly constants: (StringObject | undefined)[];
  /** Values set with method 10. */
  statics: ArrayObject | undefined;

  constructor(
    readonly kind: string,
    readonly name: string,
    readonly parent: PhantomClass | null,
    readonly slots: number,
    classOfClasses?: PhantomClass,
    constants: (StringObject | undefined)[] = [],
  ) {
    super(classOfClasses);
    this.constants = constants;
  }

  /** The internal class that a user class extends: an object of it is the last field of each of its objects. */
  get extended(): PhantomClass | undefined {
    let at: PhantomClass | null = this;
    while (at !== null && at.kind === USER) at = at.parent;
    return this.kind !== USER || at === null || at.kind === '.internal.void' ? undefined : at;
  }

  descendsFrom(ancestor: PhantomClass): boolean {
    for (let at: PhantomClass | null = this; at !== null; at = at.parent) if (at === ancestor) return true;
    return false;
  }
}

export class UserObject extends PhantomObject {
  readonly fields: Reference[];
  constructor(cls: PhantomClass) {
    super(cls);
    this.fields = Array.from({ length: cls.slots }, () => null);
  }
}

export class StringObject extends PhantomObject {
  constructor(
    cls: PhantomClass,
    readonly bytes: Buffer,
  ) {
    super(cls);
  }

  /** Each byte as the character of that number. */
  get text(): string {
    return this.bytes.toString('latin1');
  }
}

export class BinaryObject extends PhantomObject {
  constructor(
    cls: PhantomClass,
    readonly bytes: Buffer,
  ) {
    super(cls);
  }
}

export class LongObject extends PhantomObject {
  /** Signed, 64 bits. */
  constructor(
    cls: PhantomClass,
    readonly value: bigint,
  ) {
    super(cls);
  }
}

/** A float or a double, told apart by its class. A NaN is the canonical one. */
export class RealObject extends PhantomObject {
  constructor(
    cls: PhantomClass,
    readonly value: number,
  ) {
    super(cls);
  }

  /** Bits as they lie in memory, low byte first. */
  get bytes(): Buffer {
    const single = this.cls.kind === '.internal.float';
    const bytes = Buffer.alloc(single ? 4 : 8);
    if (single) bytes.writeFloatLE(this.value);
    else bytes.writeDoubleLE(this.value);
    // A host may give its NaN other bits.
    if (Number.isNaN(this.value)) bytes.fill(0).writeUInt16LE(single ? 0x7fc0 : 0x7ff8, bytes.length - 2);
    return bytes;
  }
}

export class ArrayObject extends PhantomObject {
  readonly elements: Reference[] = [];
}

export class IteratorObject extends PhantomObject {
  cursor = 0;
  constructor(
    cls: PhantomClass,
    readonly array: ArrayObject,
  ) {
    super(cls);
  }
}

export class DirectoryObject extends PhantomObject {
  /** By the key's text. */
  readonly entries = new Map<string, { readonly key: StringObject; readonly value: Reference }>();
}

export class ClosureObject extends PhantomObject {
  object: Reference = null;
  ordinal = 0;
}

export class MutexObject extends PhantomObject {
  owner: ThreadObject | null = null;
}

export class SemaphoreObject extends PhantomObject {
  value = 0;
}

export class ThreadObject extends PhantomObject {
  constructor(
    cls: PhantomClass,
    readonly number: number,
  ) {
    super(cls);
  }
}

export class WeakReferenceObject extends PhantomObject {
  target: Reference = null;
}

/** An image: red, green, blue, alpha for each pixel, rows from the top. */
export class BitmapObject extends PhantomObject {
  image: BinaryObject | null = null;
  width = 0;
  height = 0;
}

export class InputOutputObject extends PhantomObject {
  openAs: StringObject | null = null;
  variables: DirectoryObject | null = null;
}

export class ConnectionObject extends PhantomObject {
  connectedTo: StringObject | null = null;
  connected = false;
  /** What its timers run. */
  callback: Method | undefined;
}

/** `.internal.io.tty`: on the console, or on a screen of its own. */
export class TerminalObject extends PhantomObject {
  screen: Screen | undefined;
}

/** Objects without content: conditions, worlds, the boot object, plain objects of the root class. */
export class PlainObject extends PhantomObject {}
