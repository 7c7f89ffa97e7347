/**
 * Crash states: what a disk can hold after a power cut at one moment, and what the independent reader makes of each.
 *
 * A crash state is a subset of the unflushed sector writes; of a sector that was written twice the newest surviving version counts. Of n writes
 * there are 2^n, so they are gone through whole where n is small and sampled where it is not.
 *
 * The rule that makes thousands a second possible: the reader is a deterministic function of the blocks it reads. So what it found is kept in a
 * trie over the blocks that differ between states, in the order in which it asked for them, with an edge for each content it was given; a
 * state whose path is there has the verdict at its end. Only a new path runs the reader. A state is counted once, however it was drawn.
 *
 * Sources: Chipmunk (EuroSys 2023) and ACE (OSDI 2018): prefixes, single losses and small subsets find nearly all; SQLite's crash tests: a subset of
 * the sectors of one write is a tear.
 */
import { SECTOR_BYTES, type UnflushedWrite } from '../hardware-sim/index.js';
import { BLOCK_BYTES, type BlockSource } from '../model/disk-reader.js';
import { SECTORS_PER_BLOCK } from './block-rule.js';
import { type DiskImage, imageOf, isSuperblockSector } from './disk-image.js';
import { type RandomStream, randomStream } from './random.js';

/** One byte a write, in the order in which the drive took them: 1 where it survived. Valid until the next state is asked for. */
export type CrashState = Uint8Array;

/** Which of all states. */
export interface CrashStateWishes {
  /** States at most; those that are to be gone through whole come first. */
  readonly states: number;
  /** Decides which where there are more. */
  readonly seed: number;
  /** Every prefix, every tear of every write and, of up to this many block writes, every subset, whatever `states` says. */
  readonly exhaustive?: boolean;
}

/** Block writes of which every subset is tried: 4,096 states. */
export const EXHAUSTIVE_WRITES_MAX = 12;
/** Block writes, the last of an epoch, of which every tear is tried: a snapshot of thousands of pages is no small space. */
export const EXHAUSTIVE_TEARS_MAX = 128;
/** Sector writes of which every subset is tried, tears of all kinds among them. */
const EXHAUSTIVE_SECTORS_MAX = 12;

/** Writes of consecutive sectors of one block: what one block write of the kernel became. */
interface BlockWrite {
  readonly block: number;
  /** Places among the unflushed writes. */
  readonly places: readonly number[];
}

interface InFlightBlock {
  readonly block: number;
  readonly places: readonly number[];
}

interface Branch<V> {
  /** The block the reader asks for here. */
  readonly at: InFlightBlock;
  readonly paths: Map<string, Branch<V> | { readonly verdict: V }>;
}

/** The disk at the moment of a cut: what is on the medium, and what is on its way there. */
export class CrashSpace<V> {
  private readonly blocks = new Map<number, InFlightBlock>();
  readonly writes: readonly BlockWrite[];
  /** Of each write the number of its content among those of its sector; 0 is what the medium has, and equal contents have one number. */
  private readonly contents: readonly number[];
  private root: Branch<V> | { readonly verdict: V } | undefined;
  /** Paths of the trie: how often the reader ran. */
  readings = 0;

  constructor(
    private readonly medium: BlockSource,
    readonly unflushed: readonly UnflushedWrite[],
    private readonly judge: (image: DiskImage, state: CrashState) => V,
  ) {
    const places = new Map<number, number[]>();
    for (const [place, { lba }] of unflushed.entries()) {
      const block = Math.floor(lba / SECTORS_PER_BLOCK);
      const all = places.get(block);
      if (all === undefined) places.set(block, [place]);
      else all.push(place);
    }
    for (const [block, all] of places) this.blocks.set(block, { block, places: all });
    this.writes = blockWrites(unflushed);
    this.contents = numberContents(medium, unflushed);
  }

  /** What the reader found of this state. */
  verdict(state: CrashState): V {
    for (let at = this.root; at !== undefined; ) {
      if ('verdict' in at) return at.verdict;
      at = at.paths.get(this.contentKey(at.at, state));
    }
    return this.read(state);
  }

  private read(state: CrashState): V {
    this.readings++;
    const asked: InFlightBlock[] = [];
    const seen = new Set<number>();
    const kept = state.slice();
    const image = imageOf(
      this.source(kept, (one) => {
        if (!seen.has(one.block)) asked.push(one);
        seen.add(one.block);
      }),
    );
    const verdict = this.judge(image, kept);
    this.root = this.grow(this.root, asked, kept, verdict);
    return verdict;
  }

