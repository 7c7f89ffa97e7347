/**
 * The first disk on the primary IDE channel, by bus-master DMA: ATA/ATAPI-6 (T13 1410D) commands, Intel PIIX3 (290550)
 * bus master. The PCI function's address and the legacy ports and line 14 are those of compatibility mode.
 *
 * Rule: one command at a time. `ideStart` issues one; the interrupt, or `ideTick` when none comes, ends it through
 * `diskComplete`. Both run with interrupts off.
 *
 * A drive whose registers read as all ones is gone: its command waits until it is back, however long that takes, and is
 * then given again. It may have been without power meanwhile and have lost what it had not written, so the first flush
 * after that fails.
 */

import { inb, inw, outb, outl, outw } from '../arch/hw';
import { setInterruptHandler } from '../arch/trap';
import { believeFlushAfterGone, ideFlushNotSent, ideFlushSkippedAfterError } from '../defects';
import { allocFrame } from '../memory/frames';
import { tickCount } from '../sched/thread';
import {
  BLOCK_BYTES,
  DISK_DONE,
  DISK_ERROR,
  DISK_FLUSH,
  DISK_READ,
  DISK_TIMEOUT,
  diskAwaitTick,
  diskComplete,
  DiskRequest,
  SECTORS_PER_BLOCK,
} from './disk';
import { log, logBytes, logText, logValue } from '../arch/log';
import { PCI_BAR4, PCI_COMMAND, PCI_COMMAND_BUS_MASTER, PCI_COMMAND_IO, pciFind, pciRead, pciWrite } from './pci';
import { picEnable } from '../arch/pic';

const PCI_CLASS_IDE: u32 = 0x0101;
const IDE_LINE: u32 = 14;

const DATA: u32 = 0x1f0;
const ERROR: u32 = 0x1f1;
const COUNT: u32 = 0x1f2;
const LBA_LOW: u32 = 0x1f3;
const LBA_MIDDLE: u32 = 0x1f4;
const LBA_HIGH: u32 = 0x1f5;
const DEVICE: u32 = 0x1f6;
const STATUS: u32 = 0x1f7;
const COMMAND: u32 = 0x1f7;
const CONTROL: u32 = 0x3f6;
const ALTERNATE_STATUS: u32 = 0x3f6;

const CONTROL_RESET: u32 = 0x04;
const CONTROL_HIGH_ORDER: u32 = 0x80;
/** UNC, MC, IDNF: the error is of the sector that the address registers name. */
const ERROR_OF_A_SECTOR: u32 = 0x70;
const DEVICE_LBA: u32 = 0xe0;
const STATUS_ERROR: u32 = 0x01;
const STATUS_DATA: u32 = 0x08;
const STATUS_FAULT: u32 = 0x20;
const STATUS_BUSY: u32 = 0x80;
const NO_DRIVE: u32 = 0xff;

const READ_DMA: u32 = 0xc8;
const WRITE_DMA: u32 = 0xca;
const WRITE_SECTORS: u32 = 0x30;
const READ_DMA_EXT: u32 = 0x25;
const WRITE_DMA_EXT: u32 = 0x35;
const FLUSH_CACHE: u32 = 0xe7;
const FLUSH_CACHE_EXT: u32 = 0xea;
const IDENTIFY: u32 = 0xec;

/** Bus master registers of the primary channel, relative to BAR4. */
const BM_COMMAND: u32 = 0;
const BM_STATUS: u32 = 2;
const BM_TABLE: u32 = 4;
const BM_START: u32 = 0x01;
/** The bus master writes memory: a disk read. */
const BM_TO_MEMORY: u32 = 0x08;
const BM_STATUS_ERROR: u32 = 0x02;
const BM_STATUS_INTERRUPT: u32 = 0x04;
const PRD_LAST: u32 = 0x80000000;

const SECTOR_WORDS: u32 = 256;
/** Words of IDENTIFY data. */
const ID_WORDS: u32 = 256;
const ID_MODEL: u32 = 27;
const ID_MODEL_WORDS: u32 = 20;
const ID_CAPABILITIES: u32 = 49;
const ID_DMA: u32 = 0x100;
const ID_SECTORS_28: u32 = 60;
const ID_COMMAND_SETS: u32 = 83;
const ID_LBA48: u32 = 0x400;
const ID_SECTORS_48: u32 = 100;
const LBA28_SECTORS: u32 = 0x10000000;

