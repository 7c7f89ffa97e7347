/** The fault x block-kind matrix, a sample of it: each fault once and each kind of block once, on the simulated machine. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { DiskFault } from '../hardware-sim/index.js';
import type { KernelImage } from '../impl/image/index.js';
import { readDisk } from '../model/disk-reader.js';
import {
  MATRIX_FAULTS,
  MATRIX_KINDS,
  type MatrixCell,
  matrixSchema,
  matrixVerdict,
  renderMatrix,
} from '../reports/matrix.js';
import { blocksOf } from './disk-image.js';
import { buildMatrixKernel, type CellQuestion, MatrixExaminer, matrixOf, matrixQuestions } from './matrix.js';
import { struckSector } from './matrix-faults.js';
import { judgeCell, type Observation } from './matrix-judge.js';
import { Subject } from './matrix-subject.js';
import { DISK_FULL, growUntilRefused } from './scenarios/space.js';

/** Fault, kind, copies, when, and what at least must be noticed and done. */
type Expected = readonly [
  MatrixCell['fault'],
  MatrixCell['kind'],
  1 | 2,
  MatrixCell['when'],
  Partial<Pick<MatrixCell, 'detected' | 'reaction'>>,
];

const NOTICED_BY_CHECKSUM = { detected: ['checksum'] } satisfies Partial<MatrixCell>;

const SAMPLE: readonly Expected[] = [
  ['read error, transient', 'record', 1, 'recovery', { detected: ['error code'], reaction: ['retry'] }],
  ['read error, sticky', 'wired page', 1, 'recovery', { detected: ['error code'], reaction: ['second copy'] }],
  ['bit flip', 'data page', 1, 'page-in', { ...NOTICED_BY_CHECKSUM, reaction: ['object lost'] }],
  ['sector replaced', 'index root', 2, 'recovery', { ...NOTICED_BY_CHECKSUM, reaction: ['earlier generation'] }],
  ['misread', 'index leaf', 1, 'page-in', { ...NOTICED_BY_CHECKSUM, reaction: ['retry'] }],
  ['write error, transient', 'data page', 1, 'running', { detected: ['error code'] }],
  ['write error, sticky', 'bad-block list', 1, 'running', { detected: ['error code'] }],
  ['misdirected write, overwritten', 'superblock before', 1, 'running', { reaction: ['second copy'] }],
  ['misdirected write, not written', 'delta', 1, 'running', { ...NOTICED_BY_CHECKSUM, reaction: ['second copy'] }],
  ['lost write', 'superblock in force', 2, 'running', { detected: ['sanity'] }],
  ['torn write', 'record', 1, 'running', { detected: [], reaction: [] }],
  ['lying flush', 'wired page', 1, 'running', NOTICED_BY_CHECKSUM],
  ['failed flush, cache kept', 'superseded list', 1, 'running', { detected: ['error code'] }],
  ['failed flush, cache dropped', 'data page', 1, 'running', { detected: ['error code'] }],
  ['disk gone and back', 'superseded list', 1, 'page-in', { detected: ['error code', 'no answer'] }],
  ['slow disk', 'superblock in force', 1, 'recovery', { detected: [], reaction: [] }],
];

const FULL_DISK: CellQuestion = { fault: 'full disk', kind: 'free block', copies: 1, when: 'running' };

let kernel: KernelImage;
let examiner: MatrixExaminer;
beforeAll(async () => {
  kernel = await buildMatrixKernel();
  examiner = new MatrixExaminer(kernel);
}, 120_000);

function question([fault, kind, copies, when]: Expected): CellQuestion {
  return { fault, kind, copies, when };
}

describe('P11 P12 P13 the fault x block-kind matrix', { timeout: 180_000 }, () => {
  it.each(SAMPLE)('%s, %s, copies %i, %s: not silent', (...expected) => {
    const cell = examiner.examine(question(expected));
    expect(cell).toMatchObject({ ...expected[4], verdict: 'held', note: '' });
  });

  it('the sample has each fault, each kind that is stored, and only what the whole matrix has', () => {
    const asked = matrixQuestions();
    for (const one of SAMPLE) expect(asked).toContainEqual(question(one));
    // A full disk is P25's, below.
    const faults = new Set(SAMPLE.map(([fault]) => fault));
    expect(MATRIX_FAULTS.filter((fault) => !faults.has(fault))).toEqual(['full disk']);
    const kinds = new Set(SAMPLE.map(([, kind]) => kind));
    expect(MATRIX_KINDS.filter((kind) => !kinds.has(kind))).toEqual(['free block']);
  });

  it('a fault that cannot strike has no cell', () => {
    expect(examiner.examine({ fault: 'bit flip', kind: 'data page', copies: 2, when: 'page-in' })).toBe(undefined);
  });

  it('P25 a full disk stops snapshots, and nothing else; after a restart they go on', () => {
    const cell = examiner.examine(FULL_DISK);
    expect(cell).toMatchObject({ verdict: 'held', note: '', detected: ['no space'], reaction: ['no snapshots'] });
  });
});

