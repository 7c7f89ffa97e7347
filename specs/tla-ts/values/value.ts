// The values of TLA+, their order, and interning.
//
// Integers and Booleans are JavaScript's own. Everything else is an object. The rules that make it fast and right:
//   * a set's elements, and a function's domain, are sorted by `compare` and free of duplicates: equal values have equal parts;
//   * a function whose domain is 1..n is a TupleValue, whatever it was built by; any other a FunctionValue. Functions of one
//     domain share one Shape object;
//   * `intern` maps equal values to one object with one `code`. States are rows of codes, so that two states are equal
//     exactly when their codes are: nothing is fingerprinted, nothing collides.
// Values of different kinds cannot be compared (`1 = "a"` is an error), except model values, which differ from everything.
import { EvaluationError } from '../syntax/source.js';
import { codeOf, intern, mix } from './interning.js';
import { show } from './print.js';

export type Value = number | boolean | ObjectValue;

export abstract class ObjectValue {
  /** Index in the table of interned values; meaningful only while the table holds this very object there. */
  code = -1;
}

export class StringValue extends ObjectValue {
  private constructor(readonly text: string) {
    super();
  }

  private static readonly known = new Map<string, StringValue>();

  /** Equal strings are one object. */
  static of(text: string): StringValue {
    let value = StringValue.known.get(text);
    if (!value) StringValue.known.set(text, (value = new StringValue(text)));
    return value;
  }
}

/** A value equal to nothing but itself, made by a configuration. */
export class ModelValue extends ObjectValue {
  private constructor(
    readonly name: string,
    /** Model values are ordered as the configuration names them. */
    readonly order: number,
  ) {
    super();
  }

  private static readonly known = new Map<string, ModelValue>();

  /** The one model value of this name at this place of the order: a checker and a compiled model mean the same by it. */
  static of(name: string, order: number): ModelValue {
    const key = `${order} ${name}`;
    let value = ModelValue.known.get(key);
    if (!value) ModelValue.known.set(key, (value = new ModelValue(name, order)));
    return value;
  }
}

export abstract class SetBase extends ObjectValue {
  abstract contains(value: Value): boolean;
  /** The elements in order; an error where there are infinitely many. */
  abstract elements(): readonly Value[];
  /** Number of elements, Infinity included, without listing them. */
  abstract size(): number;
  private made: SetValue | undefined;

  toSet(): SetValue {
    this.made ??= new SetValue(this.elements());
    return this.made;
  }
}

export class SetValue extends SetBase {
  /** The shape of functions on this set; null where they are tuples. */
  private functionShape: Shape | null | undefined;

  constructor(readonly items: readonly Value[]) {
    super();
  }

  override contains(value: Value): boolean {
    const { items } = this;
    let low = 0;
    let high = items.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const item = items[middle];
      if (item === value) return true;
      const order = compare(value, item);
      if (order === 0) return true;
      if (order < 0) high = middle - 1;
      else low = middle + 1;
    }
    return false;
  }

  override elements(): readonly Value[] {
    return this.items;
  }

  override size(): number {
    return this.items.length;
  }

  override toSet(): SetValue {
    return this;
  }

  get shape(): Shape | null {
    if (this.functionShape === undefined) {
      const { items } = this;
      const n = items.length;
      // Sorted and without duplicates: first 1 and last n leave nothing but 1..n.
      const sequence = n === 0 || (items[0] === 1 && items[n - 1] === n);
      this.functionShape = sequence ? null : Shape.of(items);
    }
    return this.functionShape;
  }
}

/** The domain of functions, shared by all of them. */
export class Shape {
  private readonly index = new Map<Value, number>();
  readonly domain: SetValue;
  /** All keys are strings: these functions are records. */
  readonly isRecord: boolean;

  private constructor(
    readonly keys: readonly Value[],
    readonly id: number,
  ) {
    keys.forEach((key, i) => {
      this.index.set(key, i);
    });
    this.domain = new SetValue(keys);
    this.isRecord = keys.every((key) => key instanceof StringValue);
  }

  private static table = new Map<number, Shape[]>();
  private static count = 0;

