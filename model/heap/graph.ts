/**
 * A graph of objects in a form that two machines can be compared by.
 *
 * Rule: objects are numbered in the order in which a breadth-first walk from the named roots meets them, so equal
 * graphs give equal text whatever the objects' addresses are. One line an object: number, class, the number it shows
 * (`@n`) if it was asked for, `frozen`, its bytes, its references by name.
 */

export type Value<T> = null | { readonly int: number } | { readonly object: T };

export interface Shape<T> {
  readonly className: string;
  readonly identity: number;
  readonly immutable: boolean;
  /** What it holds beside references. */
  readonly data: string;
  readonly references: readonly (readonly [string, Value<T>])[];
}

/** Bytes as they are shown. */
export function bytesText(bytes: Uint8Array): string {
  return JSON.stringify(Buffer.from(bytes).toString('latin1'));
}

/** The lines of the graph that the roots reach. */
export function canonicalGraph<T>(
  roots: readonly (readonly [string, Value<T>])[],
  shapeOf: (object: T) => Shape<T>,
): string[] {
  const numbers = new Map<T, number>();
  const queue: T[] = [];
  const text = (value: Value<T>): string => {
    if (value === null) return 'null';
    if ('int' in value) return String(value.int);
    let number = numbers.get(value.object);
    if (number === undefined) {
      number = numbers.size + 1;
      numbers.set(value.object, number);
      queue.push(value.object);
    }
    return `#${number}`;
  };
  const lines = roots.map(([name, value]) => `${name}: ${text(value)}`);
  for (let object = queue.shift(); object !== undefined; object = queue.shift()) {
    const { className, identity, immutable, data, references } = shapeOf(object);
    const marks = [identity > 0 ? ` @${identity}` : '', immutable ? ' frozen' : '', data === '' ? '' : ` ${data}`];
    const fields = references.map(([name, value]) => `${name}: ${text(value)}`);
    lines.push(`#${numbers.get(object)} ${className}${marks.join('')} {${fields.join(', ')}}`);
  }
  return lines;
}
