/**
 * The reference machine: what a program prints, how its threads end, what objects it leaves. The judge of bytecode.
 *
 * Rules. Written from the description of the machine (the original's opcodes and classes, POLICY.md where the original
 * is defective), with nothing of the kernel. Threads run one after another in the order they were started, each to its
 * end; sleep takes no time; who would have to wait for another thread waits for ever. A program that reads what has no
 * specified value (`unspecified`) is judged by nobody.
 */

import { AGAIN } from './call.js';
import { ClassTable } from './classes.js';
import { Frame, LIMITS, Malformed, Stopped, type Thread, Thrown } from './frames.js';
import { execute } from './interpret.js';
import { create, ordinary } from './methods.js';
import {
  ArrayObject,
  BinaryObject,
  DirectoryObject,
  LongObject,
  type Method,
  PhantomClass,
  PhantomObject,
  PlainObject,
  RealObject,
  type Reference,
  StringObject,
  type TerminalObject,
  ThreadObject,
  USER,
  UserObject,
} from './objects.js';

export interface MachineOptions {
  /** Class files by the name they are found under. */
  readonly classes: ReadonlyMap<string, Uint8Array>;
  /** Class of the object whose method 8 the first thread runs. */
  readonly bootClass: string;
  /** The run stops after so many instructions. */
  readonly instructionsMax?: number;
  /** The run stops when programs have made about so many bytes of objects; one object larger than that: out of memory. */
  readonly memoryMax?: number;
  /** What is typed on the terminals, one character for each byte. */
  readonly typed?: string;
  /** Told of each instruction before it is executed, with the frame it belongs to. */
  readonly observe?: (frame: Frame) => void;
}

/** How a thread ended. */
export interface Ending {
  /** Threads are numbered from 1. */
  readonly thread: number;
  readonly kind: 'returned' | 'uncaught' | 'malformed';
  /** Of an uncaught exception the string, or the class of another object; what is malformed. */
  readonly reason: string;
  readonly className: string;
  readonly method: string;
  /** 0: not known. */
  readonly line: number;
  /** Of the instruction in the method. */
  readonly byte: number;
}

/** Kinds of things without a specified value. */
export type Unspecified =
  | 'a dead integer'
  | 'an operand behind the code'
  | 'bits of a NaN'
  | 'the time'
  | 'a counter of the system'
  | 'the order of keys';

/**
 * First thread: `this` and argument are the boot object.
 *     os_get32 0; const_pool 0; call 8 with 1; new; os_get32 0; os_get32 1; call 30 with 1; os_drop
 *     os_get32 0; call 8 with 1; ret
 */
const START = Buffer.from('1e000000002800000000a801181e000000001e00000001be01131e00000000a80108', 'hex');

const HEADER_BYTES = 16;
const THREADS_MAX = 128;
/** Monitors held at one time. */
const MONITORS_MAX = 768;

export class Machine {
  readonly classes: ClassTable;
  readonly boot: PlainObject;
  readonly environment: ArrayObject;
  readonly empty: StringObject;
  loader: Reference = null;
  osInterface: Reference = null;
  /** The boot class's object, which boot's method 30 makes known. */
  program: Reference = null;
  readonly endings: Ending[] = [];
  readonly unspecified = new Set<Unspecified>();
  instructions = 0;
  /** Why the run stopped before all threads had ended. */
  stopped: Stopped['reason'] | undefined;
  /** The threads that have not ended, the running one first. */
  readonly threads: Thread[] = [];
  /** Terminals that came and did not go, the last one first; who of them gets what is typed. */
  readonly terminals: TerminalObject[] = [];
  foreground: TerminalObject | undefined;
  readonly typed: string[];
  private readonly monitors = new Map<PhantomObject, { readonly owner: ThreadObject; depth: number }>();
  private readonly console: string[] = [];
  private identities = 0;
  private threadsEver = 0;
  private memory = 0;

  constructor(private readonly options: MachineOptions) {
    this.typed = [...(options.typed ?? '')];
    this.classes = new ClassTable(options.classes, (bytes) => this.take(bytes));
    this.boot = new PlainObject(this.classes.of('.internal.boot'));
    this.empty = this.string('');
    this.environment = this.array();
    this.environment.elements.push(this.string(`root.boot=${options.bootClass}`));
  }

