/**
 * The device guest (device-guest/guest.c) on a machine as build.sh ran it on QEMU, and QEMU's transcript to compare with.
 */

import * as fs from 'node:fs';
import type { DurableMedium } from '../disk/durable-medium.js';
import { MemoryMedium } from '../disk/durable-medium.js';
import { Machine, type MachineHooks } from '../machine.js';

const folder = new URL('./device-guest/', import.meta.url);

export const GUEST_ELF = new Uint8Array(fs.readFileSync(new URL('guest.elf', folder)));
export const QEMU_TRANSCRIPT = fs.readFileSync(new URL('qemu.txt', folder), 'utf8');
/** The guest writes 21 to the exit port. */
export const GUEST_EXIT_STATUS = 43;
export const GUEST_DISK_SECTORS = 32768;

export interface GuestRun {
  readonly machine: Machine;
  /** What COM1 has sent so far. */
  transcript(): string;
}

/** A machine about to run the guest. */
export function deviceGuest(hooks: MachineHooks = {}, medium?: DurableMedium): GuestRun {
  let transcript = '';
  const machine = new Machine(
    {
      ramBytes: 16 << 20,
      rtcStart: '2001-02-03T04:05:06',
      medium: medium ?? new MemoryMedium(GUEST_DISK_SECTORS),
    },
    collecting(hooks, (character) => {
      transcript += character;
    }),
  );
  machine.loadMultiboot({
    image: GUEST_ELF,
    commandLine: 'guest.elf one two=2 three',
    modules: [
      { bytes: new TextEncoder().encode('first module'), commandLine: 'first a' },
      { bytes: new TextEncoder().encode('the second module, a little longer'), commandLine: 'second b' },
    ],
  });
  return { machine, transcript: () => transcript };
}

/** Hooks that also collect what COM1 sends. */
export function collecting(hooks: MachineHooks, sink: (character: string) => void): MachineHooks {
  return {
    ...hooks,
    onSerial: (port, byte, cycle) => {
      if (port === 1) sink(String.fromCharCode(byte));
      hooks.onSerial?.(port, byte, cycle);
    },
  };
}
