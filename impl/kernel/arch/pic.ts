/**
 * Two cascaded 8259A interrupt controllers (Intel 231468): lines 0 to 15 become vectors 32 to 47. Edge triggered, fixed
 * priority; every line is masked until its driver enables it.
 */

import { inb, outb, restoreFlags, saveFlagsCli } from './hw';

export const IRQ_VECTOR_BASE: u32 = 32;

const MASTER: u32 = 0x20;
const SLAVE: u32 = 0xa0;
const CASCADE_LINE: u32 = 2;
const ICW1_INIT_ICW4: u32 = 0x11;
const ICW4_8086: u32 = 0x01;
const OCW2_EOI: u32 = 0x20;
const OCW3_READ_ISR: u32 = 0x0b;

let masked: u32 = 0xffff;

function writeMasks(): void {
  outb(MASTER + 1, masked & 0xff);
  outb(SLAVE + 1, masked >> 8);
}

export function picInit(): void {
  outb(MASTER, ICW1_INIT_ICW4);
  outb(SLAVE, ICW1_INIT_ICW4);
  outb(MASTER + 1, IRQ_VECTOR_BASE);
  outb(SLAVE + 1, IRQ_VECTOR_BASE + 8);
  outb(MASTER + 1, 1 << CASCADE_LINE);
  outb(SLAVE + 1, CASCADE_LINE);
  outb(MASTER + 1, ICW4_8086);
  outb(SLAVE + 1, ICW4_8086);
  masked = 0xffff & ~(1 << CASCADE_LINE);
  writeMasks();
}

export function picEnable(line: u32): void {
  const flags = saveFlagsCli();
  masked &= ~(1 << line);
  writeMasks();
  restoreFlags(flags);
}

/**
 * Lines 7 and 15 are also what a controller answers when a request went away before it was acknowledged; then its
 * in-service bit is clear and it wants no end of interrupt, though the master, for line 15, wants one for the cascade.
 */
export function picIsSpurious(line: u32): bool {
  if ((line & 7) != 7) return false;
  const port = line == 7 ? MASTER : SLAVE;
  outb(port, OCW3_READ_ISR);
  if (inb(port) & 0x80) return false;
  if (line == 15) outb(MASTER, OCW2_EOI);
  return true;
}

export function picAcknowledge(line: u32): void {
  if (line >= 8) outb(SLAVE, OCW2_EOI);
  outb(MASTER, OCW2_EOI);
}
