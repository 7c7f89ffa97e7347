/**
 * Classes that stand for parts of the system: time, counters, connections, bitmaps, input and output by name, weak
 * references, the world (ARCHITECTURE.md has those that the original does not implement).
 *
 * Rule: what the clock and the system's counters say is not specified here, only that they say something. Limits of
 * waiting are over at once; nothing is collected, so a weak reference keeps what it refers to.
 */

import { Arguments, type Call, INHERITED, type Result } from './call.js';
import type {
  BitmapObject,
  ConnectionObject,
  InputOutputObject,
  Method,
  Reference,
  WeakReferenceObject,
} from './objects.js';

const NO_DEVICE = 6;
const CONNECTED = 17;
const COUNTERS = 11;
const SIDE_MAX = 32767;
const PIXELS_MAX = 0x02000000;

const given = ({ machine, args }: Call, least: number): Arguments => new Arguments(machine, args, least);

export function weakReferenceMethod(call: Call): Result {
  const self = call.self as WeakReferenceObject;
  if (call.ordinal === 8) return self.target;
  if (call.ordinal !== 9) return INHERITED;
  given(call, 1);
  self.target = call.args[0];
  return null;
}

export function timeMethod(call: Call): Result {
  if (call.ordinal === 16) {
    call.machine.unspecified.add('the time');
    return 0;
  }
  if (call.ordinal !== 17 && call.ordinal !== 18) return INHERITED;
  given(call, 1).int(0);
  return null;
}

function statistic(call: Call, number: Reference): Result {
  const { machine } = call;
  if (typeof number !== 'number') return machine.throwText('type assert failed');
  if (number < 0 || number >= COUNTERS) return machine.throwText('no such counter');
  machine.unspecified.add('a counter of the system');
  return 0;
}

export function statisticsMethod(call: Call): Result {
  if (call.ordinal === 16) {
    given(call, 1);
    return statistic(call, call.args[0]);
  }
  if (call.ordinal !== 17) return INHERITED;
  call.machine.unspecified.add('a counter of the system');
  return 0;
}

export function worldMethod(call: Call): Result {
  const { machine, thread, ordinal, args } = call;
  if (ordinal === 8) return thread.object;
  if (ordinal === 9) {
    given(call, 2);
    machine.startThread(args[0], args[1]);
    return 0;
  }
  if (ordinal !== 10) return INHERITED;
  given(call, 1).string(0);
  return null;
}

export function inputOutputMethod(call: Call): Result {
  const { machine, ordinal, args } = call;
  const self = call.self as InputOutputObject;
  if (ordinal < 8 || ordinal > 14) return INHERITED;
  if (ordinal === 9 || ordinal === 14) {
    self.openAs = null;
    if (ordinal === 14) self.variables = null;
    return null;
  }
  const of = given(call, ordinal === 12 ? 2 : 1);
  const name = ordinal === 10 ? undefined : of.string(0);
  if (ordinal === 8) {
    self.openAs = name ?? null;
    return null;
  }
  if (ordinal === 12 && name !== undefined) {
    self.variables ??= machine.directory();
    self.variables.entries.delete(name.text);
    self.variables.entries.set(name.text, { key: name, value: args[1] });
    return null;
  }
  if (ordinal === 13) return self.variables?.entries.get(name?.text ?? '')?.value ?? null;
  if (self.openAs === null) return machine.throwText('io: not open');
  return ordinal === 10 ? machine.empty : null;
}

/** A binary PPM: P6, width, height, 255 with blanks and comments between, one blank, the samples. */
function parseImage(bytes: Buffer): { width: number; height: number; samples: Buffer } | undefined {
  const blank = '(?:[ \\t-\\r]|#[^\\n]*(?:\\n|$))*';
  const header = new RegExp(`^P6${blank}([0-9]+)${blank}([0-9]+)${blank}([0-9]+)[ \\t-\\r]`, 's');
  const found = header.exec(bytes.toString('latin1'));
  if (found === null) return undefined;
  const [width, height, largest] = found.slice(1).map(Number);
  const sides = width > 0 && height > 0 && width <= SIDE_MAX && height <= SIDE_MAX;
  const samples = bytes.subarray(found[0].length);
  return sides && largest === 255 && samples.length >= 3 * width * height ? { width, height, samples } : undefined;
}

