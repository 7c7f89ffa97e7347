// What a crash state was judged by, and what it could not be: the counts of a campaign rest on it.
import { describe, expect, test } from 'vitest';
import { judgeCrashState } from './crash-judge.js';
import type { DiskImage } from './disk-image.js';
import { Evidence } from './evidence.js';

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
