/**
 * The page tables of the persistent memory. Permission to write is given on two levels: a page is writable when its
 * directory entry and its table entry both say so.
 *
 * Rule: demarcation takes the permission away in the directory entries alone, one word for 4 MiB. The first write fault
 * in such a 4 MiB pushes the protection down into its table entries (at most 1024) and opens the directory entry
 * again. So a table entry's W bit means something only while its directory entry has it.
 */

import { invlpg, vload32, vstore32 } from '../arch/hw';
import {
  directoryEntryAt,
  flushAll,
  FRAME_MASK,
  PAGE_ACCESSED,
  PAGE_PRESENT,
  PAGE_WRITABLE,
  tableEntryAt,
  TABLE_SPAN,
} from '../arch/paging';
import { protectAllButLast, pushDownShort } from '../defects';
import { ensureTableEntryAt } from '../memory/address-space';
import { addressOf, PERSISTENT_BASE } from './pages';

const TABLE_ENTRIES: u32 = 1024;

let firstDirectoryEntry: usize = 0;
let endDirectoryEntry: usize = 0;

/** Makes the page tables. `pages` is a multiple of 1024. */
export function mappingInit(pages: u32): void {
  assert(pages % TABLE_ENTRIES == 0, 'mapping: persistent memory is not whole page tables');
  const tables = pages / TABLE_ENTRIES;
  for (let table: u32 = 0; table < tables; table++) ensureTableEntryAt(PERSISTENT_BASE + table * TABLE_SPAN);
  firstDirectoryEntry = directoryEntryAt(PERSISTENT_BASE);
  endDirectoryEntry = firstDirectoryEntry + (tables << 2);
}

/** Takes the permission to write away from all pages at once. */
export function protectAll(): void {
  const end = endDirectoryEntry - (protectAllButLast ? 4 : 0);
  for (let at = firstDirectoryEntry; at < end; at += 4) store<u32>(at, load<u32>(at) & ~PAGE_WRITABLE);
  flushAll();
}

function pushDown(address: usize, directoryEntry: usize): void {
  const table = tableEntryAt(address & ~(<usize>TABLE_SPAN - 1));
  const end = table + ((pushDownShort ? TABLE_ENTRIES / 2 : TABLE_ENTRIES) << 2);
  // Four a turn: this is the most that a fault in memory has to do.
  for (let at = table; at < end; at += 16) {
    store<u32>(at, load<u32>(at) & ~PAGE_WRITABLE);
    store<u32>(at, load<u32>(at, 4) & ~PAGE_WRITABLE, 4);
    store<u32>(at, load<u32>(at, 8) & ~PAGE_WRITABLE, 8);
    store<u32>(at, load<u32>(at, 12) & ~PAGE_WRITABLE, 12);
  }
  vstore32(directoryEntry, vload32(directoryEntry) | PAGE_WRITABLE);
}

export function isWritable(page: u32): bool {
  const address = addressOf(page);
  if (!(vload32(directoryEntryAt(address)) & PAGE_WRITABLE)) return false;
  const entry = vload32(tableEntryAt(address));
  return (entry & (PAGE_PRESENT | PAGE_WRITABLE)) == (PAGE_PRESENT | PAGE_WRITABLE);
}

export function isMapped(page: u32): bool {
  return (vload32(tableEntryAt(addressOf(page))) & PAGE_PRESENT) != 0;
}

/** Maps a page that is not mapped, for reading. It counts as used, so that it is not sent out before its first use. */
export function mapForReading(page: u32, frame: u32): void {
  vstore32(tableEntryAt(addressOf(page)), frame | PAGE_PRESENT | PAGE_ACCESSED);
}

/** Maps a page for writing, whatever it was mapped to. */
export function mapForWriting(page: u32, frame: u32): void {
  const address = addressOf(page);
  const directoryEntry = directoryEntryAt(address);
  if (!(vload32(directoryEntry) & PAGE_WRITABLE)) pushDown(address, directoryEntry);
  vstore32(tableEntryAt(address), frame | PAGE_PRESENT | PAGE_WRITABLE | PAGE_ACCESSED);
  invlpg(address);
}

/** The page, if it is mapped, is in another frame from now on. */
export function moveMapping(page: u32, frame: u32): void {
  const address = addressOf(page);
  const at = tableEntryAt(address);
  const entry = vload32(at);
  if (entry & PAGE_PRESENT) vstore32(at, (entry & ~FRAME_MASK) | frame);
  invlpg(address);
}

export function protect(page: u32): void {
  const address = addressOf(page);
  const at = tableEntryAt(address);
  vstore32(at, vload32(at) & ~PAGE_WRITABLE);
  invlpg(address);
}

export function unmap(page: u32): void {
  const address = addressOf(page);
  vstore32(tableEntryAt(address), 0);
  invlpg(address);
}

/**
 * Whether the page was used since the last call. A TLB entry may hide a use: then the page only looks idle too soon.
 */
export function takeAccessed(page: u32): bool {
  const at = tableEntryAt(addressOf(page));
  const entry = vload32(at);
  vstore32(at, entry & ~PAGE_ACCESSED);
  return (entry & PAGE_ACCESSED) != 0;
}
