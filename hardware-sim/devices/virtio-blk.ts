/**
 * A virtio block device of the legacy PCI interface: registers in one I/O region, one virtqueue, interrupt INTA.
 * Sources: Virtual I/O Device (VIRTIO) 1.0, sections 2.4, 4.1.4.8 and 5.2 with their legacy parts; Virtio PCI Card Specification 0.9.5.
 *
 *   +0 device features   +4 driver features   +8 queue address, in pages   +12 queue size   +14 queue select   +16 queue notify
 *   +18 device status    +19 interrupt status, 0 after a read     from +20 on the configuration of a block device
 *
 * Rules that make it right:
 *  - data moves sector by sector, each at its own cycle, as behind the IDE registers: a power cut finds whole sectors in the drive's cache, of several
 *    requests if several were given, and nothing of the rest;
 *  - a request is over for the driver when its status byte, its element of the used ring and then the ring's index are written, in this order, and
 *    the status counts: the interrupt only says that one may look;
 *  - requests in flight have no order. The drive takes them as `next` says: flushes first, since a flush speaks only of writes that were over
 *    when it came; then reads, of these the one that would be over first; then writes as they came. Nobody is overtaken more than OVERTAKES_MAX times;
 *  - an error ends a request with the status IOERR and names no sector. As behind the IDE registers a sector that cannot be written fails the flush, and
 *    not the write, which was over when the cache had the data. A driver that does not take the FLUSH feature has a disk without a
 *    write cache: its writes end when they are on the medium;
 *  - memory is touched only while PCI bus mastering is enabled; otherwise the device waits;
 *  - a driver that breaks the rules of the queue (a chain that is endless or leaves the table, indirect descriptors, which were not offered, a
 *    header or status byte that is not there, more requests than descriptors) stops the device: DEVICE_NEEDS_RESET in the status, an interrupt for the
 *    configuration, and nothing else until it is reset. Requests that merely make no sense end with IOERR or UNSUPP;
 *  - while the drive is gone (`Disk.responds`) the registers read as all ones and are deaf; what was in flight when it went is never finished.
 */

import type { Clock } from '../clock.js';
import type { PortSize } from '../cpu/bus.js';
import type { Disk } from '../disk/disk.js';
import { SECTOR_BYTES } from '../disk/durable-medium.js';
import type { PhysicalMemory } from '../memory/physical-memory.js';
import type { IrqLine, PortDevice } from './device.js';

const EVENT = 'virtio-blk';

/** Descriptors of the queue, as QEMU's device has. */
export const VIRTIO_QUEUE_SIZE = 256;
const PAGE_BYTES = 4096;
const DESCRIPTOR_BYTES = 16;
const AVAILABLE = DESCRIPTOR_BYTES * VIRTIO_QUEUE_SIZE;
const USED = Math.ceil((AVAILABLE + 6 + 2 * VIRTIO_QUEUE_SIZE) / PAGE_BYTES) * PAGE_BYTES;

const DESCRIPTOR_NEXT = 1;
const DESCRIPTOR_WRITE = 2;
const DESCRIPTOR_INDIRECT = 4;
const AVAILABLE_NO_INTERRUPT = 1;

const STATUS_DRIVER_OK = 0x04;
const STATUS_NEEDS_RESET = 0x40;
const INTERRUPT_QUEUE = 1;
const INTERRUPT_CONFIGURATION = 2;

const FEATURE_SEG_MAX = 1 << 2;
const FEATURE_BLK_SIZE = 1 << 6;
const FEATURE_FLUSH = 1 << 9;
const FEATURES = FEATURE_SEG_MAX | FEATURE_BLK_SIZE | FEATURE_FLUSH;
/** Data segments of a request: what is left of the table beside header and status. */
const SEGMENTS_MAX = VIRTIO_QUEUE_SIZE - 2;

const TYPE_IN = 0;
const TYPE_OUT = 1;
const TYPE_FLUSH = 4;
const TYPE_GET_ID = 8;
const HEADER_BYTES = 16;
const ID_BYTES = 20;
const IDENTIFICATION = 'PHANTOM TESTBED DISK';

