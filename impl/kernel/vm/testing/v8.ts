/**
 * The virtual machine in V8: the kernel's rooms from `objects/` up, compiled by asc over `vm/v8/below.ts` in place of
 * the rooms below, on 4 GiB of address space of which only touched pages cost memory.
 *
 * Threads run one after another, each to its end, in the order they were started. Good for everything a program prints;
 * concurrency, faults and power cuts are for the simulated machine.
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEFECTS_FILE, defectNames } from '../../../image/defects.js';

const KERNEL = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const CACHE = join(dirname(dirname(KERNEL)), 'node_modules/.cache/phantom-testbed');
const PERSISTENT_BASE = 0x80000000;
const BUNDLE_AT = 0x01000000;
/* Of the wasm module: its memory base, and more than its data and BSS take. */
const KERNEL_DATA = 0x00200000;
const KERNEL_DATA_BYTES = 0x00100000;
const PAGE_BYTES = 4096;
const WIRED_BYTES = 16 * PAGE_BYTES;
/* Of the root structure. */
const CONSOLE_POSITION = 8;
const HEAP_NEXT = 16;
const YEAR_2000 = 946_684_800;

interface VmExports {
  vmInit(): void;
  run(entry: number, argument: number): void;
  formatFloat(bits: number): number;
  formatDouble(bits: bigint): number;
  readDouble(from: number, end: number): bigint;
  allowBytecodes(count: number): void;
  readonly bytecodesLeft: WebAssembly.Global;
  readonly formatted: WebAssembly.Global;
}

/** The module as it is, and the one that counts bytecodes. */
const compiled = new Map<boolean, Promise<WebAssembly.Module>>();
/** Where the interpreter fetches a bytecode. */
const FETCH = 'const opcode = <u32>load<u8>(ip);';

const DEFECTS = defectNames(readFileSync(join(KERNEL, 'defects.ts'), 'utf8'));

/** The rooms that run here, and nothing below them. */
const ROOMS = ['objects', 'vm', 'classes'];
const FLAGS = [
  ...[
    '-O2',
    '--runtime',
    'stub',
    '--memoryBase',
    '2097152',
    '--exportTable',
    '--importMemory',
    '--noColors',
    '--debug',
  ],
  ...['--initialMemory', '65536', '--maximumMemory', '65536', '--use', 'abort=vm/v8/entry/abortHost'],
];

/** The interpreter with a call before each bytecode. */
function withCounting(source: string): string {
  const parts = source.split(FETCH);
  if (parts.length !== 2) {
    throw new Error(
      `vm/interpret.ts: expected one place with ${FETCH} to count bytecodes at, found ${parts.length - 1}`,
    );
  }
  return `import { countBytecode } from './v8/count';\n${parts.join(`countBytecode();${FETCH}`)}`;
}

/** AssemblyScript sources by the path asc asks for. */
function sources(counting: boolean): Map<string, string> {
  const found = new Map<string, string>();
  for (const room of ROOMS) {
    for (const name of readdirSync(join(KERNEL, room), { recursive: true, encoding: 'utf8' })) {
      const path = `${room}/${name.replaceAll('\\', '/')}`;
      if (path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('/testing/')) {
        found.set(path, readFileSync(join(KERNEL, path), 'utf8'));
      }
    }
  }
  // Which of them the machine has is chosen for each run: here they are not constants but imported.
  found.set('defects.ts', DEFECTS.map((name) => `export declare const ${name}: bool;`).join('\n'));
  if (counting) found.set('vm/interpret.ts', withCounting(found.get('vm/interpret.ts') ?? ''));
  const below = found.get('vm/v8/below.ts') ?? '';
  return found.set(
    'objects/below.ts',
    below.replaceAll("'../../objects/", "'./").replace("'./host'", "'../vm/v8/host'"),
  );
}

async function assemble(files: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const { main } = await import('assemblyscript/asc');
  const messages: string[] = [];
  let wasm: Uint8Array | undefined;
  const { error } = await main(['vm/v8/entry.ts', ...FLAGS, '-o', 'vm.wasm'], {
    stdout: { write: () => undefined },
    stderr: { write: (text: string | Uint8Array) => void messages.push(text.toString()) },
    readFile: (name) => files.get(name.replaceAll('\\', '/')) ?? null,
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) wasm = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined)
    throw new Error(`the virtual machine does not compile: ${messages.join('')}`);
  return wasm;
}

