/**
 * Where everything in persistent memory is, as a reader from outside has it: written from the description in
 * `impl/kernel/objects/layout.ts`, which owns the layout, sharing nothing with it.
 */

export const BASE = 0x80000000;
export const PAGE = 4096;
export const LAYOUT = 4;
export const MAGIC = 0x4f544e50;

export const HEADER = 16;
export const SIZE_MASK = 0x0fffffff;
export const OPAQUE = 0x80000000;
export const FROZEN = 0x40000000;

/** Words of the root structure. */
export const ROOT = {
  magic: 0,
  layout: 4,
  console: 8,
  boots: 12,
  heapNext: 16,
  heapLimit: 20,
  identity: 24,
  threadsEver: 28,
  threadsFailed: 32,
  loader: 36,
  osInterface: 40,
  environment: 44,
  bootObject: 48,
  noMemory: 52,
  ticket: 56,
  heapStart: 60,
  empty: 64,
  devices: 68,
  foreground: 72,
  monitors: 76,
  shown: 80,
  consoleBuffer: 84,
  clock: 88,
  swept: 92,
  program: 96,
} as const;
export const CLASSES = 0x100;
export const BUCKETS = 0x200;
export const BUCKET_COUNT = 128;

export const RECORDS = BASE + PAGE;
export const RECORD_BYTES = 128;
export const RECORD_COUNT = 128;
/** Words of a thread record. */
export const RECORD = {
  state: 0,
  ip: 4,
  osp: 8,
  isp: 12,
  csp: 16,
  fp: 20,
  code: 24,
  obase: 28,
  ibase: 32,
  olimit: 36,
  ilimit: 40,
  climit: 44,
  object: 48,
  ostack: 52,
  istack: 56,
  cstack: 60,
  waits: 64,
  ticket: 68,
  granted: 72,
  phase: 76,
  progress: 80,
  number: 84,
  made: 88,
  left: 92,
} as const;
export const ALIVE = 1;
/** Bit of a reference in `waits` and `granted`: it is the object's monitor. */
export const AS_MONITOR = 2;

/** Monitors held, in wired memory: object, record of the owner, times it locked, unused. */
export const MONITORS = BASE + 8 * PAGE;
export const MONITOR_COUNT = 1024;
export const MONITOR_BYTES = 16;

/** Words of a frame's header on the control stack; its catchers follow it. */
export const FRAME = { ip: 0, code: 4, obase: 8, ibase: 12, fp: 16, result: 20, kind: 24, osp: 28 } as const;
export const FRAME_BYTES = 32;
export const FRAME_BOTTOM = 1;
export const CATCHER = { cls: 0, ip: 4, osp: 8, isp: 12 } as const;
export const CATCHER_BYTES = 16;

/** Words of a class, from the object's start. */
export const CLASS = {
  kind: 16,
  parent: 20,
  name: 24,
  instance: 28,
  methods: 32,
  constants: 36,
  statics: 40,
  table: 48,
};
export const CODE = {
  owner: 16,
  name: 20,
  constants: 24,
  lines: 28,
  ordinal: 32,
  flags: 36,
  args: 40,
  length: 44,
  bytes: 48,
};
export const CODE_BYTES = 32;
export const CODE_PADDING = 16;
export const METHOD_VOID = 1;

export const KIND = {
  void: 0,
  class: 1,
  code: 3,
  int: 4,
  long: 5,
  string: 6,
  array: 7,
  page: 8,
  thread: 9,
  istack: 11,
  ostack: 12,
  estack: 13,
  boot: 14,
  tty: 15,
  mutex: 16,
  cond: 17,
  sema: 18,
  binary: 19,
  bitmap: 20,
  closure: 21,
  world: 22,
  directory: 26,
  connection: 27,
  float: 28,
  double: 29,
  time: 32,
  stat: 33,
  io: 34,
  iterator: 38,
  weakref: 39,
} as const;
export const KINDS = 40;
export const USER = 64;

/** What a terminal shows: a binary of so many bytes; in it column, row and attribute, a byte each, and the cells. */
export const BUFFER = { bytes: 4016, column: 0, row: 1, attribute: 2, cells: 16, columns: 80, rows: 25 } as const;
/** Screens that terminals may have; 0 is the console. */
export const SCREENS = [2, 12] as const;

/** What a word of an object is. */
export type Word = 'reference' | 'number' | { readonly of: keyof typeof KIND };

/**
 * The words of objects that are not bytes, by kind; `of`: null or a reference to an object of that kind. Of classes and
 * code objects the words in front of table and bytecode.
 */
export const WORDS: ReadonlyMap<number, readonly Word[]> = new Map<number, readonly Word[]>([
  [
    KIND.class,
    ['number', { of: 'class' }, { of: 'string' }, 'number', 'number', { of: 'page' }, { of: 'array' }, 'number'],
  ],
  [
    KIND.code,
    [{ of: 'class' }, { of: 'string' }, { of: 'page' }, { of: 'binary' }, 'number', 'number', 'number', 'number'],
  ],
  [KIND.array, [{ of: 'page' }, 'number', { of: 'page' }, 'number']],
  [KIND.iterator, [{ of: 'array' }, 'number']],
  [KIND.directory, [{ of: 'page' }, 'number', 'number', { of: 'page' }, 'number', 'number']],
  [KIND.mutex, [{ of: 'thread' }, 'number']],
  [KIND.cond, ['number', 'number']],
  [KIND.sema, ['number', 'number']],
  [KIND.closure, ['reference', 'number']],
  [KIND.tty, ['reference', 'number', { of: 'binary' }, 'number']],
  [KIND.connection, ['reference', 'number', { of: 'string' }, { of: 'code' }]],
  [KIND.bitmap, [{ of: 'binary' }, 'number', 'number']],
  [KIND.io, [{ of: 'string' }, { of: 'directory' }]],
  [KIND.weakref, ['reference']],
  [KIND.thread, ['number', 'number', 'reference', 'reference']],
]);

/** Bytes of data of kinds that are bytes throughout; undefined: any number. */
export const BYTES: ReadonlyMap<number, number | undefined> = new Map<number, number | undefined>([
  [KIND.void, 0],
  [KIND.int, 4],
  [KIND.long, 8],
  [KIND.string, undefined],
  [KIND.istack, undefined],
  [KIND.ostack, undefined],
  [KIND.estack, undefined],
  [KIND.boot, 0],
  [KIND.binary, undefined],
  [KIND.world, 0],
  [KIND.time, 0],
  [KIND.stat, 0],
  [KIND.float, 4],
  [KIND.double, 8],
]);
