/**
 * An independent reader of the disk format, written from the description at the top of
 * `impl/kernel/store/format.ts` and sharing no code with the kernel. It is how the test bed looks at a disk from
 * outside.
 *
 * It reads everything a disk says about itself, judges it by the format's rules, and never stops at the first problem:
 * what is wrong is a list of findings that name the block, its kind and the generation.
 */

import { crc32c } from './crc32c.js';

export const BLOCK_BYTES = 4096;
export const SUPERBLOCK_BLOCKS: readonly number[] = [16, 528, 1040, 1552];
const LOADER_BLOCKS = 16;
const FANOUT = 256;
const REFERENCE_BYTES = 16;
const SUPERBLOCK_MAGIC = 0x62546850;
const RECORD_MAGIC = 0x6e476850;
const FORMAT_VERSIONS: readonly number[] = [1, 2];
const SUPERBLOCK_CHECKSUM_AT = 508;
const SECTOR_BYTES = 512;
const PANIC_MAGIC = 0x6e506850;
const PANIC_MESSAGE_AT = 64;
const PANIC_MESSAGE_BYTES = 256;
/** So many panics in a row are enough for a generation. */
export const PANICS_MAX = 3;
const SUPERBLOCK_RECORDS_AT = 64;
const RECORD_REFERENCES_AT = 64;
const RECORD_SUPERSEDED_AT = 320;
const RECORD_BAD_LIST_AT = 336;
const RECORD_DELTAS_AT = 384;
const DELTAS_MAX = 192;
const DELTA_MAGIC = 0x6c446850;
const DELTA_ENTRIES_MAX = 203;
const DELTA_ENTRY_BYTES = 20;
const LIST_MAGICS = { superseded: 0x754c6850, 'bad-list': 0x644c6850 } as const;
const LIST_NUMBERS_MAX = 1016;
/** Where the entries of a delta and the numbers of a list begin. */
const CONTENTS_AT = 32;
const KEEP_MIN = 2;
const KEEP_MAX = 8;
const PAGES_MAX = 262144;
const PAGES_GRAIN = 1024;

export type BlockKind = 'page' | 'leaf' | 'root' | 'record' | 'delta' | 'superseded' | 'bad-list';
const KIND_NUMBERS: Readonly<Record<BlockKind, number>> = {
  page: 1,
  leaf: 2,
  root: 3,
  record: 4,
  delta: 5,
  superseded: 6,
  'bad-list': 7,
};

/** What to read from: `read` returns the 4096 bytes of a block, or undefined when it cannot be read. */
export interface BlockSource {
  readonly blocks: number;
  read(block: number): Uint8Array | undefined;
}

/** Where contents are (twice, or once when `second` is 0), whose they are, and their checksum. */
export interface Reference {
  readonly block: number;
  readonly second: number;
  readonly generation: number;
  readonly checksum: number;
}

export type CopyState = 'blank' | 'valid' | 'damaged' | 'unreadable' | 'unknown' | 'foreign';

/** What a panic left behind a superblock copy. */
export interface PanicNote {
  /** Identity of the superblock in force when it was written: it counts while that one is. */
  readonly superblock: number;
  readonly serial: number;
  /** The generation that had been recovered, or was committed since. */
  readonly generation: number;
  /** Panics in a row after recovering it, with no commit between. */
  readonly count: number;
  /** What the last one said. */
  readonly message: string;
}

export interface SuperblockCopy {
  readonly copy: number;
  readonly block: number;
  readonly state: CopyState;
  /** What is wrong with it; empty for a blank or valid copy. */
  readonly problem: string;
  readonly sequence: number;
  readonly parent: number;
  /** CRC-32C of its first 508 bytes with the copy index taken as 0: what the next one names as its parent. */
  readonly identity: number;
  /** Feature bits that may be ignored. */
  readonly compatible: number;
  readonly diskBlocks: number;
  readonly pages: number;
  readonly keep: number;
  /** Records of the kept generations, newest first. */
  readonly records: readonly Reference[];
}

/** A block that is not what a reference to it says. */
export interface Problem {
  readonly block: number;
  readonly kind: BlockKind;
  readonly index: number;
  readonly generation: number;
  readonly text: string;
}

