/**
 * The primary IDE channel with one drive: command block at 0x1F0 to 0x1F7, control block at 0x3F6, IRQ 14, DMA through the bus master.
 * Source: ATA/ATAPI-6 (T13 1410D): register protocol, PIO data-in and -out, DMA, non-data commands, software reset, 48-bit registers.
 *
 * Rules that make it right:
 *  - data moves sector by sector, each at its own cycle; a power cut in the middle finds the sectors that have moved in the drive's cache, no part
 *    of the one under way, and nothing of the rest;
 *  - FLUSH CACHE ends, with its interrupt, only after everything acknowledged before it is on the medium;
 *  - a sector the drive cannot write ends the flush, not the write command, which was over when the cache had the data; IDNF and the sector's
 *    address say which one;
 *  - while the cable is out (`Disk.responds`) nothing is heard or answered; what was under way when it went is never finished;
 *  - INTRQ falls when the status register is read or a command is written; it reaches the controller only with nIEN clear and drive 0 selected.
 *
 * Drive 1 is absent: while it is selected status reads 0 and commands are ignored. READ and WRITE MULTIPLE, power management and security are aborted,
 * as IDENTIFY DEVICE announces.
 */

import type { Clock } from '../clock.js';
import type { PortSize } from '../cpu/bus.js';
import type { Disk } from '../disk/disk.js';
import { SECTOR_BYTES } from '../disk/durable-medium.js';
import type { BusMaster } from './bus-master.js';
import type { IrqLine, PortDevice } from './device.js';
import { identifyBlock } from './ide-identify.js';
import {
  addressed,
  DEVICE,
  DRIVE_1,
  readTaskFile,
  reportSector,
  signature,
  type TaskFile,
  writeTaskFile,
} from './ide-task-file.js';

const EVENT = 'ide';
const RESET_MICROSECONDS = 2000;

const BUSY = 0x80;
const READY = 0x50; // DRDY and, as old drives have it, seek complete
const DATA_REQUEST = 0x08;
const ERROR = 0x01;

const ERROR_UNCORRECTABLE = 0x40;
const ERROR_NOT_FOUND = 0x10;
const ERROR_ABORTED = 0x04;
const DIAGNOSTIC_PASSED = 0x01;

const CONTROL_NO_INTERRUPT = 0x02;
const CONTROL_RESET = 0x04;
const CONTROL_HIGH_ORDER = 0x80;

type Phase =
  | 'idle'
  | 'identify'
  | 'pio-read'
  | 'pio-write-start'
  | 'pio-write'
  | 'dma-read'
  | 'dma-write'
  | 'flush'
  | 'reset';

export interface IdeState {
  /** What the next event does; 'idle' while there is none to come. */
  readonly phase: Phase;
  readonly status: number;
  readonly error: number;
  readonly taskFile: TaskFile;
  readonly control: number;
  readonly interrupt: boolean;
  /** The command uses 48-bit addresses. */
  readonly extended: boolean;
  /** Next sector, and sectors still to go, this one included. */
  readonly lba: number;
  readonly remaining: number;
  readonly buffer: Uint8Array;
  /** Bytes of `buffer` that the host has moved. */
  readonly moved: number;
  /** DMA: the drive is ready for a bus master that is not. */
  readonly waiting: boolean;
  /** DMA read: the sector is in `buffer`. */
  readonly loaded: boolean;
  readonly writeCache: boolean;
  readonly lookAhead: boolean;
  readonly dmaMode: number;
}

export class Ide implements PortDevice {
  private state: { -readonly [K in keyof IdeState]: IdeState[K] } = {
    phase: 'idle',
    status: READY,
    error: DIAGNOSTIC_PASSED,
    taskFile: signature(),
    control: 0,
    interrupt: false,
    extended: false,
    lba: 0,
    remaining: 0,
    buffer: new Uint8Array(SECTOR_BYTES),
    moved: 0,
    waiting: false,
    loaded: false,
    writeCache: true,
    lookAhead: true,
    dmaMode: 2,
  };
  private line = false;

  constructor(
    private readonly clock: Clock,
    private readonly clockHz: number,
    private readonly disk: Disk,
    private readonly busMaster: BusMaster,
    private readonly irq14: IrqLine,
  ) {
    clock.register(EVENT, () => this.event());
  }

  portRead(port: number, size: PortSize): number {
    if (!this.disk.responds(this.clock.now)) return 0xffffffff >>> (32 - 8 * size);
    if (port === 0x1f0) return this.readData(size);
    let value = 0;
    for (let byte = 0; byte < size; byte++) value |= this.readRegister(port + byte) << (8 * byte);
    return value >>> 0;
  }

