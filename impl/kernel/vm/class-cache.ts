/**
 * Classes by name: the internal ones, then those ever loaded. Chains of entries by name hash hang on the root
 * structure; an entry is a page {name, class, next, hash as an int} and is never taken out, so a name never changes its
 * class.
 *
 * The second half is transient: for each place in code that names a class, the class it named last, so that `new` in a
 * loop does not hash a name each time. Code and classes never move, so an entry stays true until the next boot empties
 * it.
 */

import { blockEpoch } from '../objects/below';
import { BUCKETS, O_DATA, R_BUCKETS, ROOT } from '../objects/layout';
import { hashBytes, makePage, sameBytes, sizeOf } from '../objects/objects';

const E_NAME: usize = 16;
const E_CLASS: usize = 20;
const E_NEXT: usize = 24;
const E_HASH: usize = 28;

function bucketOf(hash: u32): u32 {
  return ROOT + R_BUCKETS + ((hash & (BUCKETS - 1)) << 2);
}

/** The class of that name, or 0. */
export function cacheFind(bytes: u32, length: u32): u32 {
  const hash = hashBytes(0, bytes, length);
  const tagged = (hash << 1) | 1;
  for (let entry = load<u32>(bucketOf(hash)); entry != 0; entry = load<u32>(entry, E_NEXT)) {
    if (load<u32>(entry, E_HASH) != tagged) continue;
    const name = load<u32>(entry, E_NAME);
    if (sizeOf(name) == length && sameBytes(name + O_DATA, bytes, length)) return load<u32>(entry, E_CLASS);
  }
  return 0;
}

/**
 * Enters a class under a name. Returns the class that has the name now (a thread may have been faster), or 0 when
 * memory is full.
 */
export function cacheInsert(name: u32, cls: u32): u32 {
  const length = sizeOf(name);
  const hash = hashBytes(0, name + O_DATA, length);
  const entry = makePage(4);
  if (!entry) return 0;
  store<u32>(entry, name, E_NAME);
  store<u32>(entry, cls, E_CLASS);
  store<u32>(entry, (hash << 1) | 1, E_HASH);
  const bucket = bucketOf(hash);
  while (true) {
    const before = blockEpoch();
    const other = cacheFind(name + O_DATA, length);
    if (other) return other;
    store<u32>(entry, load<u32>(bucket), E_NEXT);
    if (blockEpoch() != before) continue;
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