export interface Generation {
  readonly generation: number;
  readonly consolePosition: number;
  readonly changedPages: number;
  /** Record, deltas, roots and wired pages verify: recovery may take it. */
  readonly whole: boolean;
  /** What the record says of it; 0 in a record of format version 1. */
  readonly usedPages: number;
  readonly freeBlocks: number;
  /** References of the pages that are not zero throughout. */
  readonly pages: ReadonlyMap<number, Reference>;
  /** References to its own record, to its roots and to its leaves, by index. */
  readonly record: Reference;
  readonly roots: ReadonlyMap<number, Reference>;
  readonly leaves: ReadonlyMap<number, Reference>;
  /** A leaf or root has no good copy: what it refers to is not in `pages`. */
  readonly isIndexLost: boolean;
  /** References to the deltas that lie over the leaves, oldest first. */
  readonly deltas: readonly Reference[];
  /** Blocks of its superseded list, and the numbers on it: what only the generation before it uses. */
  readonly supersededList: readonly Reference[];
  readonly superseded: readonly number[];
  /** Where the list of blocks that cannot be written is, and those blocks. */
  readonly badList: readonly Reference[];
  readonly badBlocks: readonly number[];
  /** Damaged blocks; those of pages that are not wired are there only when the disk was read with `checkPages`. */
  readonly problems: readonly Problem[];
}

/** What the kernel must come up with. `passedOver`: newer generations that stay on offer until the first commit, newest first, and why. */
export type Recovery =
  | { readonly kind: 'fresh' }
  | {
      readonly kind: 'generation';
      readonly generation: number;
      readonly superblock: number;
      readonly passedOver?: { readonly generations: readonly number[]; readonly why: 'asked' | 'panics' };
    }
  | { readonly kind: 'refused'; readonly why: string };

export interface DiskContents {
  /** Blocks of the disk: those its superblock speaks of, all of them when it has none. */
  readonly blocks: number;
  readonly superblocks: readonly SuperblockCopy[];
  /** The valid copy with the highest sequence. */
  readonly newest: SuperblockCopy | undefined;
  /** The generations the newest superblock keeps, newest first. */
  readonly generations: readonly Generation[];
  readonly recovery: Recovery;
  /** The note of panics that counts; undefined: there is none. */
  readonly panics: PanicNote | undefined;
}

export interface LedgerProblem {
  readonly block: number;
  readonly text: string;
  /** Nothing will free the block though nothing will need it: it is lost until the disk is read anew. The others are used twice, or outside. */
  readonly leaks?: true;
}

