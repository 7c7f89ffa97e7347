/**
 * The order in which the machine is made ready, from the boot loader's hand-over to a kernel that can run threads.
 * All on the boot stack with interrupts off; the boot stack then becomes the idle thread.
 */

import { descriptorsInit } from './arch/descriptors';
import { multibootInit, ramLimit } from './arch/multiboot';
import { consoleInit } from './drivers/console';
import { diskInit } from './drivers/disk';
import { logInit, logInterruptsInit, logValue } from './arch/log';
import { picInit } from './arch/pic';
import { inputInit } from './drivers/input';
import { keyboardInit } from './drivers/keyboard';
import { pitInit } from './drivers/pit';
import { rtcInit } from './drivers/rtc';
import { screenInit } from './drivers/screen';
import { addressSpaceInit } from './memory/address-space';
import { framesInit, framesTotal } from './memory/frames';
// Only its being part of the program is wanted: the build aliases asc's allocation functions to those in it.
import './memory/runtime';
import { schedulerInit } from './sched/thread';

/** End of the kernel's data; the linker reads it from this function's code. */
export function heapBase(): usize {
  return __heap_base;
}

/** `magic` and `info`: EAX and EBX as the Multiboot loader left them. */
export function hardwareInit(magic: u32, info: usize): void {
  logInit();
  descriptorsInit();
  multibootInit(magic, info);
  framesInit(__heap_base);
  logValue('phantom: page frames', framesTotal());
  addressSpaceInit(ramLimit());
  schedulerInit();
  picInit();
  logInterruptsInit();
  inputInit();
  screenInit();
  keyboardInit();
  consoleInit();
  pitInit();
  rtcInit();
  diskInit();
}