  /** What was printed, one character for each byte. */
  get printed(): string {
    return this.console.join('');
  }

  /** Runs all threads; to be called once. */
  run(): void {
    const owner = this.classes.of('.internal.boot');
    const constants = [this.string(this.options.bootClass)];
    const start = { owner, name: 'start', ordinal: 0, code: START, constants, isVoid: false, lines: [] };
    this.begin(start, this.boot, this.boot);
    try {
      for (; this.threads.length > 0; this.threads.shift()) this.runThread(this.threads[0]);
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      this.stopped = error.reason;
    }
  }

  private runThread(thread: Thread): void {
    while (thread.frames.length > 0) {
      const frame = thread.frames[thread.frames.length - 1];
      try {
        execute(this, thread, frame);
      } catch (error) {
        if (error instanceof Thrown) this.unwind(thread, error.value);
        else if (error instanceof Malformed) this.end(thread, 'malformed', error.message, frame);
        else throw error;
      }
    }
  }

  private end(thread: Thread, kind: Ending['kind'], reason: string, { method, ip }: Frame): void {
    const before = method.lines.filter((entry) => entry.ip <= ip);
    const line = before.reduce((best, entry) => (entry.ip > best.ip ? entry : best), { ip: -1, line: 0 }).line;
    const className = method.owner.name;
    this.endings.push({ thread: thread.object.number, kind, reason, className, method: method.name, line, byte: ip });
    thread.frames.length = 0;
    for (const [object, { owner }] of this.monitors) if (owner === thread.object) this.monitors.delete(object);
  }

  /** The monitor of an object, as the locking or unlocking thread finds it. */
  private monitorOf(object: Reference): [PhantomObject, { readonly owner: ThreadObject; depth: number } | undefined] {
    if (object === null) return this.throwText('null object');
    if (typeof object === 'number') return this.throwText('type assert failed');
    return [object, this.monitors.get(object)];
  }

  /** general_lock: one thread at a time holds an object's monitor, as often as it likes. */
  lock({ object: owner }: Thread, locked: Reference): void {
    const [object, monitor] = this.monitorOf(locked);
    if (monitor !== undefined && monitor.owner !== owner) throw new Stopped('waits for ever');
    if (monitor !== undefined) monitor.depth++;
    else if (this.monitors.size < MONITORS_MAX) this.monitors.set(object, { owner, depth: 1 });
    else this.throwText('too many locks');
  }

  /** general_unlock. */
  unlock({ object: owner }: Thread, locked: Reference): void {
    const [object, monitor] = typeof locked === 'number' ? [null, undefined] : this.monitorOf(locked);
    if (object === null || monitor?.owner !== owner) this.throwText('unlock - not owner');
    else if (--monitor.depth === 0) this.monitors.delete(object);
  }

  /** The instruction copy: fields of a user object, values as they are, else what method 3 makes. */
  copy(thread: Thread, frame: Frame, self: Reference): Reference | typeof AGAIN {
    if (self === null || typeof self === 'number') return self;
    if (self instanceof LongObject || self instanceof RealObject) return self;
    if (!(self instanceof UserObject)) {
      return ordinary({ machine: this, thread, frame, self, kind: self.cls.kind, ordinal: 3, args: [] });
    }
    if (self.cls.extended !== undefined) {
      return ordinary({ machine: this, thread, frame, self, kind: '.internal.void', ordinal: 3, args: [] });
    }
    const made = this.made(new UserObject(self.cls), 4 * self.fields.length);
    for (const [i, value] of self.fields.entries()) made.fields[i] = value;
    return made;
  }

  /** Counts an instruction, of the frame. */
  count(frame: Frame): void {
    if (this.instructions === this.options.instructionsMax) throw new Stopped('instructions');
    this.instructions++;
    this.options.observe?.(frame);
  }