/** At boot, in status reads of at least 0.1 us: seconds. */
const POLLS_MAX: u32 = 20000000;
/** Before a command the drive is idle; what is waited for here is a drive that is gone. */
const READY_POLLS_MAX: u32 = 100000;
/** 30 s at 250 ticks a second: what ATA drives may take to flush. */
const TIMEOUT_TICKS: u32 = 7500;

let busMaster: u32 = 0;
let blocks: u32 = 0;
let lba48: bool = false;
/** Physical region descriptors; a frame, so it does not cross 64 KiB. */
let regions: usize = 0;
let current: DiskRequest | null = null;
let deadline: u32 = 0;
let gone: bool = false;
/** The drive was gone since the last flush. */
let wasGone: bool = false;
/** The flush that is current fails at the next tick. */
let failing: bool = false;
/** For the defect of that name. */
let skipFlush: bool = false;

/** Blocks of the disk, 0 when there is none that works. */
export function ideBlocks(): u32 {
  return blocks;
}

/** Four reads of the alternate status take the 400 ns a drive needs before its status counts. */
function settle(): void {
  for (let i: u32 = 0; i < 4; i++) inb(ALTERNATE_STATUS);
}

/** Waits until all `mask` bits are clear; false when they do not clear. */
function waitClear(mask: u32, polls: u32): bool {
  for (let i: u32 = 0; i < polls; i++) {
    const status = inb(ALTERNATE_STATUS);
    if (status == NO_DRIVE) return false;
    if (!(status & mask)) return true;
  }
  return false;
}

function resetChannel(): void {
  outb(CONTROL, CONTROL_RESET);
  // The reset is held for 5 us.
  for (let i: u32 = 0; i < 50; i++) inb(ALTERNATE_STATUS);
  outb(CONTROL, 0);
  settle();
}

function setAddress(sector: u32, count: u32, wide: bool): void {
  if (wide) {
    outb(COUNT, count >> 8);
    outb(LBA_LOW, sector >> 24);
    outb(LBA_MIDDLE, 0);
    outb(LBA_HIGH, 0);
  }
  outb(COUNT, count & 0xff);
  outb(LBA_LOW, sector & 0xff);
  outb(LBA_MIDDLE, (sector >> 8) & 0xff);
  outb(LBA_HIGH, (sector >> 16) & 0xff);
  outb(DEVICE, wide ? DEVICE_LBA : DEVICE_LBA | (sector >> 24));
}

function fillRegions(request: DiskRequest): void {
  const last = request.count - 1;
  for (let i: u32 = 0; i <= last; i++) {
    store<u32>(regions + i * 8, request.frameAt(i));
    store<u32>(regions + i * 8, i == last ? BLOCK_BYTES | PRD_LAST : BLOCK_BYTES, 4);
  }
}

function transfer(request: DiskRequest): void {
  const sector = request.block * SECTORS_PER_BLOCK;
  const sectors = request.count * SECTORS_PER_BLOCK;
  const wide = lba48 && sector + sectors > LBA28_SECTORS;
  const reading = request.operation == DISK_READ;
  const direction: u32 = reading ? BM_TO_MEMORY : 0;
  fillRegions(request);
  outb(busMaster + BM_COMMAND, direction);
  outl(busMaster + BM_TABLE, <u32>regions);
  outb(busMaster + BM_STATUS, BM_STATUS_ERROR | BM_STATUS_INTERRUPT);
  setAddress(sector, sectors, wide);
  if (reading) outb(COMMAND, wide ? READ_DMA_EXT : READ_DMA);
  else outb(COMMAND, wide ? WRITE_DMA_EXT : WRITE_DMA);
  outb(busMaster + BM_COMMAND, direction | BM_START);
}

export function ideStart(request: DiskRequest): void {
  assert(current === null, 'ide: a command while another runs');
  current = request;
  issue(request);
}

function issue(request: DiskRequest): void {
  deadline = tickCount() + TIMEOUT_TICKS;
  if (request.operation == DISK_FLUSH && ((wasGone && !believeFlushAfterGone) || skipFlush || ideFlushNotSent)) {
    wasGone = false;
    failing = true;
    return;
  }
  // A drive that stays busy, or is not there, is left to the ticks.
  if (!waitClear(STATUS_BUSY | STATUS_DATA, READY_POLLS_MAX)) return;
  if (request.operation == DISK_FLUSH) outb(COMMAND, lba48 ? FLUSH_CACHE_EXT : FLUSH_CACHE);
  else transfer(request);
}