  static of(sorted: readonly Value[]): Shape {
    const keys = sorted.map(intern);
    let hash = keys.length;
    for (const key of keys) hash = mix(hash, codeOf(key));
    let bucket = Shape.table.get(hash);
    if (!bucket) Shape.table.set(hash, (bucket = []));
    for (const shape of bucket) {
      if (shape.keys.length === keys.length && shape.keys.every((key, i) => key === keys[i])) return shape;
    }
    const shape = new Shape(keys, Shape.count++);
    bucket.push(shape);
    return shape;
  }

  static clear(): void {
    Shape.table = new Map();
  }

  /** Position of a key, or -1. */
  find(key: Value): number {
    const direct = this.index.get(key);
    if (direct !== undefined) return direct;
    if (typeof key !== 'object' || key instanceof StringValue || key instanceof ModelValue) return -1;
    return this.index.get(intern(key)) ?? -1;
  }
}

export abstract class FunctionBase extends ObjectValue {
  abstract domain(): SetBase;
  /** The value at an argument, `undefined` outside the domain. */
  abstract at(argument: Value): Value | undefined;
  /** The function written out. */
  abstract whole(): TupleValue | FunctionValue;

  apply(argument: Value): Value {
    const value = this.at(argument);
    if (value === undefined) {
      const text = this instanceof LazyFunction ? 'A function' : `The function ${show(this)}`;
      throw new EvaluationError(
        `${text} was applied to ${show(argument)}, which is not in its domain ${show(this.domain())}.`,
      );
    }
    return value;
  }
}

export class TupleValue extends FunctionBase {
  private ownDomain: SetValue | undefined;

  constructor(readonly items: readonly Value[]) {
    super();
  }

  override domain(): SetValue {
    this.ownDomain ??= new SetValue(this.items.map((_, i) => i + 1));
    return this.ownDomain;
  }

  override at(argument: Value): Value | undefined {
    if (typeof argument === 'number') return this.items[argument - 1];
    return undefined;
  }

  override whole(): TupleValue {
    return this;
  }
}

export class FunctionValue extends FunctionBase {
  constructor(
    readonly shape: Shape,
    /** In the order of the shape's keys. */
    readonly items: readonly Value[],
  ) {
    super();
  }

  override domain(): SetValue {
    return this.shape.domain;
  }

  override at(argument: Value): Value | undefined {
    const i = this.shape.find(argument);
    return i < 0 ? undefined : this.items[i];
  }

  override whole(): FunctionValue {
    return this;
  }
}

/** A function given by a rule: its values are computed when asked for, and kept. Its domain may be infinite. */
export class LazyFunction extends FunctionBase {
  private readonly known = new Map<Value, Value>();
  private made: TupleValue | FunctionValue | undefined;

  constructor(
    private readonly set: SetBase,
    private readonly rule: (argument: Value) => Value,
  ) {
    super();
  }

  override domain(): SetBase {
    return this.set;
  }

  override at(argument: Value): Value | undefined {
    const key = intern(argument);
    let value = this.known.get(key);
    if (value === undefined) {
      if (!this.set.contains(key)) return undefined;
      value = this.rule(key);
      this.known.set(key, value);
    }
    return value;
  }

  override whole(): TupleValue | FunctionValue {
    if (!this.made) {
      const keys = this.set.toSet();
      this.made = makeFunction(
        keys,
        keys.items.map((key) => this.apply(key)),
      );
    }
    return this.made;
  }
}

export const EMPTY_TUPLE = new TupleValue([]);
export const EMPTY_SET = new SetValue([]);

/** A function from the values in the order of the domain's elements. */
export function makeFunction(domain: SetValue, items: readonly Value[]): TupleValue | FunctionValue {
  const { shape } = domain;
  return shape === null ? new TupleValue(items) : new FunctionValue(shape, items);
}

/** A record (or any function) from pairs in any order; the first pair of a key counts. */
export function functionOfPairs(pairs: Iterable<readonly [Value, Value]>): TupleValue | FunctionValue {
  const sorted = [...pairs].sort((a, b) => compare(a[0], b[0]));
  const unique = sorted.filter((pair, i) => i === 0 || compare(sorted[i - 1][0], pair[0]) !== 0);
  return makeFunction(
    new SetValue(unique.map((pair) => pair[0])),
    unique.map((pair) => pair[1]),
  );
}