export function bitmapMethod(call: Call): Result {
  const { machine, ordinal } = call;
  const self = call.self as BitmapObject;
  switch (ordinal) {
    case 8: {
      const image = parseImage(given(call, 1).string(0).bytes);
      if (image === undefined) return machine.throwText('can not parse graphics data');
      const { width, height, samples } = image;
      if (width * height > PIXELS_MAX) return machine.throwText('out of memory');
      const pixels = Buffer.alloc(4 * width * height, 255);
      for (let i = 0; i < width * height; i++) samples.copy(pixels, 4 * i, 3 * i, 3 * i + 3);
      self.image = machine.binary(pixels);
      self.width = width;
      self.height = height;
      return null;
    }
    case 9:
      return machine.throwText('no screen');
    case 10:
      return self.width;
    case 11:
      return self.height;
    case 12: {
      const of = given(call, 2);
      const [x, y] = [of.int(0) >>> 0, of.int(1) >>> 0];
      if (x >= self.width || y >= self.height || self.image === null) {
        return machine.throwText('bitmap pixel is out of bounds');
      }
      const [red, green, blue, alpha] = self.image.bytes.subarray(4 * (y * self.width + x));
      return machine.long(BigInt(((alpha << 24) | (red << 16) | (green << 8) | blue) >>> 0));
    }
  }
  return INHERITED;
}

/**
 * What a timer's thread runs; `this` is the connection, the argument the milliseconds: block (13), then the callback.
 *     arg_count 1; summon_this; os_get32 0; iconst_1; i2o; call 13 with 2; os_drop;
 *     const_pool 0; os_get32 0; call_32bit ORDINAL with 1; ret
 */
function timerCode(ordinal: number): Buffer {
  const code = Buffer.from('7301311e000000002140ad021328000000001e000000000e000000000000000108', 'hex');
  code.writeUInt32BE(ordinal, 24);
  return code;
}

export function connectionMethod(call: Call): Result {
  const { machine, ordinal, args } = call;
  const self = call.self as ConnectionObject;
  switch (ordinal) {
    case 8: {
      const name = given(call, 1).string(0);
      if (!/^(tmr|stt):/.test(name.text)) return NO_DEVICE;
      if (self.connected) return CONNECTED;
      self.connectedTo = name;
      self.connected = true;
      return 0;
    }
    case 9: {
      const was = self.connected;
      self.connected = false;
      return was ? 0 : NO_DEVICE;
    }
    case 10:
      return self.connected ? 0 : NO_DEVICE;
    case 12: {
      const number = given(call, 2).int(1);
      if (number < 0) return machine.throwText('type assert failed');
      const owner = machine.classes.of('.internal.connection');
      const method: Method = {
        owner,
        name: 'timer',
        ordinal: 0,
        code: timerCode(number),
        constants: [args[0] === null ? undefined : args[0]],
        isVoid: false,
        lines: [],
      };
      self.callback = method;
      return 0;
    }
    case 11:
    case 13:
      return operate(call, self);
  }
  return INHERITED;
}

function operate(call: Call, self: ConnectionObject): Result {
  const { machine, ordinal, args } = call;
  if (!self.connected) return machine.throwText('connection: not connected');
  const of = given(call, 2);
  if (self.connectedTo?.text.startsWith('stt:')) return statistic(call, args[0]);
  of.int(0);
  if (ordinal === 13) return null;
  if (self.callback === undefined) return machine.throwText('connection: no callback is set');
  machine.begin(self.callback, self, args[0]);
  return 0;
}