const OK = 0;
const IO_ERROR = 1;
const UNSUPPORTED = 2;

/** Requests that came later and may go before one. */
const OVERTAKES_MAX = 16;

interface Segment {
  readonly address: number;
  readonly bytes: number;
}

interface BlockRequest {
  /** First descriptor of its chain. */
  readonly head: number;
  /** `refused` and `identify` need nothing of the disk. */
  readonly kind: 'read' | 'write' | 'flush' | 'identify' | 'refused';
  /** What a refused one ends with. */
  readonly status: number;
  readonly lba: number;
  readonly sectors: number;
  readonly data: readonly Segment[];
  readonly statusAddress: number;
  /** Cycle from which on the drive may begin with it. */
  readonly ready: number;
  /** Sectors that have moved. */
  moved: number;
  /** How often one that came later was taken before it. */
  overtaken: number;
  /** A write without a write cache, all moved: it waits for the medium. */
  syncing: boolean;
}

export interface VirtioBlkState {
  readonly features: number;
  /** Page of the queue; 0: there is none. */
  readonly queuePage: number;
  readonly queueSelect: number;
  readonly status: number;
  readonly interrupt: number;
  /** Index of the next element of the available ring to take, and of the used ring to fill. */
  readonly nextAvailable: number;
  readonly nextUsed: number;
  /** In the order they came. */
  readonly requests: readonly BlockRequest[];
  /** Index of the one that the drive is at, -1 while it is at none. */
  readonly current: number;
  /** The drive is ready for a bus master that is not. */
  readonly waiting: boolean;
  readonly requestsMost: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class VirtioBlk implements PortDevice {
  private state: Mutable<Omit<VirtioBlkState, 'requests'>> & { requests: BlockRequest[] } = {
    features: 0,
    queuePage: 0,
    queueSelect: 0,
    status: 0,
    interrupt: 0,
    nextAvailable: 0,
    nextUsed: 0,
    requests: [],
    current: -1,
    waiting: false,
    requestsMost: 0,
  };

  constructor(
    private readonly clock: Clock,
    private readonly disk: Disk,
    private readonly memory: PhysicalMemory,
    private readonly isEnabled: () => boolean,
    private readonly line: IrqLine,
  ) {
    clock.register(EVENT, () => this.event());
  }

  /** The most requests the device has had at once since the power came on. */
  get requestsMost(): number {
    return this.state.requestsMost;
  }

  get interrupting(): boolean {
    return this.state.interrupt !== 0;
  }

  portRead(port: number, size: PortSize): number {
    if (!this.disk.responds(this.clock.now)) return 0xffffffff >>> (32 - 8 * size);
    let value = 0;
    for (let byte = 0; byte < size; byte++) value |= this.readByte((port & 63) + byte) << (8 * byte);
    return value >>> 0;
  }

  portWrite(port: number, size: PortSize, value: number): void {
    if (!this.disk.responds(this.clock.now)) return;
    const { state } = this;
    // A register takes writes of its own width; the others, and the configuration, are read-only.
    switch (`${port & 63}:${size}`) {
      case '4:4':
        state.features = (value & FEATURES) >>> 0;
        break;
      case '8:4':
        if (state.queueSelect !== 0) break;
        state.queuePage = value >>> 0;
        state.nextAvailable = 0;
        state.nextUsed = 0;
        break;
      case '14:2':
        state.queueSelect = value;
        break;
      case '16:2':
        if (value === 0) this.takeAvailable();
        break;
      case '18:1':
        this.writeStatus(value);
        break;
    }
  }

  /** PCI bus mastering may have been switched on: what waits for it goes on. */
  busMasterChanged(): void {
    if (!this.isEnabled()) return;
    this.takeAvailable();
    if (!this.state.waiting) return;
    this.state.waiting = false;
    this.clock.schedule(this.clock.now + 1, EVENT);
  }

  saveState(): VirtioBlkState {
    return { ...this.state, requests: this.state.requests.map((request) => ({ ...request })) };
  }

  restoreState(state: VirtioBlkState): void {
    this.state = { ...state, requests: state.requests.map((request) => ({ ...request })) };
  }

  private readByte(register: number): number {
    const { state, disk } = this;
    const byteOf = (value: number, first: number): number => Math.floor(value / 2 ** (8 * (register - first))) & 0xff;
    const isQueue = state.queueSelect === 0;
    if (register < 4) return byteOf(FEATURES, 0);
    if (register < 8) return byteOf(state.features, 4);
    if (register < 12) return isQueue ? byteOf(state.queuePage, 8) : 0;
    if (register < 14) return isQueue ? byteOf(VIRTIO_QUEUE_SIZE, 12) : 0;
    if (register < 16) return byteOf(state.queueSelect, 14);
    if (register === 18) return state.status;
    if (register === 19) {
      const value = state.interrupt;
      state.interrupt = 0;
      this.line(false);
      return value;
    }
    if (register >= 20 && register < 28) return byteOf(disk.sectors, 20);
    if (register >= 32 && register < 36) return byteOf(SEGMENTS_MAX, 32);
    if (register >= 40 && register < 44) return byteOf(SECTOR_BYTES, 40);
    return 0;
  }

  private writeStatus(value: number): void {
    const { state } = this;
    if (value !== 0) {
      state.status = value | (state.status & STATUS_NEEDS_RESET);
      return;
    }
    const { requestsMost } = state;
    this.clock.cancel(EVENT);
    Object.assign(state, { features: 0, queuePage: 0, queueSelect: 0, status: 0, interrupt: 0 });
    Object.assign(state, { nextAvailable: 0, nextUsed: 0, requests: [], current: -1, waiting: false, requestsMost });
    this.line(false);
  }

  private get queue(): number {
    return this.state.queuePage * PAGE_BYTES;
  }

  /** Takes what the driver has put in the available ring. */
  private takeAvailable(): void {
    const { state, memory } = this;
    const runs = state.status & STATUS_DRIVER_OK && !(state.status & STATUS_NEEDS_RESET) && state.queuePage !== 0;
    if (!runs || !this.isEnabled()) return;
    const ring = this.queue + AVAILABLE;
    const index = memory.read16((ring + 2) >>> 0);
    const count = (index - state.nextAvailable) & 0xffff;
    if (count + state.requests.length > VIRTIO_QUEUE_SIZE) {
      this.stop();
      return;
    }
    for (; state.nextAvailable !== index; state.nextAvailable = (state.nextAvailable + 1) & 0xffff) {
      const request = this.readRequest(memory.read16((ring + 4 + 2 * (state.nextAvailable % VIRTIO_QUEUE_SIZE)) >>> 0));
      if (request === undefined) {
        this.stop();
        return;
      }
      state.requests.push(request);
    }
    state.requestsMost = Math.max(state.requestsMost, state.requests.length);
    if (state.current < 0) this.proceed();
  }

  /** The request whose chain begins at a descriptor; undefined: it is none. */
  private readRequest(head: number): BlockRequest | undefined {
    const chain = this.readChain(head);
    if (chain === undefined) return undefined;
    const [out, into] = chain;
    const header = part(out, 0, HEADER_BYTES);
    const room = length(into);
    if (length(header) < HEADER_BYTES || room < 1) return undefined;
    const words = new DataView(this.gather(header).buffer);
    const type = words.getUint32(0, true);
    const lba = words.getUint32(8, true) + words.getUint32(12, true) * 2 ** 32;
    const [status] = part(into, room - 1, 1);
    const data = type === TYPE_OUT ? part(out, HEADER_BYTES, length(out)) : part(into, 0, room - 1);
    const kind = kindOf(type);
    const bytes = kind === 'flush' ? 0 : length(data);
    const sectors = bytes / SECTOR_BYTES;
    const moves = kind === 'read' || kind === 'write';
    const isWrong = moves && (!Number.isInteger(sectors) || lba + sectors > this.disk.sectors);
    return {
      head,
      kind: isWrong ? 'refused' : kind,
      status: isWrong ? IO_ERROR : UNSUPPORTED,
      lba: moves && !isWrong ? lba : 0,
      sectors: moves && !isWrong ? sectors : 0,
      data,
      statusAddress: status.address,
      ready: this.clock.now + this.disk.commandDelay,
      moved: 0,
      overtaken: 0,
      syncing: false,
    };
  }

  /** What a chain of descriptors gives the device to read, and to write. Undefined: it breaks the rules. */
  private readChain(head: number): readonly [out: Segment[], into: Segment[]] | undefined {
    const out: Segment[] = [];
    const into: Segment[] = [];
    for (let count = 0, index = head; ; count++) {
      if (index >= VIRTIO_QUEUE_SIZE || count >= VIRTIO_QUEUE_SIZE) return undefined;
      const at = (this.queue + DESCRIPTOR_BYTES * index) >>> 0;
      const [address, high, bytes, rest] = [0, 4, 8, 12].map((offset) => this.memory.read32((at + offset) >>> 0));
      const flags = rest & 0xffff;
      if (flags & DESCRIPTOR_INDIRECT) return undefined;
      // The device gives 32 bits of address to the bus; above that there is no memory.
      const segment = { address: high === 0 ? address : 0xfffff000, bytes };
      if (flags & DESCRIPTOR_WRITE) into.push(segment);
      else if (into.length > 0) return undefined;
      else out.push(segment);
      if (!(flags & DESCRIPTOR_NEXT)) return [out, into];
      index = rest >>> 16;
    }
  }

  /** The driver has broken the rules of the queue. */
  private stop(): void {
    const { state } = this;
    this.clock.cancel(EVENT);
    state.requests = [];
    state.current = -1;
    state.waiting = false;
    state.status |= STATUS_NEEDS_RESET;
    this.raise(INTERRUPT_CONFIGURATION);
  }

  private raise(cause: number): void {
    this.state.interrupt |= cause;
    this.line(true);
  }

  /** The drive is at no request: it takes the next, now or when it may. */
  private proceed(): void {
    const { state, clock } = this;
    clock.cancel(EVENT);
    if (state.requests.length === 0) return;
    const chosen = this.next();
    if (chosen < 0) {
      clock.schedule(Math.min(...state.requests.map(({ ready }) => ready)), EVENT);
      return;
    }
    for (const request of state.requests.slice(0, chosen)) request.overtaken++;
    state.current = chosen;
    clock.schedule(clock.now + this.delay(state.requests[chosen]), EVENT);
  }

  /** Index of the request that is carried out next, -1: none may begin yet. */
  private next(): number {
    const { requests } = this.state;
    const { now } = this.clock;
    const ready = requests.map((request, index) => ({ request, index })).filter(({ request }) => request.ready <= now);
    const first = ready.find(({ request }) => request.overtaken >= OVERTAKES_MAX);
    if (first !== undefined) return first.index;
    const flush = ready.find(({ request }) => request.kind === 'flush');
    if (flush !== undefined) return flush.index;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const { request, index } of ready) {
      if (request.kind !== 'read') continue;
      const delay = this.disk.expectedReadDelay(request.lba, now);
      if (delay < least) [best, least] = [index, delay];
    }
    return best >= 0 ? best : (ready[0]?.index ?? -1);
  }

