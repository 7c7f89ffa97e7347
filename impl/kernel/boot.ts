/**
 * Where the kernel starts: the hardware, then, on a thread of its own because it waits for the disk, the rooms above
 * it.
 *
 * Options of the command line: `persistent.mib` size of persistent memory when a blank disk is formatted;
 * `generation` and `panics.max` choose what is recovered (`persist/persist.ts`); `snapshot.interval` milliseconds between snapshots;
 * `root.boot` the class whose method 8 is the first program; `console` where that program prints: `serial`, or `screen` for the text screen
 * and the keyboard.
 */

import { optionNumber } from './arch/multiboot';
import { isLayoutKnown, vmInit } from './classes/init';
import { hardwareInit } from './hardware';
import { persistInit, persistStart } from './persist/persist';
import { idleForever, threadCreate } from './sched/thread';

export { trap } from './arch/trap';
export { heapBase } from './hardware';

const PERSISTENT_MIB: u32 = 64;
const SNAPSHOT_INTERVAL_MS: u32 = 100;

function start(argument: usize): void {
  persistInit(optionNumber('persistent.mib', PERSISTENT_MIB), isLayoutKnown.index);
  persistStart(optionNumber('snapshot.interval', SNAPSHOT_INTERVAL_MS));
  vmInit();
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(start.index, 0);
  idleForever();
}
