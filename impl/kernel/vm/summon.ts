/**
 * summon_by_name: the class cache, then the user's class loader; without a loader, the class bundle.
 *
 * Rule: whatever it takes to find a class ends in an entry of the cache, and the bytecode is executed again.
 */

import { O_DATA, R_LOADER, ROOT } from '../objects/layout';
import { makeStringOf, sizeOf } from '../objects/objects';
import { callLoader } from './calls';
import { cacheFind, siteFind, siteRemember } from './class-cache';
import { findFile } from './class-file';
import { loadClass } from './loader';
import { AGAIN, done, DONE, throwNamed, throwNoMemory } from './outcome';

/** Class named in the code at `ip`, whose name is `length` bytes long. */
export function summon(record: u32, ip: u32, length: u32): u32 {
  const known = siteFind(ip);
  if (known) return done(known);
  const found = cacheFind(ip + 5, length);
  if (found) {
    siteRemember(ip, found);
    return done(found);
  }
  const name = makeStringOf(ip + 5, length);
  if (!name) return throwNoMemory();
  return find(record, name);
}

/** Brings the class of that name into the cache: AGAIN, MOVED or THROW, never DONE. */
export function find(record: u32, name: u32): u32 {
  const loader = load<u32>(ROOT + R_LOADER);
  if (loader) return callLoader(record, loader, name);
  const bytes = name + O_DATA;
  if (findFile(bytes, sizeOf(name)) == 0) return throwNamed('class ', bytes, sizeOf(name), ' not found');
  const outcome = loadClass(record, name);
  return outcome == DONE ? AGAIN : outcome;
}
