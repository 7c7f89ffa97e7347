/**
 * The kernel's store in V8: `selftest/steps.ts` compiled by asc, with a disk of the host in place of the driver. Each
 * instance is one boot; the disk outlives it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockSource } from '../../../../model/disk-reader.js';
import { assemble, KERNEL_FLAGS } from '../../../image/assemble.js';
import { DEFECTS_FILE, defectNames } from '../../../image/defects.js';
import { findProjectRoot, readKernelSources } from '../../../image/sources.js';

export const BLOCK_BYTES = 4096;
export const SECTOR_BYTES = 512;
const SECTORS = BLOCK_BYTES / SECTOR_BYTES;
const ENTRY = 'impl/kernel/store/selftest/steps.ts';
const EXIT_PORT = 0xf4;
/** The kernel's data starts at 2 MiB; frames are what is left of 4 MiB after the data. */
const DATA_FROM = 0x200000;
const FRAMES_FROM = 0x280000;
const FRAMES_TO = 0x400000;
const WASM_PAGE_BYTES = 65536;
/**
 * Memories for boots, used in turn: an engine reserves gigabytes of addresses for each, so making one a boot is slow. A
 * store is good until MEMORIES others have been booted.
 */
const MEMORIES = 6;
const memories: { memory: WebAssembly.Memory; user: Store | undefined }[] = [];
let boots = 0;
const READ = 1;
const WRITE = 2;
const DONE = 1;
const FAILED = 2;

export const MOUNT_REFUSED = 0;
export const MOUNT_FRESH = 1;
export const MOUNT_RECOVERED = 2;

/** One sector on its way to the medium. */
interface SectorWrite {
  readonly sector: number;
  readonly bytes: Uint8Array;
}

/** A disk with a volatile cache: what was written is on the medium after a flush, and before it perhaps. */
export class TestDisk implements BlockSource {
  /** Blocks that were ever written, on the medium. Copies share them: their bytes are never changed. */
  readonly medium = new Map<number, Uint8Array>();
  /** Since the last flush, in order. */
  unflushed: SectorWrite[] = [];
  writes = 0;
  flushes = 0;
  /** Decides whether an operation fails. */
  failing: (operation: 'read' | 'write' | 'flush', block: number) => boolean = () => false;
  /** What becomes of a write without the drive knowing: where it goes and what arrives. Undefined: nothing does. */
  straying: (block: number, bytes: Uint8Array) => { block: number; bytes: Uint8Array } | undefined = (
    block,
    bytes,
  ) => ({
    block,
    bytes,
  });

  constructor(readonly blocks: number) {}

  /** What a read sees: the cache over the medium. */
  read(block: number): Uint8Array {
    const bytes = Uint8Array.from(this.medium.get(block) ?? new Uint8Array(BLOCK_BYTES));
    for (const { sector, bytes: written } of this.unflushed) {
      if (Math.floor(sector / SECTORS) === block) bytes.set(written, (sector % SECTORS) * SECTOR_BYTES);
    }
    return bytes;
  }

  write(block: number, bytes: Uint8Array): void {
    this.writes++;
    const arrives = this.straying(block, bytes);
    if (arrives === undefined) return;
    for (let i = 0; i < SECTORS; i++) {
      const part = Uint8Array.from(arrives.bytes.subarray(i * SECTOR_BYTES, (i + 1) * SECTOR_BYTES));
      this.unflushed.push({ sector: arrives.block * SECTORS + i, bytes: part });
    }
  }

  writeSector(sector: number, bytes: Uint8Array): void {
    this.writes++;
    this.unflushed.push({ sector, bytes: Uint8Array.from(bytes) });
  }

  flush(): void {
    this.flushes++;
    this.settle(() => true);
  }

  private settle(survives: (index: number) => boolean): void {
    for (const [index, { sector, bytes }] of this.unflushed.entries()) {
      if (!survives(index)) continue;
      const block = Math.floor(sector / SECTORS);
      const contents = Uint8Array.from(this.medium.get(block) ?? new Uint8Array(BLOCK_BYTES));
      contents.set(bytes, (sector % SECTORS) * SECTOR_BYTES);
      this.medium.set(block, contents);
    }
    this.unflushed = [];
  }

  /** The disk after a power cut that these unflushed sector writes survive. */
  cut(survives: (index: number) => boolean): TestDisk {
    const after = this.copy();
    after.settle(survives);
    return after;
  }

  copy(): TestDisk {
    const other = new TestDisk(this.blocks);
    for (const [block, bytes] of this.medium) other.medium.set(block, bytes);
    other.unflushed = [...this.unflushed];
    return other;
  }
}

/** The kernel ended itself by a panic; `message` is its log. */
export class KernelPanic extends Error {}

/** The exports of `selftest/steps.ts`. */
interface Steps {
  start(from: number, to: number): void;
  wiredCount(): number;
  windowAt(): number;
  mountDisk(pages: number, generation: number): number;
  passed(): number;
  panicsNoted(): number;
  endInPanic(): void;
  complete(): void;
  reads(): number;
  confirm(): number;
  putPage(page: number, generation: number): number;
  getPage(page: number): number;
  prepare(generation: number, console: number): number;
  abandonAll(generation: number): number;
  commit(): number;
  dropOne(): number;
  newest(): number;
  highest(): number;
  consoleRecovered(): number;
  freeBlocks(): number;
  checksum(at: number, bytes: number): number;
}

