// The standard modules: Naturals, Integers, Reals (as far as integers go), Sequences, FiniteSets, Bags, TLC.
//
// Their operators are implemented here, on values. Which module extends which follows the modules of TLA+ itself: Integers
// extends Naturals, Bags extends TLC; what a module only instantiates for itself is not passed on.
import { EvaluationError } from '../syntax/source.js';
import { show } from '../values/print.js';
import { difference, INT, IntervalSet, NAT, REAL, SequenceSet } from '../values/sets.js';
import {
  EMPTY_TUPLE,
  equal,
  FunctionBase,
  functionOfPairs,
  LazyFunction,
  makeFunction,
  makeSet,
  SetBase,
  SetValue,
  StringValue,
  TupleValue,
  type Value,
} from '../values/value.js';
import type { Builtin } from './builtin.js';
import type { BuiltinSymbol, Module } from './symbols.js';

const INTEGER_LOW = -(2 ** 31);
const INTEGER_HIGH = 2 ** 31 - 1;

export function integer(value: Value, where: string): number {
  if (typeof value === 'number') return value;
  throw new EvaluationError(`${where} needs an integer, found ${show(value)}.`);
}

/** Integers have 32 bits, as they have for TLC; a specification that needs more is told so. */
function bounded(n: number, where: string): number {
  if (n >= INTEGER_LOW && n <= INTEGER_HIGH) return n;
  throw new EvaluationError(`The result of ${where} is outside the 32-bit integers that a checker computes with.`);
}

export function setOf(value: Value, where: string): SetBase {
  if (value instanceof SetBase) return value;
  const hint = where.startsWith('A set of records') ? ' A record is written [a |-> 1].' : '';
  throw new EvaluationError(`${where} needs a set, found ${show(value)}.${hint}`);
}

export function functionOf(value: Value, where: string): FunctionBase {
  if (value instanceof FunctionBase) return value;
  throw new EvaluationError(`${where} needs a function, found ${show(value)}.`);
}

/** A sequence's elements; a string is the sequence of its characters for Len, \o and SubSeq. */
export function sequence(value: Value, where: string): readonly Value[] {
  if (value instanceof TupleValue) return value.items;
  if (value instanceof LazyFunction && value.domain().size() !== Number.POSITIVE_INFINITY)
    return sequence(value.whole(), where);
  throw new EvaluationError(`${where} needs a sequence, found ${show(value)}.`);
}

const value = (run: (a: Value) => Value): Builtin => ({ params: [0], run: ([a]) => run(a) });
const two = (run: (a: Value, b: Value) => Value): Builtin => ({ params: [0, 0], run: ([a, b]) => run(a, b) });
const constant = (made: Value): Builtin => ({ params: [], run: () => made });
const arithmetic = (name: string, run: (a: number, b: number) => number): Builtin =>
  two((a, b) => bounded(run(integer(a, name), integer(b, name)), `${show(a)} ${name} ${show(b)}`));
const relation = (name: string, run: (a: number, b: number) => boolean): Builtin =>
  two((a, b) => run(integer(a, name), integer(b, name)));

function divisor(n: number, where: string): number {
  if (n <= 0) throw new EvaluationError(`The second argument of ${where} must be positive, found ${n}.`);
  return n;
}

function isTrue(result: Value, where: string): boolean {
  if (typeof result === 'boolean') return result;
  throw new EvaluationError(`${where} must be TRUE or FALSE, found ${show(result)}.`);
}

