/**
 * A kernel that lets the host measure what the check before a commit costs: it fills pages with one kind of object each, and
 * probe records 100 and 101 mark beginning and end of the check of one page, with nothing else running. 102: what was not sound.
 */

import { EXIT_DONE, probe } from '../../arch/exit';
import { shutdown } from '../../drivers/shutdown';
import { hardwareInit } from '../../hardware';
import { checkCapture, checkPage, checkPrepare, checkRelease } from '../../persist/check';
import { persistInit } from '../../persist/persist';
import { demarcate } from '../../persist/snapshot';
import { idleForever, threadCreate } from '../../sched/thread';
import { startCheck } from '../check';
import { allocate } from '../heap';
import {
  C_INSTANCE,
  C_KIND,
  CLASS_BYTES,
  K_CLASS,
  K_PAGE,
  K_STRING,
  K_USER,
  O_CLASS,
  O_DATA,
  OPAQUE,
  PAGE,
  PERSISTENT_BASE,
  R_CLASSES,
  R_HEAP_LIMIT,
  R_HEAP_NEXT,
  R_HEAP_START,
  R_MAGIC,
  R_SWEPT,
  ROOT,
  ROOT_MAGIC,
  WIRED,
} from '../layout';

export { trap } from '../../arch/trap';
export { heapBase } from '../../hardware';

const BEGIN: u32 = 100;
const END: u32 = 101;
const UNSOUND: u32 = 102;
const MIB: u32 = 64;
/** So far before a page the object begins that it is inside of. */
const FAR: u32 = 0x100000;
const HEAP_START: u32 = PERSISTENT_BASE + WIRED * PAGE;

function makeClass(kind: u32, instance: u32): u32 {
  const cls = allocate(load<u32>(ROOT + R_CLASSES + (K_CLASS << 2)), CLASS_BYTES | OPAQUE);
  if (kind == K_CLASS) store<u32>(cls, cls, O_CLASS);
  if (kind != K_USER) store<u32>(ROOT + R_CLASSES + (kind << 2), cls);
  store<u32>(cls, kind, C_KIND);
  store<u32>(cls, instance, C_INSTANCE);
  return cls;
}

/** Fills up to the end of a page beyond the next one with objects; their words lead to `target`. That whole page's address. */
function fill(cls: u32, size: u32, words: u32, target: u32): u32 {
  const whole = ((load<u32>(ROOT + R_HEAP_NEXT) + PAGE - 1) & ~(PAGE - 1)) + PAGE;
  while (load<u32>(ROOT + R_HEAP_NEXT) < whole + PAGE) {
    const made = allocate(cls, size);
    for (let i: u32 = 0; i < words; i++) store<u32>(made + (i << 2), target, O_DATA);
  }
  return whole;
}

function measure(what: u32, address: u32): void {
  const page = (address - PERSISTENT_BASE) >>> 12;
  // The first time classes are looked up that the others find in the table.
  checkPage(page);
  probe(BEGIN, what, page, 0);
  const sound = checkPage(page);
  probe(END, what, page, 0);
  if (!sound) probe(UNSOUND, what, page, 0);
}

function start(argument: usize): void {
  persistInit(MIB);
  store<u32>(ROOT + R_HEAP_START, HEAP_START);
  store<u32>(ROOT + R_HEAP_NEXT, HEAP_START);
  store<u32>(ROOT + R_HEAP_LIMIT, PERSISTENT_BASE + (MIB << 20));
  startCheck();
  makeClass(K_CLASS, 0);
  const pages = makeClass(K_PAGE, 0);
  const strings = makeClass(K_STRING, 0);
  const cells = makeClass(K_USER, 8);
  store<u32>(ROOT + R_SWEPT, 1);
  store<u32>(ROOT + R_MAGIC, ROOT_MAGIC);
  const small = fill(cells, 8, 2, cells);
  const many = fill(pages, (3 * PAGE) | OPAQUE, (3 * PAGE) >> 2, cells);
  const short = fill(strings, 16 | OPAQUE, 0, 0);
  const long = fill(strings, (3 * PAGE) | OPAQUE, 0, 0);
  const wide = fill(strings, (2 * FAR) | OPAQUE, 0, 0);
  // Each time room is made for 256 KiB more.
  for (let i: u32 = 0; i < (4 * FAR) >>> 18; i++) checkPrepare();
  demarcate();
  measure(1, small);
  measure(2, many);
  measure(3, short);
  measure(4, long);
  measure(5, ROOT);
  measure(6, ROOT + PAGE);
  measure(9, wide + FAR);
  probe(BEGIN, 7, 0, 0);
  checkRelease();
  probe(END, 7, 0, 0);
  probe(BEGIN, 8, 0, 0);
  checkCapture();
  probe(END, 8, 0, 0);
  shutdown(EXIT_DONE);
}

export function kmain(magic: u32, info: usize): void {
  hardwareInit(magic, info);
  threadCreate(start.index, 0);
  idleForever();
}
