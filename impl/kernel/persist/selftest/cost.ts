/**
 * A kernel that lets the host measure what the persistent memory costs: probe records 100 and up mark the beginning and
 * the end of an operation, and the host reads the cycle counter at each.
 */

import { EXIT_DONE, probe } from '../../arch/exit';
import { optionNumber } from '../../arch/multiboot';
import { shutdown } from '../../drivers/shutdown';
import { hardwareInit } from '../../hardware';
import { idleForever, threadCreate } from '../../sched/thread';
import { touchForWrite } from '../fault';
import { pageCount, PERSISTENT_BASE, WIRED_PAGES } from '../pages';
import { persistInit, persistStart } from '../persist';
import { demarcate } from '../snapshot';

export { trap } from '../../arch/trap';
export { heapBase } from '../../hardware';

const BEGIN: u32 = 100;
const END: u32 = 101;
const PAGE_BYTES: u32 = 4096;
/** One page in each 4 MiB is written, so that every directory entry is open. */
const STRIDE: u32 = 1024;

const FIRST_WRITE: u32 = 1;
const DEMARCATION: u32 = 2;
const COPY_AND_PUSH: u32 = 3;
const COPY: u32 = 4;
const REPEATED_WRITE: u32 = 5;
const EMPTY: u32 = 6;

function write(what: u32, page: u32): void {
  const at = PERSISTENT_BASE + page * PAGE_BYTES;
  probe(BEGIN, what, page, 0);
  store<u32>(at, load<u32>(at) + 1);
  probe(END, what, page, 0);
}

function start(argument: usize): void {
  persistInit(optionNumber('persistent.mib', 64));
  persistStart(1000000);
  probe(BEGIN, EMPTY, 0, 0);
  probe(END, EMPTY, 0, 0);
  for (let page = WIRED_PAGES; page < pageCount(); page += STRIDE) write(FIRST_WRITE, page);
  const first = WIRED_PAGES;
  touchForWrite(PERSISTENT_BASE + (first + 1) * PAGE_BYTES, PAGE_BYTES);
  probe(BEGIN, DEMARCATION, pageCount(), 0);
  demarcate();
  probe(END, DEMARCATION, pageCount(), 0);
  write(COPY_AND_PUSH, first);
  write(COPY, first + 1);
  write(REPEATED_WRITE, first);
  shutdown(EXIT_DONE);
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(start.index, 0);
  idleForever();
}
