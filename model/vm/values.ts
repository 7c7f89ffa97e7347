/** Methods of values: `.internal.int`, `long`, `float`, `double`, `string` (phantom-os 3.6, POLICY.md). */

import { Arguments, type Call, INHERITED, type Result, unsigned } from './call.js';
import { put } from './containers.js';
import { parseJson } from './json.js';
import type { Machine } from './machine.js';
import { LongObject, RealObject, type Reference, type StringObject } from './objects.js';
import { doubleText, floatText, wholeNumber } from './text.js';

function valueMethod(call: Call, name: string, text: () => string, same: (other: Reference) => boolean): Result {
  const { machine, ordinal, args } = call;
  if (ordinal === 4) return same(new Arguments(machine, args, 1).at(0)) ? 1 : 0;
  if (ordinal === 5) return machine.string(text());
  if (ordinal === 6) return machine.string(`<${name}>${text()}</${name}>`);
  return INHERITED;
}

export function intMethod(call: Call): Result {
  if (call.ordinal === 3) return call.self;
  return valueMethod(
    call,
    'int',
    () => String(call.self),
    (other) => other === call.self,
  );
}

export function longMethod(call: Call): Result {
  const self = call.self as LongObject;
  if (call.ordinal === 3) return call.machine.long(self.value);
  return valueMethod(
    call,
    'long',
    () => String(self.value),
    (other) => other instanceof LongObject && other.value === self.value,
  );
}

export function realMethod(call: Call): Result {
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

export function stringMethod({ machine, self: receiver, ordinal, args }: Call): Result {
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
