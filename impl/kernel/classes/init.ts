/**
 * How object land wakes: on fresh persistent memory it builds the root structure and the first thread; on recovered
 * memory it starts a kernel thread for each thread that lived.
 *
 * Rule: the root structure's magic is written last, so memory that a power cut caught half built is built again;
 * allocation goes on where it was. The first thread's code is bytecode of our own: it loads the class named by
 * `root.boot`, makes one object of it without a constructor, and runs its method 8 with the boot object.
 */

import {
  announceInvariant,
  bootClassLength,
  bootClassName,
  finished,
  consolePosition,
  invariantWanted,
  isSwitcher,
  log,
  logNumber,
  logText,
  logNewline,
  panic,
  panicValue,
  persistentLimit,
  setLostHandler,
  WIRED_PAGES,
  spawn,
} from '../objects/below';
import { countBootTwice, forgetGrants, forgetHandlers, lastThreadStays, restartLate } from '../defects';
import { startCheck } from '../objects/check';
import { startCollector } from '../objects/collector';
import { allocate } from '../objects/heap';
import {
  C_CONSTANTS,
  C_INSTANCE,
  C_KIND,
  C_METHODS,
  C_NAME,
  C_PARENT,
  CLASS_BYTES,
  FRAME_BYTES,
  K_BOOT,
  K_CLASS,
  K_PAGE,
  K_STRING,
  K_VOID,
  KINDS,
  M_CONSTANTS,
  O_CLASS,
  O_DATA,
  OPAQUE,
  OLDEST_LAYOUT,
  PAGE,
  PERSISTENT_BASE,
  R_BOOT_OBJECT,
  R_BOOTS,
  R_CLASSES,
  R_CONSOLE,
  R_CONSOLE_BUFFER,
  R_EMPTY,
  R_ENVIRONMENT,
  R_HEAP_LIMIT,
  R_HEAP_NEXT,
  R_HEAP_START,
  R_LAYOUT,
  R_MAGIC,
  R_NO_MEMORY,
  R_PROGRAM,
  R_SWEPT,
  R_THREADS_FAILED,
  RECORDS_MAX,
  ROOT,
  ROOT_LAYOUT,
  ROOT_MAGIC,
  T_CSP,
  T_FP,
  T_GRANTED,
  T_STATE,
  THREAD_ALIVE,
  WIRED,
} from '../objects/layout';
import { internalClass, makePage, makeString, makeStringOf, makeText } from '../objects/objects';
import { putBytes, putText } from '../objects/text';
import { cacheInsert, forgetSites } from '../vm/class-cache';
import { makeCode } from '../vm/loader';
import { setNatives } from '../vm/natives';
import { askInvariant, NO_OBJECT } from '../vm/invariant';
import { forgetSelectors } from '../vm/selectors';
import { lost, makeThread, recordAt, runRecord } from '../vm/threads';
import { arraySet, makeArray } from './array';
import { createObject } from './create';
import { restartDevices } from './device';
import { native } from './native';
import { upgrade } from './upgrade';
import { restartScreen, startSwitcher } from './screen';

function kindName(kind: u32): string {
  switch (kind) {
    case 0:
      return '.internal.void';
    case 1:
      return '.internal.class';
    case 2:
      return '.internal.interface';
    case 3:
      return '.internal.code';
    case 4:
      return '.internal.int';
    case 5:
      return '.internal.long';
    case 6:
      return '.internal.string';
    case 7:
      return '.internal.container.array';
    case 8:
      return '.internal.container.page';
    case 9:
      return '.internal.thread';
    case 10:
      return '.internal.call_frame';
    case 11:
      return '.internal.istack';
    case 12:
      return '.internal.ostack';
    case 13:
      return '.internal.estack';
    case 14:
      return '.internal.boot';
    case 15:
      return '.internal.io.tty';
    case 16:
      return '.internal.mutex';
    case 17:
      return '.internal.cond';
    case 18:
      return '.internal.sema';
    case 19:
      return '.internal.binary';
    case 20:
      return '.internal.bitmap';
    case 21:
      return '.internal.closure';
    case 22:
      return '.internal.world';
    case 23:
      return '.internal.udp';
    case 24:
      return '.internal.tcp';
    case 25:
      return '.internal.window';
    case 26:
      return '.internal.directory';
    case 27:
      return '.internal.connection';
    case 28:
      return '.internal.float';
    case 29:
      return '.internal.double';
    case 30:
      return '.internal.net';
    case 31:
      return '.internal.http';
    case 32:
      return '.internal.time';
    case 33:
      return '.internal.stat';
    case 34:
      return '.internal.io';
    case 35:
      return '.internal.port';
    case 36:
      return '.internal.ui.control';
    case 37:
      return '.internal.ui.font';
    case 38:
      return '.internal.container.array.iterator';
    default:
      return '.internal.weakref';
  }
}

