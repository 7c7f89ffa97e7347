/**
 * The persistent memory as the rooms above see it (ARCHITECTURE.md, C6).
 *
 * Interface: `persistInit` mounts the disk and maps the wired pages; after it programs' memory is what it was in the
 * generation recovered (0: a new system, all zeroes). `persistStart` lets time go on: page-out and snapshots. Any
 * thread may then use addresses from PERSISTENT_BASE on; `touchForWrite` before updates of several words;
 * `canUse` before taking pages never used so far; `commitNow` to be sure that everything so far survives.
 */

import { probe, PROBE_BOOTED, PROBE_PASSED_OVER, PROBE_RECOVERED } from '../arch/exit';
import { breakReserve } from '../defects';
import { optionNumber, ramLimit } from '../arch/multiboot';
import { panic } from '../arch/panic';
import { PAGE_SHIFT } from '../arch/paging';
import { setPageFaultHandler } from '../arch/trap';
import { consoleSetPosition } from '../drivers/console';
import { log, logNewline, logNumber, logText } from '../arch/log';
import { ticksFor } from '../drivers/pit';
import { allocFrame } from '../memory/frames';
import { heapAlloc, heapFree } from '../memory/heap';
import { chooseGeneration, isWanted, PASSED_NONE, PASSED_OPTION, passedOver } from '../store/choose';
import { crcInit } from '../store/crc32c';
import { PANICS_MAX, PERSISTENT_PAGES_GRAIN, PERSISTENT_PAGES_MAX } from '../store/format';
import { newestGeneration } from '../store/generations';
import { indexPages, pageReferenceAt, pagesReferenced } from '../store/index';
import { blocksRead, ioInit } from '../store/io';
import { notePanics } from '../store/panics';
import {
  blocksFreeKnown,
  mount,
  MOUNT_REFUSED,
  recoveredConsole,
  recoveredHighest,
} from '../store/recovery';
import { persistFault } from './fault';
import { frameLevelsInit } from './frames';
import { mapForReading, mappingInit } from './mapping';
import { startCleaner } from './pageout';
import {
  changedPages,
  earlyPages,
  pageCount,
  pagesInit,
  PERSISTENT_BASE,
  setCurrentGeneration,
  setFrame,
  setSaved,
  setUsedPages,
  stateOf,
  usedPages,
  WIRED_PAGES,
} from './pages';
import { startSnapshotter } from './snapshot';

const PAGES_PER_MIB: u32 = 256;
const MIB_MAX: u32 = PERSISTENT_PAGES_MAX / PAGES_PER_MIB;
/** Blocks kept for the index and for generations in the making, beyond one for every page in use. */
const SLACK: u32 = 256;

/**
 * `mib`: size to format a blank disk with, in MiB; rounded up to a multiple of 4. `known`: a `(root: usize) => bool` of the room above that says
 * whether it understands what the first page of a generation leads to, 0 for none; where it does not, the kernel ends before anything is
 * written. Runs in a thread; panics without a disk.
 *
 * Options of the command line: `generation` the one to recover, that one or none; `panics.max` how often in a row one may be panicked of
 * (PANICS_MAX), 0 for any number. What `generation` chose is not panicked of: who asks for it decides.
 */
export function persistInit(mib: u32, known: u32 = 0): void {
  const asked = max<u32>(min<u32>(mib, MIB_MAX), 1) * PAGES_PER_MIB;
  const pages = (asked + PERSISTENT_PAGES_GRAIN - 1) & ~(PERSISTENT_PAGES_GRAIN - 1);
  crcInit();
  ioInit();
  const frames = wiredFrames();
  chooseGeneration(optionNumber('generation', 0), optionNumber('panics.max', PANICS_MAX));
  const mounted = mount(frames, WIRED_PAGES, pages);
  if (mounted == MOUNT_REFUSED) panic('persist: no generation to go on from; the log says what is wrong with the disk');
  if (known != 0 && newestGeneration() != 0 && !call_indirect<bool>(known, <usize>load<u32>(frames))) {
    panic('persist: this kernel does not know what is in the generation; nothing was changed on the disk');
  }
  pagesInit(indexPages(), <u32>(ramLimit() >>> PAGE_SHIFT));
  mappingInit(pageCount());
  setUsedPages(pagesReferenced());
  for (let page: u32 = 0; page < WIRED_PAGES; page++) {
    const frame = load<u32>(frames + (page << 2));
    if (load<u32>(pageReferenceAt(page)) != 0) setSaved(stateOf(page));
    setFrame(page, stateOf(page), frame);
    mapForReading(page, frame);
  }
  heapFree(frames);
  frameLevelsInit();
  setCurrentGeneration(max<u32>(newestGeneration(), recoveredHighest()) + 1);
  setPageFaultHandler(persistFault.index);
  consoleSetPosition(recoveredConsole());
  announce();
  if (newestGeneration() != 0 && !isWanted()) notePanics(newestGeneration());
}

/** A table of frames for the wired pages. */
function wiredFrames(): usize {
  const table = heapAlloc(WIRED_PAGES << 2);
  for (let page: u32 = 0; page < WIRED_PAGES; page++) {
    const frame = allocFrame();
    if (frame == 0) panic('persist: not enough memory for the wired pages');
    store<u32>(table + (page << 2), frame);
  }
  return table;
}

function announce(): void {
  const generation = newestGeneration();
  logText('persist: ');
  if (generation == 0) {
    logText('a new system');
  } else {
    logText('recovered generation ');
    logNumber(generation);
  }
  logText(', pages ');
  logNumber(pageCount());
  logText(', in use ');
  logNumber(usedPages());
  logNewline();
  if (passedOver() != PASSED_NONE) {
    logText('persist: generation ');
    logNumber(recoveredHighest());
    logText(' was not tried: ');
    logText(passedOver() == PASSED_OPTION ? 'another one was asked for' : 'it led to panics');
    log('; newer generations stay on the disk until the first commit');
  }
  probe(PROBE_BOOTED, <u32>PERSISTENT_BASE, pageCount(), WIRED_PAGES);
  if (passedOver() != PASSED_NONE) probe(PROBE_PASSED_OVER, generation, recoveredHighest(), passedOver());
  probe(PROBE_RECOVERED, generation, recoveredConsole(), blocksRead());
}

/** Starts page-out, and snapshots every `milliseconds`. */
export function persistStart(milliseconds: u32): void {
  startCleaner();
  startSnapshotter(newestGeneration(), ticksFor(milliseconds));
}

/** The generation recovered, 0: a new system. Until the first snapshot commits. */
export function recoveredGeneration(): u32 {
  return newestGeneration();
}

/**
 * Whether the disk has room for `pages` more pages in use: a snapshot of all that is changed, and of them, would leave a free
 * block for each page in use. So no allocation stops snapshots, nor page-out. False: whoever allocates persistent memory
 * throws `out of memory`.
 */
export function canUse(pages: u32): bool {
  const snapshot = changedPages() - earlyPages() + pages;
  return breakReserve || blocksFreeKnown() > snapshot + usedPages() + pages + SLACK;
}