  portWrite(port: number, size: PortSize, value: number): void {
    if (!this.disk.responds(this.clock.now)) return;
    if (port === 0x1f0) this.writeData(size, value);
    else for (let byte = 0; byte < size; byte++) this.writeRegister(port + byte, (value >>> (8 * byte)) & 0xff);
  }

  /** The bus master was started: a DMA command that waits for it goes on. */
  busMasterStarted(): void {
    if (!this.state.waiting) return;
    this.state.waiting = false;
    this.wait(this.state.phase, 1);
  }

  saveState(): IdeState {
    return { ...this.state, taskFile: { ...this.state.taskFile }, buffer: this.state.buffer.slice() };
  }

  restoreState(state: IdeState): void {
    this.state = { ...state, taskFile: { ...state.taskFile }, buffer: state.buffer.slice() };
    this.line = this.lineLevel();
  }

  private readRegister(port: number): number {
    const state = this.state;
    const driveAbsent = (state.taskFile.device & DRIVE_1) !== 0;
    if (port === 0x3f6) return driveAbsent ? 0 : state.status;
    if (port > 0x1f7) return 0xff;
    switch (port) {
      case 0x1f1:
        return state.error;
      case 0x1f7:
        if (driveAbsent) return 0;
        state.interrupt = false;
        this.updateLine();
        return state.status;
      default:
        return readTaskFile(state.taskFile, port & 7, (state.control & CONTROL_HIGH_ORDER) !== 0);
    }
  }

  private writeRegister(port: number, value: number): void {
    const state = this.state;
    if (port === 0x3f6) {
      this.writeControl(value);
      return;
    }
    if (port < 0x1f1 || port > 0x1f7) return;
    // Writing any command block register selects the value written last again.
    state.control &= ~CONTROL_HIGH_ORDER;
    if (port === 0x1f7) {
      this.writeCommand(value);
      return;
    }
    // A busy drive does not take register writes.
    if (state.status & BUSY) return;
    writeTaskFile(state.taskFile, port & 7, value);
    if ((port & 7) === DEVICE) this.updateLine();
  }

  private writeControl(value: number): void {
    const state = this.state;
    const before = state.control;
    state.control = value & (CONTROL_NO_INTERRUPT | CONTROL_RESET | CONTROL_HIGH_ORDER);
    if (value & CONTROL_RESET && !(before & CONTROL_RESET)) {
      this.clock.cancel(EVENT);
      state.phase = 'idle';
      state.status = BUSY;
      state.interrupt = false;
      state.waiting = false;
    } else if (!(value & CONTROL_RESET) && before & CONTROL_RESET) {
      this.wait('reset', Math.round((RESET_MICROSECONDS * this.clockHz) / 1_000_000));
    }
    this.updateLine();
  }

  private writeCommand(command: number): void {
    const state = this.state;
    if (state.status & BUSY || (state.taskFile.device & DRIVE_1 && command !== 0x90)) return;
    this.clock.cancel(EVENT);
    state.phase = 'idle';
    state.interrupt = false;
    state.waiting = false;
    state.error = 0;
    this.updateLine();
    switch (command) {
      case 0x20: // READ SECTORS, with and without retry
      case 0x21:
        this.startTransfer('pio-read', false);
        break;
      case 0x24: // READ SECTORS EXT
        this.startTransfer('pio-read', true);
        break;
      case 0x30: // WRITE SECTORS, with and without retry
      case 0x31:
        this.startTransfer('pio-write-start', false);
        break;
      case 0x34: // WRITE SECTORS EXT
        this.startTransfer('pio-write-start', true);
        break;
      case 0xc8: // READ DMA, with and without retry
      case 0xc9:
        this.startTransfer('dma-read', false);
        break;
      case 0x25: // READ DMA EXT
        this.startTransfer('dma-read', true);
        break;
      case 0xca: // WRITE DMA, with and without retry
      case 0xcb:
        this.startTransfer('dma-write', false);
        break;
      case 0x35: // WRITE DMA EXT
        this.startTransfer('dma-write', true);
        break;
      case 0xe7: // FLUSH CACHE
      case 0xea: // FLUSH CACHE EXT
        state.extended = command === 0xea;
        this.wait('flush', this.disk.commandDelay + this.disk.flushDelay(this.clock.now + this.disk.commandDelay));
        break;
      case 0xec: // IDENTIFY DEVICE
        this.wait('identify', this.disk.commandDelay);
        break;
      case 0xef: // SET FEATURES
        if (this.setFeatures()) this.succeed();
        else this.fail(ERROR_ABORTED);
        break;
      case 0x90: // EXECUTE DEVICE DIAGNOSTIC
        this.setSignature();
        this.succeed();
        break;
      default:
        this.fail(ERROR_ABORTED);
    }
  }

