/**
 * Methods of the internal classes (phantom-os 3.6; what POLICY.md says of them goes first).
 *
 * Rule: a method checks all its arguments and then acts, so one that throws has changed nothing. `INHERITED`: the class
 * has no method of that number itself, the root class may have it.
 */

import { AGAIN, Arguments, BYTES_MAX, type Call, INHERITED, type Result, unsigned } from './call.js';
import { arrayMethod, arraySet, binaryMethod, directoryMethod, iteratorMethod } from './containers.js';
import { Stopped } from './frames.js';
import type { Machine } from './machine.js';
import {
  BinaryObject,
  BitmapObject,
  ClosureObject,
  ConnectionObject,
  InputOutputObject,
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
import { hashOf } from './text.js';
import { intMethod, longMethod, realMethod, stringMethod } from './values.js';

/** Fields a class made at run time may have at most. */
const SLOTS_MAX = 65535;

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
      const mutex = machine.asInternal(of.at(0), machine.classes.of('.internal.mutex'));
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
      return machine.binary(bytes);
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
    // Nothing is ever committed here.
    case 27:
      return 0;
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
      return machine.binary(0);
    case '.internal.boot':
      return machine.throwText('the boot object cannot be made');
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
      return machine.made(new TerminalObject(cls), 16);
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
