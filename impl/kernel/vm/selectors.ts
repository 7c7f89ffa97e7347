/**
 * Methods by name: which ordinal of a class has a name. Calls through an interface are calls by name, since two classes
 * that implement one interface have its methods at ordinals of their own (and class files say nothing better).
 *
 * Three steps, each for what the one before does not know. An inline cache for each place in code (Deutsch and
 * Schiffman, POPL 1984): if the class and the name object are those of the last time, so is the ordinal. A method cache
 * for all (Goldberg and Robson, Smalltalk-80, chapter 30) by class and hash of the name, whose entry counts when the
 * method there has that name. Then a search of the class's table from its start: of several methods of one name
 * (overloads) the first counts, so caches hold the first.
 *
 * Rule: both caches are transient, and true as long as classes, code and the names in code stay where they are, which
 * they do while they live: before classes or code are freed, `forgetSelectors` empties both.
 */

import { C_METHODS, C_TABLE, M_NAME, O_DATA } from '../objects/layout';
import { hashBytes, sameStrings, sizeOf } from '../objects/objects';

/** No such method. */
export const ABSENT: u32 = 0xffffffff;

const SITES: u32 = 256;
/** {ip, class, name, ordinal} */
const sites: usize = memory.data(4096, 4);
const METHODS: u32 = 512;
/** {class, ordinal} */
const cache: usize = memory.data(4096, 4);

function nameAt(cls: u32, ordinal: u32): u32 {
  const code = load<u32>(cls + (ordinal << 2), C_TABLE);
  return code ? load<u32>(code, M_NAME) : 0;
}

/** Ordinal of the first method of that name, from the method cache or by search. May block. */
function find(cls: u32, name: u32): u32 {
  const hash = hashBytes(0, name + O_DATA, sizeOf(name)) ^ (cls >>> 3);
  const entry = cache + (((hash ^ (hash >>> 9)) & (METHODS - 1)) << 3);
  const methods = load<u32>(cls, C_METHODS);
  const ordinal = load<u32>(entry, 4);
  if (load<u32>(entry) == cls && ordinal < methods && nameAt(cls, ordinal) && sameStrings(nameAt(cls, ordinal), name)) {
    return ordinal;
  }
  for (let at: u32 = 0; at < methods; at++) {
    const other = nameAt(cls, at);
    if (other == 0 || !sameStrings(other, name)) continue;
    store<u32>(entry, cls);
    store<u32>(entry, at, 4);
    return at;
  }
  return ABSENT;
}

/** Ordinal of the method of that name for the call at `ip`, or ABSENT. May block. */
export function selectorOrdinal(ip: u32, cls: u32, name: u32): u32 {
  const site = sites + ((ip & (SITES - 1)) << 4);
  if (load<u32>(site) == ip && load<u32>(site, 4) == cls && load<u32>(site, 8) == name) return load<u32>(site, 12);
  const ordinal = find(cls, name);
  if (ordinal == ABSENT) return ABSENT;
  // The name counts for the next time only if it is the same object: a constant of the code.
  store<u32>(site, ip);
  store<u32>(site, cls, 4);
  store<u32>(site, name, 8);
  store<u32>(site, ordinal, 12);
  return ordinal;
}

/** Code or classes may be freed. */
export function forgetSelectors(): void {
  memory.fill(sites, 0, SITES << 4);
  memory.fill(cache, 0, METHODS << 3);
}