  /** Cycles from now until the next thing of a request has happened: a sector has moved, or everything is on the medium. */
  private delay(request: BlockRequest): number {
    const { disk, clock } = this;
    if (request.kind === 'flush' || request.syncing) return disk.flushDelay(clock.now);
    if (request.moved === request.sectors) return 0;
    return request.kind === 'read'
      ? disk.readDelay(request.lba + request.moved, clock.now)
      : disk.writeDelay(clock.now);
  }

  private event(): void {
    const { state, clock } = this;
    if (!this.disk.responds(clock.now)) {
      state.requests = [];
      state.current = -1;
      return;
    }
    if (state.current < 0) {
      this.proceed();
      return;
    }
    if (!this.isEnabled()) {
      state.waiting = true;
      return;
    }
    const request = state.requests[state.current];
    const status = this.advance(request);
    if (status === undefined) clock.schedule(clock.now + this.delay(request), EVENT);
    else this.complete(request, status);
  }

  /** One step of a request; the status it ends with, undefined when it goes on. */
  private advance(request: BlockRequest): number | undefined {
    const { disk, clock } = this;
    switch (request.kind) {
      case 'refused':
        return request.status;
      case 'identify':
        this.scatter(part(request.data, 0, ID_BYTES), new TextEncoder().encode(IDENTIFICATION));
        return OK;
      case 'flush':
        return disk.flush(clock.now) === undefined ? OK : IO_ERROR;
      case 'read':
      case 'write':
        break;
    }
    if (request.syncing) return disk.flush(clock.now) === undefined ? OK : IO_ERROR;
    if (request.moved < request.sectors && !this.moveSector(request)) return IO_ERROR;
    if (request.moved < request.sectors) return undefined;
    if (request.kind === 'read' || this.state.features & FEATURE_FLUSH) return OK;
    request.syncing = true;
    return undefined;
  }