/**
 * Bytecode of the first thread: `this` and argument are the boot object. The program's object is slot 1 once it is made, and the boot
 * object's method 30 makes it known.
 *     os_get32 0; const_pool 0; call 8 with 1; new; os_get32 0; os_get32 1; call 30 with 1; os_drop; os_get32 0; call 8 with 1; ret
 */
const start: usize = memory.data<u8>([
  0x1e, 0, 0, 0, 0, 0x28, 0, 0, 0, 0, 0xa8, 1, 0x18, 0x1e, 0, 0, 0, 0, 0x1e, 0, 0, 0, 1, 0xbe, 1, 0x13, 0x1e, 0, 0, 0,
  0, 0xa8, 1, 0x08,
]);
const START_LENGTH: u32 = 34;

/** Memory is fresh, so an allocation that fails here is a machine too small to be of use. */
function must(made: u32): u32 {
  if (made == 0) panicValue('object land: persistent memory is too small, bytes', persistentLimit() - PERSISTENT_BASE);
  return made;
}

function buildClasses(): void {
  // The class of classes comes first and is of its own class; pages and strings are needed to name the others.
  for (let i: u32 = 0; i < KINDS; i++) {
    const kind = i == 0 ? K_CLASS : i == K_CLASS ? 0 : i;
    const cls = must(allocate(internalClass(K_CLASS), CLASS_BYTES | OPAQUE));
    if (kind == K_CLASS) store<u32>(cls, cls, O_CLASS);
    store<u32>(ROOT + (kind << 2), cls, R_CLASSES);
    store<u32>(cls, kind, C_KIND);
  }
  for (let kind: u32 = 0; kind < KINDS; kind++) {
    const cls = internalClass(kind);
    if (kind != K_VOID) store<u32>(cls, internalClass(K_VOID), C_PARENT);
    const name = must(makeText(kindName(kind)));
    store<u32>(cls, name, C_NAME);
    must(cacheInsert(name, cls));
  }
  must(cacheInsert(must(makeText('.internal.object')), internalClass(K_VOID)));
}

/** Builds everything, then becomes the first thread. Runs in a VM thread: it may wait for pages. */
export function buildFresh(argument: usize): void {
  if (bootClassLength() == 0) panic('object land: no root.boot option; name a class, as root.boot=.my.class');
  if (load<u32>(ROOT + R_HEAP_NEXT) == 0) {
    store<u32>(ROOT + R_HEAP_START, PERSISTENT_BASE + WIRED * PAGE);
    store<u32>(ROOT + R_HEAP_NEXT, PERSISTENT_BASE + WIRED * PAGE);
  }
  store<u32>(ROOT + R_HEAP_LIMIT, persistentLimit());
  store<u32>(ROOT + R_PROGRAM, 0);
  store<u32>(ROOT + R_CONSOLE_BUFFER, 0);
  store<u32>(ROOT + R_SWEPT, 1);
  for (let at: u32 = R_CLASSES; at < PAGE; at += 4) store<u32>(ROOT + at, 0);
  buildClasses();
  store<u32>(ROOT + R_NO_MEMORY, must(makeText('out of memory')));
  store<u32>(ROOT + R_EMPTY, must(makeString(0)));
  const boot = must(allocate(internalClass(K_BOOT), OPAQUE));
  store<u32>(ROOT + R_BOOT_OBJECT, boot);

  const constants = must(makePage(1));
  const name = must(makeStringOf(bootClassName(), bootClassLength()));
  store<u32>(constants, name, O_DATA);
  const environment = must(makeArray());
  const setting = must(makeString(10 + bootClassLength()));
  putBytes(putText(setting + O_DATA, 'root.boot='), bootClassName(), bootClassLength());
  if (!arraySet(environment, 0, setting, 0)) must(0);
  store<u32>(ROOT + R_ENVIRONMENT, environment);
  const code = must(makeCode(internalClass(K_BOOT), must(makeText('start')), 0, <u32>start, START_LENGTH));
  store<u32>(code, constants, M_CONSTANTS);
  store<u32>(ROOT + R_LAYOUT, ROOT_LAYOUT);
  restartScreen();
  startSwitcher();
  makeThread(code, boot, boot, 0);
  store<u32>(ROOT + R_MAGIC, ROOT_MAGIC);
  startCollector(forgetCaches.index);
}

