/**
 * A virtio block device of the legacy PCI interface (Virtual I/O Device (VIRTIO) 1.0, sections 2.4, 4.1.4.8 and 5.2 with
 * their legacy parts): registers at BAR0, one queue, its interrupt on the line that the firmware assigned.
 *
 * The queue, as the device wants it: 16 bytes a descriptor; available ring; at the next page the used ring. Slot s has
 * the descriptors from s * SLOT_DESCRIPTORS on, for header, frames and status byte, and 32 bytes of a page of its own:
 * header (type, 0, sector as u64), then at +16 the status byte. So a slot's memory is its own until its request is done.
 *
 * Rules: a request is done when the used ring says so, not when an interrupt comes; the interrupt's status is read first,
 * so that what is done after that interrupts again. An element of the available ring is written before the index that
 * shows it. A device that was reset has forgotten everything: what it had is given to it again.
 *
 * As with IDE (`ide.ts`) a device whose registers read as all ones is gone, what it had waits until it is back, and the
 * first flush after that fails. Unlike IDE, an error names no sector (`suspects.ts`).
 */

import { inb, inl, inw, outb, outl, outw, vload16, vload32, vload8, vstore16, vstore32, vstore8 } from '../arch/hw';
import { log, logNewline, logNumber, logText, logValue } from '../arch/log';
import { picEnable } from '../arch/pic';
import { setInterruptHandler } from '../arch/trap';
import { believeFlushAfterGone, virtioEndsAll, virtioFlushNotSent, virtioKeepsOldSector } from '../defects';
import { allocFrame, allocFrames } from '../memory/frames';
import { tickCount } from '../sched/thread';
import {
  BLOCK_BYTES,
  DISK_DONE,
  DISK_ERROR,
  DISK_FLUSH,
  DISK_FRAMES_MAX,
  DISK_READ,
  DISK_TIMEOUT,
  diskAwaitTick,
  diskComplete,
  DiskRequest,
  SECTORS_PER_BLOCK,
} from './disk';
import {
  PCI_BAR0,
  PCI_COMMAND,
  PCI_COMMAND_BUS_MASTER,
  PCI_COMMAND_IO,
  PCI_INTERRUPT,
  pciFindDevice,
  pciRead,
  pciWrite,
} from './pci';

const VIRTIO_BLOCK: u32 = 0x10011af4;

const DEVICE_FEATURES: u32 = 0;
const DRIVER_FEATURES: u32 = 4;
const QUEUE_PAGE: u32 = 8;
const QUEUE_SIZE: u32 = 12;
const QUEUE_SELECT: u32 = 14;
const QUEUE_NOTIFY: u32 = 16;
const STATUS: u32 = 18;
const INTERRUPT_STATUS: u32 = 19;
const CAPACITY: u32 = 20;

const STATUS_RESET: u32 = 0;
const STATUS_ACKNOWLEDGE: u32 = 1;
const STATUS_DRIVER: u32 = 2;
const STATUS_DRIVER_OK: u32 = 4;
const NO_DEVICE: u32 = 0xff;
const FEATURE_FLUSH: u32 = 0x200;

const DESCRIPTOR_NEXT: u32 = 1;
const DESCRIPTOR_WRITE: u32 = 2;
const TYPE_IN: u32 = 0;
const TYPE_OUT: u32 = 1;
const TYPE_FLUSH: u32 = 4;
const HEADER_BYTES: u32 = 16;
const REQUEST_STATUS: u32 = 16;
const REQUEST_OK: u32 = 0;

const SECTOR_BYTES: u32 = 512;
const PAGE_BYTES: u32 = 4096;
const DESCRIPTOR_BYTES: u32 = 16;
/** Header, DISK_FRAMES_MAX frames, status byte. */
const SLOT_DESCRIPTORS: u32 = 18;
const SLOTS_MAX: u32 = 14;
const SLOT_BYTES: u32 = 32;
/** At a panic, in reads of a register of at least 0.1 us: seconds. */
const POLLS_MAX: u32 = 20000000;
/** 30 s at 250 ticks a second, as for IDE. */
const TIMEOUT_TICKS: u32 = 7500;
const IRQ_MAX: u32 = 15;

