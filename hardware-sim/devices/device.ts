/**
 * What all devices have in common.
 *
 * A device keeps everything that decides its future in one object of plain data, `state`: numbers, strings, booleans, arrays, typed
 * arrays and objects of these. That is why it can be saved, forked and digested. Time comes from the machine's clock, and what a device can compute from the
 * current cycle when it is asked (a counter, a time of day) it does not store.
 */

import type { PortSize } from '../cpu/bus.js';

/** A device at I/O ports. A port is given as the absolute number. */
export interface PortDevice {
  /** The value in the low `size` bytes. */
  portRead(port: number, size: PortSize): number;
  portWrite(port: number, size: PortSize, value: number): void;
}

/** A device with 8-bit registers only; wider accesses become one access per byte, low port first, as on the ISA bus. */
export interface ByteDevice {
  readByte(port: number): number;
  writeByte(port: number, value: number): void;
}

/** Puts a device of 8-bit registers behind ports of any width. */
export function byteWide(device: ByteDevice): PortDevice {
  return {
    portRead(port, size) {
      let value = device.readByte(port);
      for (let byte = 1; byte < size; byte++) value |= device.readByte(port + byte) << (8 * byte);
      return value >>> 0;
    },
    portWrite(port, size, value) {
      for (let byte = 0; byte < size; byte++) device.writeByte(port + byte, (value >>> (8 * byte)) & 0xff);
    },
  };
}

/** An interrupt request line into the interrupt controller. */
export type IrqLine = (level: boolean) => void;
