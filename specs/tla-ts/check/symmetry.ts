// SYMMETRY: of all states that differ only by a permutation of model values one is kept.
//
// The permutations of the configuration are closed under composition first. A state's key is the least of its images;
// the image of a value under a permutation is computed once and remembered by code.
import { functionOf, setOf } from '../semantics/standard.js';
import { EvaluationError } from '../syntax/source.js';
import { codeOf, valueOfCode } from '../values/interning.js';
import { show } from '../values/print.js';
import {
  FunctionBase,
  functionOfPairs,
  ModelValue,
  makeSet,
  SetBase,
  TupleValue,
  type Value,
} from '../values/value.js';

type Permutation = ReadonlyMap<ModelValue, ModelValue>;

/** More permutations than this are a mistake: each state would be permuted so often. */
const PERMUTATIONS_MAX = 50_000;

export class Symmetry {
  private readonly permutations: readonly { readonly map: Permutation; readonly images: Map<number, number> }[];

  constructor(set: Value) {
    const generators = setOf(set, 'SYMMETRY').elements().map(permutation);
    this.permutations = group(generators)
      .filter((map) => [...map].some(([from, to]) => from !== to))
      .map((map) => ({ map, images: new Map() }));
  }

  /** Writes the least image of the codes into `key`. */
  least(codes: Int32Array, key: Int32Array): void {
    key.set(codes);
    const n = codes.length;
    for (const { map, images } of this.permutations) {
      let order = 0;
      for (let i = 0; i < n; i++) {
        const image = this.image(codes[i], map, images);
        if (order === 0) {
          if (image === key[i]) continue;
          if (image > key[i]) {
            order = 1;
            break;
          }
          order = -1;
        }
        key[i] = image;
      }
    }
  }

  private image(code: number, map: Permutation, images: Map<number, number>): number {
    if (code & 1) return code;
    let image = images.get(code);
    if (image === undefined) {
      image = codeOf(permuted(valueOfCode(code), map));
      images.set(code, image);
    }
    return image;
  }
}

function permutation(value: Value): Permutation {
  const f = functionOf(value, 'SYMMETRY');
  const map = new Map<ModelValue, ModelValue>();
  for (const key of f.domain().elements()) {
    const image = f.apply(key);
    if (!(key instanceof ModelValue) || !(image instanceof ModelValue)) {
      throw new EvaluationError(
        `SYMMETRY permutes model values; ${show(key)} :> ${show(image)} is about something else.`,
      );
    }
    map.set(key, image);
  }
  return map;
}

const apply = (map: Permutation, value: ModelValue): ModelValue => map.get(value) ?? value;

/** All compositions of the generators. */
function group(generators: readonly Permutation[]): Permutation[] {
  const domain = [...new Set(generators.flatMap((map) => [...map.keys()]))].sort((a, b) => a.order - b.order);
  const signature = (map: Permutation): string => domain.map((value) => apply(map, value).order).join();
  const known = new Map<string, Permutation>();
  const queue: Permutation[] = [new Map(domain.map((value) => [value, value]))];
  known.set(signature(queue[0]), queue[0]);
  for (const current of queue) {
    for (const generator of generators) {
      const next: Permutation = new Map(domain.map((value) => [value, apply(generator, apply(current, value))]));
      const name = signature(next);
      if (known.has(name)) continue;
      if (known.size >= PERMUTATIONS_MAX) {
        throw new EvaluationError(`SYMMETRY has more than ${PERMUTATIONS_MAX} permutations: use smaller sets.`);
      }
      known.set(name, next);
      queue.push(next);
    }
  }
  return queue;
}

function permuted(value: Value, map: Permutation): Value {
  if (typeof value !== 'object') return value;
  if (value instanceof ModelValue) return apply(map, value);
  if (value instanceof SetBase) return makeSet(value.elements().map((item) => permuted(item, map)));
  if (!(value instanceof FunctionBase)) return value;
  const whole = value.whole();
  if (whole instanceof TupleValue) return new TupleValue(whole.items.map((item) => permuted(item, map)));
  return functionOfPairs(whole.shape.keys.map((key, i) => [permuted(key, map), permuted(whole.items[i], map)]));
}