let base: u32 = 0;
let blocks: u32 = 0;
let queueSize: u32 = 0;
let slots: u32 = 0;
let queue: usize = 0;
let available: usize = 0;
let used: usize = 0;
let queueBytes: u32 = 0;
/** Headers and status bytes. */
let headers: usize = 0;
/** The request in each slot, 0 for none, and the tick it must be done by. */
const requests: usize = memory.data(64, 4);
const deadlines: usize = memory.data(64, 4);
/** Index of the next element of the available ring to fill, and of the used ring to look at. */
let nextAvailable: u32 = 0;
let nextUsed: u32 = 0;
let gone: bool = false;
/** The device was gone since the last flush. */
let wasGone: bool = false;
/** The flush under way fails at the next tick. */
let failing: bool = false;

/** Blocks of the disk, 0 when there is none that works. */
export function virtioBlocks(): u32 {
  return blocks;
}

/** Requests that can be under way at once. */
export function virtioRequests(): u32 {
  return slots;
}

function requestIn(slot: u32): usize {
  return <usize>load<u32>(requests + (slot << 2));
}

function setRequest(slot: u32, request: usize): void {
  store<u32>(requests + (slot << 2), <u32>request);
}

function setDescriptor(index: u32, address: u32, bytes: u32, flags: u32): void {
  const at = queue + index * DESCRIPTOR_BYTES;
  vstore32(at, address);
  vstore32(at + 4, 0);
  vstore32(at + 8, bytes);
  vstore16(at + 12, flags);
  vstore16(at + 14, index + 1);
}

export function virtioStart(request: DiskRequest): void {
  let slot: u32 = 0;
  while (slot < slots && requestIn(slot) != 0) slot++;
  assert(slot < slots, 'virtio: more requests than slots');
  setRequest(slot, changetype<usize>(request));
  issue(slot, request);
}

/** Gives the request in a slot to the device. */
function issue(slot: u32, request: DiskRequest): void {
  store<u32>(deadlines + (slot << 2), tickCount() + TIMEOUT_TICKS);
  if (request.operation == DISK_FLUSH && ((wasGone && !believeFlushAfterGone) || virtioFlushNotSent)) {
    wasGone = false;
    failing = true;
    return;
  }
  const first = slot * SLOT_DESCRIPTORS;
  const reading = request.operation == DISK_READ;
  const flush = request.operation == DISK_FLUSH;
  const type = flush ? TYPE_FLUSH : reading ? TYPE_IN : TYPE_OUT;
  // Block numbers are 32 bits, sector numbers 64.
  if (flush) setHeader(slot, type, 0, 0);
  else setHeader(slot, type, request.block * SECTORS_PER_BLOCK, request.block >> 29);
  const count = request.count;
  for (let i: u32 = 0; i < count; i++) {
    const flags = reading ? DESCRIPTOR_NEXT | DESCRIPTOR_WRITE : DESCRIPTOR_NEXT;
    setDescriptor(first + 1 + i, request.frameAt(i), BLOCK_BYTES, flags);
  }
  send(slot, count);
}

/** The first descriptor of a slot, and what it names. */
function setHeader(slot: u32, type: u32, sector: u32, sectorHigh: u32): void {
  const header = headers + slot * SLOT_BYTES;
  vstore32(header, type);
  vstore32(header + 4, 0);
  if (!virtioKeepsOldSector || slot != 1) {
    vstore32(header + 8, sector);
    vstore32(header + 12, sectorHigh);
  }
  setDescriptor(slot * SLOT_DESCRIPTORS, <u32>header, HEADER_BYTES, DESCRIPTOR_NEXT);
}

