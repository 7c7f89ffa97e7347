// What kinds of values an expression can have: the types of the generated TypeScript.
//
// A type is a set of kinds, each with what is known about its inside; `join` is the union. Types only grow while the
// module is gone over again and again, so that this ends: what nests deeper than DEPTH_MAX is any value.
import { FunctionValue, ModelValue, SetBase, StringValue, TupleValue, type Value } from '../values/value.js';

export interface Field {
  readonly type: Type;
  /** Not every record has it. */
  readonly optional: boolean;
}

export type FunctionType =
  | { readonly shape: 'tuple'; readonly items: readonly Type[] }
  | { readonly shape: 'record'; readonly fields: ReadonlyMap<string, Field> }
  /** `sequence`: every one of them has the domain 1..n. */
  | { readonly shape: 'function'; readonly from: Type; readonly to: Type; readonly sequence?: boolean };

export interface Type {
  /** Any value at all; nothing else is said then. */
  readonly any?: true;
  readonly number?: true;
  readonly boolean?: true;
  readonly string?: true;
  readonly model?: true;
  readonly set?: Type;
  readonly fn?: FunctionType;
}

export const NEVER: Type = {};
export const ANY: Type = { any: true };
export const NUMBER: Type = { number: true };
export const BOOLEAN: Type = { boolean: true };
export const STRING: Type = { string: true };

export const setType = (element: Type): Type => ({ set: element });
export const functionType = (from: Type, to: Type): Type => ({ fn: { shape: 'function', from, to } });
export const tupleType = (items: readonly Type[]): Type => ({ fn: { shape: 'tuple', items } });
export const recordType = (fields: Iterable<readonly [string, Type]>): Type => ({
  fn: { shape: 'record', fields: new Map([...fields].map(([name, type]) => [name, { type, optional: false }])) },
});
export const sequenceType = (item: Type): Type => ({
  fn: { shape: 'function', from: NUMBER, to: item, sequence: true },
});

const DEPTH_MAX = 6;

export function join(...types: readonly Type[]): Type {
  return types.reduce((a, b) => joinTwo(a, b, 0), NEVER);
}

function joinTwo(a: Type, b: Type, depth: number): Type {
  if (a === b) return a;
  if (a.any || b.any || depth > DEPTH_MAX) return ANY;
  const result: { -readonly [K in keyof Type]: Type[K] } = { ...a, ...b };
  if (a.set && b.set) result.set = joinTwo(a.set, b.set, depth + 1);
  if (a.fn && b.fn) result.fn = joinFunctions(a.fn, b.fn, depth + 1);
  if (depth === DEPTH_MAX && (result.set || result.fn)) return ANY;
  return result;
}

function joinFunctions(a: FunctionType, b: FunctionType, depth: number): FunctionType {
  if (isEmpty(a)) return emptyOr(b);
  if (isEmpty(b)) return emptyOr(a);
  if (a.shape === 'tuple' && b.shape === 'tuple' && a.items.length === b.items.length) {
    return { shape: 'tuple', items: a.items.map((item, i) => joinTwo(item, b.items[i], depth)) };
  }
  if (a.shape === 'record' && b.shape === 'record') {
    const fields = new Map<string, Field>();
    for (const name of new Set([...a.fields.keys(), ...b.fields.keys()])) {
      const x = a.fields.get(name);
      const y = b.fields.get(name);
      fields.set(name, {
        type: joinTwo(x?.type ?? NEVER, y?.type ?? NEVER, depth),
        optional: !x || !y || x.optional || y.optional,
      });
    }
    return { shape: 'record', fields };
  }
  const [f, g] = [general(a), general(b)];
  const sequence = isSequence(a) && isSequence(b);
  return { shape: 'function', from: joinTwo(f.from, g.from, depth), to: joinTwo(f.to, g.to, depth), sequence };
}

function isSequence(f: FunctionType): boolean {
  return f.shape === 'tuple' || (f.shape === 'function' && f.sequence === true);
}

/** The function without arguments is a sequence, a record and any function, but no tuple of another length. */
function emptyOr(f: FunctionType): FunctionType {
  if (f.shape !== 'tuple' || f.items.length === 0) return f;
  return { shape: 'function', ...general(f), sequence: true };
}

function isEmpty(f: FunctionType): boolean {
  return f.shape === 'tuple' && f.items.length === 0;
}

