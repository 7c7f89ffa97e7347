// Static types for the values of a specification. At run time they are the values of values/; here they say what is inside:
// a function from pages to numbers is FunctionOf<Value, number>. The property that carries this exists for TypeScript only.
import type { FunctionBase, SetBase, StringValue, Value } from '../values/value.js';

declare const inside: unique symbol;

/** A set whose elements are of type T. */
export type SetOf<T extends Value> = SetBase & { readonly [inside]?: { readonly element: T } };

/** A function with arguments of type K and values of type V. */
export type FunctionOf<K extends Value, V extends Value> = FunctionBase & {
  readonly [inside]?: { readonly key: K; readonly value: V };
};

/** A sequence: a function from 1..n. */
export type SequenceOf<V extends Value> = FunctionOf<number, V>;

/** A tuple whose components have types of their own. */
export type TupleOf<T extends readonly Value[]> = FunctionBase & {
  readonly [inside]?: { readonly key: number; readonly value: T[number]; readonly items: T };
};

/** A record; a field that not every record of the kind has is optional. */
export type RecordOf<F extends { readonly [name: string]: Value | undefined }> = FunctionBase & {
  readonly [inside]?: { readonly key: StringValue; readonly value: Value; readonly fields: F };
};

/** `set(1, 2)` is a set of numbers, not of ones and twos. */
export type Widened<T extends Value> = T extends number ? number : T extends boolean ? boolean : T;