/** Ends a slot's chain behind `count` descriptors of data, and shows it to the device. */
function send(slot: u32, count: u32): void {
  const first = slot * SLOT_DESCRIPTORS;
  setDescriptor(first + 1 + count, <u32>(headers + slot * SLOT_BYTES) + REQUEST_STATUS, 1, DESCRIPTOR_WRITE);
  vstore16(available + 4 + ((nextAvailable % queueSize) << 1), first);
  nextAvailable = (nextAvailable + 1) & 0xffff;
  vstore16(available + 2, nextAvailable);
  outw(base + QUEUE_NOTIFY, 0);
}

/**
 * For a panic, with interrupts off for good: writes a sector from the 512 bytes at `at` and waits by polling. What was
 * under way is given up, by a reset, which leaves what the device had acknowledged. False: it could not be written.
 */
export function virtioWriteNow(sector: u32, at: usize): bool {
  if (inb(base + STATUS) == NO_DEVICE) return false;
  resetDevice();
  setHeader(0, TYPE_OUT, sector, 0);
  setDescriptor(1, <u32>at, SECTOR_BYTES, DESCRIPTOR_NEXT);
  send(0, 1);
  return endsWell();
}

/** After `virtioWriteNow`: makes what the device has in its cache durable. False: it did not. */
export function virtioFlushNow(): bool {
  setHeader(0, TYPE_FLUSH, 0, 0);
  send(0, 0);
  return endsWell();
}

/** Waits for the one request in slot 0. */
function endsWell(): bool {
  for (let i: u32 = 0; i < POLLS_MAX; i++) {
    if (inb(base + INTERRUPT_STATUS) == NO_DEVICE) return false;
    if (vload16(used + 2) != nextAvailable) continue;
    return vload8(headers + REQUEST_STATUS) == REQUEST_OK;
  }
  return false;
}

function end(slot: u32, status: u32, error: u32): void {
  const request = changetype<DiskRequest>(requestIn(slot));
  setRequest(slot, 0);
  diskComplete(request, status, error);
}

function onInterrupt(): void {
  // Reading it is what withdraws the device's request.
  inb(base + INTERRUPT_STATUS);
  if (virtioEndsAll) {
    for (let slot: u32 = 0; slot < slots; slot++) if (requestIn(slot) != 0) end(slot, DISK_DONE, 0);
    nextUsed = vload16(used + 2);
    return;
  }
  while (nextUsed != vload16(used + 2)) {
    const first = vload32(used + 4 + ((nextUsed % queueSize) << 3));
    nextUsed = (nextUsed + 1) & 0xffff;
    const slot = first / SLOT_DESCRIPTORS;
    const wasGiven = first % SLOT_DESCRIPTORS == 0 && slot < slots && requestIn(slot) != 0;
    assert(wasGiven, 'virtio: the device ends a request that it was not given');
    const status = vload8(headers + slot * SLOT_BYTES + REQUEST_STATUS);
    end(slot, status == REQUEST_OK ? DISK_DONE : DISK_ERROR, status);
  }
}

