// The operators of TLA+ as functions on values, for models that were compiled to TypeScript.
//
// Each means what the checker computes for the operator of that name: the same code of values/ and semantics/ does the
// work. What has no value (a function outside its domain, CHOOSE that finds nothing) throws EvaluationError.
import { changed } from '../evaluate/except.js';
import type { OperatorValue } from '../semantics/builtin.js';
import { functionOf, integer, setOf, standardModule } from '../semantics/standard.js';
import { EvaluationError } from '../syntax/source.js';
import { show } from '../values/print.js';
import * as sets from '../values/sets.js';
import {
  EMPTY_SET,
  EMPTY_TUPLE,
  equal,
  FunctionBase,
  FunctionValue,
  functionOfPairs,
  LazyFunction,
  ModelValue,
  makeFunction,
  makeSet,
  type SetBase,
  SetValue,
  StringValue,
  TupleValue,
  type Value,
} from '../values/value.js';
import type { FunctionOf, RecordOf, SequenceOf, SetOf, TupleOf, Widened } from './types.js';

// ----------------------------------------------------------------------------------------------------- making values

/** The string "…" of the specification. */
export function text(characters: string): StringValue {
  return StringValue.of(characters);
}

/** A model value. Equal names at equal places are one value; places give the order in which sets list them. */
export function modelValue(name: string, place: number): ModelValue {
  return ModelValue.of(name, place);
}

/** `{a, b, c}` */
export function set<T extends Value = never>(...elements: T[]): SetOf<Widened<T>> {
  return makeSet(elements);
}

/** `a .. b` */
export function interval(low: number, high: number): SetOf<number> {
  return new sets.IntervalSet(low, high);
}

/** `<<a, b>>` */
export function tuple<T extends readonly Value[]>(...items: T): TupleOf<T> {
  return new TupleValue(items);
}

/** `<<>>`, which is also the function without arguments. */
export const empty: FunctionOf<never, never> = EMPTY_TUPLE;

/** `[a |-> x, b |-> y]` */
export function record<F extends { readonly [name: string]: Value }>(fields: F): RecordOf<F> {
  return functionOfPairs(Object.entries(fields).map(([name, value]) => [StringValue.of(name), value] as const));
}

/** `SUBSET S` */
export function powerSet<T extends Value>(base: SetOf<T>): SetOf<SetOf<T>> {
  return new sets.PowerSet(base);
}

/** `[S -> T]` */
export function functions<K extends Value, V extends Value>(from: SetOf<K>, to: SetOf<V>): SetOf<FunctionOf<K, V>> {
  return new sets.FunctionSet(from, to);
}

/** `[a: S, b: T]` */
export function records<F extends { readonly [name: string]: Value }>(
  fields: {
    readonly [N in keyof F]: SetOf<F[N]>;
  },
): SetOf<RecordOf<F>> {
  return new sets.RecordSet(Object.entries(fields));
}

/** `S \X T` */
export function product<T extends readonly Value[]>(
  ...factors: { readonly [I in keyof T]: SetOf<T[I]> }
): SetOf<TupleOf<T>> {
  return new sets.ProductSet(factors as readonly SetBase[]);
}

export const Nat: SetOf<number> = sets.NAT;
export const Int: SetOf<number> = sets.INT;
export const BOOLEAN: SetOf<boolean> = sets.BOOLEANS;
export const STRING: SetOf<StringValue> = sets.STRINGS;

/** `[x \in S |-> e]` */
export function mapping<K extends Value, V extends Value>(from: SetOf<K>, rule: (x: K) => V): FunctionOf<K, V> {
  if (from.size() === Number.POSITIVE_INFINITY) return new LazyFunction(from, (x) => rule(x as K));
  const domain = from.toSet();
  return makeFunction(
    domain,
    domain.items.map((x) => rule(x as K)),
  );
}

/** `f[x \in S] == e` where e speaks of f: the rule is given the function; values are computed when asked for. */
export function recursiveFunction<K extends Value, V extends Value>(
  from: SetOf<K>,
  rule: (f: FunctionOf<K, V>, x: K) => V,
): FunctionOf<K, V> {
  const made: LazyFunction = new LazyFunction(from, (x) => rule(made, x as K));
  return made;
}

