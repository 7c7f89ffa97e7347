/**
 * The faults of the matrix: which questions are asked, what each means for the drive, and which event of the disk is its witness.
 *
 * The rule: a fault that has no witness did not strike, and its question has no answer.
 */
import type { DiskEvent, DiskFault } from '../hardware-sim/index.js';
import { MATRIX_KINDS, MATRIX_TIMES, type MatrixCell } from '../reports/matrix.js';
import { SECTORS_PER_BLOCK } from './block-rule.js';

export type MatrixFault = MatrixCell['fault'];
export type BlockKind = MatrixCell['kind'];

/** One question to the system. */
export type CellQuestion = Pick<MatrixCell, 'fault' | 'kind' | 'copies' | 'when'>;

/** How long a drive is gone, and how much slower it is for how long. */
const GONE_CYCLES = 30_000_000;
const SLOW_FACTOR = 20;
const SLOW_CYCLES = 60_000_000;
/** Times that an operation fails and then does not; the kernel tries thrice. */
const TRANSIENT = 2;
/** The bit that turns over: of a superblock in its sequence number, of others somewhere. */
const OFFSET = 20;
const MASK = 0x10;

const READ_FAULTS: readonly MatrixFault[] = [
  'read error, transient',
  'read error, sticky',
  'bit flip',
  'sector replaced',
  'misread',
  'disk gone and back',
  'slow disk',
];
const WRITE_FAULTS: readonly MatrixFault[] = [
  'write error, transient',
  'write error, sticky',
  'misdirected write, overwritten',
  'misdirected write, not written',
  'lost write',
  'torn write',
  'lying flush',
  'failed flush, cache kept',
  'failed flush, cache dropped',
  'disk gone and back',
  'slow disk',
];
/** Of what is stored twice, those for which it makes a difference that both copies are struck. */
const TWICE_FAULTS: readonly MatrixFault[] = [
  'read error, sticky',
  'bit flip',
  'sector replaced',
  'write error, sticky',
  'lost write',
  'misdirected write, not written',
];
const STORED_ONCE: readonly BlockKind[] = ['superblock before', 'data page', 'free block'];
/** Read only after recovery has been announced. */
const LATE_KINDS: readonly BlockKind[] = ['index leaf', 'superseded list', 'bad-block list', 'data page'];

/** Every question that is asked. Of some it turns out that the fault does not strike. */
export function matrixQuestions(): CellQuestion[] {
  const questions: CellQuestion[] = [{ fault: 'full disk', kind: 'free block', copies: 1, when: 'running' }];
  for (const when of MATRIX_TIMES) {
    for (const kind of MATRIX_KINDS) {
      for (const fault of when === 'running' ? WRITE_FAULTS : READ_FAULTS) {
        if (!isAsked(fault, kind, when)) continue;
        questions.push({ fault, kind, copies: 1, when });
        if (TWICE_FAULTS.includes(fault) && !STORED_ONCE.includes(kind))
          questions.push({ fault, kind, copies: 2, when });
      }
    }
  }
  return questions;
}

function isAsked(fault: MatrixFault, kind: BlockKind, when: MatrixCell['when']): boolean {
  if (when === 'running') {
    // Nothing is written there but by going astray.
    const unwritten = kind === 'free block' || kind === 'superblock before';
    return !unwritten || fault === 'misdirected write, overwritten';
  }
  if (kind === 'free block') return false;
  return LATE_KINDS.includes(kind) === (when === 'page-in');
}

/** The sector of a block that is struck: of a superblock the only one that counts. */
export function struckSector(block: number): number {
  return block * SECTORS_PER_BLOCK;
}

export function blockOf(sector: number): number {
  return Math.floor(sector / SECTORS_PER_BLOCK);
}

export interface Strike {
  /** Where, and from which cycle on. */
  readonly blocks: readonly number[];
  readonly cycle: number;
  /** A block that nobody needs, and one that is about to be written. */
  readonly spare: number;
  readonly written?: number;
}

/** What the drive does. What rots does so for good, which is a misreading without end. */
export function faultsOf(fault: MatrixFault, { blocks, cycle, spare, written }: Strike): DiskFault[] {
  const each = (make: (lba: number) => DiskFault): DiskFault[] => blocks.map((block) => make(struckSector(block)));
  switch (fault) {
    case 'read error, transient':
      return each((lba) => ({ kind: 'read-error', lba, times: TRANSIENT }));
    case 'read error, sticky':
      return each((lba) => ({ kind: 'read-error', lba }));
    case 'misread':
      return each((lba) => ({ kind: 'misread', lba, offset: OFFSET, mask: MASK, times: 1 }));
    case 'bit flip':
      return each((lba) => ({ kind: 'misread', lba, offset: OFFSET, mask: MASK }));
    case 'write error, transient':
      return each((lba) => ({ kind: 'write-error', lba, times: 1 }));
    case 'write error, sticky':
      return each((lba) => ({ kind: 'write-error', lba }));
    case 'misdirected write, overwritten':
      if (written === undefined) throw new Error('fault matrix: no write that could go astray');
      return [{ kind: 'misdirected-write', lba: written, to: struckSector(blocks[0]) }];
    case 'misdirected write, not written':
      return each((lba) => ({ kind: 'misdirected-write', lba, to: struckSector(spare) }));
    case 'lost write':
      return each((lba) => ({ kind: 'lost-write', lba }));
    case 'lying flush':
      return [{ kind: 'lying-flush' }];
    case 'failed flush, cache kept':
      return [{ kind: 'failed-flush', cache: 'kept', times: 1 }];
    case 'failed flush, cache dropped':
      return [{ kind: 'failed-flush', cache: 'dropped', times: 1 }];
    case 'disk gone and back':
      return [{ kind: 'gone', from: cycle, until: cycle + GONE_CYCLES }];
    case 'slow disk':
      return [{ kind: 'slow', factor: SLOW_FACTOR, from: cycle, until: cycle + SLOW_CYCLES }];
    case 'sector replaced':
    case 'torn write':
    case 'full disk':
      return [];
  }
}

/** Those of them that are still there when the power comes on again. */
export function lastingFaults(faults: readonly DiskFault[]): DiskFault[] {
  return faults.filter((fault) => fault.kind === 'write-error' && fault.times === undefined);
}

/** Whether the event shows the fault at work on one of these blocks. */
export function isWitness(fault: MatrixFault, { blocks, written }: Strike, event: DiskEvent): boolean {
  const here = blocks.some((block) => struckSector(block) === event.lba);
  switch (fault) {
    case 'read error, transient':
    case 'read error, sticky':
      return event.kind === 'read-error' && here;
    case 'misread':
    case 'bit flip':
    case 'sector replaced':
      return event.kind === 'read' && here;
    case 'write error, transient':
    case 'write error, sticky':
      return event.kind === 'write-refused' && here;
    case 'misdirected write, overwritten':
      return event.kind === 'write-misdirected' && event.lba === written;
    case 'misdirected write, not written':
      return event.kind === 'write-misdirected' && here;
    case 'lost write':
      return event.kind === 'write-lost' && here;
    case 'lying flush':
      return event.kind === 'flush-lied';
    case 'failed flush, cache kept':
    case 'failed flush, cache dropped':
      return event.kind === 'flush-failed';
    case 'disk gone and back':
    case 'slow disk':
    case 'torn write':
      // The strike is at the moment at which the block is read or written.
      return (event.kind === 'write' || event.kind === 'read') && here;
    case 'full disk':
      return false;
  }
}
