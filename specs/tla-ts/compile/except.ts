// [f EXCEPT ![a].b = e]: the call of the runtime, and the types of the old value and of the result.
import type { ExpressionOf } from '../syntax/ast.js';
import { type Code, literal } from './code.js';
import { naming, type Place } from './context.js';
import { block, expression, string } from './expressions.js';
import { list, print } from './layout.js';
import type { References } from './references.js';
import { mentions } from './statements.js';
import { ANY, general, isNever, isOnly, isWithin, join, NEVER, type Type } from './types.js';

export function except(t: References, e: ExpressionOf<'except'>, place: Place): Code {
  let base = expression(t, e.base, place);
  for (const update of e.updates) {
    let old = base.type;
    const path = update.path.map((step) => {
      const key = 'field' in step ? string(t, step.field) : expression(t, step.index, place);
      old = componentType(old, step, key);
      return key;
    });
    const inner = naming(place, 'old', t.reserved);
    const at = literal(inner.name, old);
    const value = block(t, update.value, { ...inner.place, at });
    const uses = mentions(value.layout, inner.name);
    const type = updatedType(base.type, update.path, path, 0, value.type);
    const changed = t.imports.call(
      'except',
      [
        base.layout,
        list(
          '[',
          path.map((key) => key.layout),
          ']',
        ),
      ],
      base.type,
      base.total && value.total && isOnly(base.type, 'fn') && path.length === 1,
      { parameters: uses ? `(${inner.name}: ${t.imports.type(old)})` : '()', body: value.layout },
    );
    base = isWithin(type, base.type) ? changed : t.imports.as(changed, type);
  }
  return base;
}

type PathStep = ExpressionOf<'except'>['updates'][number]['path'][number];

function componentType(type: Type, step: PathStep, key: Code): Type {
  const { fn } = type;
  if (isNever(type)) return NEVER;
  if (!fn || !isOnly(type, 'fn')) return ANY;
  if ('field' in step && fn.shape === 'record') return fn.fields.get(step.field)?.type ?? ANY;
  if (fn.shape === 'tuple' && /^\d+$/.test(print(key.layout))) return fn.items[Number(print(key.layout)) - 1] ?? ANY;
  return general(fn).to;
}

/** The type of the function after the value at the end of the path has been replaced. */
function updatedType(type: Type, path: readonly PathStep[], keys: readonly Code[], i: number, value: Type): Type {
  if (i === path.length) return value;
  const { fn } = type;
  if (isNever(type)) return NEVER;
  if (!fn || !isOnly(type, 'fn')) return ANY;
  const step = path[i];
  const rest = (component: Type): Type => join(component, updatedType(component, path, keys, i + 1, value));
  switch (fn.shape) {
    case 'record': {
      if (!('field' in step)) return ANY;
      const fields = new Map(fn.fields);
      const known = fields.get(step.field);
      if (known) fields.set(step.field, { ...known, type: rest(known.type) });
      return { fn: { shape: 'record', fields } };
    }
    case 'tuple': {
      const text = print(keys[i].layout);
      const items = fn.items.map((item, at) => (/^\d+$/.test(text) && Number(text) !== at + 1 ? item : rest(item)));
      return { fn: { shape: 'tuple', items } };
    }
    case 'function':
      return { fn: { ...fn, to: rest(fn.to) } };
  }
}