const NATURALS: Record<string, Builtin> = {
  Nat: constant(NAT),
  '+': arithmetic('+', (a, b) => a + b),
  '-': arithmetic('-', (a, b) => a - b),
  '*': arithmetic('*', (a, b) => a * b),
  '^': arithmetic('^', (a, b) => {
    if (b < 0 || (a === 0 && b === 0)) throw new EvaluationError(`${a} ^ ${b} is no integer.`);
    return a ** b;
  }),
  '%': arithmetic('%', (a, b) => ((a % divisor(b, '%')) + b) % b),
  '\\div': arithmetic('\\div', (a, b) => {
    if (b === 0) throw new EvaluationError('The second argument of \\div is 0.');
    return Math.floor(a / b);
  }),
  '<': relation('<', (a, b) => a < b),
  '>': relation('>', (a, b) => a > b),
  '<=': relation('<=', (a, b) => a <= b),
  '>=': relation('>=', (a, b) => a >= b),
  '..': two((a, b) => new IntervalSet(integer(a, '..'), integer(b, '..'))),
};

const INTEGERS: Record<string, Builtin> = {
  Int: constant(INT),
  '-.': value((a) => bounded(-integer(a, 'Minus'), `-${show(a)}`)),
};

const REALS: Record<string, Builtin> = {
  Real: constant(REAL),
  '/': arithmetic('/', (a, b) => {
    if (b === 0 || a % b !== 0)
      throw new EvaluationError(`${a} / ${b} is no integer; a checker computes with integers only.`);
    return a / b;
  }),
};

const SEQUENCES: Record<string, Builtin> = {
  Seq: value((set) => new SequenceSet(setOf(set, 'Seq'))),
  Len: value((s) => (s instanceof StringValue ? s.text.length : sequence(s, 'Len').length)),
  '\\o': two((a, b) => {
    if (a instanceof StringValue && b instanceof StringValue) return StringValue.of(a.text + b.text);
    const left = sequence(a, '\\o');
    const right = sequence(b, '\\o');
    if (right.length === 0) return a;
    return left.length === 0 ? b : new TupleValue(left.concat(right));
  }),
  Append: two((s, e) => {
    const items = sequence(s, 'Append').slice();
    items.push(e);
    return new TupleValue(items);
  }),
  Head: value((s) => {
    const items = sequence(s, 'Head');
    if (items.length === 0) throw new EvaluationError('Head of the empty sequence does not exist.');
    return items[0];
  }),
  Tail: value((s) => {
    const items = sequence(s, 'Tail');
    if (items.length === 0) throw new EvaluationError('Tail of the empty sequence does not exist.');
    return items.length === 1 ? EMPTY_TUPLE : new TupleValue(items.slice(1));
  }),
  SubSeq: {
    params: [0, 0, 0],
    run: ([s, m, n]) => {
      const from = integer(m, 'SubSeq');
      const to = integer(n, 'SubSeq');
      if (s instanceof StringValue) return StringValue.of(from > to ? '' : s.text.slice(from - 1, to));
      const items = sequence(s, 'SubSeq');
      if (from > to) return EMPTY_TUPLE;
      if (from < 1 || to > items.length) {
        throw new EvaluationError(
          `SubSeq(${show(s)}, ${from}, ${to}) reaches outside the sequence, whose length is ${items.length}.`,
        );
      }
      return new TupleValue(items.slice(from - 1, to));
    },
  },
  SelectSeq: {
    params: [0, 1],
    run: ([s], [test]) =>
      new TupleValue(sequence(s, 'SelectSeq').filter((e) => isTrue(test.call([e]), 'The test of SelectSeq'))),
  },
};

const FINITE_SETS: Record<string, Builtin> = {
  Cardinality: value((set) => {
    const size = setOf(set, 'Cardinality').size();
    if (size === Number.POSITIVE_INFINITY)
      throw new EvaluationError(`Cardinality of ${show(set)}, which has no end, does not exist.`);
    return bounded(size, `Cardinality of ${show(set)}`);
  }),
  IsFiniteSet: value((set) => setOf(set, 'IsFiniteSet').size() !== Number.POSITIVE_INFINITY),
};

/** A bag is a function from elements to positive numbers of copies. */
function bag(value: Value, where: string): Map<Value, number> | undefined {
  if (!(value instanceof FunctionBase)) throw new EvaluationError(`${where} needs a bag, found ${show(value)}.`);
  const whole = value.whole();
  const result = new Map<Value, number>();
  for (const key of whole.domain().elements()) {
    const copies = whole.apply(key);
    if (typeof copies !== 'number' || copies <= 0) return undefined;
    result.set(key, copies);
  }
  return result;
}