/** A system whose threads had all ended when it was cut off ends once more. */
function endAgain(argument: usize): void {
  finished(load<u32>(ROOT + R_THREADS_FAILED));
}

/** Before objects are freed: what is known of classes and code by address. */
function forgetCaches(): void {
  forgetSites();
  forgetSelectors();
}

/** A kernel thread for each thread that lived. */
function startThreads(argument: usize): void {
  resuming = false;
  // Who finds memory full must find a collector to wait for.
  startCollector(forgetCaches.index);
  startSwitcher();
  let started: u32 = 0;
  for (let i: u32 = 0; i < RECORDS_MAX; i++) {
    if (load<u32>(recordAt(i), T_STATE) != THREAD_ALIVE) continue;
    if (lastThreadStays && started > 0) continue;
    if (forgetHandlers) store<u32>(recordAt(i), load<u32>(recordAt(i), T_FP) + FRAME_BYTES, T_CSP);
    if (forgetGrants) store<u32>(recordAt(i), 0, T_GRANTED);
    spawn(runRecord.index, recordAt(i));
    started++;
  }
  if (invariantWanted()) spawn(askInvariant.index, 0);
  else if (started == 0) spawn(endAgain.index, 0);
  logText('objects: boot ');
  logNumber(load<u32>(ROOT + R_BOOTS) + 1);
  logText(', threads ');
  logNumber(started);
  logNewline();
}

/** True while the first thread of a boot makes objects ready: a page that is lost to it must not stop the boot. */
let resuming: bool = false;

/** Restart methods: before any thread of a program. */
function restart(argument: usize): void {
  restartDevices();
  restartScreen();
}

function resume(argument: usize): void {
  resuming = true;
  upgrade();
  if (restartLate) {
    startThreads(0);
    spawn(restart.index, 0);
  } else {
    restart(0);
    startThreads(0);
  }
}

function lostPage(page: u32, address: usize): void {
  if (resuming) spawn(startThreads.index, 0);
  else if (isSwitcher()) startSwitcher();
  else lost(page, address);
}

/**
 * Whether this kernel knows how objects are laid out in the generation whose first page is in the frame at `root`; the log says when not. A root
 * structure without its magic number is one that was still being built.
 */
export function isLayoutKnown(root: usize): bool {
  const layout = load<u32>(root + R_LAYOUT);
  if (load<u32>(root + R_MAGIC) != ROOT_MAGIC) return true;
  if (layout >= OLDEST_LAYOUT && layout <= ROOT_LAYOUT) return true;
  logText('object land: objects are laid out by version ');
  logNumber(layout);
  logText('; this kernel knows versions ');
  logNumber(OLDEST_LAYOUT);
  logText(' to ');
  logNumber(ROOT_LAYOUT);
  logNewline();
  return false;
}

/** Starts object land, after the persistent memory is there: fresh or recovered. */
export function vmInit(): void {
  assert(WIRED == WIRED_PAGES, 'object land: the wired pages are not those of the persistent memory');
  setNatives(native.index, createObject.index);
  setLostHandler(lostPage.index);
  startCheck();
  const magic = load<u32>(ROOT + R_MAGIC);
  if (magic != ROOT_MAGIC) {
    if (magic != 0) panicValue('object land: the root structure has a wrong magic number,', magic);
    log('objects: new system');
    if (invariantWanted()) announceInvariant(NO_OBJECT, 0);
    spawn(buildFresh.index, 0);
    return;
  }
  if (consolePosition() != load<u32>(ROOT + R_CONSOLE)) {
    panicValue('object land: the console position is not that of the root structure,', load<u32>(ROOT + R_CONSOLE));
  }
  store<u32>(ROOT + R_BOOTS, load<u32>(ROOT + R_BOOTS) + (countBootTwice ? 2 : 1));
  spawn(resume.index, 0);
}