function finish(status: u32, error: u32): void {
  const request = current;
  assert(request !== null, 'ide: the end of a command that was not given');
  if (request === null) return;
  current = null;
  diskComplete(request, status, error);
}

/** Of a flush the address registers name the sector that could not be written, where the error is one of a sector. */
function fail(request: DiskRequest, error: u32): void {
  if (request.operation == DISK_FLUSH && (error & ERROR_OF_A_SECTOR) != 0) {
    request.block = failedSector() / SECTORS_PER_BLOCK;
  }
  if (ideFlushSkippedAfterError) skipFlush = true;
  finish(DISK_ERROR, error);
}

/** The high-order bit of the control register turns the older half of the 48-bit registers up. */
function failedSector(): u32 {
  const low = inb(LBA_LOW) | (inb(LBA_MIDDLE) << 8) | (inb(LBA_HIGH) << 16);
  if (!lba48) return low | ((inb(DEVICE) & 0x0f) << 24);
  outb(CONTROL, CONTROL_HIGH_ORDER);
  const high = inb(LBA_LOW);
  outb(CONTROL, 0);
  return low | (high << 24);
}

function onInterrupt(): void {
  const master = inb(busMaster + BM_STATUS);
  const request = current;
  if (request === null) {
    inb(STATUS);
    return;
  }
  if (inb(ALTERNATE_STATUS) & STATUS_BUSY) return;
  if (request.operation != DISK_FLUSH) {
    if (!(master & BM_STATUS_INTERRUPT)) return;
    outb(busMaster + BM_COMMAND, 0);
  }
  outb(busMaster + BM_STATUS, BM_STATUS_ERROR | BM_STATUS_INTERRUPT);
  // Reading the status is what withdraws the drive's request.
  const status = inb(STATUS);
  if (status & (STATUS_ERROR | STATUS_FAULT)) fail(request, inb(ERROR));
  else if (request.operation != DISK_FLUSH && (master & BM_STATUS_ERROR) != 0) finish(DISK_ERROR, 0);
  else finish(DISK_DONE, 0);
}

/** Once a tick: waits for a drive that is gone, and gives up a command whose interrupt never came. */
export function ideTick(): void {
  const request = current;
  if (request === null) return;
  const absent = inb(ALTERNATE_STATUS) == NO_DRIVE;
  if (absent && !gone) log('ide: the disk is gone; who needs it waits until it is back');
  if (gone && !absent) {
    log('ide: the disk is back');
    outb(busMaster + BM_COMMAND, 0);
    resetChannel();
    wasGone = true;
  }
  const back = gone && !absent;
  gone = absent;
  if (absent) return;
  if (back) {
    issue(request);
    return;
  }
  if (failing) {
    failing = false;
    finish(skipFlush || ideFlushNotSent ? DISK_DONE : DISK_ERROR, 0);
    skipFlush = false;
    return;
  }
  if (<i32>(tickCount() - deadline) < 0) return;
  logValue('ide: no answer from the drive, resetting; block', request.block);
  outb(busMaster + BM_COMMAND, 0);
  resetChannel();
  finish(DISK_TIMEOUT, 0);
}

/**
 * Writes one sector, below LBA28_SECTORS, from `at` and waits by polling until the drive has it in its cache. For a panic, with interrupts off
 * for good: a command under way is given up, by a reset, which leaves what the drive had acknowledged. False: it could not be written.
 */
export function ideWriteNow(sector: u32, at: usize): bool {
  if (blocks == 0 || inb(ALTERNATE_STATUS) == NO_DRIVE) return false;
  outb(busMaster + BM_COMMAND, 0);
  resetChannel();
  if (!waitClear(STATUS_BUSY, POLLS_MAX)) return false;
  setAddress(sector, 1, false);
  outb(COMMAND, WRITE_SECTORS);
  settle();
  if (!waitClear(STATUS_BUSY, POLLS_MAX) || !(inb(STATUS) & STATUS_DATA)) return false;
  for (let i: u32 = 0; i < SECTOR_WORDS; i++) outw(DATA, <u32>load<u16>(at + (i << 1)));
  settle();
  return waitClear(STATUS_BUSY, POLLS_MAX) && !(inb(STATUS) & (STATUS_ERROR | STATUS_FAULT));
}