/** `x :> v`: the function from x alone to v. */
export function single<K extends Value, V extends Value>(x: K, v: V): FunctionOf<K, V> {
  return makeFunction(new SetValue([x]), [v]);
}

/** `f @@ g`: f where it is defined, else g. */
export function merge<K extends Value, V extends Value, L extends Value, W extends Value>(
  f: FunctionOf<K, V>,
  g: FunctionOf<L, W>,
): FunctionOf<K | L, V | W> {
  return standard('TLC', '@@', [f, g]) as FunctionOf<K | L, V | W>;
}

/** A definition of LET: computed when first needed. */
export function lazy<T>(compute: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => {
    kept ??= { value: compute() };
    return kept.value;
  };
}

// ---------------------------------------------------------------------------------------------------------- numbers

/** `a % b` for a positive b; the result is not negative. */
export function modulo(a: number, b: number): number {
  return standard('Naturals', '%', [a, b]) as number;
}

/** `a \div b`, rounded down. */
export function quotient(a: number, b: number): number {
  return standard('Naturals', '\\div', [a, b]) as number;
}

// --------------------------------------------------------------------------------------------- what a value must be

export function asNumber(value: Value, where = 'This operator'): number {
  return integer(value, where);
}

export function asBoolean(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  throw new EvaluationError(`A condition must be TRUE or FALSE, found ${show(value)}.`);
}

export function asSet(value: Value): SetOf<Value> {
  return setOf(value, 'This operator');
}

// ------------------------------------------------------------------------------------------------------------ logic

/** `a = b`; values of different kinds cannot be compared. */
export { equal };

/** `\A x \in S : P` */
export function forAll<T extends Value>(within: SetOf<T>, holds: (x: T) => boolean): boolean {
  return within.elements().every((x) => holds(x as T));
}

/** `\E x \in S : P` */
export function exists<T extends Value>(within: SetOf<T>, holds: (x: T) => boolean): boolean {
  return within.elements().some((x) => holds(x as T));
}

/** `CHOOSE x \in S : P`: the first in the order of values. */
export function choose<T extends Value>(within: SetOf<T>, holds: (x: T) => boolean): T {
  for (const x of within.elements()) if (holds(x as T)) return x as T;
  throw new EvaluationError(`CHOOSE found nothing: no element of ${show(within)} satisfies the condition.`);
}

/** An expression without a value, such as a CASE of which no guard is TRUE. */
export function undefinedValue(message: string): never {
  throw new EvaluationError(message);
}

// ------------------------------------------------------------------------------------------------------------- sets

/** The elements in the order of values. */
export function elements<T extends Value>(of: SetOf<T>): readonly T[] {
  return of.elements() as readonly T[];
}

/** `x \in S` */
export function member(x: Value, within: SetOf<Value>): boolean {
  return within.contains(x);
}

/** `S \subseteq T` */
export function subset(a: SetOf<Value>, b: SetOf<Value>): boolean {
  return sets.isSubset(a, b);
}

/** `S \cup T` */
export function union<A extends Value, B extends Value>(a: SetOf<A>, b: SetOf<B>): SetOf<A | B> {
  return sets.union(a, b);
}

/** `S \cap T` */
export function intersection<A extends Value>(a: SetOf<A>, b: SetOf<Value>): SetOf<A> {
  return sets.intersection(a, b);
}

/** `S \ T` */
export function difference<A extends Value>(a: SetOf<A>, b: SetOf<Value>): SetOf<A> {
  return sets.difference(a, b);
}

/** `UNION S` */
export function unionAll<T extends Value>(of: SetOf<SetOf<T>>): SetOf<T> {
  return makeSet(of.elements().flatMap((member) => [...setOf(member, 'UNION').elements()]));
}

/** `{x \in S : P}` */
export function filter<T extends Value>(from: SetOf<T>, holds: (x: T) => boolean): SetOf<T> {
  const kept = from.elements().filter((x) => holds(x as T));
  return kept.length === 0 ? EMPTY_SET : new SetValue(kept);
}

/** `{e : x \in S}` */
export function map<T extends Value, R extends Value>(from: SetOf<T>, rule: (x: T) => R): SetOf<R> {
  return makeSet(from.elements().map((x) => rule(x as T)));
}

