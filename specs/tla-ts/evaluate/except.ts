// [f EXCEPT ![i].field = e]: a copy that differs in one place. Outside the domain nothing changes.
import { EvaluationError } from '../syntax/source.js';
import { show } from '../values/print.js';
import { FunctionBase, FunctionValue, TupleValue, type Value } from '../values/value.js';

/** @param keys the path to the place, each computed when it is reached */
export function changed<C>(
  c: C,
  value: Value,
  keys: readonly ((c: C) => Value)[],
  level: number,
  make: (c: C, old: Value) => Value,
): Value {
  if (level === keys.length) return make(c, value);
  if (!(value instanceof FunctionBase)) throw new EvaluationError(`EXCEPT needs a function, found ${show(value)}.`);
  const whole = value.whole();
  const key = keys[level](c);
  let i: number;
  if (whole instanceof TupleValue) i = typeof key === 'number' && key >= 1 && key <= whole.items.length ? key - 1 : -1;
  else i = whole.shape.find(key);
  if (i < 0) return value;
  const old = whole.items[i];
  const next = changed(c, old, keys, level + 1, make);
  if (next === old) return whole;
  const items = whole.items.slice();
  items[i] = next;
  return whole instanceof TupleValue ? new TupleValue(items) : new FunctionValue(whole.shape, items);
}
