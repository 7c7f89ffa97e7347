// Sets that are given by a rule: 1..n, SUBSET S, [S -> T], Nat, ... Membership is answered without listing them; they are
// listed, in the canonical order, only when somebody asks for their elements.
import { EvaluationError } from '../syntax/source.js';
import { show } from './print.js';
import {
  compare,
  equal,
  FunctionBase,
  FunctionValue,
  ModelValue,
  makeFunction,
  makeSet,
  SetBase,
  SetValue,
  Shape,
  StringValue,
  TupleValue,
  type Value,
} from './value.js';

/** More elements than this are not listed: it would end in running out of memory. */
const LISTED_MAX = 5_000_000;

function checkSize(set: SetBase): void {
  const size = set.size();
  if (size === Number.POSITIVE_INFINITY) {
    throw new EvaluationError(
      `The set ${show(set)} has no end, so its elements cannot be listed. Restrict it to a finite set.`,
    );
  }
  if (size > LISTED_MAX) {
    throw new EvaluationError(
      `The set ${show(set)} has ${size} elements; more than ${LISTED_MAX} are not listed. Use smaller constants.`,
    );
  }
}

export class IntervalSet extends SetBase {
  private list: number[] | undefined;

  constructor(
    readonly low: number,
    readonly high: number,
  ) {
    super();
  }

  override contains(value: Value): boolean {
    if (typeof value === 'number') return value >= this.low && value <= this.high;
    if (this.size() === 0) return false;
    return this.toSet().contains(value);
  }

  override elements(): readonly Value[] {
    if (!this.list) {
      checkSize(this);
      this.list = Array.from({ length: this.size() }, (_, i) => this.low + i);
    }
    return this.list;
  }

  override size(): number {
    return Math.max(0, this.high - this.low + 1);
  }

  override toString(): string {
    return `${this.low}..${this.high}`;
  }
}

abstract class ListedOnce extends SetBase {
  private list: readonly Value[] | undefined;

  override elements(): readonly Value[] {
    if (!this.list) {
      checkSize(this);
      this.list = this.listAll();
    }
    return this.list;
  }

  /** The elements in canonical order. */
  protected abstract listAll(): readonly Value[];
}

export class PowerSet extends ListedOnce {
  constructor(readonly base: SetBase) {
    super();
  }

  override contains(value: Value): boolean {
    if (!(value instanceof SetBase))
      throw new EvaluationError(`${show(value)} is no set, so whether it is in a SUBSET has no meaning.`);
    return isSubset(value, this.base);
  }

  override size(): number {
    return 2 ** this.base.size();
  }

  /** By size, then by elements: the order of sets. */
  protected override listAll(): readonly Value[] {
    const base = this.base.elements();
    const result: SetValue[] = [];
    const chosen: Value[] = [];
    const choose = (from: number, left: number): void => {
      if (left === 0) {
        result.push(new SetValue(chosen.slice()));
        return;
      }
      for (let i = from; i + left <= base.length; i++) {
        chosen.push(base[i]);
        choose(i + 1, left - 1);
        chosen.pop();
      }
    };
    for (let size = 0; size <= base.length; size++) choose(0, size);
    return result;
  }

  override toString(): string {
    return `SUBSET ${show(this.base)}`;
  }
}

/** Every way to take one element of each list, the last list fastest: lexicographic order. */
function combinations(lists: readonly (readonly Value[])[]): Value[][] {
  const result: Value[][] = [];
  const row: Value[] = [];
  const take = (i: number): void => {
    if (i === lists.length) {
      result.push(row.slice());
      return;
    }
    for (const value of lists[i]) {
      row[i] = value;
      take(i + 1);
    }
  };
  take(0);
  return result;
}

export class FunctionSet extends ListedOnce {
  constructor(
    readonly from: SetBase,
    readonly to: SetBase,
  ) {
    super();
  }

  override contains(value: Value): boolean {
    if (!(value instanceof FunctionBase))
      throw new EvaluationError(`${show(value)} is no function, so it cannot be in ${this.toString()}.`);
    if (value.domain().size() !== this.from.size()) return false;
    const domain = value.domain();
    if (domain !== this.from && !equal(domain, this.from)) return false;
    const { items } = value.whole();
    return items.every((item) => this.to.contains(item));
  }

