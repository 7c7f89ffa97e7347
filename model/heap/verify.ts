/**
 * What is wrong with a persistent memory, seen from outside.
 *
 * Rules. Objects and free blocks lie one behind the other without gap or overlap; nothing reachable refers to a free
 * block. Where there are free blocks, what nothing reaches is garbage and may hold anything. Else each object has a
 * class, and the size its class demands. A word that is a reference holds null, a small integer or the start of an object, where its use demands it of one kind.
 * Everything else of a known structure is a number below the persistent memory's base or within what it counts; words
 * that mean nothing are zero. So no word holds an address of the kernel's own memory, whose use would outlive a boot.
 * Bytes (strings, binaries, bytecode, values, integer stacks) may be anything.
 */

import { Heap, type MemoryImage } from './heap.js';
import * as layout from './layout.js';
import { BASE, CATCHER, CLASS, CODE, FRAME, HEADER, KIND, PAGE, RECORD, ROOT, USER } from './layout.js';

/** A report says no more than this. */
const PROBLEMS_MAX = 50;

const hex = (value: number): string => `0x${value.toString(16)}`;

class Verifier {
  readonly problems: string[] = [];

  constructor(private readonly heap: Heap) {}

  private word(address: number): number {
    return this.heap.word(address);
  }

  private say(problem: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problem);
  }

  private isReference(value: number): boolean {
    return value === 0 || (value & 1) === 1 || this.heap.objects.has(value);
  }

  /** Null or an object of that kind. */
  private expect(value: number, kind: keyof typeof KIND, what: string): void {
    if (value !== 0 && !this.heap.isOf(value, kind)) this.say(`${what} holds ${hex(value)}, no ${kind} and not null`);
  }

  private expectReference(value: number, what: string): void {
    if (!this.isReference(value)) this.say(`${what} holds ${hex(value)}, which is no reference`);
  }

  all(): string[] {
    const { heap } = this;
    // The magic is written last: what a cut left half built is built again, whatever it holds.
    if (heap.root('magic') === 0) return [];
    if (heap.root('magic') !== layout.MAGIC) return [`the root structure has magic ${hex(heap.root('magic'))}`];
    if (heap.root('layout') !== layout.LAYOUT) return [`objects are laid out by version ${heap.root('layout')}`];
    if (heap.brokenAt !== undefined) this.say(`object ${hex(heap.brokenAt)} goes beyond the heap's end`);
    this.rootStructure();
    // An object that nothing reaches may refer to what was freed before it.
    const sound = heap.free.size === 0 ? heap.objects : heap.reachable();
    for (const object of sound) this.object(object);
    this.cache();
    this.monitors();
    for (let i = 0; i < layout.RECORD_COUNT; i++) this.record(layout.RECORDS + i * layout.RECORD_BYTES);
    for (let at = heap.end; at % PAGE !== 0; at += 4) {
      if (this.word(at) !== 0) this.say(`free memory at ${hex(at)} holds ${hex(this.word(at))}`);
    }
    return this.problems;
  }

  private rootStructure(): void {
    const { heap } = this;
    if (heap.root('heapStart') !== BASE + 16 * PAGE) this.say(`the heap starts at ${hex(heap.root('heapStart'))}`);
    if (heap.end > heap.root('heapLimit')) this.say(`the heap's end ${hex(heap.end)} is beyond its limit`);
    this.expectReference(heap.root('loader'), 'the class loader');
    this.expectReference(heap.root('osInterface'), 'the OS interface');
    this.expectReference(heap.root('program'), "the program's object");
    this.expect(heap.root('environment'), 'array', 'the environment');
    this.expect(heap.root('bootObject'), 'boot', 'the boot object');
    this.expect(heap.root('noMemory'), 'string', 'the exception for full memory');
    this.expect(heap.root('empty'), 'string', 'the empty string');
    this.devices();
    this.expect(heap.root('foreground'), 'tty', 'the terminal in the foreground');
    this.expect(heap.root('shown'), 'tty', 'the terminal that is shown');
    this.buffer(heap.root('consoleBuffer'), "the console's buffer");
    const known = new Set<number>(Object.values(ROOT));
    for (let at = 0; at < layout.CLASSES; at += 4) {
      if (!known.has(at) && this.word(BASE + at) !== 0) this.say(`word ${at} of the root structure is not zero`);
    }
    for (let kind = 0; kind < layout.KINDS; kind++) {
      const cls = heap.internal(kind);
      if (!heap.isClass(cls) || this.word(cls + CLASS.kind) !== kind) this.say(`internal class ${kind} is missing`);
    }
    for (const name of ['boots', 'identity', 'threadsEver', 'threadsFailed', 'ticket'] as const) {
      if (heap.root(name) >= BASE) this.say(`${name} of the root structure is ${hex(heap.root(name))}`);
    }
  }

  /** The chain of terminals and connections: each once, each of a boot that was. */
  private devices(): void {
    const { heap } = this;
    const seen = new Set<number>();
    const screens = new Set<number>();
    for (let at = heap.root('devices'); at !== 0; at = this.word(at + HEADER)) {
      if (!heap.isOf(at, 'tty') && !heap.isOf(at, 'connection')) {
        this.say(`the chain of devices leads to ${hex(at)}, which is none`);
        return;
      }
      if (seen.has(at)) {
        this.say(`the chain of devices comes back to ${hex(at)}`);
        return;
      }
      seen.add(at);
      if (heap.isOf(at, 'tty')) this.terminal(at, screens);
      const boot = this.word(at + HEADER + 4);
      if (boot === 0 || boot > heap.root('boots') + 1) this.say(`device ${hex(at)} on the chain is of boot ${boot}`);
    }
  }

  /** Of terminals on screens each has one of its own, and a buffer. */
  private terminal(tty: number, screens: Set<number>): void {
    const [buffer, screen] = [8, 12].map((at) => this.word(tty + HEADER + at));
    const name = `terminal ${hex(tty)}`;
    if ((screen === 0) !== (buffer === 0)) this.say(`${name} on screen ${screen} has buffer ${hex(buffer)}`);
    if (screen === 0) return;
    const [first, last] = layout.SCREENS;
    if (screen < first || screen > last) this.say(`${name} is on screen ${screen}`);
    if (screens.has(screen)) this.say(`${name} is not the only one on screen ${screen}`);
    screens.add(screen);
    this.buffer(buffer, `the buffer of ${name}`);
  }

  private buffer(buffer: number, name: string): void {
    const { heap } = this;
    this.expect(buffer, 'binary', name);
    if (buffer === 0 || !heap.isOf(buffer, 'binary')) return;
    const { bytes, columns, rows } = layout.BUFFER;
    if (heap.size(buffer) !== bytes) this.say(`${name} has ${heap.size(buffer)} bytes`);
    const [column, row] = heap.image.bytes(buffer + HEADER, 2);
    if (column > columns || row >= rows) this.say(`${name} has its cursor at column ${column} of row ${row}`);
  }

  private object(object: number): void {
    const { heap } = this;
    const kind = heap.kindOf(object);
    const name = `object ${hex(object)}`;
    if (kind === undefined) {
      this.say(`${name} has class ${hex(heap.classOf(object))}, which is none`);
      return;
    }
    const flags = this.word(object + 12);
    if (flags > 1) this.say(`${name} has flags ${hex(flags)}`);
    if (this.word(object + 8) > heap.root('identity')) this.say(`${name} has a number never given`);
    this.size(object, kind, name);
    for (const [i, word] of (layout.WORDS.get(kind) ?? []).entries()) {
      const at = object + HEADER + 4 * i;
      if (typeof word === 'object') this.expect(this.word(at), word.of, `word ${i} of ${name}`);
    }
    for (const [at, value] of heap.references(object)) {
      if (kind === KIND.class && at >= object + CLASS.table) this.expect(value, 'code', `method at ${hex(at)}`);
      else this.expectReference(value, `slot ${hex(at)} of ${name}`);
    }
    const end = object + HEADER + heap.size(object);
    for (let at = end; at % 8 !== 0; at++) {
      if (heap.image.bytes(at, 1)[0] !== 0) this.say(`${name} is followed by a byte that is not zero`);
    }
    this.content(object, kind, name);
  }

  private size(object: number, kind: number, name: string): void {
    const { heap } = this;
    const word = this.word(object + 4);
    const size = heap.size(object);
    const opaque = (word & layout.OPAQUE) !== 0;
    const frozen = (word & layout.FROZEN) !== 0;
    if (kind === USER) {
      const wanted = this.word(heap.classOf(object) + CLASS.instance);
      if (size !== wanted) this.say(`${name} has ${size} bytes of fields, its class demands ${wanted}`);
      if (opaque !== frozen) this.say(`${name} of a user class has size word ${hex(word)}`);
      return;
    }
    if (!opaque || frozen) this.say(`${name} of kind ${kind} has size word ${hex(word)}`);
    const words = layout.WORDS.get(kind);
    let wanted: number | undefined;
    if (kind === KIND.class) wanted = CLASS.table - HEADER + 4 * this.word(object + CLASS.methods);
    else if (kind === KIND.code) wanted = layout.CODE_BYTES + this.word(object + CODE.length) + layout.CODE_PADDING;
    else if (words !== undefined) wanted = 4 * words.length;
    else if (layout.BYTES.has(kind)) wanted = layout.BYTES.get(kind);
    else if (kind !== KIND.page) this.say(`${name} is of kind ${kind}, of which there are no objects`);
    if (wanted !== undefined && size !== wanted) this.say(`${name} of kind ${kind} has ${size} bytes, not ${wanted}`);
  }

  /** What the numbers of an object have to do with its references. */
  private content(object: number, kind: number, name: string): void {
    const { heap } = this;
    const at = (word: number): number => this.word(object + HEADER + 4 * word);
    const capacity = (page: number): number => (page === 0 ? 0 : heap.size(page));
    if (kind === KIND.array) {
      const [page, used, larger, copied] = [at(0), at(1), at(2), at(3)];
      if (4 * used > capacity(page)) this.say(`${name} uses ${used} elements of a page of ${capacity(page)} bytes`);
      if (larger !== 0 && capacity(larger) < 4 * used) this.say(`${name} grows into a page that is too small`);
      if (copied > (larger === 0 ? 0 : 4 * used)) this.say(`${name} has copied ${copied} bytes too many`);
    } else if (kind === KIND.directory) {
      this.directory(object, name);
    } else if (kind === KIND.code) {
      const owner = this.word(object + CODE.owner);
      const ordinal = this.word(object + CODE.ordinal);
      if (owner === 0 || this.word(object + CODE.name) === 0) this.say(`${name}, a method, has no owner or no name`);
      if (ordinal >= 65535) this.say(`${name}, a method, has ordinal ${ordinal}`);
    } else if (kind === KIND.class) {
      this.cls(object, name);
    } else if (kind === KIND.thread) {
      if (at(0) >= layout.RECORD_COUNT) this.say(`${name}, a thread, has record ${at(0)}`);
    }
  }

  private cls(cls: number, name: string): void {
    const { heap } = this;
    const kind = this.word(cls + CLASS.kind);
    if (kind !== USER && heap.internal(kind) !== cls) this.say(`${name} is a second internal class of kind ${kind}`);
    if (this.word(cls + CLASS.name) === 0) this.say(`${name}, a class, has no name`);
    const seen = new Set<number>();
    for (let at = cls; at !== 0 && heap.isClass(at); at = this.word(at + CLASS.parent)) {
      if (seen.has(at)) {
        this.say(`${name}, a class, descends from itself`);
        return;
      }
      seen.add(at);
    }
    const parent = this.word(cls + CLASS.parent);
    if (kind !== USER || !heap.isClass(parent)) return;
    if (this.word(cls + CLASS.instance) < this.word(parent + CLASS.instance)) this.say(`${name} lost fields`);
    if (this.word(cls + CLASS.methods) < this.word(parent + CLASS.methods)) this.say(`${name} lost methods`);
  }

  private directory(object: number, name: string): void {
    const { heap } = this;
    const at = (word: number): number => this.word(object + HEADER + 4 * word);
    const [page, count, filled] = [at(0), at(1), at(2)];
    if (page === 0 ? count !== 0 : !heap.isOf(page, 'page')) return;
    const size = page === 0 ? 0 : heap.size(page);
    let live = 0;
    let used = 0;
    for (let pair = page + HEADER; pair < page + HEADER + size; pair += 8) {
      const key = this.word(pair);
      if (key === 0) continue;
      used++;
      if (key === 1) continue;
      live++;
      if (!heap.isOf(key, 'string')) this.say(`${name}, a directory, has key ${hex(key)}`);
    }
    if (live !== count || used !== filled) {
      this.say(`${name}, a directory, counts ${count} of ${filled} pairs and has ${live} of ${used}`);
    }
  }

  private cache(): void {
    for (const { bucket, entry } of this.heap.cacheEntries()) {
      const [name, cls, next, hash] = [0, 4, 8, 12].map((at) => this.word(entry + HEADER + at));
      const what = `entry ${hex(entry)} of the class cache`;
      this.expect(name, 'string', `${what}, name,`);
      this.expect(cls, 'class', `${what}, class,`);
      this.expect(next, 'page', `${what}, next,`);
      if (name === 0 || cls === 0) this.say(`${what} is not filled`);
      if ((hash & 1) === 0 || ((hash >>> 1) & (layout.BUCKET_COUNT - 1)) !== bucket) this.say(`${what} is misplaced`);
    }
  }

  private monitors(): void {
    let held = 0;
    for (let i = 0; i < layout.MONITOR_COUNT; i++) {
      const entry = layout.MONITORS + i * layout.MONITOR_BYTES;
      const [object, owner, depth] = [0, 4, 8].map((at) => this.word(entry + at));
      if (object === 0) continue;
      held++;
      const index = (owner - layout.RECORDS) / layout.RECORD_BYTES;
      if (!this.heap.objects.has(object)) this.say(`monitor ${i} is of ${hex(object)}, which is no object`);
      if (!Number.isInteger(index) || index < 0 || index >= layout.RECORD_COUNT || this.word(owner) !== layout.ALIVE) {
        this.say(`monitor ${i} is held by ${hex(owner)}, which is no live thread`);
      }
      if (depth === 0) this.say(`monitor ${i} is held no times`);
    }
    if (held !== this.heap.root('monitors'))
      this.say(`${held} monitors are held, ${this.heap.root('monitors')} counted`);
  }

  private record(record: number): void {
    const { heap } = this;
    const at = (word: keyof typeof RECORD): number => this.word(record + RECORD[word]);
    const name = `thread record ${(record - layout.RECORDS) / layout.RECORD_BYTES}`;
    const known = new Set<number>(Object.values(RECORD));
    for (let word = 0; word < layout.RECORD_BYTES; word += 4) {
      if (!known.has(word) && this.word(record + word) !== 0) this.say(`word ${word} of ${name} is not zero`);
    }
    this.expect(at('ostack'), 'ostack', `${name}, object stack,`);
    this.expect(at('istack'), 'istack', `${name}, integer stack,`);
    this.expect(at('cstack'), 'estack', `${name}, control stack,`);
    if (at('state') > layout.ALIVE) this.say(`${name} has state ${at('state')}`);
    if (at('state') !== layout.ALIVE) return;
    this.expect(at('object'), 'thread', `${name}, thread object,`);
    this.expectReference((at('waits') & ~layout.AS_MONITOR) >>> 0, `${name}, object waited for,`);
    this.expectReference((at('granted') & ~layout.AS_MONITOR) >>> 0, `${name}, object handed over,`);
    this.expectReference(at('made'), `${name}, object being made,`);
    for (const [cell, value] of heap.stackCells(record)) this.expectReference(value, `stack cell ${hex(cell)}`);
    this.frames(record, name);
  }

  /** From the current frame down to the first. */
  private frames(record: number, name: string): void {
    const { heap } = this;
    const at = (word: keyof typeof RECORD): number => this.word(record + RECORD[word]);
    const bounds = (stack: number): readonly [number, number] => [stack + HEADER, stack + HEADER + heap.size(stack)];
    const inside = (value: number, [low, high]: readonly [number, number], what: string): void => {
      if (value < low || value > high) this.say(`${name}: ${what} ${hex(value)} is out of its stack`);
    };
    const [objects, ints, control] = [bounds(at('ostack')), bounds(at('istack')), bounds(at('cstack'))];
    for (const [limit, stack] of [
      [at('olimit'), objects],
      [at('ilimit'), ints],
      [at('climit'), control],
    ] as const) {
      if (limit !== stack[1]) this.say(`${name}: a limit ${hex(limit)} is not its stack's end`);
    }
    let [ip, code, obase, ibase, osp, isp, fp, top] = (
      ['ip', 'code', 'obase', 'ibase', 'osp', 'isp', 'fp', 'csp'] as const
    ).map(at);
    for (;;) {
      this.place(ip, code, name);
      inside(obase, [objects[0] + 4, objects[1]], 'the first object cell');
      inside(ibase, ints, 'the first integer cell');
      inside(osp, [obase, objects[1]], 'the object stack pointer');
      inside(isp, [ibase, ints[1]], 'the integer stack pointer');
      inside(top, control, 'the control stack pointer');
      if (fp < control[0] || fp + layout.FRAME_BYTES > top) {
        this.say(`${name}: a frame at ${hex(fp)} is out of the control stack`);
        return;
      }
      for (
        let catcher = top - layout.CATCHER_BYTES;
        catcher >= fp + layout.FRAME_BYTES;
        catcher -= layout.CATCHER_BYTES
      ) {
        this.expect(this.word(catcher + CATCHER.cls), 'class', `${name}: a catcher's class`);
        this.place(this.word(catcher + CATCHER.ip), code, name);
        inside(this.word(catcher + CATCHER.osp), [obase, objects[1]], "a catcher's object depth");
        inside(this.word(catcher + CATCHER.isp), [ibase, ints[1]], "a catcher's integer depth");
      }
      if ((top - fp) % layout.CATCHER_BYTES !== 0) this.say(`${name}: half a catcher at ${hex(top)}`);
      if (this.word(fp + FRAME.kind) === layout.FRAME_BOTTOM) {
        if (fp !== control[0]) this.say(`${name}: its first frame is not at the bottom`);
        return;
      }
      inside(this.word(fp + FRAME.result), objects, 'a cell for a result');
      isp = ibase;
      top = fp;
      ip = this.word(fp + FRAME.ip);
      code = this.word(fp + FRAME.code);
      ibase = this.word(fp + FRAME.ibase);
      osp = obase - 4;
      obase = this.word(fp + FRAME.obase);
      fp = this.word(fp + FRAME.fp);
    }
  }

  /** An instruction pointer: inside its method's code, or just behind it. */
  private place(ip: number, code: number, name: string): void {
    if (!this.heap.isOf(code, 'code')) {
      this.say(`${name}: a frame's method ${hex(code)} is none`);
      return;
    }
    const offset = ip - (code + CODE.bytes);
    const length = this.word(code + CODE.length) + layout.CODE_PADDING;
    if (offset < 0 || offset > length) this.say(`${name}: an instruction pointer is at byte ${offset} of ${length}`);
  }
}

/** Problems found, none when the memory is sound. */
export function verifyHeap(image: MemoryImage): string[] {
  return new Verifier(new Heap(image)).all();
}
