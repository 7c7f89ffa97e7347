// Values as TLA+ text. Records and functions of strings are printed as records, other functions with :> and @@.
import {
  FunctionValue,
  LazyFunction,
  ModelValue,
  SetBase,
  SetValue,
  StringValue,
  TupleValue,
  type Value,
} from './value.js';

const IDENTIFIER = /^[A-Za-z0-9_]*[A-Za-z][A-Za-z0-9_]*$/;

export function show(value: Value): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (value instanceof StringValue) return quote(value.text);
  if (value instanceof ModelValue) return value.name;
  if (value instanceof SetValue) return `{${value.items.map(show).join(', ')}}`;
  if (value instanceof SetBase) return value.toString();
  if (value instanceof TupleValue) return value.items.length === 0 ? '<<>>' : `<<${value.items.map(show).join(', ')}>>`;
  if (value instanceof FunctionValue) {
    const { keys, isRecord } = value.shape;
    if (isRecord && keys.every((key) => IDENTIFIER.test((key as StringValue).text))) {
      return `[${keys.map((key, i) => `${(key as StringValue).text} |-> ${show(value.items[i])}`).join(', ')}]`;
    }
    return `(${keys.map((key, i) => `${show(key)} :> ${show(value.items[i])}`).join(' @@ ')})`;
  }
  if (value instanceof LazyFunction) {
    return value.domain().size() === Number.POSITIVE_INFINITY
      ? `a function on ${show(value.domain())}`
      : show(value.whole());
  }
  return String(value);
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')}"`;
}