  override size(): number {
    return this.to.size() ** this.from.size();
  }

  protected override listAll(): readonly Value[] {
    const domain = this.from.toSet();
    const range = this.to.elements();
    return combinations(domain.items.map(() => range)).map((items) => makeFunction(domain, items));
  }

  override toString(): string {
    return `[${show(this.from)} -> ${show(this.to)}]`;
  }
}

export class RecordSet extends ListedOnce {
  private readonly shape: Shape;
  private readonly sets: readonly SetBase[];

  constructor(fields: readonly (readonly [string, SetBase])[]) {
    super();
    const sorted = fields.slice().sort((a, b) => (a[0] < b[0] ? -1 : 1));
    this.shape = Shape.of(sorted.map((field) => StringValue.of(field[0])));
    this.sets = sorted.map((field) => field[1]);
  }

  override contains(value: Value): boolean {
    if (!(value instanceof FunctionBase))
      throw new EvaluationError(`${show(value)} is no record, so it cannot be in ${this.toString()}.`);
    const whole = value.whole();
    if (!(whole instanceof FunctionValue) || whole.shape !== this.shape) return false;
    return this.sets.every((set, i) => set.contains(whole.items[i]));
  }

  override size(): number {
    return this.sets.reduce((product, set) => product * set.size(), 1);
  }

  protected override listAll(): readonly Value[] {
    return combinations(this.sets.map((set) => set.elements())).map((items) => new FunctionValue(this.shape, items));
  }

  override toString(): string {
    return `[${this.shape.keys.map((key, i) => `${(key as StringValue).text}: ${show(this.sets[i])}`).join(', ')}]`;
  }
}

export class ProductSet extends ListedOnce {
  constructor(readonly sets: readonly SetBase[]) {
    super();
  }

  override contains(value: Value): boolean {
    if (!(value instanceof FunctionBase))
      throw new EvaluationError(`${show(value)} is no tuple, so it cannot be in ${this.toString()}.`);
    const whole = value.whole();
    if (!(whole instanceof TupleValue) || whole.items.length !== this.sets.length) return false;
    return this.sets.every((set, i) => set.contains(whole.items[i]));
  }

  override size(): number {
    return this.sets.reduce((product, set) => product * set.size(), 1);
  }

  protected override listAll(): readonly Value[] {
    return combinations(this.sets.map((set) => set.elements())).map((items) => new TupleValue(items));
  }

  override toString(): string {
    return this.sets.map(show).join(' \\X ');
  }
}

/** Sets without end. */
class InfiniteSet extends SetBase {
  constructor(
    readonly name: string,
    private readonly test: (value: Value) => boolean,
  ) {
    super();
  }

  override contains(value: Value): boolean {
    return this.test(value);
  }

  override elements(): readonly Value[] {
    checkSize(this);
    return [];
  }

  override size(): number {
    return Number.POSITIVE_INFINITY;
  }

  override toString(): string {
    return this.name;
  }
}

function integerIn(name: string, test: (n: number) => boolean): InfiniteSet {
  return new InfiniteSet(name, (value) => {
    if (typeof value === 'number') return test(value);
    if (value instanceof ModelValue) return false;
    throw new EvaluationError(`${show(value)} is no number, so whether it is in ${name} has no meaning.`);
  });
}

export const NAT = integerIn('Nat', (n) => n >= 0);
export const INT = integerIn('Int', () => true);
export const REAL = integerIn('Real', () => true);
export const STRINGS = new InfiniteSet('STRING', (value) => value instanceof StringValue);
export const BOOLEANS = new SetValue([false, true]);

export class SequenceSet extends SetBase {
  constructor(readonly base: SetBase) {
    super();
  }

  override contains(value: Value): boolean {
    if (!(value instanceof FunctionBase))
      throw new EvaluationError(`${show(value)} is no sequence, so it cannot be in ${this.toString()}.`);
    const whole = value.whole();
    return whole instanceof TupleValue && whole.items.every((item) => this.base.contains(item));
  }