  private setFeatures(): boolean {
    const state = this.state;
    switch (state.taskFile.features) {
      case 0x02:
        state.writeCache = true;
        return true;
      case 0x82:
        state.writeCache = false;
        return true;
      case 0xaa:
        state.lookAhead = true;
        return true;
      case 0x55:
        state.lookAhead = false;
        return true;
      case 0x03: {
        const mode = state.taskFile.count[0];
        const isPio = mode <= 0x01 || (mode >= 0x08 && mode <= 0x0c);
        const isDma = mode >= 0x20 && mode <= 0x22;
        if (isDma) state.dmaMode = mode & 7;
        return isPio || isDma;
      }
      default:
        return false;
    }
  }

  private startTransfer(phase: Phase, extended: boolean): void {
    const state = this.state;
    const transfer = addressed(state.taskFile, extended, this.disk.sectors);
    state.extended = extended;
    state.lba = transfer.lba;
    state.remaining = transfer.count;
    state.moved = 0;
    state.loaded = false;
    if (state.lba >= this.disk.sectors) this.fail(ERROR_NOT_FOUND);
    else this.wait(phase, this.disk.commandDelay + this.sectorDelay(phase, this.clock.now + this.disk.commandDelay));
  }

  /** Cycles from `cycle` until the next sector of a command has moved between the drive's buffer and its cache or medium. */
  private sectorDelay(phase: Phase, cycle: number): number {
    if (phase === 'pio-write-start') return 0;
    const reading = phase === 'pio-read' || phase === 'dma-read';
    return reading ? this.disk.readDelay(this.state.lba, cycle) : this.disk.writeDelay(cycle);
  }

  /** The drive is busy for `cycles`, then does what `phase` says. */
  private wait(phase: Phase, cycles: number): void {
    this.state.phase = phase;
    this.state.status = BUSY;
    this.clock.schedule(this.clock.now + cycles, EVENT);
  }

  private event(): void {
    const state = this.state;
    if (!this.disk.responds(this.clock.now)) {
      state.phase = 'idle';
      state.status = READY;
      return;
    }
    switch (state.phase) {
      case 'identify':
        state.buffer = identifyBlock({ ...state, sectors: this.disk.sectors });
        state.remaining = 1;
        this.offerData();
        break;
      case 'pio-read':
        if (this.loadSector()) this.offerData();
        break;
      case 'pio-write-start':
        state.phase = 'pio-write';
        state.status = READY | DATA_REQUEST;
        break;
      case 'pio-write':
        this.storeSector();
        break;
      case 'dma-read':
        this.dmaRead();
        break;
      case 'dma-write':
        this.dmaWrite();
        break;
      case 'flush':
        this.endFlush();
        break;
      case 'reset':
        this.setSignature();
        state.phase = 'idle';
        state.status = READY;
        break;
      case 'idle':
        throw new Error('IDE: an event came while no command was under way');
    }
  }

  /** Reads the current sector into the buffer; on an error the command has ended and the result is false. */
  private loadSector(): boolean {
    const state = this.state;
    if (state.lba >= this.disk.sectors) this.fail(ERROR_NOT_FOUND);
    else if (!this.disk.read(state.lba, this.clock.now, state.buffer)) this.fail(ERROR_UNCORRECTABLE);
    else return true;
    return false;
  }

  private offerData(): void {
    this.state.moved = 0;
    this.state.status = READY | DATA_REQUEST;
    this.raiseInterrupt();
  }

  private readData(size: PortSize): number {
    const state = this.state;
    const bytes = Math.max(size, 2);
    const offering = state.status & DATA_REQUEST && (state.phase === 'pio-read' || state.phase === 'identify');
    if (!offering || state.taskFile.device & DRIVE_1) return size === 4 ? 0xffffffff : 0xffff & ((1 << (8 * size)) - 1);
    let value = 0;
    for (let byte = 0; byte < bytes; byte++) value |= state.buffer[state.moved + byte] << (8 * byte);
    state.moved += bytes;
    if (state.moved >= SECTOR_BYTES) this.sectorTaken();
    return (size === 1 ? value & 0xff : value) >>> 0;
  }

