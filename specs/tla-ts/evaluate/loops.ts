// Loops over several bound variables: the last one runs fastest.
import { setOf } from '../semantics/standard.js';
import type { Value } from '../values/value.js';
import { assign, type BoundCode } from './compiler.js';
import type { Context, Test } from './context.js';

/** Runs the body for every assignment until it returns true; tells whether it did. */
export function forEachBound(bound: BoundCode, body: Test): Test {
  const { sets, targets } = bound;
  const n = sets.length;
  const loop = (c: Context, lists: readonly (readonly Value[])[], level: number): boolean => {
    if (level === n) return body(c);
    const items = lists[level];
    const target = targets[level];
    for (let i = 0; i < items.length; i++) {
      assign(c, target, items[i]);
      if (loop(c, lists, level + 1)) return true;
    }
    return false;
  };
  return (c) => {
    const lists = new Array<readonly Value[]>(n);
    for (let i = 0; i < n; i++) {
      // The names of one bound share the code of their set.
      lists[i] = i > 0 && sets[i] === sets[i - 1] ? lists[i - 1] : setOf(sets[i].run(c), 'A bound variable').elements();
    }
    return loop(c, lists, 0);
  };
}
