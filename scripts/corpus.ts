// Makes faults/corpus: npx tsx scripts/corpus.ts [id...] finds what each seeded defect of the table below breaks, makes it small, sees that it holds on the
// kernel without the defect, and writes it there. npx tsx scripts/corpus.ts --add FILE WHY puts the finding of a campaign there, under its own id.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type CampaignJob,
  corpusFinding,
  explainFailure,
  type Failure,
  findingSetup,
  type RunSetup,
  runPlan,
  SeedRunner,
  workload,
} from '../faults/index.js';
import { buildKernel } from '../impl/image/index.js';
import {
  FINDING_FORMAT,
  FINDING_VERSION,
  type FindingFile,
  parseFinding,
  renderFindingJson,
} from '../reports/index.js';

/** What to look for: the defect breaks a rule, and this workload and shape of plans come to show it. */
interface Entry {
  readonly defect: string;
  readonly workload: string;
  readonly shape: CampaignJob['shape'];
  readonly ramMiB?: number;
  readonly why: string;
}

const ENTRIES: readonly Entry[] = [
  {
    defect: 'commitWithoutFlush',
    workload: 'ring',
    shape: 'cuts',
    why: 'the superblock was written without the flush before it, and named blocks that the cut lost',
  },
  {
    defect: 'freeKeptBlocks',
    workload: 'bank',
    shape: 'cuts',
    why: 'blocks of a kept generation were given out again',
  },
  {
    defect: 'earlyNotInIndex',
    workload: 'hog',
    shape: 'cuts',
    ramMiB: 4,
    why: 'pages written out early kept their old blocks in the index',
  },
  {
    defect: 'forgetChangedPages',
    workload: 'tree',
    shape: 'cuts',
    why: 'changed pages were not written, and two generations were mixed',
  },
  {
    defect: 'trustAfterFailedFlush',
    workload: 'pairs',
    shape: 'everything',
    why: 'a flush that succeeded after a failed one was believed, and what the drive had given up was lost',
  },
  {
    defect: 'announceBeforeFlush',
    workload: 'text',
    shape: 'cuts',
    why: 'a commit was announced before its superblock was flushed, and the cut took it back',
  },
  {
    defect: 'writeToFrozenPages',
    workload: 'crew',
    shape: 'cuts',
    why: 'pages that the snapshot still needed were changed in place',
  },
  {
    defect: 'oneSuperblockCopy',
    workload: 'churn',
    shape: 'cuts',
    why: 'a commit wrote one copy of the superblock',
  },
];

const SEEDS = 60;
const FOLDER = new URL('../faults/corpus/', import.meta.url);

const words = process.argv.slice(2);
mkdirSync(FOLDER, { recursive: true });
if (words[0] === '--add') {
  const [, file, why] = words;
  if (file === undefined || why === undefined) throw new Error('expected --add FILE WHY');
  const finding = parseFinding(readFileSync(file, 'utf8'));
  await keep(finding, finding.id, why);
} else {
  const idOf = ({ defect, workload }: Entry) => `${workload}-${defect.toLowerCase()}`;
  for (const entry of ENTRIES) {
    if (words.length > 0 && !words.includes(idOf(entry))) continue;
    try {
      await keep(await find(entry, idOf(entry)), idOf(entry), entry.why);
    } catch (error) {
      console.log(error instanceof Error ? error.message : String(error));
      process.exitCode = 1;
    }
  }
}

/** The first seed that fails, made small. */
async function find(entry: Entry, id: string): Promise<FindingFile> {
  const setup = await workload(entry.workload, {
    defects: [entry.defect],
    diskMiB: 64,
    snapshotIntervalMs: 60,
    ramMiB: entry.ramMiB ?? 16,
  });
  const job = { shape: entry.shape, cuts: 2, states: 60, recoverOneIn: 0, trace: false };
  const runner = new SeedRunner(new Map([[entry.workload, setup]]), job);
  try {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const outcome = runner.run({ index: seed, seed, variation: 0, workload: entry.workload, exhaustive: false });
      const failure = outcome.failures.find(({ result }) => result.verdict.outcome === 'failed');
      if (failure !== undefined) return small(entry, id, seed, setup, failure);
    }
  } finally {
    runner.dispose();
  }
  throw new Error(`${id}: no seed up to ${SEEDS} fails`);
}

function small(entry: Entry, id: string, seed: number, setup: RunSetup, failure: Failure): FindingFile {
  const { shrunk, message, result } = explainFailure(setup, failure, { shrink: true, likelihood: false });
  console.log(`${id}: seed ${seed}, ${failure.property} ${message}; ${shrunk?.runs} runs, minimal: ${shrunk?.minimal}`);
  const { property } = failure;
  const command = `npx phantom check --seed ${seed} --workload ${entry.workload} --defect ${entry.defect}`;
  const findings = { likelihood: [], timeline: [], pages: [], trace: [] };
  const head = { format: FINDING_FORMAT, version: FINDING_VERSION, id, seed, workload: entry.workload } as const;
  return { ...head, property, message, command, result, shrunk, ...findings };
}

async function keep(finding: FindingFile, id: string, why: string): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const commit = execFileSync('git', ['-C', root, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  const kept = corpusFinding(finding, id, { commit, why });
  const today = runPlan(findingSetup(kept, await buildKernel({ defects: [] })), kept.result.plan);
  if (today.verdict.outcome === 'failed') throw new Error(`${id}: fails without the defect too: ${today.verdict.text}`);
  writeFileSync(new URL(`${id}.json`, FOLDER), renderFindingJson(kept));
  console.log(`${id}: holds without it: ${today.verdict.text}`);
}