/** Who uses which block. */
export interface Ledger {
  /** What each block in use holds, but for the boot loader's blocks. */
  readonly users: ReadonlyMap<number, string>;
  /** Blocks used for two things, outside the disk, or lost. */
  readonly problems: readonly LedgerProblem[];
  /** Blocks in use, the boot loader's and the superblocks included. */
  readonly allocated: number;
  /** Superseded lists that were held against what they must be. */
  readonly lists: number;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

function readReference(bytes: Uint8Array, at: number): Reference {
  return {
    block: word(bytes, at),
    second: word(bytes, at + 4),
    generation: word(bytes, at + 8),
    checksum: word(bytes, at + 12),
  };
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

/** The checksum that a reference to this block must carry. */
export function blockChecksum(kind: BlockKind, index: number, generation: number, contents: Uint8Array): number {
  const prefix = new Uint8Array(12);
  const view = new DataView(prefix.buffer);
  view.setUint32(0, KIND_NUMBERS[kind], true);
  view.setUint32(4, index, true);
  view.setUint32(8, generation, true);
  return crc32c(prefix, contents);
}

/** Names a copy's state and, when it is not usable, says why. */
function judge(bytes: Uint8Array, copy: number, source: BlockSource): [CopyState, string] {
  if (bytes.every((byte) => byte === 0)) return ['blank', ''];
  if (word(bytes, 0) !== SUPERBLOCK_MAGIC) {
    return ['damaged', `magic ${hexadecimal(word(bytes, 0))}, expected ${hexadecimal(SUPERBLOCK_MAGIC)}`];
  }
  const stored = word(bytes, SUPERBLOCK_CHECKSUM_AT);
  const checksum = crc32c(bytes.subarray(0, SUPERBLOCK_CHECKSUM_AT));
  if (stored !== checksum) {
    return ['damaged', `checksum ${hexadecimal(stored)}, expected ${hexadecimal(checksum)}`];
  }
  const version = word(bytes, 4);
  if (!FORMAT_VERSIONS.includes(version)) {
    return ['unknown', `format version ${version}, known are ${FORMAT_VERSIONS.join(' and ')}`];
  }
  if (word(bytes, 8) !== 0) {
    return ['unknown', `incompatible features ${hexadecimal(word(bytes, 8))}, none are known`];
  }
  if (word(bytes, 16) !== copy) return ['foreign', `says it is copy ${word(bytes, 16)}`];
  if (word(bytes, 28) > source.blocks) {
    return ['foreign', `is for a disk of ${word(bytes, 28)} blocks, this one has ${source.blocks}`];
  }
  const [pages, keep, kept] = [word(bytes, 32), word(bytes, 36), word(bytes, 40)];
  if (
    keep < KEEP_MIN ||
    keep > KEEP_MAX ||
    kept > keep ||
    pages === 0 ||
    pages > PAGES_MAX ||
    pages % PAGES_GRAIN !== 0
  ) {
    return ['damaged', `impossible figures: ${pages} pages, keeps ${kept} of ${keep} generations`];
  }
  return ['valid', ''];
}

function identity(superblock: Uint8Array): number {
  const bytes = superblock.slice(0, SUPERBLOCK_CHECKSUM_AT);
  bytes.fill(0, 16, 20);
  return crc32c(bytes);
}

/** The note of panics behind the superblock in `block`, whole or undefined. */
function readPanicNote(source: BlockSource, block: number): PanicNote | undefined {
  const bytes = block < source.blocks ? source.read(block)?.subarray(SECTOR_BYTES, 2 * SECTOR_BYTES) : undefined;
  if (bytes === undefined || word(bytes, 0) !== PANIC_MAGIC) return undefined;
  if (word(bytes, SUPERBLOCK_CHECKSUM_AT) !== crc32c(bytes.subarray(0, SUPERBLOCK_CHECKSUM_AT))) return undefined;
  const text = bytes.subarray(PANIC_MESSAGE_AT, PANIC_MESSAGE_AT + PANIC_MESSAGE_BYTES);
  const end = text.indexOf(0);
  return {
    superblock: word(bytes, 4),
    serial: word(bytes, 8),
    generation: word(bytes, 12),
    count: word(bytes, 16),
    message: Buffer.from(end < 0 ? text : text.subarray(0, end)).toString('latin1'),
  };
}

/** The note that counts for this superblock: of several the one written last. */
function panicNote(source: BlockSource, superblock: SuperblockCopy): PanicNote | undefined {
  const notes = SUPERBLOCK_BLOCKS.flatMap((block) => readPanicNote(source, block) ?? []);
  const own = notes.filter((note) => note.superblock === superblock.identity);
  return own.sort((a, b) => b.serial - a.serial).at(0);
}

/** One copy of the superblock, 0 to 3, and what it is. */
export function readSuperblock(source: BlockSource, copy: number): SuperblockCopy {
  const block = SUPERBLOCK_BLOCKS[copy];
  const none = {
    copy,
    block,
    sequence: 0,
    parent: 0,
    identity: 0,
    compatible: 0,
    diskBlocks: 0,
    pages: 0,
    keep: 0,
    records: [],
  };
  const bytes = block < source.blocks ? source.read(block) : undefined;
  if (bytes === undefined) return { ...none, state: 'unreadable', problem: 'cannot be read' };
  const [state, problem] = judge(bytes, copy, source);
  if (state === 'blank' || state === 'damaged') return { ...none, state, problem };
  const kept = Math.min(word(bytes, 40), KEEP_MAX);
  return {
    copy,
    block,
    state,
    problem,
    sequence: word(bytes, 20),
    parent: word(bytes, 24),
    identity: identity(bytes),
    compatible: word(bytes, 12),
    diskBlocks: word(bytes, 28),
    pages: word(bytes, 32),
    keep: word(bytes, 36),
    records: Array.from({ length: kept }, (_, i) => readReference(bytes, SUPERBLOCK_RECORDS_AT + i * REFERENCE_BYTES)),
  };
}

/** The entries of an index block that name a block; `first` is the number of the first entry. */
function* references(bytes: Uint8Array, first: number): Generator<[number, Reference]> {
  for (let i = 0; i < FANOUT; i++) {
    const reference = readReference(bytes, i * REFERENCE_BYTES);
    if (reference.block !== 0) yield [first + i, reference];
  }
}

/** Reads one generation, collecting what is wrong with it. */
class GenerationReader {
  private readonly problems: Problem[] = [];
  private readonly pages = new Map<number, Reference>();
  private readonly roots = new Map<number, Reference>();
  private readonly leaves = new Map<number, Reference>();
  private readonly deltas: Reference[] = [];
  private readonly lists: Record<'superseded' | 'bad-list', { references: Reference[]; numbers: number[] }> = {
    superseded: { references: [], numbers: [] },
    'bad-list': { references: [], numbers: [] },
  };
  private whole = true;
  private firstLeafBad = false;
  private isIndexLost = false;

  constructor(
    private readonly source: BlockSource,
    private readonly superblock: SuperblockCopy,
    private readonly checkPages: boolean,
  ) {}

  read(record: Reference): Generation {
    const bytes = record.block === 0 ? undefined : this.readBoth('record', 0, record);
    const sound = bytes !== undefined && this.checkRecord(bytes, record);
    if (sound) this.readIndex(bytes);
    const { superseded, 'bad-list': bad } = this.lists;
    return {
      generation: record.generation,
      consolePosition: sound ? word(bytes, 8) : 0,
      changedPages: sound ? word(bytes, 16) : 0,
      whole: sound && this.whole,
      usedPages: sound ? word(bytes, 24) : 0,
      freeBlocks: sound ? word(bytes, 36) : 0,
      record,
      pages: this.pages,
      roots: this.roots,
      leaves: this.leaves,
      isIndexLost: this.isIndexLost,
      deltas: this.deltas,
      supersededList: superseded.references,
      superseded: superseded.numbers,
      badList: bad.references,
      badBlocks: bad.numbers,
      problems: this.problems,
    };
  }

  private checkRecord(bytes: Uint8Array, record: Reference): boolean {
    const { pages } = this.superblock;
    const wanted = [
      ['magic', 0, RECORD_MAGIC],
      ['generation', 4, record.generation],
      ['persistent pages', 12, pages],
      ['roots', 20, Math.ceil(pages / (FANOUT * FANOUT))],
    ] as const;
    for (const [name, at, expected] of wanted) {
      if (word(bytes, at) === expected) continue;
      const text = `${name} ${word(bytes, at)}, expected ${expected}`;
      this.problems.push({ block: record.block, kind: 'record', index: 0, generation: record.generation, text });
      return false;
    }
    return true;
  }

  private readIndex(record: Uint8Array): void {
    this.readTree(record);
    this.readDeltas(record);
    if (this.firstLeafBad && this.deltas.length === 0) this.whole = false;
    for (const [page, entry] of this.pages) {
      const wired = entry.second !== 0;
      if ((wired || this.checkPages) && this.readBoth('page', page, entry) === undefined && wired) this.whole = false;
    }
    this.readList('superseded', readReference(record, RECORD_SUPERSEDED_AT));
    this.readList('bad-list', readReference(record, RECORD_BAD_LIST_AT));
    const { superseded } = this.lists;
    if (superseded.numbers.length === word(record, 32)) return;
    const block = superseded.references.at(0)?.block ?? 0;
    const generation = word(record, 4);
    const text = `${superseded.numbers.length} superseded blocks are listed, the record says ${word(record, 32)}`;
    this.problems.push({ block, kind: 'superseded', index: 0, generation, text });
  }

  private readDeltas(record: Uint8Array): void {
    const count = word(record, 28);
    if (count > DELTAS_MAX) this.whole = false;
    for (let delta = 0; delta < Math.min(count, DELTAS_MAX); delta++) {
      const reference = readReference(record, RECORD_DELTAS_AT + delta * REFERENCE_BYTES);
      this.deltas.push(reference);
      const bytes = this.readBoth('delta', delta, reference);
      const entries = bytes === undefined ? 0 : word(bytes, 4);
      if (bytes === undefined || word(bytes, 0) !== DELTA_MAGIC || entries === 0 || entries > DELTA_ENTRIES_MAX) {
        this.whole = false;
        continue;
      }
      for (let i = 0; i < entries; i++) {
        const at = CONTENTS_AT + i * DELTA_ENTRY_BYTES;
        const reference = readReference(bytes, at + 4);
        if (reference.block !== 0) this.pages.set(word(bytes, at), reference);
      }
    }
  }

  /** Follows a list from block to block; what is bad ends it and does not hinder recovery. */
  private readList(kind: 'superseded' | 'bad-list', first: Reference): void {
    const { references, numbers } = this.lists[kind];
    for (let next = first; next.block !== 0; ) {
      const bytes = this.readBoth(kind, references.length, next);
      references.push(next);
      if (bytes === undefined) return;
      const count = word(bytes, 4);
      if (word(bytes, 0) !== LIST_MAGICS[kind] || count > LIST_NUMBERS_MAX) {
        const { block, generation } = next;
        this.problems.push({ block, kind, index: references.length - 1, generation, text: 'is not a block of a list' });
        return;
      }
      for (let i = 0; i < count; i++) numbers.push(word(bytes, CONTENTS_AT + 4 * i));
      next = readReference(bytes, 16);
    }
  }

  private readTree(record: Uint8Array): void {
    const count = word(record, 20);
    for (let root = 0; root < count; root++) {
      const reference = readReference(record, RECORD_REFERENCES_AT + root * REFERENCE_BYTES);
      if (reference.block === 0) continue;
      this.roots.set(root, reference);
      this.readRoot(root, reference);
    }
  }

  private readRoot(index: number, reference: Reference): void {
    const bytes = this.readBoth('root', index, reference);
    if (bytes === undefined) {
      this.whole = false;
      this.isIndexLost = true;
      return;
    }
    for (const [leaf, entry] of references(bytes, index * FANOUT)) {
      this.leaves.set(leaf, entry);
      this.readLeaf(leaf, entry);
    }
  }

  private readLeaf(index: number, reference: Reference): void {
    const bytes = this.readBoth('leaf', index, reference);
    if (bytes === undefined) {
      // Its pages are lost one by one, when they are needed; but the wired ones, where no delta has them, are needed now.
      if (index === 0) this.firstLeafBad = true;
      this.isIndexLost = true;
      return;
    }
    for (const [page, entry] of references(bytes, index * FANOUT)) this.pages.set(page, entry);
  }

  /** The contents from the first good copy; every copy is looked at. */
  private readBoth(kind: BlockKind, index: number, reference: Reference): Uint8Array | undefined {
    const first = this.readCopy(kind, index, reference, reference.block);
    const second = reference.second === 0 ? undefined : this.readCopy(kind, index, reference, reference.second);
    return first ?? second;
  }

  /** The contents, or undefined when this copy is bad: then the finding is noted. */
  private readCopy(kind: BlockKind, index: number, reference: Reference, block: number): Uint8Array | undefined {
    const { generation, checksum } = reference;
    const note = (text: string): undefined => {
      this.problems.push({ block, kind, index, generation, text });
      return undefined;
    };
    if (block < LOADER_BLOCKS || block >= this.superblock.diskBlocks) return note('no such block on this disk');
    const bytes = this.source.read(block);
    if (bytes === undefined) return note('cannot be read');
    const actual = blockChecksum(kind, index, generation, bytes);
    if (actual !== checksum) return note(`checksum ${hexadecimal(actual)}, expected ${hexadecimal(checksum)}`);
    return bytes;
  }
}

/** The valid copies, highest sequence first. */
function validCopies(copies: readonly SuperblockCopy[]): SuperblockCopy[] {
  const valid = copies.filter(({ state }) => state === 'valid');
  return valid.sort((a, b) => b.sequence - a.sequence || a.copy - b.copy);
}

export interface Choice {
  /** The generation that the kernel is asked for. */
  readonly generation?: number;
  /** Panics in a row after which a generation is given up; 0: never. PANICS_MAX when not given. */
  readonly panicsMax?: number;
}

/** Place of the newest record that may be recovered, or why there is none. */
function firstToTry(
  source: BlockSource,
  superblock: SuperblockCopy,
  { generation, panicsMax = PANICS_MAX }: Choice,
): { readonly place: number; readonly why: 'asked' | 'panics' } | string {
  const { records } = superblock;
  const placeOf = (wanted: number): number => records.findIndex((record) => record.generation === wanted);
  if (generation !== undefined) {
    const place = placeOf(generation);
    if (place >= 0) return { place, why: 'asked' };
    const kept = records.length === 0 ? 'none' : records.map((record) => record.generation).join(', ');
    return `generation ${generation} was asked for; the disk keeps ${kept}`;
  }
  const note = panicNote(source, superblock);
  const tried = note === undefined || panicsMax === 0 ? -1 : placeOf(note.generation);
  if (note === undefined || tried < 0) return { place: 0, why: 'panics' };
  const given = note.count >= panicsMax ? tried + 1 : tried;
  return { place: Math.min(given, records.length - 1), why: 'panics' };
}

/** The superblocks that are not known, where the newest of all is one of them: what they are. */
function newerKernels(copies: readonly SuperblockCopy[], newest: SuperblockCopy | undefined): string[] {
  const unknown = copies.filter(({ state }) => state === 'unknown');
  if (!unknown.some(({ sequence }) => newest === undefined || sequence > newest.sequence)) return [];
  return [...new Set(unknown.map(({ problem }) => problem))];
}

/**
 * What recovery must choose: the newest generation that may be tried and whose record, index and wired pages verify; one that is asked for, or
 * none. `generations`: those of the newest superblock.
 */
function chooseRecovery(
  source: BlockSource,
  copies: readonly SuperblockCopy[],
  generations: readonly Generation[],
  choice: Choice,
): Recovery {
  const nobody =
    choice.generation === undefined ? undefined : `generation ${choice.generation} was asked for; the disk keeps none`;
  if (copies.every(({ state }) => state === 'blank')) {
    return nobody === undefined ? { kind: 'fresh' } : { kind: 'refused', why: nobody };
  }
  const valid = validCopies(copies);
  const newest = valid.at(0);
  const newer = newerKernels(copies, newest);
  if (newer.length > 0) {
    return { kind: 'refused', why: `the disk was written by a newer kernel: ${newer.join('; ')}` };
  }
  if (newest === undefined) {
    const each = copies.map(({ block, state, problem }) => `block ${block} ${problem === '' ? state : problem}`);
    return {
      kind: 'refused',
      why: `the disk is neither blank nor a Phantom disk; its superblock copies: ${each.join('; ')}`,
    };
  }
  // A damaged copy may be all that is left of a first commit.
  const damaged = copies.some(({ state }) => state === 'damaged' || state === 'unreadable');
  if (newest.records.length === 0 && !damaged && nobody === undefined) return { kind: 'fresh' };
  for (const superblock of valid) {
    if (superblock.pages !== newest.pages || superblock.diskBlocks !== newest.diskBlocks) continue;
    const first = firstToTry(source, superblock, choice);
    if (typeof first === 'string') return { kind: 'refused', why: first };
    for (const [i, record] of superblock.records.entries()) {
      if (i < first.place) continue;
      const known = superblock === newest ? generations[i] : undefined;
      const { whole } = known ?? new GenerationReader(source, superblock, false).read(record);
      if (whole) {
        const passed = superblock.records.slice(0, i === first.place ? i : 0).map((newer) => newer.generation);
        const passedOver = passed.length === 0 ? {} : { passedOver: { generations: passed, why: first.why } };
        return { kind: 'generation', generation: record.generation, superblock: superblock.copy, ...passedOver };
      }
      if (choice.generation !== undefined) {
        return { kind: 'refused', why: `generation ${choice.generation} was asked for; something of it is bad` };
      }
    }
  }
  return { kind: 'refused', why: 'no generation on the disk is whole' };
}

export interface ReadOptions extends Choice {
  /** Verify the contents of every page of every kept generation too. */
  readonly checkPages?: boolean;
}

/** Reads a disk. */
export function readDisk(source: BlockSource, options: ReadOptions = {}): DiskContents {
  const superblocks = SUPERBLOCK_BLOCKS.map((_, copy) => readSuperblock(source, copy));
  const newest = validCopies(superblocks).at(0);
  const generations: Generation[] = [];
  for (const record of newest?.records ?? []) {
    if (newest) generations.push(new GenerationReader(source, newest, options.checkPages ?? false).read(record));
  }
  const blocks = newest?.diskBlocks ?? source.blocks;
  const recovery = chooseRecovery(source, superblocks, generations, options);
  const panics = newest === undefined ? undefined : panicNote(source, newest);
  return { blocks, superblocks, newest, generations, recovery, panics };
}

/** One generation of any superblock on the disk. Undefined: none lists it. */
export function findGeneration(source: BlockSource, disk: DiskContents, generation: number): Generation | undefined {
  for (const superblock of validCopies(disk.superblocks)) {
    const record = superblock.records.find((reference) => reference.generation === generation);
    if (record) return new GenerationReader(source, superblock, false).read(record);
  }
  return undefined;
}

/**
 * The contents of a page in a generation: zeroes when it was never written. Undefined: every copy is bad, and a program
 * that needs it must be told so.
 */
export function readPage(source: BlockSource, generation: Generation, page: number): Uint8Array | undefined {
  const reference = generation.pages.get(page);
  if (reference === undefined) return new Uint8Array(BLOCK_BYTES);
  for (const block of [reference.block, reference.second]) {
    if (block === 0) continue;
    const bytes = source.read(block);
    if (bytes && blockChecksum('page', page, reference.generation, bytes) === reference.checksum) return bytes;
  }
  return undefined;
}

/** Who uses which block, over the kept generations. A block that two of them share is used once. */
export function blockLedger(disk: DiskContents): Ledger {
  const users = new Map<number, string>();
  const problems: LedgerProblem[] = [];
  const use = (block: number, user: string): void => {
    if (block < LOADER_BLOCKS || block >= disk.blocks) problems.push({ block, text: `${user} is outside the disk` });
    const other = users.get(block);
    if (other === undefined) users.set(block, user);
    else if (other !== user) problems.push({ block, text: `used for ${other} and for ${user}` });
  };
  const useBoth = (kind: BlockKind, index: number, { block, second, generation, checksum }: Reference): void => {
    // Two contents of one page in one generation would be two users: the checksum tells them apart.
    const user = `${kind} ${index} of generation ${generation}, checksum ${hexadecimal(checksum)}`;
    use(block, user);
    if (second !== 0) use(second, `${user}, second copy`);
  };
  for (const [copy, block] of SUPERBLOCK_BLOCKS.entries()) use(block, `superblock copy ${copy}`);
  let lists = 0;
  for (const [at, generation] of disk.generations.entries()) {
    const before = new Set(users.keys());
    for (const [kind, index, reference] of referencesOf(generation)) useBoth(kind, index, reference);
    const newer = disk.generations.at(at - 1);
    // A record of format version 1 lists nothing; where a leaf is lost nobody knows what the newer one uses.
    if (at === 0 || newer === undefined || newer.usedPages === 0 || newer.isIndexLost || generation.isIndexLost)
      continue;
    lists++;
    checkSuperseded(
      newer,
      [...users.keys()].filter((block) => !before.has(block)),
      problems,
    );
  }
  for (const block of disk.generations.at(0)?.badBlocks ?? []) if (!users.has(block)) users.set(block, 'bad block');
  return { users, problems, allocated: users.size + LOADER_BLOCKS, lists };
}

/** Everything a generation refers to. */
function* referencesOf(generation: Generation): Generator<[BlockKind, number, Reference]> {
  yield ['record', 0, generation.record];
  for (const [index, reference] of generation.roots) yield ['root', index, reference];
  for (const [index, reference] of generation.leaves) yield ['leaf', index, reference];
  for (const [index, reference] of generation.deltas.entries()) yield ['delta', index, reference];
  for (const [index, reference] of generation.pages) yield ['page', index, reference];
  for (const [index, reference] of generation.supersededList.entries()) yield ['superseded', index, reference];
  for (const [index, reference] of generation.badList.entries()) yield ['bad-list', index, reference];
}

/** The superseded list of a generation is exactly what only the one before it uses. */
function checkSuperseded(newer: Generation, onlyOlder: readonly number[], problems: LedgerProblem[]): void {
  const listed = new Set(newer.superseded);
  const name = `the superseded list of generation ${newer.generation}`;
  for (const block of onlyOlder) {
    if (!listed.delete(block)) problems.push({ block, text: `is missing from ${name}`, leaks: true });
  }
  for (const block of listed)
    problems.push({ block, text: `is on ${name}, and the generation before does not use it alone` });
}
