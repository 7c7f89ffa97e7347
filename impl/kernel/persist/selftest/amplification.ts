/**
 * A kernel that dirties pages, generation after generation, so that the host can count what the disk gets for them: how
 * many blocks are written for each page dirtied (write amplification).
 *
 * Options: `pages`, dirtied in each generation; `generations`; `scattered`: 1 for pages drawn anew each time from all
 * of persistent memory, 0 for the same run of consecutive ones.
 */

import { EXIT_DONE } from '../../arch/exit';
import { optionNumber } from '../../arch/multiboot';
import { panic } from '../../arch/panic';
import { shutdown } from '../../drivers/shutdown';
import { hardwareInit } from '../../hardware';
import { idleForever, threadCreate } from '../../sched/thread';
import { pageCount, PERSISTENT_BASE, WIRED_PAGES } from '../pages';
import { persistInit, persistStart } from '../persist';
import { commitNow } from '../snapshot';

export { trap } from '../../arch/trap';
export { heapBase } from '../../hardware';

const PAGE_BYTES: u32 = 4096;

/** Numerical Recipes' linear congruential generator; the high bits count. */
let state: u32 = 1;

function draw(limit: u32): u32 {
  state = state * 1664525 + 1013904223;
  return <u32>((<u64>state * <u64>limit) >> 32);
}

function dirty(page: u32): void {
  const at = PERSISTENT_BASE + page * PAGE_BYTES;
  store<u32>(at, load<u32>(at) + 1);
}

function start(argument: usize): void {
  persistInit(optionNumber('persistent.mib', 64));
  // Snapshots only when they are asked for.
  persistStart(1000000);
  const pages = optionNumber('pages', 1000);
  const generations = optionNumber('generations', 100);
  const scattered = optionNumber('scattered', 0);
  const count = pageCount() - WIRED_PAGES;
  for (let generation: u32 = 0; generation < generations; generation++) {
    for (let i: u32 = 0; i < pages; i++) dirty(WIRED_PAGES + (scattered ? draw(count) : i));
    if (!commitNow()) panic('amplification: a generation could not be committed');
  }
  shutdown(EXIT_DONE);
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(start.index, 0);
  idleForever();
}
