/** Methods of containers: array, its iterator, binary, directory (phantom-os 3.6, POLICY.md). */

import { Arguments, type Call, INHERITED, type Result, unsigned } from './call.js';
import type { Machine } from './machine.js';
import {
  type ArrayObject,
  BinaryObject,
  type DirectoryObject,
  IteratorObject,
  type Reference,
  type StringObject,
} from './objects.js';

/** Elements an array may have at most. */
const ELEMENTS_MAX = 0x01000000;
/** What a directory answers. */
const EXISTS = 17;
const ABSENT = 2;

export function arraySet(machine: Machine, array: ArrayObject, index: number, value: Reference): void {
  if (index >= ELEMENTS_MAX) machine.throwText('out of memory');
  machine.take(index >= array.elements.length ? 8 * (index + 1 - array.elements.length) : 0);
  while (array.elements.length < index) array.elements.push(null);
  array.elements[index] = value;
}

export function arrayMethod({ machine, self: receiver, ordinal, args }: Call): Result {
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

export function iteratorMethod({ self, ordinal }: Call): Result {
  const iterator = self as IteratorObject;
  const { elements } = iterator.array;
  if (ordinal === 8) return elements[iterator.cursor] ?? null;
  if (ordinal !== 333) return INHERITED;
  if (iterator.cursor < elements.length) iterator.cursor++;
  return null;
}

export function binaryMethod({ machine, self, ordinal, args }: Call): Result {
  const { bytes } = self as BinaryObject;
  const given = (least: number): Arguments => new Arguments(machine, args, least);
  const index = (of: Arguments): number => {
    const at = unsigned(of.int(0));
    return at < bytes.length ? at : machine.throwText('binary index out of bounds');
  };
  switch (ordinal) {
    case 3:
      return machine.binary(Buffer.from(bytes));
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
export function put(directory: DirectoryObject, key: StringObject, value: Reference): boolean {
  if (directory.entries.has(key.text)) return false;
  directory.entries.set(key.text, { key, value });
  return true;
}

export function directoryMethod({ machine, self: receiver, ordinal, args }: Call): Result {
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
