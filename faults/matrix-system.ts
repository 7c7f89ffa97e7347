/**
 * The system whose disk is struck, brought to where every kind of block is on it and being written: a base of the index with deltas over it,
 * a list of bad blocks, more pages than frames.
 *
 * The rule that makes it right: the machine is deterministic, so a run without faults says which block will hold what and when it is written
 * in a run with one. Which block has which kind is asked of the independent reader of the disk format.
 */
import type { DiskController, DiskEvent, DiskFault } from '../hardware-sim/index.js';
import {
  blockLedger,
  type DiskContents,
  type Generation,
  type Reference,
  readDisk,
  SUPERBLOCK_BLOCKS,
} from '../model/disk-reader.js';
import { blocksOf } from './disk-image.js';
import { type BlockKind, struckSector } from './matrix-faults.js';
import { Subject } from './matrix-subject.js';

/** Few pages first, for the deltas to pile up fast; then more than there are frames. */
const FEW = 'persistent.mib=4 pages=8 threads=1 snapshot.interval=1 rounds=1000000';
const MANY = 'persistent.mib=4 pages=400 threads=3 snapshot.interval=10 rounds=1000000';
/** The base is written anew at about the 193rd generation, of one delta each. */
const GENERATIONS_BEFORE = 186;
/** A block that cannot be written, found early: the disk has a list of bad blocks from then on. */
const BAD_BLOCK = 40;
const CYCLES_MAX = 2_000_000_000;

/** What follows a starting point, and what its disk is after each commit. */
export interface Course {
  readonly start: Subject;
  readonly events: readonly DiskEvent[];
  readonly commits: readonly { readonly cycle: number; readonly contents: DiskContents }[];
}

export interface MatrixSystem {
  /** The generation under way from `start` writes the base; the next ones write deltas. Three generations are recorded. */
  readonly running: Course;
  /** The same with a block that turns out bad, so that the list of bad blocks is written. */
  readonly withBadBlock: Course;
  /** Just after the last commit of `running`: what is at rest then has every kind of block. */
  readonly rest: Subject;
  readonly contents: DiskContents;
  /** What the disk does from there until the next commit. */
  readonly next: readonly DiskEvent[];
}

/** Throws an Error when the kernel does not get there. */
export function prepareSystem(elf: Uint8Array, controller: DiskController): MatrixSystem {
  const faults: DiskFault[] = [{ kind: 'write-error', lba: struckSector(BAD_BLOCK) }];
  const first = Subject.powerOn({ elf, controller, words: FEW, faults });
  untilCommit(first, GENERATIONS_BEFORE);
  const medium = first.machine.cutPower({ survive: 'none' });
  const second = Subject.powerOn({ elf, controller, words: MANY, medium });
  const start = beforeRebase(second);
  const running = follow(start, 3);
  const rest = start.fork();
  untilCommit(rest, rest.committed + 3);
  const contents = running.commits[2].contents;
  const [newest] = contents.generations;
  const page = [...newest.pages.values()].find(
    ({ second: twin, generation }) => twin === 0 && generation === newest.generation - 1,
  );
  if (page === undefined) throw new Error('fault matrix: no page was written in the generation that counts');
  const { events: next } = follow(rest, 1);
  const struck = start.fork();
  struck.machine.addDiskFault({ kind: 'write-error', lba: struckSector(page.block) });
  return { running, withBadBlock: follow(struck, 4), rest, contents, next };
}

function untilCommit(subject: Subject, generation: number): void {
  const bound = subject.machine.cycles + CYCLES_MAX;
  const stop = subject.runUntil(({ kind }) => kind === 'commit' && subject.committed >= generation, bound);
  if (stop.kind === 'requested') return;
  throw new Error(`fault matrix: no commit of generation ${generation}: ${JSON.stringify(stop)}\n${subject.log}`);
}

/** The last commit before the one that writes the base. */
function beforeRebase(subject: Subject): Subject {
  let before = subject;
  let most = 0;
  for (;;) {
    untilCommit(subject, subject.committed + 1);
    const deltas = deltasOf(subject);
    if (deltas < most) return before;
    most = deltas;
    before = subject.fork();
  }
}

/** Deltas of the newest generation, as its record has it. */
function deltasOf(subject: Subject): number {
  return contentsOf(subject).generations[0].deltas.length;
}

function contentsOf({ medium }: Subject): DiskContents {
  return readDisk(blocksOf(medium));
}

function follow(start: Subject, commits: number): Course {
  const subject = start.fork();
  const events: DiskEvent[] = [];
  subject.onDisk = (event) => events.push(event);
  const seen: { cycle: number; contents: DiskContents }[] = [];
  for (let i = 0; i < commits; i++) {
    untilCommit(subject, subject.committed + 1);
    seen.push({ cycle: subject.machine.cycles, contents: contentsOf(subject) });
  }
  return { start, events, commits: seen };
}

/**
 * The blocks of the newest generation that have this kind: one, or two where it is stored twice. Empty: there is none. Of pages one whose
 * block is `wanted`.
 */
export function blocksOfKind(
  contents: DiskContents,
  kind: BlockKind,
  wanted: (block: number) => boolean = () => true,
): readonly number[] {
  const [generation] = contents.generations;
  const both = (reference: Reference | undefined): number[] =>
    reference === undefined ? [] : [reference.block, reference.second].filter((block) => block !== 0);
  switch (kind) {
    case 'superblock in force':
    case 'superblock before': {
      const inForce = contents.superblocks.filter(({ sequence }) => sequence === contents.newest?.sequence);
      const blocks = inForce.map(({ block }) => block);
      return kind === 'superblock in force' ? blocks : SUPERBLOCK_BLOCKS.filter((block) => !blocks.includes(block));
    }
    case 'record':
      return both(generation.record);
    case 'delta':
      return both(generation.deltas.at(-1));
    case 'index leaf':
      return both(generation.leaves.get(1));
    case 'index root':
      return both(generation.roots.get(0));
    case 'superseded list':
      return both(generation.supersededList.at(0));
    case 'bad-block list':
      return both(generation.badList.at(0));
    case 'wired page':
      return both(pageOf(generation, ({ block, second }) => second !== 0 && wanted(block)));
    case 'data page':
      return both(
        pageOf(
          generation,
          ({ block, second, generation: of }) => second === 0 && of === generation.generation && wanted(block),
        ),
      );
    case 'free block':
      return [freeBlock(contents)];
  }
}

function pageOf(generation: Generation, fits: (reference: Reference) => boolean): Reference | undefined {
  return [...generation.pages.values()].find(fits);
}

/** A block that nothing uses, and that is not to be used soon: allocation goes round the disk. */
export function freeBlock(contents: DiskContents): number {
  const { users } = blockLedger(contents);
  for (let block = contents.blocks - 1; ; block--) if (!users.has(block)) return block;
}
