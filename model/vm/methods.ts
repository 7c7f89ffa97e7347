/**
 * Methods of the internal classes (phantom-os 3.6; what POLICY.md says of them goes first).
 *
 * Rule: a method checks all its arguments and then acts, so one that throws has changed nothing. `INHERITED`: the class
 * has no method of that number itself, the root class may have it.
 */

import type { Frame, Thread } from './frames.js';
import { Stopped } from './frames.js';
import { parseJson } from './json.js';
import type { Machine } from './machine.js';
import {
  type ArrayObject,
  BinaryObject,
  BitmapObject,
  ClosureObject,
  ConnectionObject,
  type DirectoryObject,
  InputOutputObject,
  IteratorObject,
  LongObject,
  MutexObject,
  PhantomClass,
  RealObject,
  type Reference,
  SemaphoreObject,
  StringObject,
  TerminalObject,
  USER,
  WeakReferenceObject,
} from './objects.js';
import {
  bitmapMethod,
  connectionMethod,
  inputOutputMethod,
  statisticsMethod,
  timeMethod,
  weakReferenceMethod,
  worldMethod,
} from './system.js';
import { terminalMethod } from './terminal.js';
import { doubleText, floatText, hashOf, wholeNumber } from './text.js';

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

/** Elements an array may have at most. */
const ELEMENTS_MAX = 0x01000000;
/** Bytes a string or binary may have at most. */
export const BYTES_MAX = 0x08000000;
const EXISTS = 17;
/** Fields a class made at run time may have at most. */
const SLOTS_MAX = 65535;
const ABSENT = 2;

