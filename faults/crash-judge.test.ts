// What a crash state was judged by, and what it could not be: the counts of a campaign rest on it.
import { describe, expect, test } from 'vitest';
import { judgeCrashState } from './crash-judge.js';
import type { DiskImage } from './disk-image.js';
import { Evidence } from './evidence.js';
import { capture } from './life-judge.js';
import { PageHashes } from './page-hash.js';

/** An empty disk, as the reader says it. */
const image = (change: Partial<DiskImage> = {}) =>
  ({ damaged: [], usedTwice: [], leaked: [], lists: 0, superblockCopies: 2, ...change }) as unknown as DiskImage;

describe('whether the use of blocks was judged', () => {
  const damaged = [{ block: 77, text: 'block 77 is damaged' }];

  test('a disk whose lists can be read says what each block is used for', () => {
    expect(judgeCrashState(image(), new Evidence())).toMatchObject({ blocksJudged: true, problems: [] });
    const twice = judgeCrashState(image({ damaged, usedTwice: ['block 9 twice'] }), new Evidence());
    expect(twice.blocksJudged).toBe(true);
    expect(twice.problems.map(({ property }) => property)).toEqual(['P5', 'P6']);
  });

  test('a disk that was harmed and has damaged blocks does not, nor does one that is refused', () => {
    const evidence = new Evidence();
    const target = { kind: 'sector', lba: 616 } as const;
    evidence.atlas.admit({ kind: 'read-error', target }, { lba: 616, block: 77, holds: 'leaf' });
    const harmed = judgeCrashState(image({ damaged, usedTwice: ['block 9 twice'] }), evidence);
    expect(harmed).toMatchObject({ blocksJudged: false, problems: [] });
    expect(judgeCrashState(image({ refused: 'no superblock' }), new Evidence()).blocksJudged).toBe(false);
  });
});

const PAGES = 4;

/** Memory of which each named page holds that word. */
function hashes(words: Readonly<Record<number, number>>): PageHashes {
  const all = PageHashes.zero(PAGES);
  for (const [page, word] of Object.entries(words)) all.set(Number(page), new Int32Array(1024).fill(word));
  return all;
}

/** Generation 1 is committed, 2 demarcated; of either page 3 holds its number. */
function known(): Evidence {
  const evidence = new Evidence();
  for (const generation of [1, 2]) {
    evidence.remember(capture(generation, hashes({ 3: generation }), 6 * generation));
    evidence.demarcated = generation;
  }
  evidence.committed = 1;
  return evidence;
}

/** The disk has that generation, with page 3 holding `word`. */
const disk = (generation: number, word = generation, change: Partial<DiskImage> = {}) =>
  image({
    newest: generation === 0 ? undefined : { generation, consolePosition: 6 * generation },
    hashes: () => ({ hashes: hashes({ 3: word }), lost: [] }),
    ...change,
  });

test.each([1, 2])('a crash state with generation %i, whole, is right', (generation) => {
  const verdict = judgeCrashState(disk(generation), known());
  expect(verdict).toMatchObject({ generation, problems: [], pagesJudged: PAGES });
});

describe('a wrong crash state is found by the reader alone', () => {
  test.each<[string, string[], DiskImage]>([
    ['a page of another generation', ['P1'], disk(1, 2)],
    ['a page without a good copy', ['P1'], disk(1, 1, { hashes: () => ({ hashes: hashes({ 3: 1 }), lost: [2] }) })],
    ['another console position', ['P2'], disk(1, 1, { newest: { generation: 1, consolePosition: 5 } })],
    ['a commit that is gone', ['P3', 'P4'], disk(0)],
    ['a generation that was never demarcated', ['P3', 'P1'], disk(3)],
    ['a disk that is refused', ['P1'], disk(1, 1, { refused: 'no superblock' })],
    ['a damaged copy', ['P5'], disk(1, 1, { damaged: [{ block: 77, text: 'leaf 0' }] })],
    ['a block used twice', ['P6'], disk(1, 1, { usedTwice: ['block 9'] })],
    ['a block that nothing will free', ['P7'], disk(1, 1, { leaked: ['block 9'] })],
  ])('%s: %j', (_, expected, state) => {
    expect(judgeCrashState(state, known()).problems.map(({ property }) => property)).toEqual(expected);
  });
});
