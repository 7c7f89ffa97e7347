/**
 * Reads the persistent memory of the kernel from outside: objects and what they hold.
 *
 * Rule: it believes nothing: an object is what a walk by sizes from the heap's start meets; the reader asks for nothing
 * outside the memory in use.
 */

import * as layout from './layout.js';
import { BASE, CLASS, HEADER, KIND, PAGE, ROOT, SIZE_MASK } from './layout.js';

/** Memory by virtual address; zero where there is none. */
export interface MemoryImage {
  /** Little-endian, unsigned. */
  word(address: number): number;
  bytes(address: number, length: number): Uint8Array;
}

/** All memory in one array: byte n is at address n. */
export function flatImage(memory: Uint8Array): MemoryImage {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  return {
    word: (address) => (address + 4 <= memory.length ? view.getUint32(address, true) : 0),
    bytes: (address, length) => memory.slice(address, address + length),
  };
}

/** Pages of persistent memory by number, as a generation on disk has them; pages that are missing are zero. */
export function pagedImage(page: (number: number) => Uint8Array | undefined): MemoryImage {
  const zero = new Uint8Array(PAGE);
  const cache = new Map<number, Uint8Array>();
  const at = (address: number): Uint8Array => {
    const number = Math.floor((address - BASE) / PAGE);
    let found = cache.get(number);
    if (found === undefined) {
      found = (address >= BASE ? page(number) : undefined) ?? zero;
      cache.set(number, found);
    }
    return found;
  };
  const bytes = (address: number, length: number): Uint8Array => {
    const result = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const offset = (address + done - BASE) % PAGE;
      const part = Math.min(PAGE - offset, length - done);
      result.set(at(address + done).subarray(offset, offset + part), done);
      done += part;
    }
    return result;
  };
  return {
    word: (address) => {
      const offset = (address - BASE) % PAGE;
      if (address < BASE) return 0;
      if (offset > PAGE - 4) return Buffer.from(bytes(address, 4)).readUInt32LE();
      const found = at(address);
      return (found[offset] | (found[offset + 1] << 8) | (found[offset + 2] << 16) | (found[offset + 3] << 24)) >>> 0;
    },
    bytes,
  };
}

export class Heap {
  /** Addresses of all objects, in order. */
  readonly objects = new Set<number>();
  /** Bytes of each free block, header and all, by address: what was garbage. */
  readonly free = new Map<number, number>();
  /** Where the walk met a size that leads out of the heap; undefined when it ended where the heap does. */
  readonly brokenAt: number | undefined;
  readonly end: number;

  constructor(readonly image: MemoryImage) {
    this.end = this.root('heapNext');
    let at = this.root('heapStart');
    let last = at;
    while (at < this.end) {
      const bytes = (HEADER + this.size(at) + 7) & ~7;
      // The first object is the class of classes, whose own class is written later.
      if (this.isFree(at) && this.root('magic') !== 0) this.free.set(at, bytes);
      else this.objects.add(at);
      last = at;
      at += bytes;
    }
    this.brokenAt = at === this.end ? undefined : last;
  }

  word(address: number): number {
    return this.image.word(address);
  }

  root(name: keyof typeof ROOT): number {
    return this.word(BASE + ROOT[name]);
  }

  /** Whether a header is that of a free block: no class, whole words of eight bytes that are no fields. */
  private isFree(at: number): boolean {
    return this.classOf(at) === 0 && (this.word(at + 4) & ~(SIZE_MASK & ~7)) >>> 0 === layout.OPAQUE;
  }

  /** Bytes of data. */
  size(object: number): number {
    return this.word(object + 4) & SIZE_MASK;
  }

  classOf(object: number): number {
    return this.word(object);
  }

  /** Internal class of that kind. */
  internal(kind: number): number {
    return this.word(BASE + layout.CLASSES + 4 * kind);
  }

  isClass(object: number): boolean {
    return this.objects.has(object) && this.classOf(object) === this.internal(KIND.class);
  }

  /** Kind of an object's class; undefined when it has no class. */
  kindOf(object: number): number | undefined {
    if (!this.objects.has(object)) return undefined;
    const cls = this.classOf(object);
    return this.isClass(cls) ? this.word(cls + CLASS.kind) : undefined;
  }