/** Arguments of a method, with the exceptions of missing and wrong ones. */
class Arguments {
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
const unsigned = (value: number): number => value >>> 0;

function valueMethod(call: Call, name: string, text: () => string, same: (other: Reference) => boolean): Result {
  const { machine, ordinal, args } = call;
  if (ordinal === 4) return same(new Arguments(machine, args, 1).at(0)) ? 1 : 0;
  if (ordinal === 5) return machine.string(text());
  if (ordinal === 6) return machine.string(`<${name}>${text()}</${name}>`);
  return INHERITED;
}

function intMethod(call: Call): Result {
  if (call.ordinal === 3) return call.self;
  return valueMethod(
    call,
    'int',
    () => String(call.self),
    (other) => other === call.self,
  );
}

function longMethod(call: Call): Result {
  const self = call.self as LongObject;
  if (call.ordinal === 3) return call.machine.long(self.value);
  return valueMethod(
    call,
    'long',
    () => String(self.value),
    (other) => other instanceof LongObject && other.value === self.value,
  );
}

function realMethod(call: Call): Result {
  const self = call.self as RealObject;
  const single = self.cls.kind === '.internal.float';
  if (call.ordinal === 3) return call.machine.real(self.value, single);
  return valueMethod(
    call,
    single ? 'float' : 'double',
    () => (single ? floatText : doubleText)(self.value),
    (other) => other instanceof RealObject && other.cls === self.cls && other.value === self.value,
  );
}

function jsonValue(machine: Machine, text: string): Reference {
  const build = (json: ReturnType<typeof parseJson>): Reference => {
    if (json === undefined || json.kind === 'null') return null;
    if (json.kind === 'string') return machine.stringOf(json.bytes);
    if (json.kind === 'real') return machine.real(json.value, false);
    if (json.kind === 'whole') {
      return BigInt.asIntN(32, json.value) === json.value ? Number(json.value) : machine.long(json.value);
    }
    if (json.kind === 'array') {
      const array = machine.array();
      for (const element of json.elements) array.elements.push(build(element));
      machine.take(4 * json.elements.length);
      return array;
    }
    const directory = machine.directory();
    for (const { key, value } of json.entries) put(directory, machine.stringOf(key), build(value));
    return directory;
  };
  return build(parseJson(text));
}

function stringMethod({ machine, self: receiver, ordinal, args }: Call): Result {
  const self = receiver as StringObject;
  const given = (least: number): Arguments => new Arguments(machine, args, least);
  switch (ordinal) {
    case 3:
      return machine.stringOf(self.bytes);
    case 4: {
      const other = given(1).at(0);
      return other === null || !self.bytes.equals(given(1).string(0).bytes) ? 0 : 1;
    }
    case 5:
      return self;
    case 8: {
      const of = given(2);
      const [index, length] = [of.int(0), of.int(1)];
      if (unsigned(index) >= self.bytes.length) machine.throwText('string.substring index is out of bounds');
      if (length < 0) machine.throwText('string.substring length is negative');
      return machine.stringOf(self.bytes.subarray(index, index + length));
    }
    case 9: {
      const index = unsigned(given(1).int(0));
      return index < self.bytes.length ? self.bytes[index] : machine.throwText('string.charAt index is out of bounds');
    }
    case 10:
      return machine.stringOf(Buffer.concat([self.bytes, given(1).string(0).bytes]));
    case 11:
      return self.bytes.length;
    case 12:
      return self.bytes.indexOf(given(1).string(0).bytes);
    case 16:
      return Number(BigInt.asIntN(32, wholeNumber(self.text)));
    case 17:
      return machine.long(wholeNumber(self.text));
    case 18:
      return machine.throwText('not impl tofloat');
    case 19:
      return machine.throwText('not impl si_string_19_todouble');
    case 20:
      return jsonValue(machine, self.text);
  }
  return INHERITED;
}

function arraySet(machine: Machine, array: ArrayObject, index: number, value: Reference): void {
  if (index >= ELEMENTS_MAX) machine.throwText('out of memory');
  machine.take(index >= array.elements.length ? 8 * (index + 1 - array.elements.length) : 0);
  while (array.elements.length < index) array.elements.push(null);
  array.elements[index] = value;
}

function arrayMethod({ machine, self: receiver, ordinal, args }: Call): Result {
  const { elements } = receiver as ArrayObject;
  const given = (least: number): Arguments => new Arguments(machine, args, least);
  const copy = (from: number, length: number): ArrayObject => {
    const part = machine.array();
    part.elements.push(...elements.slice(from, from + length));
    machine.take(4 * length);
    return part;
  };
  switch (ordinal) {
    case 3:
      return copy(0, elements.length);
    case 8:
      return machine.made(
        new IteratorObject(machine.classes.of('.internal.container.array.iterator'), receiver as ArrayObject),
        8,
      );
    case 9: {
      const of = given(2);
      const [from, length] = [unsigned(of.int(0)), unsigned(of.int(1))];
      if (from + length > elements.length) machine.throwText('array subarray - index is out of bounds');
      return copy(from, length);
    }
    case 10: {
      const index = unsigned(given(1).int(0));
      return index < elements.length ? elements[index] : machine.throwText('array get - index is out of bounds');
    }
    case 11: {
      const of = given(2);
      const index = of.int(1);
      if (index < 0) machine.throwText('array set - index is out of bounds');
      arraySet(machine, receiver as ArrayObject, index, of.at(0));
      return of.at(0);
    }
    case 12:
      return elements.length;
  }
  return INHERITED;
}

function iteratorMethod({ self, ordinal }: Call): Result {
  const iterator = self as IteratorObject;
  const { elements } = iterator.array;
  if (ordinal === 8) return elements[iterator.cursor] ?? null;
  if (ordinal !== 333) return INHERITED;
  if (iterator.cursor < elements.length) iterator.cursor++;
  return null;
}

function binaryMethod({ machine, self, ordinal, args }: Call): Result {
  const { bytes } = self as BinaryObject;
  const given = (least: number): Arguments => new Arguments(machine, args, least);
  const index = (of: Arguments): number => {
    const at = unsigned(of.int(0));
    return at < bytes.length ? at : machine.throwText('binary index out of bounds');
  };
  switch (ordinal) {
    case 3:
      machine.take(bytes.length);
      return machine.made(new BinaryObject(machine.classes.of('.internal.binary'), Buffer.from(bytes)), 0);
    case 8:
      return bytes[index(given(1))];
    case 9: {
      const of = given(2);
      of.int(0);
      const byte = of.int(1);
      bytes[index(of)] = byte;
      return null;
    }
    case 10: {
      const of = given(4);
      const [to, from, length] = [1, 2, 3].map((n) => unsigned(of.int(n)));
      const source = of.at(0);
      if (!(source instanceof BinaryObject)) return machine.throwText('type assert failed');
      if (to + length > bytes.length) machine.throwText('binary copy dest index/len out of bounds');
      if (from + length > source.bytes.length) machine.throwText('binary copy src index/len out of bounds');
      source.bytes.copy(bytes, to, from, from + length);
      return null;
    }
  }
  return INHERITED;
}

/** False when the key is there. */
function put(directory: DirectoryObject, key: StringObject, value: Reference): boolean {
  if (directory.entries.has(key.text)) return false;
  directory.entries.set(key.text, { key, value });
  return true;
}

function directoryMethod({ machine, self: receiver, ordinal, args }: Call): Result {
  const self = receiver as DirectoryObject;
  const key = (least: number): StringObject => new Arguments(machine, args, least).string(0);
  switch (ordinal) {
    case 4:
      return machine.throwText('dir.equals: not implemented');
    case 8: {
      const at = key(2);
      machine.take(32);
      return put(self, at, args[1]) ? 0 : EXISTS;
    }
    case 9:
      return self.entries.get(key(1).text)?.value ?? null;
    case 10:
      return self.entries.delete(key(1).text) ? 0 : ABSENT;
    case 11:
      return self.entries.size;
    case 12:
      return machine.throwText('dir.iterate: not implemented');
    case 13: {
      // In which order the keys come is the directory's business.
      if (self.entries.size > 1) machine.unspecified.add('the order of keys');
      const keys = machine.array();
      keys.elements.push(...[...self.entries.values()].map((entry) => entry.key));
      return machine.made(new IteratorObject(machine.classes.of('.internal.container.array.iterator'), keys), 8);
    }
  }
  return INHERITED;
}

function classMethod({ machine, self: receiver, ordinal, args }: Call): Result {
  const self = receiver as PhantomClass;
  const given = (least: number): Arguments => new Arguments(machine, args, least);
  const slot = (of: Arguments): number => {
    const at = of.int(0);
    return at >= 0 ? at : machine.throwText('static slot is out of bounds');
  };
  switch (ordinal) {
    case 8: {
      const of = given(3);
      const name = of.string(0);
      const slots = of.int(1);
      const parent = of.at(2) ?? machine.classes.of('.internal.void');
      if (!(parent instanceof PhantomClass)) return machine.throwText('type assert failed');
      if (slots < 0 || slots > SLOTS_MAX) machine.throwText('class newClass - slots are out of bounds');
      if (parent.kind !== USER && parent.kind !== '.internal.void') machine.throwText('not a parent class');
      return machine.classes.derive(name.text, slots, parent);
    }
    case 10: {
      const of = given(2);
      const at = slot(of);
      self.statics ??= machine.array();
      arraySet(machine, self.statics, at, of.at(1));
      return null;
    }
    case 11: {
      const at = slot(given(1));
      return self.statics?.elements[at] ?? null;
    }
    case 14: {
      const object = given(1).at(0);
      return object !== null && machine.classOf(object).descendsFrom(self) ? 1 : 0;
    }
  }
  return INHERITED;
}

function closureMethod({ machine, self: receiver, ordinal, args }: Call): Result {
  const self = receiver as ClosureObject;
  switch (ordinal) {
    case 9:
      return self.ordinal;
    case 10:
      self.ordinal = new Arguments(machine, args, 1).int(0);
      return null;
    case 11:
      self.object = new Arguments(machine, args, 1).at(0);
      return null;
  }
  return INHERITED;
}

function mutexMethod({ machine, thread, self: receiver, ordinal }: Call): Result {
  const self = receiver as MutexObject;
  if (ordinal === 8) {
    if (self.owner === thread.object) machine.throwText('mutex lock - already owner');
    if (self.owner !== null) throw new Stopped('waits for ever');
    self.owner = thread.object;
    return null;
  }
  if (ordinal === 9) {
    if (self.owner !== thread.object) machine.throwText('mutex unlock - not owner');
    self.owner = null;
    return null;
  }
  if (ordinal === 10) {
    if (self.owner !== null) return 0;
    self.owner = thread.object;
    return 1;
  }
  return INHERITED;
}

function condMethod({ machine, thread, ordinal, args }: Call): Result {
  switch (ordinal) {
    case 8:
    case 9: {
      const of = new Arguments(machine, args, ordinal - 7);
      const mutex = of.at(0);
      if (!(mutex instanceof MutexObject)) return machine.throwText('type assert failed');
      if (ordinal === 9) of.int(1);
      if (mutex.owner !== thread.object) return machine.throwText('mutex unlock - not owner');
      // With a limit the mutex is taken again when the time is over.
      if (ordinal === 9) return 0;
      throw new Stopped('waits for ever');
    }
    case 10:
    case 11:
      return null;
  }
  return INHERITED;
}

function semaphoreMethod({ machine, self: receiver, ordinal, args }: Call): Result {
  const self = receiver as SemaphoreObject;
  switch (ordinal) {
    case 8:
      if (self.value === 0) throw new Stopped('waits for ever');
      self.value--;
      return null;
    case 9:
      new Arguments(machine, args, 1).int(0);
      if (self.value === 0) return 0;
      self.value--;
      return 1;
    case 10:
      self.value = 0;
      return null;
    case 11:
      self.value++;
      return null;
  }
  return INHERITED;
}

function threadMethod({ machine, ordinal }: Call): Result {
  if (ordinal === 10 || ordinal === 11) return machine.throwText('Not this way');
  if (ordinal === 12 || ordinal === 13) return null;
  if (ordinal === 14) return machine.osInterface;
  return INHERITED;
}

function bootMethod(call: Call): Result {
  const { machine, thread, frame, ordinal, args } = call;
  const given = (): Arguments => new Arguments(machine, args, 1);
  switch (ordinal) {
    case 8:
      return machine.loadClass(thread, frame, given().string(0).text);
    case 16:
      return print(call);
    case 17:
      machine.loader = given().at(0);
      return null;
    case 18:
      return machine.startThread(given().at(0), machine.boot);
    case 19: {
      const bytes = unsigned(given().int(0));
      if (bytes > BYTES_MAX) return machine.throwText('out of memory');
      machine.take(bytes);
      return machine.made(new BinaryObject(machine.classes.of('.internal.binary'), Buffer.alloc(bytes)), 0);
    }
    case 20:
      return machine.throwText(given().at(0) instanceof BitmapObject ? 'no screen' : 'not a bitmap');
    case 21:
      given().int(0);
      return null;
    case 22:
      machine.osInterface = given().at(0);
      return null;
    case 23:
      return machine.environment;
    case 24:
      return machine.throwText('reboot: nothing can be committed now');
    case 25:
      return 1;
    case 26:
      if (given().int(0) === 1) throw new Stopped('waits for ever');
      return 1;
    case 30:
      machine.program = given().at(0);
      return null;
  }
  return INHERITED;
}

/**
 * Any number of arguments, last to first (D24): strings as they are, others as their method 5 says; one that gives no
 * string prints nothing. A method 5 in bytecode runs in a frame; then the instruction is executed again.
 */
function print(call: Call): Result {
  const { machine, thread, frame, args } = call;
  while (frame.printed < args.length) {
    const value = args[args.length - 1 - frame.printed];
    let text: Result | undefined = frame.text;
    if (text === undefined) {
      const method = machine.methodOf(value, 5);
      if (value instanceof StringObject) text = value;
      else if (method === undefined)
        text = ordinary({ ...call, self: value, kind: machine.classOf(value).kind, ordinal: 5, args: [] });
      else {
        machine.enter(thread, method, value, [], frame.osp + 1, (result) => {
          frame.text = result;
        });
        return AGAIN;
      }
    }
    if (text instanceof StringObject) machine.print(text.text);
    frame.text = undefined;
    frame.printed++;
  }
  frame.printed = 0;
  return null;
}

/** Text of method 5 where it is the same for all objects of a class. */
const NAMES: Readonly<Record<string, string>> = {
  '.internal.class': 'class',
  '.internal.interface': 'interface',
  '.internal.code': 'code',
  '.internal.container.page': 'page',
  '.internal.container.array': 'array',
  '.internal.thread': 'thread',
  '.internal.call_frame': 'call_frame',
  '.internal.istack': 'istack',
  '.internal.ostack': 'ostack',
  '.internal.estack': 'estack',
  '.internal.boot': 'bootstrap',
  '.internal.mutex': 'mutex',
  '.internal.cond': 'cond',
  '.internal.sema': 'sema',
  '.internal.binary': '(binary)',
  '.internal.closure': '(closure)',
  '.internal.bitmap': '(bitmap)',
  '.internal.world': '(world)',
  '.internal.directory': '(directory)',
  '.internal.connection': '(connection)',
};

/** The data of a value as the original lays it out; undefined for an object with identity. */
function hashedBytes(self: Reference): Buffer | undefined {
  const data = Buffer.alloc(8);
  if (typeof self === 'number') return data.subarray(0, data.writeInt32LE(self));
  if (self instanceof LongObject) return data.subarray(0, data.writeBigInt64LE(self.value));
  if (self instanceof RealObject) return self.bytes;
  if (self instanceof StringObject || self instanceof BinaryObject) {
    data.writeUInt32LE(self.bytes.length);
    return Buffer.concat([data.subarray(0, 4), self.bytes]);
  }
  return undefined;
}

/** Ordinals of a class's table in the original: empty places below are invalid calls, above there is no method. */
const TABLES: Readonly<Record<string, number>> = {
  '.internal.string': 21,
  '.internal.boot': 25,
  '.internal.io.tty': 32,
  '.internal.time': 18,
  '.internal.stat': 18,
};

const FREEZABLE = ['.internal.string', '.internal.int', '.internal.long', '.internal.float', '.internal.double'];

/** Methods 0 to 15, on null and on objects of user classes too (D15); ints have a value and no identity. */
function rootMethod(call: Call): Result {
  const { machine, self, ordinal, args } = call;
  const { name } = machine.classOf(self);
  const kind = call.kind === USER ? '.internal.void' : call.kind;
  switch (ordinal) {
    case 0:
    case 1:
      return null;
    case 2:
      return machine.classOf(self);
    case 3:
      return machine.throwText('void clone called');
    case 4:
      return self === new Arguments(machine, args, 1).at(0) ? 1 : 0;
    case 5:
      if (self === null) return machine.string('(void)');
      if (typeof self === 'number') return machine.string(String(self));
      return machine.string(NAMES[kind] ?? `${name}@${machine.identityOf(self)}`);
    case 6:
      return machine.string('<void>');
    case 7:
      return machine.string('(void)');
    case 14:
      if (kind !== '.internal.void' && !FREEZABLE.includes(kind)) {
        return machine.throwText('invalid syscall called');
      }
      if (self !== null && typeof self !== 'number') self.immutable = true;
      return 0;
    case 15: {
      if (self === null) return 0;
      const bytes = typeof self === 'number' || kind === self.cls.kind ? hashedBytes(self) : undefined;
      if (bytes === undefined && typeof self !== 'number') return machine.identityOf(self);
      return hashOf(bytes ?? Buffer.of());
    }
  }
  return machine.throwText(
    ordinal < (TABLES[kind] ?? 16) ? 'invalid syscall called' : `no method ${ordinal} in ${name}`,
  );
}

const METHODS: Readonly<Record<string, (call: Call) => Result>> = {
  '.internal.int': intMethod,
  '.internal.long': longMethod,
  '.internal.float': realMethod,
  '.internal.double': realMethod,
  '.internal.string': stringMethod,
  '.internal.container.array': arrayMethod,
  '.internal.container.array.iterator': iteratorMethod,
  '.internal.binary': binaryMethod,
  '.internal.directory': directoryMethod,
  '.internal.class': classMethod,
  '.internal.closure': closureMethod,
  '.internal.mutex': mutexMethod,
  '.internal.cond': condMethod,
  '.internal.sema': semaphoreMethod,
  '.internal.thread': threadMethod,
  '.internal.world': worldMethod,
  '.internal.time': timeMethod,
  '.internal.stat': statisticsMethod,
  '.internal.connection': connectionMethod,
  '.internal.bitmap': bitmapMethod,
  '.internal.io': inputOutputMethod,
  '.internal.weakref': weakReferenceMethod,
  '.internal.boot': bootMethod,
  '.internal.io.tty': terminalMethod,
};

/** A method of an internal class, or of the root class on anything. */
export function ordinary(call: Call): Reference | typeof AGAIN {
  const own = METHODS[call.kind];
  let result = own === undefined ? INHERITED : own(call);
  if (result === INHERITED) result = rootMethod(call);
  if (result === INHERITED) throw new Error('the root class inherits from nobody');
  return result;
}

/** A new object of an internal class; undefined when programs cannot make any. */
export function create(machine: Machine, cls: PhantomClass): Reference | undefined {
  switch (cls.kind) {
    case '.internal.void':
    case '.internal.world':
      return machine.plain(cls);
    case '.internal.binary':
      return machine.made(new BinaryObject(cls, Buffer.alloc(0)), 0);
    case '.internal.boot':
      return machine.boot;
    case '.internal.int':
      return 0;
    case '.internal.long':
      return machine.long(0n);
    case '.internal.float':
      return machine.real(0, true);
    case '.internal.double':
      return machine.real(0, false);
    case '.internal.string':
      return machine.string('');
    case '.internal.container.array':
      return machine.array();
    case '.internal.directory':
      return machine.directory();
    case '.internal.time':
    case '.internal.stat':
      return machine.plain(cls);
    case '.internal.connection':
      return machine.made(new ConnectionObject(cls), 16);
    case '.internal.bitmap':
      return machine.made(new BitmapObject(cls), 12);
    case '.internal.io':
      return machine.made(new InputOutputObject(cls), 8);
    case '.internal.weakref':
      return machine.made(new WeakReferenceObject(cls), 8);
    case '.internal.window':
    case '.internal.ui.control':
    case '.internal.ui.font':
      return machine.throwText('no screen');
    case '.internal.udp':
    case '.internal.tcp':
    case '.internal.net':
    case '.internal.http':
    case '.internal.port':
      return machine.throwText('no network');
    case '.internal.io.tty':
      return machine.made(new TerminalObject(cls), 8);
    case '.internal.closure':
      return machine.made(new ClosureObject(cls), 8);
    case '.internal.mutex':
      return machine.made(new MutexObject(cls), 8);
    case '.internal.cond':
      return machine.plain(cls);
    case '.internal.sema':
      return machine.made(new SemaphoreObject(cls), 8);
  }
  return undefined;
}