/** One boot of the store. */
export class Store {
  private readonly exports: Steps;
  private readonly place: (typeof memories)[number];
  log = '';

  constructor(
    { module, known, defects }: StoreKernel,
    private readonly disk: TestDisk,
  ) {
    this.place = takeMemory(this);
    const nothing = (): number => 0;
    const ports = { outl: (port: number) => this.portWrite(port) };
    const hw = new Proxy<Record<string, unknown>>(ports, { get: (known, name: string) => known[name] ?? nothing });
    const instance = new WebAssembly.Instance(module, {
      env: { memory: this.place.memory },
      hw,
      defects: Object.fromEntries(known.map((name) => [name, defects.includes(name) ? 1 : 0])),
      disk: {
        hostBlocks: () => disk.blocks,
        hostTransfer: (operation: number, block: number, frame: number) => this.transfer(operation, block, frame),
        hostWriteSector: (sector: number, at: number) => this.writeSector(sector, at),
      },
      log: { hostByte: (byte: number) => this.addToLog(byte) },
    });
    this.exports = instance.exports as unknown as Steps;
    this.exports.start(FRAMES_FROM, FRAMES_TO);
  }

  get steps(): Steps {
    if (this.place.user !== this) throw new Error(`this store was booted more than ${MEMORIES} boots ago`);
    return this.exports;
  }

  private portWrite(port: number): number {
    if (port === EXIT_PORT) throw new KernelPanic(this.log.trim());
    return 0;
  }

  private addToLog(byte: number): void {
    this.log += String.fromCharCode(byte);
  }

  private transfer(operation: number, block: number, frame: number): number {
    const name = operation === READ ? 'read' : operation === WRITE ? 'write' : 'flush';
    if (this.disk.failing(name, block)) return FAILED;
    if (name === 'flush') this.disk.flush();
    else {
      const bytes = new Uint8Array(this.place.memory.buffer, frame, BLOCK_BYTES);
      if (name === 'read') bytes.set(this.disk.read(block));
      else this.disk.write(block, bytes);
    }
    return DONE;
  }

  private writeSector(sector: number, at: number): number {
    if (this.disk.failing('write', Math.floor(sector / SECTORS))) return FAILED;
    this.disk.writeSector(sector, new Uint8Array(this.place.memory.buffer, at, SECTOR_BYTES));
    return DONE;
  }

  get window(): Uint8Array {
    return new Uint8Array(this.place.memory.buffer, this.steps.windowAt(), BLOCK_BYTES);
  }

  /** `generation`: the one to recover; the newest when not given. */
  mount(pages: number, generation = 0): number {
    const outcome = this.steps.mountDisk(pages, generation);
    if (outcome !== MOUNT_REFUSED) this.steps.complete();
    return outcome;
  }

  putPage(page: number, generation: number, contents: Uint8Array): boolean {
    this.window.set(contents);
    return this.steps.putPage(page, generation) !== 0;
  }

  /** The contents of a page, or undefined when they are lost. */
  getPage(page: number): Uint8Array | undefined {
    return this.steps.getPage(page) ? Uint8Array.from(this.window) : undefined;
  }

  /** Writes a generation up to its flush, then commits it. */
  commitAll(generation: number, console: number): boolean {
    return this.steps.prepare(generation, console) !== 0 && this.steps.commit() !== 0;
  }
}

function takeMemory(user: Store): (typeof memories)[number] {
  const index = boots++ % MEMORIES;
  memories[index] ??= { memory: new WebAssembly.Memory({ initial: FRAMES_TO / WASM_PAGE_BYTES }), user: undefined };
  const place = memories[index];
  new Uint8Array(place.memory.buffer).fill(0, DATA_FROM);
  place.user = user;
  return place;
}

/**
 * The store, compiled once for all tests: which defects it has is chosen for each boot, since here they are not constants but imported.
 */
export interface StoreKernel {
  readonly module: WebAssembly.Module;
  /** All the store could have, and those it has. */
  readonly known: readonly string[];
  readonly defects: readonly string[];
}

/** The same kernel with these defects seeded. Throws when one is not declared. */
export function withDefects(kernel: StoreKernel, ...defects: readonly string[]): StoreKernel {
  for (const name of defects) if (!kernel.known.includes(name)) throw new Error(`${DEFECTS_FILE} declares no ${name}`);
  return { ...kernel, defects };
}

/** Compiles the store, without defects. Takes some seconds. */
export async function compileStore(): Promise<StoreKernel> {
  const root = findProjectRoot();
  if (root === undefined) throw new Error('the kernel sources are not here: run in a clone of the project');
  const { files } = readKernelSources(root, ENTRY, KERNEL_FLAGS);
  const replaced = new Map(files);
  for (const [room, name] of [
    ['drivers', 'disk'],
    ['arch', 'log'],
  ]) {
    const path = join(root, `impl/kernel/selftest/host-${name}.ts`);
    replaced.set(`impl/kernel/${room}/${name}.ts`, readFileSync(path, 'utf8'));
  }
  const known = defectNames(files.get(DEFECTS_FILE) ?? '');
  replaced.set(DEFECTS_FILE, known.map((name) => `export declare const ${name}: bool;`).join('\n'));
  const { wasm } = await assemble(replaced, [ENTRY], [...KERNEL_FLAGS, '--importMemory']);
  return { module: new WebAssembly.Module(Uint8Array.from(wasm)), known, defects: [] };
}