  /** To the nearest catcher of that class, which goes with all above it; both stacks are cut to their depth at it. */
  private unwind(thread: Thread, thrown: Reference): void {
    const cls = this.classOf(thrown);
    const { frames } = thread;
    const thrower = frames[frames.length - 1];
    // What the call in progress took from the frame that catches is gone; so is what the thrower popped.
    let kept = thrower.osp;
    for (;;) {
      const frame = frames[frames.length - 1];
      for (let catcher = frame.catchers.pop(); catcher !== undefined; catcher = frame.catchers.pop()) {
        if (!cls.descendsFrom(catcher.cls)) continue;
        for (let cell = kept; cell < catcher.osp; cell++) frame.objects[cell] = null;
        frame.osp = catcher.osp;
        frame.objects[frame.osp++] = thrown;
        for (let cell = 0; cell < catcher.isp; cell++) {
          if (frame.ints[cell] === undefined) this.unspecified.add('a dead integer');
        }
        frame.isp = catcher.isp;
        frame.ip = catcher.handler;
        frame.printed = 0;
        frame.text = undefined;
        return;
      }
      if (frame.then === undefined) {
        this.end(thread, 'uncaught', thrown instanceof StringObject ? thrown.text : cls.name, thrower);
        return;
      }
      frames.pop();
      const caller = frames[frames.length - 1];
      kept = Math.min(caller.osp, frame.objectBase - 1 - caller.objectBase);
    }
  }

  throwText(text: string): never {
    throw new Thrown(this.string(text));
  }

  /** A thread that runs a method with one argument. */
  begin(method: Method, self: PhantomObject, argument: Reference): void {
    if (this.threads.length >= THREADS_MAX) this.throwText('too many threads');
    const object = this.made(new ThreadObject(this.classes.of('.internal.thread'), ++this.threadsEver), 16);
    this.take(4 * (LIMITS.objectCells + LIMITS.integerCells) + LIMITS.controlBytes);
    const thread: Thread = { object, frames: [] };
    const frame = new Frame(method, self, [argument], 1, 0, 0, undefined);
    frame.ints[frame.isp++] = 1;
    thread.frames.push(frame);
    this.threads.push(thread);
  }

  /** Method 8 of `runnable` in a thread of its own. */
  startThread(runnable: Reference, argument: Reference): null {
    const method = this.methodOf(runnable, 8);
    if (method === undefined || !(runnable instanceof UserObject)) {
      return this.throwText('no method 8 in the object to run');
    }
    this.begin(method, runnable, argument);
    return null;
  }

  /** A method in bytecode, or undefined. */
  methodOf(self: Reference, ordinal: number): Method | undefined {
    return this.classOf(self).methods[ordinal];
  }

  /**
   * Enters a method: `args` become the first cells of its object stack, which begins `objectCells` cells above the
   * bottom of the calling frame's.
   */
  enter(
    thread: Thread,
    method: Method,
    self: Reference,
    args: Reference[],
    objectCells: number,
    then: (result: Reference) => void,
  ): void {
    const caller = thread.frames[thread.frames.length - 1];
    const control = caller.controlBase + caller.controlBytes;
    const integers = caller.integerBase + caller.isp;
    const objects = caller.objectBase + objectCells;
    const fits = objects + args.length <= LIMITS.objectCells && integers < LIMITS.integerCells;
    if (!fits || control + LIMITS.frameBytes > LIMITS.controlBytes) this.throwText('stack overflow');
    // Only objects of user classes have methods in bytecode.
    if (self === null || typeof self === 'number') throw new Error('a method of a value in bytecode');
    if (caller.ints.length > caller.isp) caller.ints.length = caller.isp;
    const frame = new Frame(method, self, args, objects, integers, control, then);
    frame.ints[frame.isp++] = args.length;
    thread.frames.push(frame);
  }

  /** Ends the frame on top with a result. */
  leave(thread: Thread, result: Reference): void {
    const frame = thread.frames[thread.frames.length - 1];
    if (frame.then === undefined) {
      this.end(thread, 'returned', '', frame);
      return;
    }
    thread.frames.pop();
    frame.then(result);
  }

  /** A new object of a class. */
  create(cls: Reference): Reference {
    if (!(cls instanceof PhantomClass)) return this.throwText('type assert failed');
    if (cls.kind === USER) {
      const core = cls.extended === undefined ? undefined : this.create(cls.extended);
      const object = this.made(new UserObject(cls), 4 * cls.slots);
      if (core !== undefined) object.fields[cls.slots - 1] = core;
      return object;
    }
    const made = create(this, cls);
    return made === undefined ? this.throwText('type assert failed') : made;
  }

