/**
 * What a crash state has to be, said by the independent reader and the evidence of the run alone: no machine takes part.
 *
 * The rule: at a cut the evidence knows what every generation is that may come up (P1, P2), which is the oldest and which the newest of them (P3, P4).
 * The reader says which one the disk format makes recovery choose, and what the disk holds for it.
 */
import type { DiskImage } from './disk-image.js';
import type { Evidence } from './evidence.js';

import type { PropertyId } from './properties.js';

export interface CrashProblem {
  readonly property: PropertyId;
  readonly message: string;
  readonly pages: readonly number[];
}

export interface CrashVerdict {
  /** The generation that recovery must choose; undefined: the disk must be refused. 0: there is nothing to recover. */
  readonly generation: number | undefined;
  readonly consolePosition: number;
  /** How recovery goes: which generation, of how many copies of the superblock. */
  readonly branch: string;
  readonly problems: readonly CrashProblem[];
  readonly image: DiskImage;
  /** How often each property was judged in a state of this verdict, and whether it was at stake. */
  readonly pagesJudged: number;
  /** Whether it could be said what each block is used for: what a damaged list says is not known. */
  readonly blocksJudged: boolean;
}

/** The evidence is that of the life whose power goes. */
export function judgeCrashState(image: DiskImage, evidence: Evidence): CrashVerdict {
  const { committed, demarcated, atlas } = evidence;
  const problems: CrashProblem[] = [];
  const fail = (property: PropertyId, message: string, at: readonly number[] = []): void => {
    if (!atlas.excuses(property)) problems.push({ property, message, pages: at });
  };
  const isReadable = !atlas.isHarmed || image.damaged.length === 0;
  const result = (generation: number | undefined, consolePosition: number, pagesJudged: number): CrashVerdict => ({
    generation,
    consolePosition,
    branch: branchOf(image, generation, evidence),
    problems,
    image,
    pagesJudged,
    blocksJudged: image.refused === undefined && isReadable,
  });
  if (image.refused !== undefined) {
    fail('P1', `the disk cannot be recovered from: ${image.refused}`);
    return result(undefined, 0, 0);
  }
  const generation = image.newest?.generation ?? 0;
  if (generation < committed) {
    fail(
      'P3',
      `generation ${generation} would be recovered, but generation ${committed} had been announced as committed`,
    );
    fail('P4', `generation ${committed} was committed and is not there after the cut`);
  }
  if (generation > demarcated) {
    fail('P3', `generation ${generation} would be recovered, but only ${demarcated} had been demarcated`);
  }
  for (const { block, text } of image.damaged) if (!atlas.excusesBlock(block)) fail('P5', text);
  if (isReadable) {
    for (const problem of image.usedTwice) fail('P6', problem);
    for (const problem of image.leaked) fail('P7', problem);
  }
  if (generation === 0) return result(0, 0, 0);
  const consolePosition = image.newest?.consolePosition ?? 0;
  const truth = evidence.recall(generation);
  if (truth === undefined) {
    fail('P1', `generation ${generation} would be recovered, which was never captured`);
    return result(generation, consolePosition, 0);
  }
  const { hashes, lost } = image.hashes(truth.hashes.pages);
  const isLost = new Set(lost);
  if (lost.length > 0) fail('P1', `${lost.length} pages of generation ${generation} have no good copy`, lost);
  const different = hashes.differences(truth.hashes).filter((page) => !isLost.has(page));
  if (different.length > 0) {
    fail('P1', `${different.length} pages on the disk are not those of generation ${generation}`, different);
  }
  if (consolePosition !== truth.consolePosition) {
    fail('P2', `console position ${consolePosition} is on the disk, ${truth.consolePosition} was captured`);
  }
  return result(generation, consolePosition, hashes.pages);
}

function branchOf(image: DiskImage, generation: number | undefined, { committed, demarcated }: Evidence): string {
  if (generation === undefined) return 'refused';
  const copies = image.superblockCopies === 1 ? '1 superblock copy' : `${image.superblockCopies} superblock copies`;
  if (generation === 0) return `nothing to recover, ${copies}`;
  if (generation < committed) return `an earlier generation, ${copies}`;
  if (generation > committed) {
    return generation === demarcated ? `the generation under way, ${copies}` : `a generation to come, ${copies}`;
  }
  return `the committed generation, ${copies}`;
}