function rank(value: Value): number {
  if (typeof value === 'number') return 0;
  if (typeof value === 'boolean') return 1;
  if (value instanceof StringValue) return 2;
  if (value instanceof SetBase) return 3;
  if (value instanceof FunctionBase) return 4;
  return 5;
}

const KIND = ['the integer', 'the Boolean', 'the string', 'the set', 'the function', 'the model value'];

function incomparable(a: Value, b: Value): never {
  throw new EvaluationError(
    `${KIND[rank(a)]} ${show(a)} cannot be compared with ${KIND[rank(b)]} ${show(b)}: they are values of different kinds.`.replace(
      /^t/,
      'T',
    ),
  );
}

export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a === 'number') {
    if (typeof b === 'number' || b instanceof ModelValue) return false;
    return incomparable(a, b);
  }
  if (typeof a === 'boolean') {
    if (typeof b === 'boolean' || b instanceof ModelValue) return false;
    return incomparable(a, b);
  }
  if (a instanceof ModelValue || b instanceof ModelValue) return false;
  if (a instanceof StringValue) {
    if (b instanceof StringValue) return false;
    return incomparable(a, b);
  }
  if (a instanceof SetBase) {
    if (!(b instanceof SetBase)) return incomparable(a, b);
    if (a.size() !== b.size()) return false;
    if (a.size() === Number.POSITIVE_INFINITY) {
      if (a.constructor === b.constructor && show(a) === show(b)) return true;
      throw new EvaluationError(`Whether the infinite sets ${show(a)} and ${show(b)} are equal cannot be computed.`);
    }
    return equalItems(a.elements(), b.elements());
  }
  if (!(b instanceof FunctionBase)) return incomparable(a, b);
  const f = (a as FunctionBase).whole();
  const g = b.whole();
  if (f instanceof TupleValue) return g instanceof TupleValue && equalItems(f.items, g.items);
  if (g instanceof TupleValue || f.shape !== g.shape) return false;
  return equalItems(f.items, g.items);
}

function equalItems(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && !equal(a[i], b[i])) return false;
  return true;
}

/** Total order within a kind: sets and functions by size first. Negative, zero or positive. */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a instanceof StringValue && b instanceof StringValue) return a.text < b.text ? -1 : 1;
  const ra = rank(a);
  const rb = rank(b);
  if (ra === 5 || rb === 5) {
    if (ra !== rb) return ra - rb;
    return (a as ModelValue).order - (b as ModelValue).order;
  }
  if (ra !== rb) return incomparable(a, b);
  if (ra === 1) return a ? 1 : -1;
  if (ra === 3) {
    const size = (a as SetBase).size() - (b as SetBase).size();
    return size !== 0 ? size : compareItems((a as SetBase).elements(), (b as SetBase).elements());
  }
  const f = (a as FunctionBase).whole();
  const g = (b as FunctionBase).whole();
  if (f.items.length !== g.items.length) return f.items.length - g.items.length;
  if (f instanceof TupleValue) return g instanceof TupleValue ? compareItems(f.items, g.items) : -1;
  if (g instanceof TupleValue) return 1;
  if (f.shape !== g.shape) {
    if (f.shape.isRecord !== g.shape.isRecord) return f.shape.isRecord ? -1 : 1;
    const keys = compareItems(f.shape.keys, g.shape.keys);
    if (keys !== 0) return keys;
  }
  return compareItems(f.items, g.items);
}

function compareItems(a: readonly Value[], b: readonly Value[]): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    const order = compare(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

/** A set from values in any order, duplicates included. The array becomes the set's. */
export function makeSet(values: Value[]): SetValue {
  const n = values.length;
  if (n === 0) return EMPTY_SET;
  if (n > 12) values.sort(compare);
  else {
    for (let i = 1; i < n; i++) {
      const value = values[i];
      let j = i - 1;
      while (j >= 0 && compare(values[j], value) > 0) {
        values[j + 1] = values[j];
        j--;
      }
      values[j + 1] = value;
    }
  }
  let kept = 1;
  for (let i = 1; i < n; i++) {
    if (values[i] !== values[kept - 1] && compare(values[i], values[kept - 1]) !== 0) values[kept++] = values[i];
  }
  values.length = kept;
  return new SetValue(values);
}
