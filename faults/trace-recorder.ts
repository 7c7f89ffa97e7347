/**
 * Records the trace of a run (`model/trace/events.ts`): the disk's events, the MMU's, the kernel's announcements.
 *
 * Rule: the recorder only looks. A run with a recorder is the same run, to the cycle, and one without has no cost of it.
 */
import { type DiskEvent, type DurableMedium, type Machine, SECTOR_BYTES } from '../hardware-sim/index.js';
import {
  BLOCK_BYTES,
  type BlockSource,
  findGeneration,
  readDisk,
  readSuperblock,
  SUPERBLOCK_BLOCKS,
} from '../model/disk-reader.js';
import { checkTrace, type TraceCheck } from '../model/trace/check.js';
import type { TraceEvent } from '../model/trace/events.js';
import { SECTORS_PER_BLOCK } from './block-rule.js';
import { blocksOf } from './disk-image.js';
import type { PageContents } from './page-contents.js';
import { PageHashes, pageHashText, pageWords } from './page-hash.js';
import type { PersistentWatch } from './persistent-watch.js';
import type { Probe } from './probe.js';
import type { Place } from './properties.js';

/** The trace of a run, life after life. */
export class TraceRecorder {
  readonly events: TraceEvent[] = [];
  /** What the specifications say of it, once it was judged. */
  check: TraceCheck | undefined;

  /**
   * `isJudged`: whether the run is to be held against the specifications, which know no disk that lies or goes bad. `contents`: takes those that it
   * wants of all that is seen.
   */
  constructor(
    private readonly isJudged = true,
    private readonly contents?: PageContents,
  ) {}

  /** The run is over. Undefined: it is not to be judged. */
  judge(): TraceCheck | undefined {
    if (this.isJudged) this.check = checkTrace(this.events);
    return this.check;
  }

  /** The power comes on for the life of this boot. */
  life(boot: number): LifeRecorder {
    return new LifeRecorder(boot, this.events, this.contents);
  }

  /** Takes back what was recorded since there were `count` events: that life is lived once more. */
  takeBack(count: number): void {
    this.events.length = count;
  }
}

type Watched = Pick<Machine, 'cycles' | 'medium' | 'peekSector' | 'viewPage'>;
type WithoutPlace<E> = E extends TraceEvent ? Omit<E, 'boot' | 'cycle'> : never;

/** Records one life. */
export class LifeRecorder {
  /** Sectors of the block that is being written, in order, that have come so far. */
  private partial = { block: -1, sectors: 0 };
  /** Blocks written since the last flush. */
  private readonly unflushed = new Set<number>();
  private readonly named = new Set<number>();
  /** Pages written since the last demarcation. */
  private readonly written = new Set<number>();
  private readonly frames = new Map<number, number>();

  constructor(
    private readonly boot: number,
    private readonly events: TraceEvent[],
    private readonly contents?: PageContents,
  ) {
    this.add({ cycle: 0 }, { kind: 'power-on' });
  }

  diskEvent(event: DiskEvent, machine: Watched): void {
    if (event.kind === 'flush') {
      this.unflushed.clear();
      this.add(event, { kind: 'flush' });
    } else if (event.kind === 'write-back') {
      this.add(event, { kind: 'write-back' });
    } else if (event.kind === 'write') {
      this.sectorWritten(event, machine);
    }
  }

  /**
   * A block is complete with its last sector; the kernel writes whole blocks, sectors in order. The superblock is all in the
   * first sector of its block.
   */
  private sectorWritten({ lba, cycle }: DiskEvent, machine: Watched): void {
    const block = Math.floor(lba / SECTORS_PER_BLOCK);
    const sector = lba % SECTORS_PER_BLOCK;
    this.unflushed.add(block);
    const copy = SUPERBLOCK_BLOCKS.indexOf(block);
    if (copy >= 0) {
      if (sector === 0) this.superblockWritten({ cycle }, copy, cachedBlocks(machine));
      return;
    }
    const expected = this.partial.block === block ? this.partial.sectors : 0;
    this.partial = { block, sectors: sector === expected ? sector + 1 : 0 };
    if (this.partial.sectors < SECTORS_PER_BLOCK) return;
    this.partial = { block: -1, sectors: 0 };
    this.add({ cycle }, { kind: 'block-write', block, content: contentOf(cachedBlocks(machine), block) });
  }

  private superblockWritten(place: Pick<Place, 'cycle'>, copy: number, source: BlockSource): void {
    const superblock = readSuperblock(source, copy);
    const valid = superblock.state === 'valid';
    const generations = valid ? superblock.records.map(({ generation }) => generation) : [];
    for (const generation of generations) {
      if (this.named.has(generation)) continue;
      this.named.add(generation);
      const found = findGeneration(source, readDisk(source), generation);
      if (found === undefined) continue;
      const { record, roots, leaves, deltas, supersededList, badList } = found;
      const both = [record, ...roots.values(), ...leaves.values(), ...deltas, ...supersededList, ...badList];
      this.add(place, {
        kind: 'generation',
        generation,
        pages: [...found.pages].flatMap(([page, { block, second }]) =>
          second === 0 ? [[page, block] as [number, number]] : [[page, block] as [number, number], [page, second]],
        ),
        index: both.flatMap(({ block, second }) => (second === 0 ? [block] : [block, second])),
      });
    }
    const { sequence, keep } = superblock;
    this.add(place, { kind: 'superblock-write', copy, sequence: valid ? sequence : null, keep, generations });
  }