/** A page of a small system cannot be read any more: what of memory is wrong then. */
function wrongOfLostPage({ elf }: KernelImage): readonly string[] {
  const words = 'persistent.mib=4 pages=60 threads=1 snapshot.interval=10';
  const first = Subject.powerOn({ elf, words: `${words} rounds=1000000` });
  first.runUntil(({ kind }) => kind === 'commit' && first.committed === 3, 500_000_000);
  const medium = first.machine.cutPower({ survive: 'none' });
  const page = [...readDisk(blocksOf(medium)).generations[0].pages.values()].find(({ second }) => second === 0);
  const faults: DiskFault[] = [{ kind: 'read-error', lba: struckSector(page?.block ?? 0) }];
  const second = Subject.powerOn({ elf, words: `${words} rounds=1`, medium, faults }, first.truths);
  second.runUntil(() => false, 500_000_000);
  return second.takeWrongPages();
}

describe('P25 out of memory', { timeout: 180_000 }, () => {
  it('P25 comes before the reserve is broken: all that was taken is committed, with a block for each page to spare', () => {
    const { pages, wrong } = growUntilRefused(kernel);
    expect(wrong).toBeUndefined();
    expect(pages).toBeGreaterThan(500);
    // Once in the generation, once to leave memory.
    expect(2 * pages).toBeLessThan(2048);
  });
});

describe('the judge of the matrix', () => {
  const calm: Observation = {
    log: '',
    wrong: [],
    isAbandoned: false,
    expected: 5,
    recovered: 5,
    struck: 1,
    blocks: [],
    stuck: undefined,
    panic: undefined,
  };
  const asked: CellQuestion = { fault: 'bit flip', kind: 'record', copies: 1, when: 'recovery' };

  it.each([
    ['wrong memory', { wrong: ['page 7'], log: 'store: block 1, page 7 of generation 2: checksum 1' }, 'silent'],
    ['an earlier generation without a word', { recovered: 4 }, 'silent'],
    ['an earlier generation that is reported', { recovered: 4, log: 'block 1: checksum 1, expected 2' }, 'held'],
    ['a panic', { panic: 'a block cannot be read' }, 'panicked'],
    ['no end', { stuck: 'the boot ended by cycle' }, 'stuck'],
    ['nothing', {}, 'held'],
  ] as const)('calls %s %s', (_, seen, verdict) => {
    const cell = judgeCell(asked, { ...calm, ...seen, wrong: [...('wrong' in seen ? seen.wrong : [])] });
    expect(cell.verdict).toBe(verdict);
  });

  it('makes a report that its schema takes, and a table that names what did not hold', () => {
    const held = judgeCell(asked, { ...calm, log: 'block 1: checksum 1; a good copy: the good copy, which is used' });
    const silent = judgeCell({ ...asked, kind: 'delta' }, { ...calm, wrong: ['page 7'] });
    const matrix = matrixOf(kernel, [held, silent]);
    expect(matrixSchema.parse(JSON.parse(JSON.stringify(matrix)))).toEqual(matrix);
    expect(renderMatrix(matrix)).toContain('| record | checksum: second copy |');
    expect(renderMatrix(matrix)).toContain('| delta | SILENT |');
    expect(matrixVerdict(matrix)).toBe('FAILED: 1 of 2 cells, faults struck 2 times');
  });
});

describe('with a seeded defect', { timeout: 180_000 }, () => {
  let defects: KernelImage;
  beforeAll(async () => {
    // Three that have nothing to do with each other, for one build.
    defects = await buildMatrixKernel(['lostPageReadsZero', 'commitWhenFull', 'breakReserve']);
  }, 120_000);

  it('P11 finds pages that read as zeroes when they are lost', () => {
    expect(wrongOfLostPage(kernel)).toEqual([]);
    expect(wrongOfLostPage(defects)).toEqual([expect.stringMatching(/^persistent page \d+: expected content/)]);
  });

  it('P25 finds snapshots that break the reserve', () => {
    expect(DISK_FULL.judge(kernel, 1)).toBeUndefined();
    expect(DISK_FULL.judge(defects, 1)).toEqual({
      property: 'P25',
      message: expect.stringMatching(/^generation \d+ leaves \d+ blocks free for \d+ pages to leave memory$/),
    });
  });

  it('P25 finds an allocator that breaks the reserve', () => {
    const message = 'the system that takes pages until there is no room ended by cycle';
    expect(growUntilRefused(defects).wrong).toEqual({ property: 'P25', message });
  });
});