  private grow(
    from: Branch<V> | { readonly verdict: V } | undefined,
    asked: readonly InFlightBlock[],
    state: CrashState,
    verdict: V,
  ): Branch<V> | { readonly verdict: V } {
    if (asked.length === 0) return { verdict };
    const root = from ?? { at: asked[0], paths: new Map() };
    let branch = root;
    for (let i = 0; ; i++) {
      if ('verdict' in branch || branch.at.block !== asked[i].block) {
        throw new Error('crash states: the reader asked for other blocks than before, after it was given the same');
      }
      const key = this.contentKey(branch.at, state);
      if (i + 1 === asked.length) {
        branch.paths.set(key, { verdict });
        return root;
      }
      const next: Branch<V> | { readonly verdict: V } = branch.paths.get(key) ?? { at: asked[i + 1], paths: new Map() };
      branch.paths.set(key, next);
      branch = next;
    }
  }

  /** Which content each sector of the block has: of the newest surviving write, or the medium's. The same key is the same content. */
  private contentKey({ places }: InFlightBlock, state: CrashState): string {
    const contents = [0, 0, 0, 0, 0, 0, 0, 0];
    for (const place of places) {
      if (state[place] === 1) contents[this.unflushed[place].lba % SECTORS_PER_BLOCK] = this.contents[place];
    }
    return String.fromCharCode(...contents);
  }

  private source(state: CrashState, note: (block: InFlightBlock) => void): BlockSource {
    const { medium, unflushed } = this;
    return {
      blocks: medium.blocks,
      read: (block) => {
        const inFlight = this.blocks.get(block);
        if (inFlight === undefined) return medium.read(block);
        note(inFlight);
        const bytes = (medium.read(block) ?? new Uint8Array(BLOCK_BYTES)).slice();
        for (const place of inFlight.places) {
          const { lba, data } = unflushed[place];
          if (state[place] === 1) bytes.set(data, (lba % SECTORS_PER_BLOCK) * SECTOR_BYTES);
        }
        return bytes;
      },
    };
  }

  /** The states that are wished for, each once; and which spaces they go through whole. */
  *states({ states, seed, exhaustive = false }: CrashStateWishes): Generator<CrashState, ExhaustedSpaces> {
    const { length } = this.unflushed;
    const state = new Uint8Array(length);
    const seen = new Set<string>();
    const done = { prefixes: false, subsets: false, tears: 0 };
    const isNew = (): boolean => {
      const key = stateKey(state);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    };
    const sources: (() => Generator<void>)[] = [];
    // What is gone through whole leaves room for what is drawn, unless it is all there is.
    const room = (count: number, share: number): boolean => exhaustive || count <= share * states;
    if (room(length + 1, 1 / 4)) {
      done.prefixes = true;
      sources.push(() => prefixes(state));
    }
    if (length <= EXHAUSTIVE_SECTORS_MAX && room(2 ** length, 1)) {
      done.subsets = true;
      sources.push(() =>
        subsets(
          state,
          Array.from(state, (_, place) => [place]),
        ),
      );
    } else if (this.writes.length <= EXHAUSTIVE_WRITES_MAX && room(2 ** this.writes.length, 1 / 2)) {
      done.subsets = true;
      const groups = this.writes.map(({ places }) => places);
      sources.push(() => subsets(state, groups));
    }
    const torn = this.writes.filter(({ places }) => places.length > 1);
    const tears = torn.slice(exhaustive ? -EXHAUSTIVE_TEARS_MAX : -1);
    if (room(256 * tears.length, 1 / 3)) {
      done.tears = tears.length;
      sources.push(() => everyTear(state, tears));
    }
    let given = 0;
    for (const source of sources) {
      for (const _ of source()) {
        if (!isNew()) continue;
        yield state;
        given++;
      }
    }
    const random = randomStream(seed, 'crash states');
    const most = length < 30 ? 2 ** length : Number.POSITIVE_INFINITY;
    for (let tries = 0; given < Math.min(states, most) && tries < 8 * states; tries++) {
      drawState(state, this.writes, random);
      if (!isNew()) continue;
      yield state;
      given++;
    }
    return done;
  }
}

/** What of a space was gone through whole. */
export interface ExhaustedSpaces {
  readonly prefixes: boolean;
  readonly subsets: boolean;
  /** Block writes of which every tear was tried, everything before them on the disk and nothing after. */
  readonly tears: number;
}