function needBag(value: Value, where: string): Map<Value, number> {
  const result = bag(value, where);
  if (!result)
    throw new EvaluationError(
      `${where} needs a bag, found ${show(value)}, in which something has not at least one copy.`,
    );
  return result;
}

function copiesOf(value: Value, element: Value, where: string): number {
  needBag(value, where);
  const f = functionOf(value, where);
  return f.domain().contains(element) ? integer(f.apply(element), where) : 0;
}

function combineBags(a: Value, b: Value, where: string, run: (x: number, y: number) => number): Value {
  needBag(a, where);
  needBag(b, where);
  const keys = makeSet([
    ...functionOf(a, where).domain().elements(),
    ...functionOf(b, where).domain().elements(),
  ]).items;
  const pairs = keys.map((key): [Value, number] => [key, run(copiesOf(a, key, where), copiesOf(b, key, where))]);
  return functionOfPairs(pairs.filter((pair) => pair[1] > 0));
}

const add = (a: Value, b: Value): Value => combineBags(a, b, '(+)', (x, y) => x + y);

const BAGS: Record<string, Builtin> = {
  EmptyBag: constant(EMPTY_TUPLE),
  IsABag: value((b) => b instanceof FunctionBase && bag(b, 'IsABag') !== undefined),
  BagToSet: value((b) => functionOf(b, 'BagToSet').domain()),
  SetToBag: value((s) =>
    functionOfPairs(
      setOf(s, 'SetToBag')
        .elements()
        .map((e) => [e, 1]),
    ),
  ),
  BagIn: two((e, b) => functionOf(b, 'BagIn').domain().contains(e)),
  CopiesIn: two((e, b) => copiesOf(b, e, 'CopiesIn')),
  BagCardinality: value((b) => [...needBag(b, 'BagCardinality').values()].reduce((sum, n) => sum + n, 0)),
  '\\oplus': two(add),
  '\\ominus': two((a, b) => combineBags(a, b, '(-)', (x, y) => x - y)),
  '\\sqsubseteq': two((a, b) => [...needBag(a, '\\sqsubseteq')].every(([e, n]) => n <= copiesOf(b, e, '\\sqsubseteq'))),
  BagUnion: value((s) => setOf(s, 'BagUnion').elements().reduce(add, EMPTY_TUPLE)),
  SubBag: value((b) => {
    let bags: [Value, number][][] = [[]];
    for (const [e, n] of needBag(b, 'SubBag')) {
      bags = bags.flatMap((pairs) =>
        Array.from({ length: n + 1 }, (_, i): [Value, number][] => (i === 0 ? pairs : [...pairs, [e, i]])),
      );
    }
    return makeSet(bags.map(functionOfPairs));
  }),
  BagOfAll: {
    params: [1, 0],
    run: ([b], [f]) => {
      const parts = [...needBag(b, 'BagOfAll')].map(([e, n]) => functionOfPairs([[f.call([e]), n]]));
      return parts.reduce(add, EMPTY_TUPLE);
    },
  },
};

function permutations(values: readonly Value[]): Value[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value, i) => permutations(values.filter((_, j) => j !== i)).map((rest) => [value, ...rest]));
}

/** `f @@ g`: f where it is defined, else g. */
function merge(a: Value, b: Value): Value {
  const f = functionOf(a, '@@').whole();
  const g = functionOf(b, '@@').whole();
  const mine = f.domain();
  const rest = difference(g.domain(), mine).elements();
  const pairs: [Value, Value][] = mine.elements().map((key, i) => [key, f.items[i]]);
  for (const key of rest) pairs.push([key, g.apply(key)]);
  return functionOfPairs(pairs);
}

