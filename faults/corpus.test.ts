// The corpus: every past failure holds on today's kernel, and is one still on a kernel with its defect; and what a finding says of it.
import { beforeAll, describe, expect, test } from 'vitest';
import { buildKernel } from '../impl/image/index.js';
import type { FindingFile } from '../reports/campaign.js';
import { renderFindingJson } from '../reports/campaign-json.js';
import { CORPUS_FILE_BYTES_MAX, corpusFinding, readCorpus } from './corpus.js';
import { failsAs, failureOf } from './failure.js';
import { explainFailure, explainRun } from './finding.js';
import { runPlan } from './run.js';
import { findingSetup } from './seed-run.js';
import type { Kernel } from './setup.js';

const corpus = readCorpus();
let today: Kernel;
beforeAll(async () => {
  today = await buildKernel({ defects: [] });
});

/** The finding on a kernel with the defects it was found with. */
async function again(finding: FindingFile) {
  const setup = findingSetup(finding, await buildKernel({ defects: finding.result.kernel.defects }));
  return { setup, result: runPlan(setup, finding.result.plan) };
}

const named = (id: string): FindingFile => {
  const finding = corpus.find((one) => one.id === id);
  if (finding === undefined) throw new Error(`no finding ${id}`);
  return finding;
};

test('has findings, each small, of its own defect, and with what broke', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(5);
  for (const finding of corpus) {
    expect(renderFindingJson(finding).length).toBeLessThanOrEqual(CORPUS_FILE_BYTES_MAX);
    expect(finding.result.kernel.defects).toHaveLength(1);
    expect(finding.corpus?.why).toMatch(/\w/);
    expect(finding.result.digests).toEqual([]);
  }
  expect(new Set(corpus.map(({ result }) => result.kernel.defects[0])).size).toBe(corpus.length);
});

test.each(corpus.map((finding) => [finding.id, finding] as const))('%s holds on today’s kernel', (_, finding) => {
  const { verdict } = runPlan(findingSetup(finding, today), finding.result.plan);
  expect(verdict.text).not.toMatch(/^FAILED/);
  expect(['held', 'stopped']).toContain(verdict.outcome);
});

describe('on a kernel with its defect', () => {
  // The other kernels with a defect are built by scripts/corpus.ts, which sees the same of each.
  test.each(['bank-freekeptblocks', 'ring-commitwithoutflush'])(
    '%s fails by its property',
    { timeout: 120_000 },
    async (id) => {
      const finding = named(id);
      const { result } = await again(finding);
      expect(failsAs(result, finding)).toBeDefined();
    },
  );

  test('a finding that was made small says what happened, and what the specifications say of it', {
    timeout: 180_000,
  }, async () => {
    const finding = named('ring-commitwithoutflush');
    const { setup, result } = await again(finding);
    const failure = failureOf(result);
    const { timeline, trace, shrunk, pages, ...rest } = explainFailure(setup, failure, {
      shrink: false,
      likelihood: false,
    });
    expect(rest.result).toBe(result);
    expect([shrunk, rest.likelihood]).toEqual([null, []]);
    for (const lane of ['threads', 'snapshot', 'disk', 'faults', 'power']) {
      expect(
        timeline.some((span) => span.lane === lane),
        lane,
      ).toBe(true);
    }
    // The defect is a commit that does not wait for its flush: the last thing that happens is that a superblock names what is not safe.
    expect(trace.at(-1)?.action).toMatch(/^REJECTED: generation \d+ is named: /);
    const steps = trace.slice(1, -1);
    expect(steps.length).toBeGreaterThan(4);
    // A flush with nothing pending changes nothing; the rest does.
    const changing = steps.filter(({ variables }) => variables.some(({ changed }) => changed));
    expect(changing.length).toBeGreaterThan(steps.length / 2);
    expect(trace[0].variables.map(({ name }) => name)).toContain('kept');
    expect(pages).toEqual([...pages].sort((a, b) => a.page - b.page));
  });

  test('what a page must hold and what it holds instead is told by number and hash', { timeout: 120_000 }, async () => {
    const finding = named('tree-forgetchangedpages');
    const { setup, result } = await again(finding);
    const { pages, said } = explainRun(setup, result);
    const [failed] = result.findings;
    expect(pages.map(({ page }) => page)).toEqual(failed.pages);
    for (const { expected, found } of pages) {
      expect(expected).toMatch(/^[0-9a-f]{16}$/);
      expect(found).toMatch(/^[0-9a-f]{16}$/);
      expect(found).not.toBe(expected);
    }
    expect(said).toMatch(/^REJECTED by /);
  });
});

test('a finding that is too long for the corpus is refused', () => {
  const [finding] = corpus;
  const long = { ...finding, message: 'x'.repeat(CORPUS_FILE_BYTES_MAX) };
  expect(() => corpusFinding(long, 'long', { commit: 'none', why: 'none' })).toThrow(
    /has \d+ bytes, the corpus takes 61440/,
  );
});