  private moveSector(request: BlockRequest): boolean {
    const { disk, clock } = this;
    const segments = part(request.data, request.moved * SECTOR_BYTES, SECTOR_BYTES);
    const lba = request.lba + request.moved;
    if (request.kind === 'write') {
      if (!disk.write(lba, clock.now, this.gather(segments))) return false;
    } else {
      const sector = new Uint8Array(SECTOR_BYTES);
      if (!disk.read(lba, clock.now, sector)) return false;
      this.scatter(segments, sector);
    }
    request.moved++;
    return true;
  }

  private complete(request: BlockRequest, status: number): void {
    const { state, memory } = this;
    memory.write8(request.statusAddress, status);
    const ring = this.queue + USED;
    const element = (ring + 4 + 8 * (state.nextUsed % VIRTIO_QUEUE_SIZE)) >>> 0;
    const written = request.kind === 'read' ? request.moved * SECTOR_BYTES : 0;
    memory.write32(element, request.head);
    memory.write32((element + 4) >>> 0, written + 1);
    state.nextUsed = (state.nextUsed + 1) & 0xffff;
    memory.write16((ring + 2) >>> 0, state.nextUsed);
    state.requests.splice(state.current, 1);
    state.current = -1;
    const isQuiet = memory.read16((this.queue + AVAILABLE) >>> 0) & AVAILABLE_NO_INTERRUPT;
    if (!isQuiet) this.raise(INTERRUPT_QUEUE);
    this.proceed();
  }

