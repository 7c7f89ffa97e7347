// Interning: equal values become one object with one code.
//
// The table holds each value once. An object's code is its place there, and is believed only if the table really holds
// that object at that place: so the table can be cleared, and values from before are simply interned anew.
import {
  type FunctionBase,
  FunctionValue,
  ModelValue,
  type ObjectValue,
  SetBase,
  type SetValue,
  Shape,
  StringValue,
  TupleValue,
  type Value,
} from './value.js';

/** Codes: an integer n is 2n+1; anything else is twice its place in the table. */
const INTEGER_MAX = 2 ** 29;
let table: Value[] = [false, true];
let hashes = new Int32Array(1 << 12);
let slots = new Int32Array(1 << 13).fill(-1);
let bigIntegers = new Map<number, number>();
let objectBytes = 0;

/** Bytes of a value's object and of its array, without the cells. */
const OBJECT_BYTES = 56;

export function mix(hash: number, value: number): number {
  const h = Math.imul(hash ^ value, 0x9e3779b1);
  return h ^ (h >>> 15);
}

/** Forgets every interned value. Values from before may still be used: they are interned anew. */
export function clearInterned(): void {
  table = [false, true];
  hashes = new Int32Array(1 << 12);
  slots = new Int32Array(1 << 13).fill(-1);
  bigIntegers = new Map();
  objectBytes = 0;
  Shape.clear();
}

export function internedCount(): number {
  return table.length;
}

/** The code of an interned value. */
export function codeOf(value: Value): number {
  if (typeof value === 'number') {
    if (value < INTEGER_MAX && value > -INTEGER_MAX) return value * 2 + 1;
    let place = bigIntegers.get(value);
    if (place === undefined) {
      place = append(value, value | 0);
      bigIntegers.set(value, place);
    }
    return place * 2;
  }
  if (typeof value === 'boolean') return value ? 2 : 0;
  const { code } = value;
  if (code >= 0 && table[code] === value) return code * 2;
  return codeOf(internObject(value));
}

/** The value of a code. */
export function valueOfCode(code: number): Value {
  return code & 1 ? code >> 1 : table[code >> 1];
}

function append(value: Value, hash: number): number {
  const place = table.length;
  if (place === hashes.length) {
    const larger = new Int32Array(place * 2);
    larger.set(hashes);
    hashes = larger;
  }
  table.push(value);
  hashes[place] = hash;
  return place;
}

/** The one object of all values equal to this one. */
export function intern(value: Value): Value {
  if (typeof value !== 'object') return value;
  const { code } = value;
  if (code >= 0 && table[code] === value) return value;
  return internObject(value);
}

const TUPLE_HASH = 0x51ed270b;
const SET_HASH = 0x2545f491;

function internItems(items: readonly Value[], seed: number): number {
  let hash = seed;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (typeof item === 'object' && !(item.code >= 0 && table[item.code] === item)) {
      // An equal object takes the place of the part: nobody can tell but by speed.
      (items as Value[])[i] = internObject(item);
    }
    hash = mix(hash, codeOf(items[i]));
  }
  return hash;
}

function internObject(value: ObjectValue): Value {
  if (value instanceof StringValue || value instanceof ModelValue) {
    value.code = append(value, 0);
    return value;
  }
  let candidate: TupleValue | FunctionValue | SetValue;
  let hash: number;
  if (value instanceof SetBase) {
    candidate = value.toSet();
    hash = internItems(candidate.items, SET_HASH);
  } else {
    candidate = (value as FunctionBase).whole();
    hash = internItems(candidate.items, candidate instanceof TupleValue ? TUPLE_HASH : candidate.shape.id);
  }
  const { items } = candidate;
  let mask = slots.length - 1;
  let slot = mix(hash, items.length) & mask;
  for (let place = slots[slot]; place !== -1; place = slots[(slot = (slot + 1) & mask)]) {
    if (hashes[place] !== hash) continue;
    const other = table[place] as TupleValue | FunctionValue | SetValue;
    if (other.constructor !== candidate.constructor || other.items.length !== items.length) continue;
    if (candidate instanceof FunctionValue && candidate.shape !== (other as FunctionValue).shape) continue;
    let i = 0;
    while (i < items.length && other.items[i] === items[i]) i++;
    if (i === items.length) return other;
  }
  candidate.code = append(candidate, hash);
  objectBytes += OBJECT_BYTES + 8 * items.length;
  slots[slot] = candidate.code;
  if (table.length * 2 > slots.length) {
    slots = new Int32Array(slots.length * 2).fill(-1);
    mask = slots.length - 1;
    for (let place = 2; place < table.length; place++) {
      const entry = table[place];
      if (typeof entry !== 'object' || entry instanceof StringValue || entry instanceof ModelValue) continue;
      let at = mix(hashes[place], (entry as TupleValue).items.length) & mask;
      while (slots[at] !== -1) at = (at + 1) & mask;
      slots[at] = place;
    }
  }
  return candidate;
}

/** Approximate bytes that interned values occupy: objects and array cells of 8 bytes, and the tables. */
export function internedBytes(): number {
  return hashes.byteLength + slots.byteLength + table.length * 8 + objectBytes;
}
