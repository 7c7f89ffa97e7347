/**
 * What a PC's BIOS has done to the devices by the time a boot loader runs, as far as a kernel may rely on it: both interrupt controllers initialised with
 * the vectors of the AT and all inputs masked, the timer's counter 0 dividing by 65536, both serial ports at 9600 baud, 8 data bits, the
 * keyboard controller tested, translating and with its interrupt on. The screen starts out in text mode 3 (devices/text-screen.ts), and
 * the PCI devices and the CMOS memory start out as the BIOS leaves them (see devices/pci.ts and devices/rtc.ts).
 */

import type { Bus } from '../cpu/bus.js';

const SETTINGS: readonly (readonly [port: number, value: number])[] = [
  // ICW1 to ICW4 of master and slave, then the masks.
  [0x20, 0x11],
  [0x21, 0x08],
  [0x21, 0x04],
  [0x21, 0x01],
  [0xa0, 0x11],
  [0xa1, 0x70],
  [0xa1, 0x02],
  [0xa1, 0x01],
  [0x21, 0xff],
  [0xa1, 0xff],
  // Counter 0: low and high byte, mode 2, 65536.
  [0x43, 0x34],
  [0x40, 0x00],
  [0x40, 0x00],
  // COM1 and COM2: divisor 12, 8 bits, no parity, one stop bit; DTR and RTS.
  [0x3fb, 0x83],
  [0x3f8, 12],
  [0x3f9, 0],
  [0x3fb, 0x03],
  [0x3fc, 0x03],
  [0x2fb, 0x83],
  [0x2f8, 12],
  [0x2f9, 0],
  [0x2fb, 0x03],
  [0x2fc, 0x03],
  // Keyboard controller: command byte.
  [0x64, 0x60],
  [0x60, 0x65],
];

export function initialiseDevices(bus: Bus): void {
  for (const [port, value] of SETTINGS) bus.portWrite(port, 1, value);
}