/** `Cardinality(S)` */
export function cardinality(of: SetOf<Value>): number {
  return standard('FiniteSets', 'Cardinality', [of]) as number;
}

// -------------------------------------------------------------------------------------------------------- functions

/** `f[x]` */
export function at<V extends Value>(f: FunctionOf<Value, V>, x: Value): V;
export function at(f: Value, x: Value): Value;
export function at(f: Value, x: Value): Value {
  return functionOf(f, 'f[x]').apply(x);
}

/** `r.name` */
export function field<F extends { readonly [name: string]: Value | undefined }, N extends keyof F>(
  r: RecordOf<F>,
  name: N & string,
): Exclude<F[N], undefined>;
export function field(r: Value, name: string): Value;
export function field(r: Value, name: string): Value {
  if (r instanceof FunctionValue) {
    const i = r.shape.find(StringValue.of(name));
    if (i >= 0) return r.items[i];
  }
  throw new EvaluationError(`${show(r)} has no field ${name}.`);
}

/** `DOMAIN f` */
export function domain<K extends Value>(f: FunctionOf<K, Value>): SetOf<K>;
export function domain(f: Value): SetOf<Value>;
export function domain(f: Value): SetOf<Value> {
  if (f instanceof FunctionBase) return f.domain();
  throw new EvaluationError(`DOMAIN needs a function, found ${show(f)}.`);
}

/** `[f EXCEPT ![a][b] = e]`: what `make` gives for the old value, which is `@`, at the end of the path. */
export function except<F extends Value, O extends Value>(f: F, path: readonly Value[], make: (old: O) => Value): F {
  const keys = path.map((key) => () => key);
  return changed(undefined, f, keys, 0, (_, old) => make(old as O)) as F;
}

// -------------------------------------------------------------------------------------------------------- sequences

/** `Seq(S)` */
export function sequences<V extends Value>(of: SetOf<V>): SetOf<SequenceOf<V>> {
  return new sets.SequenceSet(of);
}

/** `Len(s)` */
export function len(s: Value): number {
  return standard('Sequences', 'Len', [s]) as number;
}

/** `Append(s, e)` */
export function append<A extends Value, B extends Value>(s: SequenceOf<A>, e: B): SequenceOf<A | B> {
  return standard('Sequences', 'Append', [s, e]) as SequenceOf<A | B>;
}

/** `s \o t` */
export function concat<A extends Value, B extends Value>(s: SequenceOf<A>, t: SequenceOf<B>): SequenceOf<A | B> {
  return standard('Sequences', '\\o', [s, t]) as SequenceOf<A | B>;
}

/** `Head(s)` */
export function head<V extends Value>(s: SequenceOf<V>): V {
  return standard('Sequences', 'Head', [s]) as V;
}

/** `Tail(s)` */
export function tail<V extends Value>(s: SequenceOf<V>): SequenceOf<V> {
  return standard('Sequences', 'Tail', [s]) as SequenceOf<V>;
}

/** `SubSeq(s, m, n)` */
export function subSeq<V extends Value>(s: SequenceOf<V>, m: number, n: number): SequenceOf<V> {
  return standard('Sequences', 'SubSeq', [s, m, n]) as SequenceOf<V>;
}

// ------------------------------------------------------------------------------------------------- standard modules

const NO_HOST = {
  print: () => undefined,
  register: (): Value => {
    throw new EvaluationError('A compiled model has no registers: TLCGet and TLCSet belong to a check.');
  },
  setRegister: () => undefined,
};

/**
 * An operator of a standard module on values.
 * @param name as it is written in TLA+, `'BagIn'` or `'%'`
 * @param operators the arguments that are operators
 */
export function standard(
  module: string,
  name: string,
  args: readonly Value[],
  ...operators: readonly ((...args: Value[]) => Value)[]
): Value {
  const symbol = standardModule(module)?.names.get(name);
  if (symbol?.kind !== 'builtin') throw new Error(`tla-ts: the module ${module} defines no ${name}`);
  const handed = operators.map((run): OperatorValue => ({ operator: true, call: (given) => run(...given) }));
  return symbol.builtin.run(args, handed, NO_HOST);
}
