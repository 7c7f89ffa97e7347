// Loops over several bound variables: the last one runs fastest.
import { setOf } from '../semantics/standard.js';
import type { Value } from '../values/value.js';
import { assign, type BoundCode } from './bound-variables.js';
import type { Context, Test } from './context.js';

/** A loop that runs a body for every assignment until the body returns true; tells whether it did. */
export type Loop = (c: Context, body: Test) => boolean;

export function forEachBound(bound: BoundCode): Loop {
  const { sets, targets } = bound;
  const n = sets.length;
  if (n === 1) {
    const [{ run }] = sets;
    const [target] = targets;
    return (c, body) => {
      const items = setOf(run(c), 'A bound variable').elements();
      for (let i = 0; i < items.length; i++) {
        assign(c, target, items[i]);
        if (body(c)) return true;
      }
      return false;
    };
  }
  const loop = (c: Context, lists: readonly (readonly Value[])[], level: number, body: Test): boolean => {
    if (level === n) return body(c);
    const items = lists[level];
    const target = targets[level];
    for (let i = 0; i < items.length; i++) {
      assign(c, target, items[i]);
      if (loop(c, lists, level + 1, body)) return true;
    }
    return false;
  };
  return (c, body) => {
    const lists = new Array<readonly Value[]>(n);
    for (let i = 0; i < n; i++) {
      // The names of one bound share the code of their set.
      lists[i] = i > 0 && sets[i] === sets[i - 1] ? lists[i - 1] : setOf(sets[i].run(c), 'A bound variable').elements();
    }
    return loop(c, lists, 0, body);
  };
}
