/**
 * What generations newer than the one recovered use. Who goes back to an older generation may change their mind until something is committed,
 * so until then nothing that those refer to is written.
 *
 * Rule: a reference carries the generation in which its block was written, and generations follow each other in a line. So what a newer
 * generation refers to, and the one recovered does not, is exactly what it reaches by references of generations after that one. Of several
 * entries for a page the latest counts, since the block of an earlier one may have been used again: deltas are looked at from the
 * newest to the oldest, leaves last.
 */

import { freeNewerBadList } from '../defects';
import { allocFrame, freeFrame } from '../memory/frames';
import { heapAlloc, heapFree } from '../memory/heap';
import { yieldNow } from '../sched/thread';
import { holdBlock } from './blocks';
import {
  DELTA_COUNT,
  DELTA_ENTRIES,
  DELTA_ENTRIES_MAX,
  DELTA_ENTRY_BYTES,
  DELTAS_MAX,
  FANOUT,
  FANOUT_SHIFT,
  GR_BAD_LIST,
  GR_DELTA_REFERENCES,
  GR_DELTAS,
  GR_REFERENCES,
  GR_ROOTS,
  GR_SUPERSEDED_LIST,
  KIND_DELTA,
  KIND_LEAF,
  KIND_ROOT,
  KIND_SUPERSEDED,
  LIST_NEXT,
  REFERENCE_BLOCK,
  REFERENCE_BYTES,
  REFERENCE_GENERATION,
  REFERENCE_SECOND,
} from './format';
import { indexPages } from './index';
import { readVerified } from './verify';

/** The generation recovered. */
let since: u32 = 0;
/** Where roots, deltas and lists are read, and leaves. */
let upper: u32 = 0;
let lower: u32 = 0;
/** A bit for each page whose latest reference was seen. */
let seen: usize = 0;

/**
 * Holds what the generation of the record at `record` refers to and generation `after` does not. False: it cannot be found out, or there is not
 * enough memory for it. May wait.
 */
export function holdGeneration(record: usize, after: u32): bool {
  since = after;
  seen = heapAlloc(indexPages() >> 3);
  upper = allocFrame();
  lower = allocFrame();
  const done = upper != 0 && lower != 0 && holdDeltas(record) && holdTree(record) && holdLists(record);
  if (upper != 0) freeFrame(upper);
  if (lower != 0) freeFrame(lower);
  heapFree(seen);
  return done;
}

/** Holds what a reference points to. False: the generation recovered has it too. */
export function holdReference(at: usize, after: u32): bool {
  if (load<u32>(at + REFERENCE_BLOCK) == 0 || load<u32>(at + REFERENCE_GENERATION) <= after) return false;
  holdBlock(load<u32>(at + REFERENCE_BLOCK));
  if (load<u32>(at + REFERENCE_SECOND) != 0) holdBlock(load<u32>(at + REFERENCE_SECOND));
  return true;
}

function holdPage(page: u32, at: usize): void {
  const word = seen + ((page >> 5) << 2);
  const bit: u32 = 1 << (page & 31);
  if (load<u32>(word) & bit) return;
  store<u32>(word, load<u32>(word) | bit);
  holdReference(at, since);
}

function holdDeltas(record: usize): bool {
  const count = load<u32>(record + GR_DELTAS);
  if (count > DELTAS_MAX) return false;
  for (let left = count; left > 0; left--) {
    const delta = left - 1;
    const at = record + GR_DELTA_REFERENCES + delta * REFERENCE_BYTES;
    if (!holdReference(at, since)) continue;
    if (!readVerified(KIND_DELTA, delta, at, upper)) return false;
    const entries = load<u32>(<usize>upper + DELTA_COUNT);
    if (entries > DELTA_ENTRIES_MAX) return false;
    for (let i: u32 = 0; i < entries; i++) {
      const entry = <usize>upper + DELTA_ENTRIES + i * DELTA_ENTRY_BYTES;
      const page = load<u32>(entry);
      if (page >= indexPages()) return false;
      holdPage(page, entry + 4);
    }
  }
  return true;
}

function holdTree(record: usize): bool {
  const roots = load<u32>(record + GR_ROOTS);
  for (let root: u32 = 0; root < roots; root++) {
    const at = record + GR_REFERENCES + root * REFERENCE_BYTES;
    if (!holdReference(at, since)) continue;
    if (!readVerified(KIND_ROOT, root, at, upper)) return false;
    for (let i: u32 = 0; i < FANOUT; i++) {
      if (!holdLeaf((root << FANOUT_SHIFT) + i, <usize>upper + i * REFERENCE_BYTES)) return false;
    }
  }
  return true;
}

function holdLeaf(leaf: u32, at: usize): bool {
  if (!holdReference(at, since)) return true;
  if (!readVerified(KIND_LEAF, leaf, at, lower)) return false;
  const first = leaf << FANOUT_SHIFT;
  for (let i: u32 = 0; i < FANOUT && first + i < indexPages(); i++) {
    holdPage(first + i, <usize>lower + i * REFERENCE_BYTES);
  }
  yieldNow();
  return true;
}

function holdLists(record: usize): bool {
  if (!freeNewerBadList) holdReference(record + GR_BAD_LIST, since);
  let at = record + GR_SUPERSEDED_LIST;
  for (let index: u32 = 0; load<u32>(at + REFERENCE_BLOCK) != 0; index++) {
    holdReference(at, since);
    if (!readVerified(KIND_SUPERSEDED, index, at, upper)) return false;
    at = <usize>upper + LIST_NEXT;
  }
  return true;
}
