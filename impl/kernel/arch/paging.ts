/**
 * Two-level page tables (SDM vol. 3A, 4.3), one address space for ever; `memory/address-space.ts` makes them. Tables are
 * reached at their physical addresses, since RAM is identity-mapped.
 *
 * Rule: whoever changes a present entry follows it with `invlpg` (or `flushAll`) before relying on the change, and
 * before the frame it named is used for something else. CR0.WP is on: read-only holds in ring 0 too.
 *
 * Once paging is on, entries are read and written through `vload32`/`vstore32`: the processor sets accessed and dirty
 * bits behind us.
 */

import { readCr0, readCr3, vload32, writeCr0, writeCr3 } from './hw';

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

/**
 * A processor may look translations up by a few bits of the page number: copying a word at a time between two pages that
 * agree in these bits would miss at every access, and take nine times as long. 256 translations is more than a 386 or
 * i486 has.
 */
const TLB_BITS: usize = 0xff000;
/** What such a copy goes through, a part at a time: one of its ends, which lie in different pages. */
const PART_BYTES: u32 = 512;
const detour: usize = memory.data(4608, 512);

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

/** Copies a page between frames, in about the same time wherever they are. */
export function copyPage(to: usize, from: usize): void {
  if (((to ^ from) & TLB_BITS) != 0) {
    memory.copy(to, from, PAGE_BYTES);
    return;
  }
  const part = ((detour ^ from) & TLB_BITS) != 0 ? detour : detour + PAGE_BYTES;
  for (let at: usize = 0; at < PAGE_BYTES; at += PART_BYTES) {
    memory.copy(part, from + at, PART_BYTES);
    memory.copy(to + at, part, PART_BYTES);
  }
}

/** Forgets every cached translation. */
export function flushAll(): void {
  writeCr3(readCr3());
}

/** Takes the page directory at `frame` into use. */
export function setDirectory(frame: usize): void {
  directory = frame;
}

/** Switches paging on. What runs now must be identity-mapped. */
export function enablePaging(): void {
  writeCr3(<u32>directory);
  writeCr0(readCr0() | CR0_PG | CR0_WP);
}