  private gather(segments: readonly Segment[]): Uint8Array {
    const bytes = new Uint8Array(length(segments));
    let done = 0;
    for (const segment of segments) {
      bytes.set(this.memory.readBytes(segment.address, segment.bytes), done);
      done += segment.bytes;
    }
    return bytes;
  }

  private scatter(segments: readonly Segment[], bytes: Uint8Array): void {
    let done = 0;
    for (const segment of segments) {
      this.memory.writeBytes(segment.address, bytes.subarray(done, done + segment.bytes));
      done += segment.bytes;
    }
  }
}

function kindOf(type: number): BlockRequest['kind'] {
  switch (type) {
    case TYPE_IN:
      return 'read';
    case TYPE_OUT:
      return 'write';
    case TYPE_FLUSH:
      return 'flush';
    case TYPE_GET_ID:
      return 'identify';
    default:
      return 'refused';
  }
}

function length(segments: readonly Segment[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Bytes `from` to `from + count` of what the segments are together; less when they end before. */
function part(segments: readonly Segment[], from: number, count: number): Segment[] {
  const found: Segment[] = [];
  let skip = from;
  let left = count;
  for (const { address, bytes } of segments) {
    if (left <= 0) break;
    if (skip >= bytes) {
      skip -= bytes;
      continue;
    }
    const taken = Math.min(bytes - skip, left);
    found.push({ address: (address + skip) % 2 ** 32, bytes: taken });
    left -= taken;
    skip = 0;
  }
  return found;
}