/** The module, from a cache by content: asc takes seconds. */
async function compile(counting: boolean): Promise<WebAssembly.Module> {
  const files = sources(counting);
  const key = createHash('sha256')
    .update(JSON.stringify([FLAGS, [...files].sort()]))
    .digest('hex');
  const cached = join(CACHE, `vm-${key}.wasm`);
  if (!existsSync(cached)) {
    mkdirSync(CACHE, { recursive: true });
    const partial = `${cached}.${process.pid}`;
    writeFileSync(partial, await assemble(files));
    renameSync(partial, cached);
  }
  return WebAssembly.compile(readFileSync(cached));
}

export interface VmOptions {
  /** Class files by class name. */
  readonly classes: ReadonlyMap<string, Uint8Array>;
  readonly bootClass: string;
  readonly persistentBytes?: number;
  /** Every n-th page that is touched has to be waited for. */
  readonly waitEvery?: number;
  /** The power fails in the n-th such wait. */
  readonly cutAtWait?: number;
  /** Bytecodes are counted, and the power fails after so many. */
  readonly bytecodesMax?: number;
  /** A thread that waits for ever ends the run, which says so; else it is an error. */
  readonly waitsEnd?: boolean;
  /** Called before each thread of the machine starts, with all memory; the first of a new system builds it. */
  readonly onThread?: (memory: Uint8Array) => void;
  /** What was typed before the start, at the line of the console or at the keyboard. */
  readonly typed?: string;
  readonly typedAt?: 'line' | 'keyboard';
  /** What the machine lacks, and whether the console is on the screen. */
  readonly hardware?: { readonly screen?: false; readonly keyboard?: false; readonly consoleOnScreen?: true };
  /** Seconds since 1970 when the power comes on; 2000 begins when it is not given. */
  readonly clock?: number;
  /** The power fails when so many milliseconds have passed in sleeps and waits. */
  readonly cutAfterMs?: number;
  /** Seeded in the machine, names of `impl/kernel/defects.ts`. */
  readonly defects?: readonly string[];
  /** Persistent memory as a cut left it. */
  readonly memory?: Uint8Array;
}

export interface VmRun {
  readonly console: string;
  readonly log: string;
  /** Threads that ended by an error; undefined when the power failed. */
  readonly failed?: number;
  /** All memory, persistent memory from PERSISTENT_BASE on, until the next run. */
  readonly memory: Uint8Array;
  readonly waits: number;
  readonly waitsForEver: boolean;
  /** Time that passed in sleeps and waits. */
  readonly milliseconds: number;
  /** Bytecodes executed; 0 unless they were counted. */
  readonly bytecodes: number;
}

class PowerFailure extends Error {}

/** Entries of a class bundle (ARCHITECTURE.md, C3). */
function bundle(classes: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Buffer[] = [];
  for (const [name, bytes] of classes) {
    const head = Buffer.alloc(516);
    head.write(name, 'latin1');
    head.writeUInt32LE(bytes.length, 512);
    parts.push(head, Buffer.from(bytes));
  }
  return Buffer.concat(parts);
}

/** The virtual machine as a wasm instance, for tests of single functions too. */
export async function instantiate(
  memory: WebAssembly.Memory,
  host: Record<string, unknown>,
  counting = false,
  seeded: readonly string[] = [],
): Promise<VmExports> {
  const module = compiled.get(counting) ?? compile(counting);
  compiled.set(counting, module);
  const none = (): number => 0;
  const defaults = {
    print: none,
    logByte: none,
    spawn: none,
    finished: none,
    fail: none,
    enough: none,
    input: none,
    setting: none,
    waits: none,
    passes: none,
    clock: none,
  };
  for (const name of seeded) if (!DEFECTS.includes(name)) throw new Error(`${DEFECTS_FILE} declares no ${name}`);
  const defects = Object.fromEntries(DEFECTS.map((name) => [name, seeded.includes(name) ? 1 : 0]));
  const imports = { env: { memory }, host: { ...defaults, ...host }, defects } as WebAssembly.Imports;
  const instance = await WebAssembly.instantiate(await module, imports);
  return instance.exports as unknown as VmExports;
}

/**
 * One memory for all runs: V8 reserves so much address space for each that a few dozen bring it to a halt. What a run
 * used is cleared before the next.
 */
const memory = new WebAssembly.Memory({ initial: 65536, maximum: 65536 });
const bytes = new Uint8Array(memory.buffer);
let bundleUsed = 0;

/** The memory, zero but for what the caller puts there. */
export function cleanMemory(): WebAssembly.Memory {
  bytes.fill(0, KERNEL_DATA, KERNEL_DATA + KERNEL_DATA_BYTES);
  bytes.fill(0, BUNDLE_AT, BUNDLE_AT + bundleUsed);
  bytes.fill(0, PERSISTENT_BASE, PERSISTENT_BASE + persistentBytes(bytes));
  return memory;
}

