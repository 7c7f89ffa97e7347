/**
 * The numbers of methods, as the original compiler gives them.
 *
 * Calls name methods by number, so class files of both compilers work together only when both number alike. The
 * original keeps a class's methods in a Java `HashMap` keyed by signature and numbers them as the map iterates: by
 * bucket of a table of a power of two slots, at most three quarters full, in one bucket as inserted. A method with a
 * number of its own (`[8]`) has that; one that overrides takes its parent's, but uses up a number all the same.
 */

import { isNumeric, isString, type Type } from './types.js';

/** Java's `String.hashCode`, and how `HashMap` spreads it. */
function spreadHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash ^ (hash >>> 16);
}

/** Items in the order in which a Java `HashMap` with these keys iterates; of items with one key the last stays. */
export function inHashOrder<T>(items: readonly T[], key: (item: T) => string): T[] {
  const byKey = new Map(items.map((item): [string, T] => [key(item), item]));
  let slots = 16;
  while (byKey.size > slots * 0.75) slots *= 2;
  const bucket = (text: string): number => spreadHash(text) & (slots - 1);
  return [...byKey].sort(([a], [b]) => bucket(a) - bucket(b)).map(([, item]) => item);
}

function keyType(type: Type): string {
  if (type.kind === 'array') return `${keyType(type.element)}[]`;
  if (type.kind === 'class') return isString(type) ? 'string' : type.name;
  return isNumeric(type) || type.kind === 'void' ? type.kind : 'unknown';
}

/** What tells methods of a class apart, and one that overrides from one that does not. */
export function signatureKey(name: string, parameters: readonly Type[]): string {
  return [name, ...(parameters.length === 0 ? ['void'] : parameters.map(keyType))].join('_#_');
}

export interface Numbered {
  readonly key: string;
  /** Its number when it says so itself. */
  readonly forced?: number;
}

/**
 * Numbers for methods given in hash order; `inherited` are the numbers of the parent's by key, `first` is the first
 * number the parent leaves free.
 */
export function numberMethods(
  methods: readonly Numbered[],
  inherited: ReadonlyMap<string, number>,
  first: number,
): number[] {
  const forced = new Set(methods.flatMap((method) => method.forced ?? []));
  let next = first;
  return methods.map((method) => {
    if (method.forced !== undefined) return method.forced;
    while (forced.has(next)) next++;
    const free = next++;
    return inherited.get(method.key) ?? free;
  });
}
