/**
 * The corpus: past failures, one file each in `corpus/`, which every campaign runs first.
 *
 * The rule: a finding is kept as what makes it again, whatever the kernel: plan, program and options. What the run came to (lines, events, digests) is
 * of the kernel it was found on and is left out, so a finding of the corpus is run and judged, never compared to the cycle. Each was a failure
 * of a kernel with a defect, named with it, and has to hold on today's.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type FindingFile, findingFileSchema } from '../reports/campaign.js';
import { parseFinding } from '../reports/campaign-json.js';

const FOLDER = new URL('./corpus/', import.meta.url);
/** A file of it is at most so long. */
export const CORPUS_FILE_BYTES_MAX = 60 * 1024;

/** Where a finding of the corpus comes from. */
export type CorpusOrigin = NonNullable<FindingFile['corpus']>;

/** All of it, by the names of the files. Throws Error where one is none. */
export function readCorpus(): FindingFile[] {
  if (!existsSync(FOLDER)) return [];
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => {
    let finding: FindingFile;
    try {
      finding = parseFinding(readFileSync(new URL(name, FOLDER), 'utf8'));
    } catch (error) {
      throw new Error(`faults/corpus/${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (finding.corpus === undefined || name !== `${finding.id}.json`) {
      throw new Error(`faults/corpus/${name}: expected a finding of the corpus whose id is the name of its file`);
    }
    return finding;
  });
}

/** The finding as the corpus keeps it. Throws Error where it is too long for it. */
export function corpusFinding(finding: FindingFile, id: string, origin: CorpusOrigin): FindingFile {
  const { result } = finding;
  const kept = findingFileSchema.parse({
    ...finding,
    id,
    command: `npx phantom replay faults/corpus/${id}.json`,
    corpus: origin,
    result: { ...result, digests: [], events: [], console: [], kernelLog: [] },
    shrunk: null,
    likelihood: [],
    timeline: [],
    pages: [],
    trace: [],
  });
  const bytes = JSON.stringify(kept).length;
  if (bytes <= CORPUS_FILE_BYTES_MAX) return kept;
  throw new Error(
    `finding ${id} has ${bytes} bytes, the corpus takes ${CORPUS_FILE_BYTES_MAX}: shrink it, or find it with a smaller program`,
  );
}
