/**
 * The one address space: page tables made of frames, RAM identity-mapped but for its first page (ARCHITECTURE.md, C1).
 * Tables are made when they are first needed and stay for ever.
 */

import { vload32, vstore32 } from '../arch/hw';
import {
  directoryEntryAt,
  enablePaging,
  PAGE_BYTES,
  PAGE_PRESENT,
  PAGE_SHIFT,
  PAGE_WRITABLE,
  setDirectory,
  TABLE_SPAN,
  tableEntryAt,
} from '../arch/paging';
import { allocFrame } from './frames';

function zeroFrame(): usize {
  const frame = <usize>allocFrame();
  assert(frame != 0, 'address space: no frame for a page table');
  memory.fill(frame, 0, PAGE_BYTES);
  return frame;
}

/** As `tableEntryAt`, making the table first when it is missing; its directory entry is present and writable. */
export function ensureTableEntryAt(address: usize): usize {
  const at = directoryEntryAt(address);
  if (!(vload32(at) & PAGE_PRESENT)) vstore32(at, <u32>zeroFrame() | PAGE_PRESENT | PAGE_WRITABLE);
  return tableEntryAt(address);
}

/** Identity-maps RAM below `ramEnd` and switches paging on. */
export function addressSpaceInit(ramEnd: usize): void {
  setDirectory(zeroFrame());
  for (let base: usize = 0; base < ramEnd; base += TABLE_SPAN) {
    const table = ensureTableEntryAt(base);
    const pages = min<usize>(ramEnd - base, TABLE_SPAN) >>> PAGE_SHIFT;
    // The first page of all stays unmapped.
    for (let page: usize = base == 0 ? 1 : 0; page < pages; page++) {
      store<u32>(table + (page << 2), <u32>(base + (page << PAGE_SHIFT)) | PAGE_PRESENT | PAGE_WRITABLE);
    }
  }
  enablePaging();
}