/** Bytes of persistent memory in use: thread stacks lie in front of the allocation pointer, so nothing is behind it. */
function persistentBytes(all: Uint8Array): number {
  const next = new DataView(all.buffer).getUint32(PERSISTENT_BASE + HEAP_NEXT, true);
  return Math.max(next - PERSISTENT_BASE, WIRED_BYTES) + PAGE_BYTES;
}

/** A copy of the persistent memory in use, for `memory` of a later run. */
export function persistentPart(all: Uint8Array): Uint8Array {
  return all.slice(PERSISTENT_BASE, PERSISTENT_BASE + persistentBytes(all));
}

/** Runs a program to the end of its last thread. */
export async function runInV8(options: VmOptions): Promise<VmRun> {
  cleanMemory();
  const classes = bundle(options.classes);
  bundleUsed = classes.length + options.bootClass.length;
  bytes.set(classes, BUNDLE_AT);
  const bootAt = BUNDLE_AT + classes.length;
  bytes.set(Buffer.from(options.bootClass, 'latin1'), bootAt);
  if (options.memory !== undefined) bytes.set(options.memory, PERSISTENT_BASE);
  // SETTINGS: bytes of persistent memory, class bundle and its length, name of the boot class and its length, console
  // position, whether threads wait, whether the invariant is wanted, whether the console is on the screen, screen and keyboard are missing,
  // where is typed.
  const position = new DataView(memory.buffer).getUint32(PERSISTENT_BASE + CONSOLE_POSITION, true);
  const persistentBytes = options.persistentBytes ?? 64 << 20;
  const { hardware = {} } = options;
  const settings = [
    persistentBytes,
    BUNDLE_AT,
    classes.length,
    bootAt,
    options.bootClass.length,
    position,
    options.waitEvery ?? 0,
    0,
    hardware.consoleOnScreen === true ? 1 : 0,
    hardware.screen === false ? 1 : 0,
    hardware.keyboard === false ? 1 : 0,
    (options.typedAt ?? (hardware.consoleOnScreen === true ? 'keyboard' : 'line')) === 'keyboard' ? 1 : 0,
  ];
  const console: Buffer[] = [];
  const log: number[] = [];
  const typed = [...Buffer.from(options.typed ?? '', 'latin1')];
  const ready: [number, number][] = [];
  let failed: number | undefined;
  let touched = 0;
  let waits = 0;
  let waitsForEver = false;
  let milliseconds = 0;
  const limit = options.bytecodesMax;
  const host = {
    print: (at: number, length: number) => void console.push(Buffer.from(bytes.slice(at >>> 0, (at >>> 0) + length))),
    logByte: (byte: number) => void log.push(byte),
    spawn: (entry: number, argument: number) => void ready.push([entry, argument]),
    finished: (count: number) => {
      failed = count;
    },
    fail: () => {
      const text = Buffer.from(log).toString('latin1');
      waitsForEver = options.waitsEnd === true && /^a thread waits .*\n$/m.test(text);
      throw waitsForEver ? new PowerFailure() : new Error(`panic: ${text}`);
    },
    input: (take: number) => (take === 0 ? typed.length : (typed.shift() ?? -1)),
    setting: (which: number) => settings[which],
    passes: (time: number) => {
      milliseconds += time;
      if (options.cutAfterMs === undefined || milliseconds < options.cutAfterMs) return;
      milliseconds = options.cutAfterMs;
      throw new PowerFailure();
    },
    clock: () => (options.clock ?? YEAR_2000) + Math.floor(milliseconds / 1000),
    waits: () => {
      touched++;
      if (options.waitEvery === undefined || touched % options.waitEvery !== 0) return 0;
      waits++;
      if (waits === options.cutAtWait) throw new PowerFailure();
      return 1;
    },
    enough: () => {
      throw new PowerFailure();
    },
  };
  const vm = await instantiate(memory, host, limit !== undefined, options.defects);
  vm.allowBytecodes(limit ?? 0);
  try {
    vm.vmInit();
    for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
      options.onThread?.(bytes);
      vm.run(next[0], next[1]);
    }
  } catch (error) {
    if (!(error instanceof PowerFailure)) throw error;
  }
  return {
    console: Buffer.concat(console).toString('latin1'),
    log: Buffer.from(log).toString('latin1'),
    failed,
    memory: bytes,
    waits,
    waitsForEver,
    milliseconds,
    bytecodes: (limit ?? 0) - Number(vm.bytecodesLeft.value),
  };
}
