/**
 * What an older kept generation uses, from its own index. Needed when a leaf of the newest one is lost: what the newest and
 * the superseded lists say is then not all that is in use (`format.ts`, rule 4), and the older generation is what the user
 * may roll back to.
 *
 * Rule: every block that can be reached from the record is marked; what cannot be read is said on the log and passed over,
 * since nobody can use it any more either. Entries of deltas that later ones replace are marked too: what is in use for
 * nothing comes back at the next boot.
 */

import { allocFrame, freeFrame } from '../memory/frames';
import { yieldNow } from '../sched/thread';
import { useReference } from './blocks';
import {
  DELTA_COUNT,
  DELTA_ENTRIES,
  DELTA_ENTRIES_MAX,
  DELTA_ENTRY_BYTES,
  DELTAS_MAX,
  FANOUT,
  FANOUT_SHIFT,
  GR_DELTA_REFERENCES,
  GR_DELTAS,
  GR_REFERENCES,
  KIND_DELTA,
  KIND_LEAF,
  KIND_ROOT,
  REFERENCE_BYTES,
} from './format';
import { indexRoots } from './index';
import { readVerified } from './verify';

/** `record`: a verified record. False: there is no memory to find out. May wait. */
export function useAllOf(record: usize): bool {
  const upper = allocFrame();
  const lower = allocFrame();
  if (upper != 0 && lower != 0) {
    useDeltas(record, upper);
    for (let root: u32 = 0; root < indexRoots(); root++) {
      const reference = record + GR_REFERENCES + root * REFERENCE_BYTES;
      if (useReference(reference) && readVerified(KIND_ROOT, root, reference, upper)) useLeaves(root, upper, lower);
    }
  }
  if (upper != 0) freeFrame(upper);
  if (lower != 0) freeFrame(lower);
  return upper != 0 && lower != 0;
}

function useDeltas(record: usize, frame: u32): void {
  const deltas = min<u32>(load<u32>(record + GR_DELTAS), DELTAS_MAX);
  for (let delta: u32 = 0; delta < deltas; delta++) {
    const reference = record + GR_DELTA_REFERENCES + delta * REFERENCE_BYTES;
    if (!useReference(reference) || !readVerified(KIND_DELTA, delta, reference, frame)) continue;
    const entries = min<u32>(load<u32>(<usize>frame + DELTA_COUNT), DELTA_ENTRIES_MAX);
    for (let i: u32 = 0; i < entries; i++) useReference(<usize>frame + DELTA_ENTRIES + i * DELTA_ENTRY_BYTES + 4);
    yieldNow();
  }
}

/** `upper` holds a root, `lower` is where its leaves are read. */
function useLeaves(root: u32, upper: u32, lower: u32): void {
  for (let i: u32 = 0; i < FANOUT; i++) {
    const reference = <usize>upper + i * REFERENCE_BYTES;
    const leaf = (root << FANOUT_SHIFT) + i;
    if (!useReference(reference) || !readVerified(KIND_LEAF, leaf, reference, lower)) continue;
    for (let page: u32 = 0; page < FANOUT; page++) useReference(<usize>lower + page * REFERENCE_BYTES);
    yieldNow();
  }
}