  probe(probe: Probe, machine: Watched): void {
    switch (probe.kind) {
      case 'booted':
        this.add(machine, { kind: 'booted', pages: probe.pages, zero: PageHashes.zero(1).text(0) });
        break;
      case 'recovered':
        if (machine.medium !== undefined) this.contents?.takeFromDisk(blocksOf(machine.medium), probe.generation);
        this.add(machine, { kind: probe.kind, generation: probe.generation });
        break;
      case 'commit':
      case 'abandoned':
        this.add(machine, { kind: probe.kind, generation: probe.generation });
        break;
      default:
    }
  }

  /** `hashes`: of all pages, at this instant. */
  demarcation(generation: number, hashes: PageHashes, machine: Watched): void {
    const pages = [...this.written].sort((a, b) => a - b).map((page): [number, string] => [page, hashes.text(page)]);
    for (const [page, hash] of pages) {
      const frame = this.frames.get(page);
      if (frame !== undefined) this.contents?.take(hash, machine.viewPage(frame));
    }
    this.written.clear();
    this.add(machine, { kind: 'demarcation', generation, pages });
  }

  /** The hooks for the MMU: what `watch` sees, and recorded. */
  watching(watch: PersistentWatch, machine: Watched): Pick<PersistentWatch, 'onMap' | 'onInvalidate' | 'onFlush'> {
    const content = (frame: number): string => {
      const bytes = machine.viewPage(frame);
      const hash = pageHashText(pageWords(bytes));
      this.contents?.take(hash, bytes);
      return hash;
    };
    return {
      onMap: (linearPage, physicalPage, write) => {
        const page = linearPage - watch.firstPage;
        if (this.frames.get(page) !== physicalPage) {
          this.frames.set(page, physicalPage);
          this.add(machine, { kind: 'page-in', page, content: content(physicalPage) });
        }
        if (write && !watch.knowsWritten(page)) {
          this.written.add(page);
          this.add(machine, { kind: 'page-write', page });
        }
        watch.onMap(linearPage, physicalPage, write);
      },
      onInvalidate: (linearPage) => {
        const page = linearPage - watch.firstPage;
        const frame = this.frames.get(page);
        if (frame !== undefined && watch.knowsWritten(page)) {
          this.add(machine, { kind: 'page-out', page, content: content(frame) });
        }
        this.frames.delete(page);
        watch.onInvalidate(linearPage);
      },
      onFlush: () => watch.onFlush(),
    };
  }

  /** The power has gone; `medium` is what is left. */
  cut(medium: DurableMedium, place: Pick<Place, 'cycle'>): void {
    const source = blocksOf(medium);
    const written = [...this.unflushed].sort((a, b) => a - b);
    const blocks = written
      .filter((block) => !SUPERBLOCK_BLOCKS.includes(block))
      .map((block): [number, string] => [block, contentOf(source, block)]);
    const superblocks = written.flatMap((block): [number, number | null][] => {
      const copy = SUPERBLOCK_BLOCKS.indexOf(block);
      if (copy < 0) return [];
      // A blank copy has sequence 0.
      const { state, sequence } = readSuperblock(source, copy);
      return [[copy, state === 'valid' || state === 'blank' ? sequence : null]];
    });
    this.add(place, { kind: 'cut', blocks, superblocks });
  }

  private add(place: Pick<Machine, 'cycles'> | Pick<Place, 'cycle'>, event: WithoutPlace<TraceEvent>): void {
    this.events.push({ boot: this.boot, cycle: 'cycle' in place ? place.cycle : place.cycles, ...event } as TraceEvent);
  }
}

/** The disk as a read would find it now. */
function cachedBlocks(machine: Watched): BlockSource {
  return {
    blocks: Math.floor((machine.medium?.sectors ?? 0) / SECTORS_PER_BLOCK),
    read: (block) => {
      const bytes = new Uint8Array(BLOCK_BYTES);
      for (let i = 0; i < SECTORS_PER_BLOCK; i++) {
        bytes.set(machine.peekSector(block * SECTORS_PER_BLOCK + i), i * SECTOR_BYTES);
      }
      return bytes;
    },
  };
}

function contentOf(source: BlockSource, block: number): string {
  const bytes = source.read(block);
  if (bytes === undefined) throw new Error(`trace recorder: block ${block} cannot be read`);
  return pageHashText(pageWords(bytes));
}