  /** The host has read the whole buffer. */
  private sectorTaken(): void {
    const state = this.state;
    state.lba++;
    state.remaining--;
    if (state.remaining > 0) {
      this.wait(state.phase, this.sectorDelay(state.phase, this.clock.now));
      return;
    }
    state.phase = 'idle';
    state.status = READY;
  }

  private writeData(size: PortSize, value: number): void {
    const state = this.state;
    if (!(state.status & DATA_REQUEST) || state.phase !== 'pio-write' || state.taskFile.device & DRIVE_1) return;
    const bytes = Math.max(size, 2);
    for (let byte = 0; byte < bytes; byte++) state.buffer[state.moved + byte] = value >>> (8 * byte);
    state.moved += bytes;
    if (state.moved >= SECTOR_BYTES) this.wait('pio-write', this.sectorDelay('pio-write', this.clock.now));
  }

  /** PIO: the buffer goes to the disk, and the host is asked for the next. */
  private storeSector(): void {
    const state = this.state;
    if (!this.writeBuffer()) return;
    if (state.remaining === 0) {
      this.endWrite();
      return;
    }
    state.status = READY | DATA_REQUEST;
    this.raiseInterrupt();
  }

  private dmaRead(): void {
    const state = this.state;
    if (!state.loaded) {
      if (!this.loadSector()) return;
      state.loaded = true;
    }
    if (this.busMaster.isReady(true)) state.moved += this.busMaster.toMemory(state.buffer, state.moved);
    if (state.moved < SECTOR_BYTES) {
      this.waitForBusMaster();
      return;
    }
    state.moved = 0;
    state.loaded = false;
    state.lba++;
    state.remaining--;
    if (state.remaining > 0) this.wait('dma-read', this.sectorDelay('dma-read', this.clock.now));
    else this.succeed();
  }

  private dmaWrite(): void {
    const state = this.state;
    if (this.busMaster.isReady(false)) state.moved += this.busMaster.fromMemory(state.buffer, state.moved);
    if (state.moved < SECTOR_BYTES) {
      this.waitForBusMaster();
      return;
    }
    if (!this.writeBuffer()) return;
    if (state.remaining > 0) this.wait('dma-write', this.sectorDelay('dma-write', this.clock.now));
    else this.endWrite();
  }

  private waitForBusMaster(): void {
    this.state.waiting = true;
    this.state.status = READY | DATA_REQUEST;
  }

  /** Hands the full buffer to the disk; on an error the command has ended and the result is false. */
  private writeBuffer(): boolean {
    const state = this.state;
    if (state.lba >= this.disk.sectors) {
      this.fail(ERROR_NOT_FOUND);
      return false;
    }
    if (!this.disk.write(state.lba, this.clock.now, state.buffer)) {
      this.fail(ERROR_NOT_FOUND);
      return false;
    }
    state.moved = 0;
    state.lba++;
    state.remaining--;
    return true;
  }

  /** With the write cache off a write command ends like a flush. */
  private endWrite(): void {
    if (this.state.writeCache) this.succeed();
    else this.wait('flush', this.disk.flushDelay(this.clock.now));
  }

  private endFlush(): void {
    const failed = this.disk.flush(this.clock.now);
    if (failed === undefined) {
      this.succeed();
      return;
    }
    this.state.lba = failed;
    this.fail(ERROR_NOT_FOUND);
  }

  private succeed(): void {
    this.state.phase = 'idle';
    this.state.status = READY;
    this.raiseInterrupt();
  }

  /** Ends the command with an error; the address registers name the sector it happened at. */
  private fail(error: number): void {
    const state = this.state;
    state.phase = 'idle';
    state.status = READY | ERROR;
    state.error = error;
    if (error !== ERROR_ABORTED) reportSector(state.taskFile, state.lba, state.extended);
    this.raiseInterrupt();
  }

  private setSignature(): void {
    const state = this.state;
    state.error = DIAGNOSTIC_PASSED;
    state.taskFile = { ...signature(), features: state.taskFile.features };
  }

  private raiseInterrupt(): void {
    this.state.interrupt = true;
    this.updateLine();
  }

  private lineLevel(): boolean {
    const { interrupt, control, taskFile } = this.state;
    return interrupt && !(control & CONTROL_NO_INTERRUPT) && !(taskFile.device & DRIVE_1);
  }

  private updateLine(): void {
    const level = this.lineLevel();
    if (level && !this.line) this.busMaster.interrupt();
    this.line = level;
    this.irq14(level);
  }
}