  override elements(): readonly Value[] {
    checkSize(this);
    return [new TupleValue([])];
  }

  override size(): number {
    return this.base.size() === 0 ? 1 : Number.POSITIVE_INFINITY;
  }

  override toString(): string {
    return `Seq(${show(this.base)})`;
  }
}

/** A union, intersection or difference with a set that is better not listed. */
class CombinedSet extends SetBase {
  private list: readonly Value[] | undefined;

  constructor(
    private readonly name: '\\cup' | '\\cap' | '\\',
    private readonly left: SetBase,
    private readonly right: SetBase,
  ) {
    super();
  }

  override contains(value: Value): boolean {
    if (this.name === '\\cup') return this.left.contains(value) || this.right.contains(value);
    return this.left.contains(value) && this.right.contains(value) === (this.name === '\\cap');
  }

  override elements(): readonly Value[] {
    if (!this.list) {
      const { name, left, right } = this;
      if (name === '\\cup') this.list = makeSet([...left.elements(), ...right.elements()]).items;
      else if (name === '\\cap' && left.size() > right.size())
        this.list = right.elements().filter((item) => left.contains(item));
      else this.list = left.elements().filter((item) => right.contains(item) === (name === '\\cap'));
    }
    return this.list;
  }

  override size(): number {
    const { left, right, name } = this;
    if (name !== '\\cap' && left.size() === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    if (name === '\\cup' && right.size() === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    if (name === '\\cap' && left.size() === Number.POSITIVE_INFINITY && right.size() === Number.POSITIVE_INFINITY) {
      return Number.POSITIVE_INFINITY;
    }
    return this.elements().length;
  }

  override toString(): string {
    return this.size() === Number.POSITIVE_INFINITY
      ? `(${show(this.left)} ${this.name} ${show(this.right)})`
      : `{${this.elements().map(show).join(', ')}}`;
  }
}

/** Larger operands than this are combined without listing them. */
const COMBINED_MIN = 20_000;

export function union(a: SetBase, b: SetBase): SetBase {
  if (a.size() > COMBINED_MIN || b.size() > COMBINED_MIN) return new CombinedSet('\\cup', a, b);
  const left = a.elements();
  const right = b.elements();
  if (left.length === 0) return b;
  if (right.length === 0) return a;
  if (right.length === 1) return insert(a, left, right[0]);
  if (left.length === 1) return insert(b, right, left[0]);
  return makeSet([...left, ...right]);
}

function insert(set: SetBase, items: readonly Value[], value: Value): SetBase {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compare(items[middle], value);
    if (order === 0) return set;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  const longer = items.slice(0, low);
  longer.push(value);
  for (let i = low; i < items.length; i++) longer.push(items[i]);
  return new SetValue(longer);
}

export function intersection(a: SetBase, b: SetBase): SetBase {
  if (a.size() > COMBINED_MIN && b.size() > COMBINED_MIN) return new CombinedSet('\\cap', a, b);
  if (a.size() > b.size()) return new SetValue(b.elements().filter((item) => a.contains(item)));
  return new SetValue(a.elements().filter((item) => b.contains(item)));
}

export function difference(a: SetBase, b: SetBase): SetBase {
  if (a.size() > COMBINED_MIN) return new CombinedSet('\\', a, b);
  if (b.size() === 0) return a;
  return new SetValue(a.elements().filter((item) => !b.contains(item)));
}

export function isSubset(a: SetBase, b: SetBase): boolean {
  if (a === b) return true;
  if (a instanceof SetValue || a.size() !== Number.POSITIVE_INFINITY)
    return a.elements().every((item) => b.contains(item));
  if (a === NAT && (b === INT || b === REAL)) return true;
  if (a instanceof SequenceSet && b instanceof SequenceSet) return isSubset(a.base, b.base);
  if (a instanceof InfiniteSet && a === b) return true;
  throw new EvaluationError(`Whether ${show(a)} is a subset of ${show(b)} cannot be computed: the first has no end.`);
}
