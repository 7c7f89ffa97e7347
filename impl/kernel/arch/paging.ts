/**
 * Two-level page tables (SDM vol. 3A, 4.3), one address space for ever. RAM is identity-mapped except the first page,
 * so that a null dereference faults; page tables are reached through that identity map.
 *
 * Rule: whoever changes a present entry follows it with `invlpg` (or `flushAll`) before relying on the change, and
 * before the frame it named is used for something else. CR0.WP is on: read-only holds in ring 0 too.
 *
 * Once paging is on, entries are read and written through `vload32`/`vstore32`: the processor sets accessed and dirty
 * bits behind us.
 */

import { readCr0, readCr3, vload32, vstore32, writeCr0, writeCr3 } from './hw';
import { allocFrame } from '../memory/frames';

export const PAGE_BYTES: u32 = 4096;
export const PAGE_SHIFT: u32 = 12;
/** Bytes one page table (one directory entry) covers. */
export const TABLE_SPAN: u32 = 0x400000;

export const PAGE_PRESENT: u32 = 0x1;
export const PAGE_WRITABLE: u32 = 0x2;
export const PAGE_ACCESSED: u32 = 0x20;
export const PAGE_DIRTY: u32 = 0x40;
export const FRAME_MASK: u32 = 0xfffff000;

const CR0_WP: u32 = 0x00010000;
const CR0_PG: u32 = 0x80000000;

let directory: usize = 0;

function zeroFrame(): usize {
  const frame = <usize>allocFrame();
  assert(frame != 0, 'paging: no frame for a page table');
  memory.fill(frame, 0, PAGE_BYTES);
  return frame;
}

/** Address of the directory entry that covers `address`. */
export function directoryEntryAt(address: usize): usize {
  return directory + ((address >>> 22) << 2);
}

/** Address of the page-table entry of `address`, or 0 when its table does not exist yet. */
export function tableEntryAt(address: usize): usize {
  const entry = vload32(directoryEntryAt(address));
  if (!(entry & PAGE_PRESENT)) return 0;
  return <usize>(entry & FRAME_MASK) + (((address >>> 12) & 0x3ff) << 2);
}

/** As `tableEntryAt`, making the table first when it is missing; its directory entry is present and writable. */
export function ensureTableEntryAt(address: usize): usize {
  const at = directoryEntryAt(address);
  if (!(vload32(at) & PAGE_PRESENT)) vstore32(at, <u32>zeroFrame() | PAGE_PRESENT | PAGE_WRITABLE);
  return tableEntryAt(address);
}

/** Forgets every cached translation. */
export function flushAll(): void {
  writeCr3(readCr3());
}

/** Identity-maps RAM below `ramEnd` and switches paging on. */
export function pagingInit(ramEnd: usize): void {
  directory = zeroFrame();
  for (let base: usize = 0; base < ramEnd; base += TABLE_SPAN) {
    const table = ensureTableEntryAt(base);
    const pages = min<usize>(ramEnd - base, TABLE_SPAN) >>> PAGE_SHIFT;
    // The first page of all stays unmapped.
    for (let page: usize = base == 0 ? 1 : 0; page < pages; page++) {
      store<u32>(table + (page << 2), <u32>(base + (page << PAGE_SHIFT)) | PAGE_PRESENT | PAGE_WRITABLE);
    }
  }
  writeCr3(<u32>directory);
  writeCr0(readCr0() | CR0_PG | CR0_WP);
}