  isOf(object: number, kind: keyof typeof KIND): boolean {
    return this.kindOf(object) === KIND[kind];
  }

  data(object: number): Uint8Array {
    return this.image.bytes(object + HEADER, this.size(object));
  }

  text(string: number): string {
    return Buffer.from(this.data(string)).toString('latin1');
  }

  className(cls: number): string {
    return this.text(this.word(cls + CLASS.name));
  }

  /** Entries of the class cache. */
  *cacheEntries(): Generator<{ readonly bucket: number; readonly entry: number }> {
    for (let bucket = 0; bucket < layout.BUCKET_COUNT; bucket++) {
      let entry = this.word(BASE + layout.BUCKETS + 4 * bucket);
      for (let length = 0; this.isOf(entry, 'page') && length < this.objects.size; length++) {
        yield { bucket, entry };
        entry = this.word(entry + HEADER + 8);
      }
    }
  }

  /** Addresses of the records of live threads. */
  *threads(): Generator<number> {
    for (let i = 0; i < layout.RECORD_COUNT; i++) {
      const record = layout.RECORDS + i * layout.RECORD_BYTES;
      if (this.word(record) === layout.ALIVE) yield record;
    }
  }

  /** Words of an object that are references, by what they are for. */
  *references(object: number): Generator<readonly [address: number, value: number]> {
    const kind = this.kindOf(object);
    if (kind === undefined) return;
    const size = this.size(object);
    const first = object + HEADER;
    const words = layout.WORDS.get(kind);
    const all = kind === layout.USER || kind === KIND.page;
    for (const [i, word] of (words ?? []).entries()) {
      if (word !== 'number') yield [first + 4 * i, this.word(first + 4 * i)];
    }
    const from = all ? first : kind === KIND.class ? object + CLASS.table : first + size;
    for (let at = from; at + 4 <= first + size; at += 4) yield [at, this.word(at)];
  }

  /** What the roots reach: root structure, monitors, live threads, and the stacks that records keep. */
  reachable(): Set<number> {
    const found = new Set<number>();
    const queue: number[] = [];
    const reach = (value: number): void => {
      if (!this.objects.has(value) || found.has(value)) return;
      found.add(value);
      queue.push(value);
    };
    for (let at = BASE; at < BASE + PAGE; at += 4) reach(this.word(at));
    for (let i = 0; i < layout.MONITOR_COUNT; i++) reach(this.word(layout.MONITORS + i * layout.MONITOR_BYTES));
    for (let i = 0; i < layout.RECORD_COUNT; i++) this.reachOfRecord(layout.RECORDS + i * layout.RECORD_BYTES, reach);
    for (let object = queue.pop(); object !== undefined; object = queue.pop()) {
      reach(this.classOf(object));
      const weak = this.isOf(object, 'weakref');
      for (const [, value] of weak ? [] : this.references(object)) reach(value);
    }
    return found;
  }

  private reachOfRecord(record: number, reach: (value: number) => void): void {
    const { ostack, istack, cstack, code, object, made, waits, granted, csp } = layout.RECORD;
    const at = (word: number): number => this.word(record + word);
    for (const stack of [ostack, istack, cstack]) reach(at(stack));
    if (at(layout.RECORD.state) !== layout.ALIVE) return;
    for (const word of [code, object, made]) reach(at(word));
    for (const word of [waits, granted]) reach((at(word) & ~layout.AS_MONITOR) >>> 0);
    for (const [, value] of this.stackCells(record)) reach(value);
    for (let word = at(cstack) + HEADER; word < at(csp); word += 4) reach(this.word(word));
  }

  /** Cells of a live thread's object stack. */
  *stackCells(record: number): Generator<readonly [address: number, value: number]> {
    const stack = this.word(record + layout.RECORD.ostack);
    const end = Math.min(this.word(record + layout.RECORD.osp), stack + HEADER + this.size(stack));
    for (let at = stack + HEADER; at + 4 <= end; at += 4) yield [at, this.word(at)];
  }
}