/** Arguments and values of a function type. */
export function general(f: FunctionType): { readonly from: Type; readonly to: Type } {
  switch (f.shape) {
    case 'tuple':
      return { from: f.items.length === 0 ? NEVER : NUMBER, to: join(...f.items) };
    case 'record':
      return { from: STRING, to: join(...[...f.fields.values()].map((field) => field.type)) };
    case 'function':
      return f;
  }
}

export function sameType(a: Type, b: Type): boolean {
  return renderType(a) === renderType(b);
}

/** Whether every value of type `a` is one of type `b`. */
export function isWithin(a: Type, b: Type): boolean {
  return b.any === true || sameType(join(a, b), b);
}

const KINDS = ['any', 'number', 'boolean', 'string', 'model', 'set', 'fn'] as const;

/** Whether the values are all of this kind. */
export function isOnly(type: Type, kind: (typeof KINDS)[number]): boolean {
  return type[kind] !== undefined && KINDS.every((other) => other === kind || type[other] === undefined);
}

/** Nothing is known of the value yet: no round has come to where it is made. */
export const isNever = (type: Type): boolean => KINDS.every((kind) => type[kind] === undefined);

/** The elements of a set of this type; where it may be something else too, of those values that are sets. */
export function elementOf(type: Type): Type {
  return type.set ?? (isNever(type) ? NEVER : ANY);
}

/** The values of a function of this type; where it may be something else too, of those values that are functions. */
export function rangeOf(type: Type): Type {
  return type.fn ? general(type.fn).to : isNever(type) ? NEVER : ANY;
}

/** A type whose text is longer than this says less to a reader than `Value`. */
const SHORT = 60;

/** The type where it is short enough to be written in the middle of an expression, else any value. */
export function shortOrAny(type: Type): Type {
  return renderType(type).length > SHORT ? ANY : type;
}

/** Whether `===` tells the values of two types apart as TLA+'s equality does: scalars of one kind, and model values. */
export function comparesByIdentity(a: Type, b: Type): boolean {
  const both = join(a, b);
  if (both.any || both.set || both.fn) return false;
  return [both.number, both.boolean, both.string].filter((kind) => kind).length <= 1;
}

/** What a value of a configuration is. Model values in a set stand for whatever takes their place: any value. */
export function typeOf(value: Value): Type {
  if (typeof value === 'number') return NUMBER;
  if (typeof value === 'boolean') return BOOLEAN;
  if (value instanceof StringValue) return STRING;
  if (value instanceof ModelValue) return { model: true };
  if (value instanceof SetBase) {
    const element = join(...value.elements().map(typeOf));
    return setType(element.model ? ANY : element);
  }
  if (value instanceof TupleValue) return tupleType(value.items.map(typeOf));
  if (value instanceof FunctionValue) {
    return functionType(join(...value.shape.keys.map(typeOf)), join(...value.items.map(typeOf)));
  }
  return ANY;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;
export const propertyName = (name: string): string => (IDENTIFIER.test(name) ? name : `'${name}'`);

/** The type in TypeScript. `used` collects the names that have to be imported. */
export function renderType(type: Type, used?: Set<string>): string {
  const name = (given: string): string => {
    used?.add(given);
    return given;
  };
  if (type.any) return name('Value');
  const parts: string[] = [];
  if (type.number) parts.push('number');
  if (type.boolean) parts.push('boolean');
  if (type.string) parts.push(name('StringValue'));
  if (type.model) parts.push(name('ModelValue'));
  if (type.set) parts.push(`${name('SetOf')}<${renderType(type.set, used)}>`);
  if (type.fn) parts.push(renderFunction(type.fn, name, used));
  return parts.length === 0 ? 'never' : parts.join(' | ');
}

function renderFunction(f: FunctionType, name: (given: string) => string, used: Set<string> | undefined): string {
  const inner = (type: Type): string => renderType(type, used);
  if (isEmpty(f)) return `${name('FunctionOf')}<never, never>`;
  switch (f.shape) {
    case 'tuple':
      return `${name('TupleOf')}<[${f.items.map(inner).join(', ')}]>`;
    case 'record': {
      const fields = [...f.fields].sort((a, b) => (a[0] < b[0] ? -1 : 1));
      const texts = fields.map(([field, { type, optional }]) => {
        return `${propertyName(field)}${optional ? '?' : ''}: ${inner(type)}`;
      });
      return `${name('RecordOf')}<{ ${texts.join('; ')} }>`;
    }
    case 'function':
      if (f.sequence) return `${name('SequenceOf')}<${inner(f.to)}>`;
      return `${name('FunctionOf')}<${inner(f.from)}, ${inner(f.to)}>`;
  }
}