/** After `ideWriteNow`: makes what the drive has in its cache durable. False: it did not. */
export function ideFlushNow(): bool {
  outb(COMMAND, FLUSH_CACHE);
  settle();
  return waitClear(STATUS_BUSY, POLLS_MAX) && !(inb(STATUS) & (STATUS_ERROR | STATUS_FAULT));
}

/** Reads IDENTIFY data to `words`; false when there is no disk. */
function identify(words: usize): bool {
  if (inb(STATUS) == NO_DRIVE) return false;
  outb(DEVICE, DEVICE_LBA);
  resetChannel();
  if (!waitClear(STATUS_BUSY, POLLS_MAX)) return false;
  outb(DEVICE, DEVICE_LBA);
  settle();
  if (inb(STATUS) == 0) return false;
  outb(COMMAND, IDENTIFY);
  settle();
  if (!waitClear(STATUS_BUSY, POLLS_MAX)) return false;
  // An ATAPI drive aborts; a disk has data.
  const status = inb(STATUS);
  if ((status & STATUS_ERROR) != 0 || (status & STATUS_DATA) == 0) return false;
  for (let i: u32 = 0; i < ID_WORDS; i++) store<u16>(words + i * 2, <u16>inw(DATA));
  // What a drive that went meanwhile said is all ones.
  return inb(STATUS) != NO_DRIVE;
}

/** The same, and waits for a drive that is not there yet. */
function identifyInTime(words: usize): bool {
  const since = tickCount();
  let told = false;
  while (!identify(words)) {
    if (inb(STATUS) != NO_DRIVE) return false;
    if (!told) log('ide: no disk on the primary channel yet; waiting for one to spin up');
    told = true;
    while (inb(STATUS) == NO_DRIVE) if (!diskAwaitTick(since)) return false;
  }
  return true;
}

function word(words: usize, index: u32): u32 {
  return <u32>load<u16>(words + index * 2);
}

function logModel(words: usize): void {
  logText('ide: disk ');
  let end = ID_MODEL_WORDS * 2;
  // Characters come in pairs, swapped, padded with spaces.
  const at = words + ID_MODEL * 2;
  for (let i: u32 = 0; i < end; i += 2) store<u16>(at + i, bswap<u16>(load<u16>(at + i)));
  while (end > 0 && <u32>load<u8>(at + end - 1) == 32) end--;
  logBytes(at, end);
}

export function ideInit(): void {
  const place = pciFind(PCI_CLASS_IDE);
  if (place < 0) {
    log('ide: no controller on the PCI bus; running without a disk');
    return;
  }
  busMaster = pciRead(place, PCI_BAR4) & 0xfffc;
  if (busMaster == 0) {
    log('ide: the controller has no bus master; running without a disk');
    return;
  }
  pciWrite(place, PCI_COMMAND, (pciRead(place, PCI_COMMAND) & 0xffff) | PCI_COMMAND_IO | PCI_COMMAND_BUS_MASTER);
  regions = <usize>allocFrame();
  assert(regions != 0, 'ide: no frame for the region table');
  // The table's frame holds the IDENTIFY data first.
  if (!identifyInTime(regions)) {
    log('ide: no disk on the primary channel; running without one');
    return;
  }
  if (!(word(regions, ID_CAPABILITIES) & ID_DMA)) {
    log('ide: the disk cannot do DMA; running without it');
    return;
  }
  lba48 = (word(regions, ID_COMMAND_SETS) & ID_LBA48) != 0;
  const at = lba48 ? ID_SECTORS_48 : ID_SECTORS_28;
  const sectors = word(regions, at) | (word(regions, at + 1) << 16);
  // Sector numbers are 32 bits here: 2 TiB.
  const beyond = lba48 && (word(regions, at + 2) | word(regions, at + 3)) != 0;
  blocks = (beyond ? 0xffffffff : sectors) / SECTORS_PER_BLOCK;
  logModel(regions);
  logValue(', blocks of 4 KiB:', blocks);
  setInterruptHandler(IDE_LINE, onInterrupt.index);
  picEnable(IDE_LINE);
}