const TLC: Record<string, Builtin> = {
  ':>': two((key, item) => makeFunction(new SetValue([key]), [item])),
  '@@': two(merge),
  Print: {
    params: [0, 0],
    impure: true,
    run: ([out, result], _, host) => {
      host.print(show(out));
      return result;
    },
  },
  PrintT: {
    params: [0],
    impure: true,
    run: ([out], _, host) => {
      host.print(show(out));
      return true;
    },
  },
  Assert: {
    params: [0, 0],
    impure: true,
    run: ([condition, message]) => {
      if (condition === true) return true;
      if (condition === false) {
        const text = message instanceof StringValue ? message.text : show(message);
        throw new EvaluationError(`The first argument of Assert is FALSE; its second is: ${text}`, 'assert');
      }
      throw new EvaluationError(`The first argument of Assert must be TRUE or FALSE, found ${show(condition)}.`);
    },
  },
  Permutations: value((s) => {
    const set = setOf(s, 'Permutations').toSet();
    return makeSet(permutations(set.items).map((items) => makeFunction(set, items)));
  }),
  SortSeq: {
    params: [0, 2],
    run: ([s], [before]) => {
      const sorted: Value[] = [];
      // Insertion keeps equal elements in their order, as TLC's own does.
      for (const item of sequence(s, 'SortSeq')) {
        let i = sorted.length;
        while (i > 0 && isTrue(before.call([item, sorted[i - 1]]), 'The comparison of SortSeq')) i--;
        sorted.splice(i, 0, item);
      }
      return new TupleValue(sorted);
    },
  },
  ToString: value((v) => StringValue.of(show(v))),
  TLCGet: { params: [0], impure: true, run: ([key], _, host) => host.register(key) },
  TLCSet: {
    params: [0, 0],
    impure: true,
    run: ([key, item], _, host) => {
      host.setRegister(key, item);
      return true;
    },
  },
  TLCEval: value((v) => (v instanceof SetBase ? v.toSet() : v instanceof FunctionBase ? v.whole() : v)),
  RandomElement: value((s) => {
    const items = setOf(s, 'RandomElement').elements();
    if (items.length === 0) throw new EvaluationError('RandomElement of the empty set does not exist.');
    return items[0];
  }),
};

const TLC_EXT: Record<string, Builtin> = {
  AssertEq: two((a, b) => equal(a, b)),
  AssertError: two((_, b) => b),
};

/** `name: [what it extends, what it defines]`. */
const MODULES: Record<string, readonly [readonly string[], Record<string, Builtin>]> = {
  Naturals: [[], NATURALS],
  Integers: [['Naturals'], INTEGERS],
  Reals: [['Integers'], REALS],
  Sequences: [[], SEQUENCES],
  FiniteSets: [[], FINITE_SETS],
  TLC: [[], TLC],
  Bags: [['TLC'], BAGS],
  TLCExt: [[], TLC_EXT],
  // Modules of the proof system: what they define stands in proofs only.
  TLAPS: [[], {}],
  NaturalsInduction: [[], {}],
  FiniteSetTheorems: [['FiniteSets'], {}],
  SequenceTheorems: [['Sequences'], {}],
  WellFoundedInduction: [[], {}],
};

const built = new Map<string, Module>();

/** A standard module, one object for every specification. */
export function standardModule(name: string): Module | undefined {
  if (!Object.hasOwn(MODULES, name)) return undefined;
  let module = built.get(name);
  if (!module) {
    const [extended, operators] = MODULES[name];
    const names = new Map<string, BuiltinSymbol>();
    for (const other of extended) {
      for (const [key, symbol] of standardModule(other)?.exported ?? []) names.set(key, symbol as BuiltinSymbol);
    }
    for (const [key, builtin] of Object.entries(operators)) {
      names.set(key, { kind: 'builtin', name: key, builtin, span: undefined });
    }
    module = { name, names, exported: names, constants: [], variables: [], assumptions: [], inner: new Map() };
    built.set(name, module);
  }
  return module;
}

export const STANDARD_MODULES: readonly string[] = Object.keys(MODULES);