/** The device forgets everything and gets its queue. */
function resetDevice(): void {
  outb(base + STATUS, STATUS_RESET);
  outb(base + STATUS, STATUS_ACKNOWLEDGE);
  outb(base + STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
  outl(base + DRIVER_FEATURES, inl(base + DEVICE_FEATURES) & FEATURE_FLUSH);
  outw(base + QUEUE_SELECT, 0);
  memory.fill(queue, 0, queueBytes);
  nextAvailable = 0;
  nextUsed = 0;
  outl(base + QUEUE_PAGE, <u32>queue / PAGE_BYTES);
  outb(base + STATUS, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_DRIVER_OK);
}

function issueAgain(): void {
  failing = false;
  for (let slot: u32 = 0; slot < slots; slot++) {
    const request = requestIn(slot);
    if (request != 0) issue(slot, changetype<DiskRequest>(request));
  }
}

/** The first slot with a request whose time is over; `slots` when there is none. */
function overdue(): u32 {
  for (let slot: u32 = 0; slot < slots; slot++) {
    const late = <i32>(tickCount() - load<u32>(deadlines + (slot << 2))) >= 0;
    if (requestIn(slot) != 0 && late) return slot;
  }
  return slots;
}

/** A flush is alone in the queue. */
function endFailing(): void {
  failing = false;
  let slot: u32 = 0;
  while (requestIn(slot) == 0) slot++;
  end(slot, virtioFlushNotSent ? DISK_DONE : DISK_ERROR, 0);
}

/** Once a tick: waits for a device that is gone, and gives up a request that never ends. */
export function virtioTick(): void {
  const absent = inb(base + STATUS) == NO_DEVICE;
  if (absent && !gone) log('virtio: the disk is gone; who needs it waits until it is back');
  if (gone && !absent) {
    log('virtio: the disk is back');
    wasGone = true;
    resetDevice();
    issueAgain();
    gone = false;
    return;
  }
  gone = absent;
  if (absent) return;
  if (failing) {
    endFailing();
    return;
  }
  const slot = overdue();
  if (slot == slots) return;
  logValue('virtio: no answer from the device, resetting; block', changetype<DiskRequest>(requestIn(slot)).block);
  resetDevice();
  end(slot, DISK_TIMEOUT, 0);
  issueAgain();
}

/** Waits for a device that is not there yet. */
function isThereInTime(): bool {
  if (inb(base + STATUS) != NO_DEVICE) return true;
  log('virtio: the disk does not answer yet; waiting for it to spin up');
  const since = tickCount();
  while (inb(base + STATUS) == NO_DEVICE) if (!diskAwaitTick(since)) return false;
  return true;
}

/** Memory for the queue and the slots. */
function layOut(): void {
  available = queueSize * DESCRIPTOR_BYTES;
  used = (available + 6 + 2 * queueSize + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
  const pages = (<u32>used + 6 + 8 * queueSize + PAGE_BYTES - 1) / PAGE_BYTES;
  queueBytes = pages * PAGE_BYTES;
  queue = <usize>allocFrames(pages);
  headers = <usize>allocFrame();
  assert(queue != 0 && headers != 0, 'virtio: no frames for the queue');
  available += queue;
  used += queue;
}

/** False: there is no such device, or none that can be used. */
export function virtioInit(): bool {
  assert(DISK_FRAMES_MAX + 2 == SLOT_DESCRIPTORS, 'virtio: a slot has not a descriptor for each frame');
  const place = pciFindDevice(VIRTIO_BLOCK);
  if (place < 0) return false;
  base = pciRead(place, PCI_BAR0) & 0xfffc;
  const line = pciRead(place, PCI_INTERRUPT) & 0xff;
  if (base == 0 || line == 0 || line > IRQ_MAX) {
    log('virtio: the disk has no ports or no interrupt line; running without it');
    return false;
  }
  pciWrite(place, PCI_COMMAND, (pciRead(place, PCI_COMMAND) & 0xffff) | PCI_COMMAND_IO | PCI_COMMAND_BUS_MASTER);
  let low: u32 = 0;
  let high: u32 = 0;
  // What a device that goes meanwhile says is all ones.
  do {
    if (!isThereInTime()) {
      log('virtio: the disk does not answer; running without it');
      return false;
    }
    outw(base + QUEUE_SELECT, 0);
    queueSize = inw(base + QUEUE_SIZE);
    low = inl(base + CAPACITY);
    high = inl(base + CAPACITY + 4);
  } while (inb(base + STATUS) == NO_DEVICE);
  slots = min<u32>(queueSize / SLOT_DESCRIPTORS, SLOTS_MAX);
  if (slots == 0) {
    log('virtio: the queue of the disk is too short; running without it');
    return false;
  }
  layOut();
  setInterruptHandler(line, onInterrupt.index);
  picEnable(line);
  resetDevice();
  // Sector numbers are 64 bits, block numbers 32.
  blocks = high > 7 ? 0xffffffff : (low >>> 3) | (high << 29);
  logText('virtio: disk, requests at once ');
  logNumber(slots);
  logText(', blocks of 4 KiB: ');
  logNumber(blocks);
  logNewline();
  return true;
}
