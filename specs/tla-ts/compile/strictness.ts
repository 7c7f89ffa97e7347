// Which names an expression certainly evaluates, so that what they stand for may be computed before it.
//
// What only an empty set prevents from being evaluated counts as evaluated: else hardly any argument could be passed as a
// value. An argument that has no value is then an error where the checker, with an empty set, would not ask for it.
import type { Symbol as TlaSymbol } from '../semantics/symbols.js';
import type { Expression } from '../syntax/ast.js';

const DEPTH_MAX = 4;

/** Whether every evaluation of the expression evaluates the symbol. */
export function certainlyEvaluates(e: Expression, symbol: TlaSymbol, depth = 0): boolean {
  const inside = (part: Expression): boolean => certainlyEvaluates(part, symbol, depth);
  switch (e.kind) {
    case 'name': {
      if (!e.ref) return false;
      const { target, args } = e.ref;
      if (target === symbol) return true;
      if (target.kind === 'builtin') return args.some(inside);
      if (target.kind !== 'definition' || target.recursive || !target.body || depth > DEPTH_MAX) return false;
      const { body, params } = target;
      if (certainlyEvaluates(body, symbol, depth + 1)) return true;
      return args.some((arg, i) => inside(arg) && certainlyEvaluates(body, params[i], depth + 1));
    }
    case 'operator':
      if (e.name === '=>') return inside(e.args[0]);
      return e.args.some(inside);
    case 'and': {
      // An assignment does not keep the next conjunct from being reached.
      const reached = e.items.findIndex((item) => !isAssignment(item));
      return e.items.slice(0, reached < 0 ? e.items.length : reached + 1).some(inside);
    }
    case 'or':
      return inside(e.items[0]);
    case 'forall':
    case 'exists':
    case 'map':
    case 'function':
      return inside(e.body) || e.bounds.some((bound) => bound.set !== undefined && inside(bound.set));
    case 'choose':
    case 'filter':
      return inside(e.body) || (e.bound.set !== undefined && inside(e.bound.set));
    case 'set':
    case 'tuple':
    case 'product':
      return e.items.some(inside);
    case 'function-set':
      return inside(e.domain) || inside(e.range);
    case 'record':
    case 'record-set':
      return e.fields.some((field) => inside(field.value));
    case 'except':
      return inside(e.base);
    case 'apply':
      return inside(e.fn) || e.args.some(inside);
    case 'field':
      return inside(e.record);
    case 'if':
      return inside(e.condition) || (inside(e.then) && inside(e.else));
    case 'case':
      return inside(e.arms[0].guard);
    case 'let':
      return inside(e.body);
    default:
      return false;
  }
}

function isAssignment(e: Expression): boolean {
  if (e.kind !== 'operator') return false;
  const [left] = e.args;
  return e.name === 'UNCHANGED' || (e.name === '=' && left.kind === 'operator' && left.name === "'");
}