/** A state as hexadecimal digits, four writes a digit. */
export function stateKey(state: CrashState): string {
  let key = '';
  for (let i = 0; i < state.length; i += 16) {
    let word = 0;
    for (let j = i; j < Math.min(i + 16, state.length); j++) word |= state[j] << (j - i);
    key += String.fromCharCode(word);
  }
  return key;
}

/** The state as a plan's survivors have it. */
export function stateBits(state: CrashState): string {
  return Array.from(state, (one) => (one === 1 ? '1' : '0')).join('');
}

/** Whether no write survives that came after one that does not: what a drive leaves that writes back in order. */
export function isPrefix(state: CrashState): boolean {
  const first = state.indexOf(0);
  return first < 0 || state.indexOf(1, first) < 0;
}

function* prefixes(state: CrashState): Generator<void> {
  state.fill(0);
  yield;
  for (let place = 0; place < state.length; place++) {
    state[place] = 1;
    yield;
  }
}

/** Every subset of the groups. */
function* subsets(state: CrashState, groups: readonly (readonly number[])[]): Generator<void> {
  for (let subset = 0; subset < 2 ** groups.length; subset++) {
    for (const [i, places] of groups.entries()) for (const place of places) state[place] = (subset >>> i) & 1;
    yield;
  }
}

/** Of each write every subset of its sectors: what came before is on the disk, what comes after is not. */
function* everyTear(state: CrashState, writes: readonly BlockWrite[]): Generator<void> {
  for (const { places } of writes) {
    for (let subset = 0; subset < 2 ** places.length; subset++) {
      state.fill(0);
      state.fill(1, 0, places[0]);
      for (const [i, place] of places.entries()) state[place] = (subset >>> i) & 1;
      yield;
    }
  }
}

/** One state: few lost, few kept, whole blocks or sectors, in all densities. */
function drawState(state: CrashState, writes: readonly BlockWrite[], random: RandomStream): void {
  const shape = random.below(6);
  if (shape < 2) {
    const kept = shape === 0 ? 0 : 1;
    state.fill(kept);
    const count = 1 + random.below(3);
    for (let i = 0; i < count; i++) {
      for (const place of random.pick(writes).places) state[place] = 1 - kept;
    }
    return;
  }
  const eighths = 1 + random.below(7);
  if (shape < 4) {
    for (const { places } of writes) {
      const kept = random.chance(eighths, 8) ? 1 : 0;
      for (const place of places) state[place] = kept;
    }
    return;
  }
  for (let place = 0; place < state.length; place++) state[place] = random.chance(eighths, 8) ? 1 : 0;
}

function numberContents(medium: BlockSource, unflushed: readonly UnflushedWrite[]): number[] {
  const known = new Map<number, Uint8Array[]>();
  return unflushed.map(({ lba, data }) => {
    let contents = known.get(lba);
    if (contents === undefined) {
      const block = medium.read(Math.floor(lba / SECTORS_PER_BLOCK)) ?? new Uint8Array(BLOCK_BYTES);
      const at = (lba % SECTORS_PER_BLOCK) * SECTOR_BYTES;
      contents = [block.subarray(at, at + SECTOR_BYTES)];
      known.set(lba, contents);
    }
    const found = contents.findIndex((one) => Buffer.compare(one, data) === 0);
    return found >= 0 ? found : contents.push(data) - 1;
  });
}

/** Consecutive sector writes that go on within one block. */
function blockWrites(unflushed: readonly UnflushedWrite[]): BlockWrite[] {
  const all: { block: number; places: number[] }[] = [];
  let next = -1;
  for (const [place, { lba }] of unflushed.entries()) {
    const block = Math.floor(lba / SECTORS_PER_BLOCK);
    const last = all.at(-1);
    if (last !== undefined && last.block === block && lba === next) last.places.push(place);
    else all.push({ block, places: [place] });
    next = lba + 1;
  }
  return all;
}

/** Whether of what was written to the superblock copies something survives in a state, and something does not. */
export function tearsSuperblock(unflushed: readonly UnflushedWrite[]): (state: CrashState) => boolean {
  const places = unflushed.flatMap(({ lba }, place) => (isSuperblockSector(lba) ? [place] : []));
  return (state) => places.some((place) => state[place] === 1) && places.some((place) => state[place] === 0);
}

/** Whether a copy of the superblock is among the writes. */
export function hasSuperblock(unflushed: readonly UnflushedWrite[]): boolean {
  return unflushed.some(({ lba }) => isSuperblockSector(lba));
}
