/**
 * Segment and interrupt descriptor tables. Segments are flat, so that an address in the kernel is a linear address;
 * everything runs in ring 0. Every gate is an interrupt gate: a handler starts with interrupts off.
 *
 * Descriptor layouts: Intel 64 and IA-32 SDM vol. 3A, sections 3.4.5, 6.11 and 7.2.1.
 */

import { lgdt, lidt, loadSegments, ltr, trapStub } from './hw';

const KERNEL_CODE: u32 = 0x08;
const KERNEL_DATA: u32 = 0x10;
const TASK_STATE: u32 = 0x18;

const GDT_ENTRIES: u32 = 4;
const IDT_ENTRIES: u32 = 256;
const TSS_BYTES: u32 = 104;
const TSS_SS0: u32 = 8;
const TSS_IO_MAP: u32 = 102;

const gdt: usize = memory.data(32, 8);
const idt: usize = memory.data(2048, 8);
const tss: usize = memory.data(104, 8);
const pointer: usize = memory.data(6, 4);

/** `access`: the descriptor's byte 5; `flags`: the high nibble of byte 6. */
function setSegment(index: u32, base: u32, limit: u32, access: u32, flags: u32): void {
  const at = gdt + index * 8;
  store<u32>(at, (limit & 0xffff) | (base << 16));
  store<u32>(at + 4, ((base >> 16) & 0xff) | (access << 8) | (limit & 0xf0000) | (flags << 20) | (base & 0xff000000));
}

function setGate(vector: u32, address: u32): void {
  const at = idt + vector * 8;
  store<u32>(at, (address & 0xffff) | (KERNEL_CODE << 16));
  store<u32>(at + 4, (address & 0xffff0000) | 0x8e00);
}

function setPointer(limit: u32, base: usize): usize {
  store<u16>(pointer, <u16>limit);
  store<u32>(pointer + 2, <u32>base);
  return pointer;
}

export function descriptorsInit(): void {
  setSegment(1, 0, 0xfffff, 0x9a, 0xc);
  setSegment(2, 0, 0xfffff, 0x92, 0xc);
  store<u32>(tss + TSS_SS0, KERNEL_DATA);
  store<u16>(tss + TSS_IO_MAP, <u16>TSS_BYTES);
  setSegment(3, <u32>tss, TSS_BYTES - 1, 0x89, 0);
  lgdt(setPointer(GDT_ENTRIES * 8 - 1, gdt));
  loadSegments(KERNEL_CODE, KERNEL_DATA);
  ltr(TASK_STATE);
  for (let vector: u32 = 0; vector < IDT_ENTRIES; vector++) setGate(vector, <u32>trapStub(vector));
  lidt(setPointer(IDT_ENTRIES * 8 - 1, idt));
}
