/**
 * Classes by name: the internal ones, then those ever loaded. Chains of entries by name hash hang on the root
 * structure; an entry is a page {name, class, next, hash as an int} and is never taken out, so a name never changes its
 * class. Of a name only the words count that dots and slashes separate, without those before the first word: `.a.b`,
 * `a.b` and `a/b` are one class, here as in the class bundle (`sameName`).
 *
 * Rule: entries come in at the head of a chain, so a search may wait anywhere, and a chain whose head is still the same
 * is still the same.
 *
 * The second half is transient: for each place in code that names a class, the class it named last, so that `new` in a
 * loop does not hash a name each time. Code and classes never move, so an entry stays true until the next boot, or
 * `forgetSites` before code is freed, empties it.
 */

import { BUCKETS, O_DATA, R_BUCKETS, ROOT } from '../objects/layout';
import { hashStep, makePage, sizeOf } from '../objects/objects';
import { PART, pause } from '../objects/parts';

const E_NAME: usize = 16;
const E_CLASS: usize = 20;
const E_NEXT: usize = 24;
const E_HASH: usize = 28;

function bucketOf(hash: u32): u32 {
  return ROOT + R_BUCKETS + ((hash & (BUCKETS - 1)) << 2);
}

function separator(byte: u32): u32 {
  return byte == 47 ? 46 : byte;
}

/** Number of dots and slashes a name begins with. */
export function nameStart(bytes: u32, length: u32): u32 {
  let at: u32 = 0;
  while (at < length && separator(<u32>load<u8>(bytes + at)) == 46) at++;
  return at;
}

/** Whether two names are those of one class. May block when they are persistent. */
export function sameName(a: u32, aLength: u32, b: u32, bLength: u32): bool {
  const aStart = nameStart(a, aLength);
  const bStart = nameStart(b, bLength);
  const length = aLength - aStart;
  if (bLength - bStart != length) return false;
  for (let i: u32 = 0; i < length; i++) {
    if (separator(<u32>load<u8>(a + aStart + i)) != separator(<u32>load<u8>(b + bStart + i))) return false;
    if (i % PART == PART - 1) pause();
  }
  return true;
}

function hashName(bytes: u32, length: u32): u32 {
  let hash: u32 = 0;
  for (let at = nameStart(bytes, length); at < length; at++) {
    hash = hashStep(hash, separator(<u32>load<u8>(bytes + at)));
    if (at % PART == PART - 1) pause();
  }
  return hash;
}

function search(first: u32, hash: u32, bytes: u32, length: u32): u32 {
  const tagged = (hash << 1) | 1;
  for (let entry = first; entry != 0; entry = load<u32>(entry, E_NEXT)) {
    if (load<u32>(entry, E_HASH) != tagged) continue;
    const name = load<u32>(entry, E_NAME);
    if (sameName(name + O_DATA, sizeOf(name), bytes, length)) return load<u32>(entry, E_CLASS);
  }
  return 0;
}

/** The class of that name, or 0. May block. */
export function cacheFind(bytes: u32, length: u32): u32 {
  const hash = hashName(bytes, length);
  return search(load<u32>(bucketOf(hash)), hash, bytes, length);
}

/**
 * Enters a class under a name. Returns the class that has the name now (a thread may have been faster), or 0 when
 * memory is full. May block.
 */
export function cacheInsert(name: u32, cls: u32): u32 {
  const length = sizeOf(name);
  const hash = hashName(name + O_DATA, length);
  const entry = makePage(4);
  if (!entry) return 0;
  store<u32>(entry, name, E_NAME);
  store<u32>(entry, cls, E_CLASS);
  store<u32>(entry, (hash << 1) | 1, E_HASH);
  const bucket = bucketOf(hash);
  while (true) {
    const head = load<u32>(bucket);
    const other = search(head, hash, name + O_DATA, length);
    if (other) return other;
    store<u32>(entry, head, E_NEXT);
    if (load<u32>(bucket) != head) continue;
    store<u32>(bucket, entry);
    return cls;
  }
}

const SITES: u32 = 512;
const siteIp: usize = memory.data(2048, 4);
const siteClass: usize = memory.data(2048, 4);

export function siteFind(ip: u32): u32 {
  const at = (ip & (SITES - 1)) << 2;
  return load<u32>(siteIp + at) == ip ? load<u32>(siteClass + at) : 0;
}

export function siteRemember(ip: u32, cls: u32): void {
  const at = (ip & (SITES - 1)) << 2;
  store<u32>(siteIp + at, ip);
  store<u32>(siteClass + at, cls);
}

/** Code or classes may be freed: an address may come to mean another. */
export function forgetSites(): void {
  memory.fill(siteIp, 0, SITES << 2);
}
