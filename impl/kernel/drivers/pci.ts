/**
 * PCI configuration space by mechanism 1 (PCI Local Bus 2.1, 3.7.4.1). Only bus 0 is searched.
 */

import { inl, outl } from '../arch/hw';

const ADDRESS: u32 = 0xcf8;
const DATA: u32 = 0xcfc;
const ENABLE: u32 = 0x80000000;
const NOT_THERE: u32 = 0xffffffff;
const MULTI_FUNCTION: u32 = 0x800000;

export const PCI_IDENTITY: u32 = 0x00;
export const PCI_COMMAND: u32 = 0x04;
export const PCI_CLASS: u32 = 0x08;
export const PCI_HEADER: u32 = 0x0c;
export const PCI_BAR0: u32 = 0x10;
export const PCI_BAR4: u32 = 0x20;
/** Low byte: the interrupt line that the firmware has assigned. */
export const PCI_INTERRUPT: u32 = 0x3c;
export const PCI_COMMAND_IO: u32 = 0x1;
export const PCI_COMMAND_BUS_MASTER: u32 = 0x4;

/** `place`: device << 11 | function << 8. `register`: a multiple of 4. */
export function pciRead(place: u32, register: u32): u32 {
  outl(ADDRESS, ENABLE | place | register);
  return inl(DATA);
}

export function pciWrite(place: u32, register: u32, value: u32): void {
  outl(ADDRESS, ENABLE | place | register);
  outl(DATA, value);
}

/** First function whose class and subclass are `wanted` (class << 8 | subclass); -1 when there is none. */
export function pciFind(wanted: u32): i32 {
  return find(PCI_CLASS, 16, wanted);
}

/** First function of this device and vendor (device << 16 | vendor); -1 when there is none. */
export function pciFindDevice(wanted: u32): i32 {
  return find(PCI_IDENTITY, 0, wanted);
}

/** First function whose register, shifted right, is `wanted`. */
function find(register: u32, shift: u32, wanted: u32): i32 {
  for (let device: u32 = 0; device < 32; device++) {
    const first = device << 11;
    if (pciRead(first, PCI_IDENTITY) == NOT_THERE) continue;
    const functions: u32 = pciRead(first, PCI_HEADER) & MULTI_FUNCTION ? 8 : 1;
    for (let i: u32 = 0; i < functions; i++) {
      const place = first | (i << 8);
      if (pciRead(place, PCI_IDENTITY) == NOT_THERE) continue;
      if (pciRead(place, register) >> shift == wanted) return place;
    }
  }
  return -1;
}