  /** What an object whose class extends the internal class `of` works on; undefined when the program has replaced it. */
  coreOf(object: Reference, of: PhantomClass): PhantomObject | undefined {
    const core = object instanceof UserObject ? object.fields.at(-1) : undefined;
    return core instanceof PhantomObject && core.cls === of ? core : undefined;
  }

  /** An object of the internal class itself, or what one that extends it works on. */
  asInternal(object: Reference, of: PhantomClass): Reference | undefined {
    return object instanceof PhantomObject && object.cls === of ? object : this.coreOf(object, of);
  }

  /** summon_by_name: a class that is known, from the program's loader if it has one, from the bundle. */
  summon(thread: Thread, frame: Frame, name: string): Reference | typeof AGAIN {
    const known = this.classes.find(name);
    if (known !== undefined) return known;
    if (this.loader !== null) return this.askLoader(thread, frame, name);
    return this.classes.inBundle(name)
      ? this.loadClass(thread, frame, name)
      : this.throwText(`class ${name} not found`);
  }

  /** Boot's method 8. */
  loadClass(thread: Thread, frame: Frame, name: string): Reference | typeof AGAIN {
    const found = this.classes.load(name, this.loader !== null);
    if (found instanceof PhantomClass) return found;
    return 'ask' in found ? this.askLoader(thread, frame, found.ask) : this.throwText(found.thrown);
  }

  private askLoader(thread: Thread, frame: Frame, name: string): typeof AGAIN {
    const method = this.methodOf(this.loader, 8);
    if (method === undefined) return this.throwText(`class ${name} not found`);
    if (!frame.hasObjectRoom(3)) this.throwText('stack overflow');
    this.enter(thread, method, this.loader, [this.string(name)], frame.osp + 2, (result) => {
      if (result instanceof PhantomClass) this.classes.enter(name, result);
      else this.throwText(`class ${name} not found`);
    });
    return AGAIN;
  }

  print(text: string): void {
    this.console.push(text);
  }

  classOf(ref: Reference): PhantomClass {
    if (ref === null) return this.classes.of('.internal.void');
    return typeof ref === 'number' ? this.classes.of('.internal.int') : ref.cls;
  }

  identityOf(object: PhantomObject): number {
    if (object.identity === 0) object.identity = ++this.identities;
    return object.identity;
  }

  /** Accounts for so many bytes of objects. */
  take(bytes: number): void {
    const limit = this.options.memoryMax ?? Number.POSITIVE_INFINITY;
    if (bytes > limit) this.throwText('out of memory');
    this.memory += bytes;
    if (this.memory > limit) throw new Stopped('memory');
  }

  made<T extends PhantomObject>(object: T, bytes: number): T {
    this.take(HEADER_BYTES + bytes);
    return object;
  }

  plain(cls: PhantomClass): PlainObject {
    return this.made(new PlainObject(cls), 8);
  }

  /** A string of the characters' low bytes. */
  string(text: string): StringObject {
    return this.stringOf(Buffer.from(text, 'latin1'));
  }

  stringOf(bytes: Buffer): StringObject {
    return this.made(new StringObject(this.classes.of('.internal.string'), bytes), bytes.length);
  }

  long(value: bigint): LongObject {
    return this.made(new LongObject(this.classes.of('.internal.long'), value), 8);
  }

  /** A float (`single`) or a double. */
  real(value: number, single: boolean): RealObject {
    return this.made(new RealObject(this.classes.of(single ? '.internal.float' : '.internal.double'), value), 8);
  }

  array(): ArrayObject {
    return this.made(new ArrayObject(this.classes.of('.internal.container.array')), 16);
  }

  directory(): DirectoryObject {
    return this.made(new DirectoryObject(this.classes.of('.internal.directory')), 24);
  }

  /** A binary of those bytes, which are its own from now on, or of so many zeros. */
  binary(content: Buffer | number): BinaryObject {
    this.take(HEADER_BYTES + (typeof content === 'number' ? content : content.length));
    const bytes = typeof content === 'number' ? Buffer.alloc(content) : content;
    return new BinaryObject(this.classes.of('.internal.binary'), bytes);
  }
}
