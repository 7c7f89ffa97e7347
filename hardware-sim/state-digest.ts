/**
 * SHA-256 of plain data: the same for equal data on every host, different for data that differs in any value, key or type.
 * Keys are taken in code-unit order, numbers by their shortest decimal form, typed arrays by their bytes.
 */

import { createHash, type Hash } from 'node:crypto';

export function stateDigest(value: unknown): string {
  const hash = createHash('sha256');
  feed(hash, value, '');
  return hash.digest('hex');
}

function feed(hash: Hash, value: unknown, path: string): void {
  if (value === null || value === undefined || typeof value === 'boolean' || typeof value === 'number') {
    hash.update(`${String(value)};`);
  } else if (typeof value === 'string') {
    hash.update(`"${value.length}:${value}";`);
  } else if (value instanceof Uint8Array) {
    hash.update(`b${value.length}:`).update(value);
  } else if (Array.isArray(value)) {
    hash.update(`[${value.length}:`);
    for (const [index, element] of value.entries()) feed(hash, element, `${path}[${index}]`);
  } else if (typeof value === 'object' && isPlain(value)) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    hash.update(`{${entries.length}:`);
    for (const [key, element] of entries) {
      hash.update(`"${key.length}:${key}"`);
      feed(hash, element, `${path}.${key}`);
    }
  } else {
    throw new TypeError(`state digest: ${path || 'the value'} is not plain data (${typeof value})`);
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
