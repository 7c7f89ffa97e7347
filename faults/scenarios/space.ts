/**
 * A disk without room, P25: who asks for more memory than it can keep is told so, and a disk too full for a snapshot stops snapshots and nothing else.
 *
 * The rule: what is free is what the independent reader finds free, and a system that goes on is one whose self-test comes to its end.
 */
import type { KernelImage } from '../../impl/image/index.js';
import { blockLedger, readDisk } from '../../model/disk-reader.js';
import { blocksOf } from '../disk-image.js';
import { Subject } from '../matrix-subject.js';
import { randomStream } from '../random.js';
import { type Caught, caught, type Scenario } from './scenario.js';

/** The smallest disk, 2048 blocks. */
const DISK_SECTORS = 2048 * 8;
const RAM_BYTES = 4 * 2 ** 20;
/** Three times what either takes. */
const CYCLES_MAX = 200_000_000;

export interface Grown {
  /** Pages that there was room for. */
  readonly pages: number;
  readonly wrong: Caught | undefined;
}

/** A program takes new pages as long as there is room, more than the disk has blocks; then all of it is committed. */
export function growUntilRefused({ elf }: Pick<KernelImage, 'elf'>, threads = 1): Grown {
  const words = `persistent.mib=12 pages=2400 threads=${threads} snapshot.interval=1000000 check=0 grow=1`;
  const subject = Subject.powerOn({ elf, words, diskSectors: DISK_SECTORS, ramBytes: RAM_BYTES });
  const stop = subject.runUntil(() => false, CYCLES_MAX);
  const [page] = subject.takeWrongPages();
  const pages = Number(/out of memory at page (\d+)/.exec(subject.log)?.[1] ?? Number.NaN);
  const judge = (): Caught | undefined => {
    if (page !== undefined) return caught('P2', page);
    const end = subject.panic ?? stop.kind;
    if (!Subject.passed(stop))
      return caught('P25', `the system that takes pages until there is no room ended by ${end}`);
    if (subject.committed === 0) return caught('P25', 'what there was room for was not committed');
    return reserveBroken(subject);
  };
  const wrong = judge();
  subject.machine.dispose();
  return { pages, wrong };
}

/** After a commit: every page in use must find a block that no kept generation needs. */
function reserveBroken({ medium, committed }: Subject): Caught | undefined {
  const disk = readDisk(blocksOf(medium));
  const used = disk.generations.at(0)?.pages.size ?? 0;
  const free = disk.blocks - blockLedger(disk).allocated;
  return free < used
    ? caught('P25', `generation ${committed} leaves ${free} blocks free for ${used} pages to leave memory`)
    : undefined;
}

export const OUT_OF_MEMORY: Scenario = {
  entry: 'pressure',
  judge: (kernel, seed) => growUntilRefused(kernel, 1 + randomStream(seed, 'grow').below(3)).wrong,
};

/** More pages than there is room for a snapshot of, in little memory: they must leave it all the same. */
export const DISK_FULL: Scenario = {
  entry: 'pressure',
  judge: ({ elf }, seed) => {
    const random = randomStream(seed, 'full');
    const words = `persistent.mib=8 pages=${1250 + random.below(100)} threads=3 snapshot.interval=300 check=0 rounds=1200`;
    const subject = Subject.powerOn({ elf, words, diskSectors: DISK_SECTORS });
    const judge = (): Caught | undefined => {
      for (;;) {
        const stop = subject.runUntil(({ kind }) => kind === 'commit', 3 * CYCLES_MAX);
        const [page] = subject.takeWrongPages();
        if (page !== undefined) return caught('P2', page);
        if (Subject.passed(stop)) return undefined;
        const end = subject.panic ?? stop.kind;
        if (stop.kind !== 'requested') return caught('P25', `the system on a full disk ended by ${end}`);
        const broken = reserveBroken(subject);
        if (broken !== undefined) return broken;
      }
    };
    const wrong = judge();
    subject.machine.dispose();
    return wrong;
  },
};
