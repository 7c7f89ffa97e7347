// A campaign merges what its tasks came to; here outcomes are made up, so that every case costs nothing.

import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { parseCampaign, renderCampaignJson } from '../reports/campaign-json.js';
import { renderJunit } from '../reports/junit.js';
import { mergeCampaigns } from '../reports/merge.js';
import { sampleResult } from '../reports/testing/sample-result.js';
import { Campaign, type CampaignPlan, propertyTasks } from './campaign.js';
import type { CampaignTask, SeedOutcome } from './seed-run.js';
import { DEFAULT_OPTIONS, type RunSetup } from './setup.js';

const setup: RunSetup = {
  kernel: { elf: new Uint8Array(), sha256: 'ab'.repeat(32), defects: [] },
  program: [],
  options: { ...DEFAULT_OPTIONS, bootClass: '.t.main' },
  disk: 'new',
  files: [],
};

const campaignOf = (change: Partial<CampaignPlan> = {}) =>
  new Campaign({
    job: { shape: 'cuts', cuts: 2, states: 10, recoverOneIn: 5, trace: false },
    first: 5,
    runs: 30,
    setups: new Map(['a', 'b'].map((name) => [name, setup])),
    exhaustive: false,
    command: 'npx phantom check',
    commandOf: ({ seed, workload }) => `npx phantom check --seed ${seed} --workload ${workload}`,
    ...change,
  });

const IDS = ['P1', 'P2', 'P3', 'P4', 'P5', 'P6', 'P7', 'P8', 'P9', 'P10', 'P14', 'P15', 'P18', 'P19', 'P22'];

function outcome(task: CampaignTask, change: Partial<SeedOutcome> = {}): SeedOutcome {
  return {
    task,
    text: 'held',
    hasInvariant: false,
    cuts: 2,
    cycles: 1000,
    crashStates: 20,
    recoveries: 4,
    agreed: 4,
    readings: 2,
    repeated: 0,
    exhausted: [],
    cells: [{ kernel: 'committing', inFlight: 'superblock', recovery: 'fresh', count: 20 }],
    tallies: Object.fromEntries(IDS.map((id) => [id, { id, name: id, checked: 3, failed: 0, witnesses: 1 }])),
    failures: [],
    ...change,
  };
}

const end = (campaign: Campaign, stopped = false) =>
  campaign.result(stopped, [], { node: 'v20', commit: null, date: null });

/** Runs it to its end; `of` makes the outcome of each task. */
function finish(campaign: Campaign, of: (task: CampaignTask) => SeedOutcome = (task) => outcome(task)) {
  const all: CampaignTask[] = [];
  for (let tasks = campaign.nextRound(); tasks.length > 0; tasks = campaign.nextRound()) {
    for (const task of tasks) campaign.merge(of(task));
    all.push(...tasks);
  }
  return { all, result: end(campaign) };
}

describe('a campaign', () => {
  test('findings have ids of their own, which name their files, however alike they are and however long the name', () => {
    const name = `.very.${'long'.repeat(80)}`;
    const failure = { property: 'P1', message: 'torn', result: sampleResult({ seed: 5 }) };
    const { result } = finish(campaignOf({ runs: 1, exhaustive: true, setups: new Map([[name, setup]]) }), (task) =>
      outcome(task, { failures: task.exhaustive ? [failure] : [failure, failure] }),
    );
    const ids = result.findings.map(({ id }) => id);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(`finding-${id}.json`.length).toBeLessThan(100);
    expect(parseCampaign(renderCampaignJson(result))).toEqual(result);
  });

  test('makes as many runs as are wished for, counts them, and its result is one of the schema', () => {
    const { all, result } = finish(campaignOf());
    expect(all.map(({ index }) => index)).toEqual(all.map((_, i) => i));
    expect(all).toHaveLength(30);
    expect(result.seeds).toEqual({ first: 5, wanted: 30, done: 30 });
    expect(result.workloads.map(({ runs, cuts }) => [runs, cuts])).toEqual([
      [14, 28],
      [16, 32],
    ]);
    expect(result.verdict.text).toBe(
      'held: 30 runs of 2 workloads, 60 power cuts, 600 crash states judged, 120 recoveries on the machine, 1 cell covered',
    );
    expect(result.properties.find(({ id }) => id === 'P8')).toMatchObject({ checked: 90, witnesses: 30 });
    expect(parseCampaign(renderCampaignJson(result))).toEqual(result);
  });

  propertyTest.prop([fc.array(fc.nat(5), { minLength: 60, maxLength: 60 })])(
    'tries what reached a new cell again, and only that; the rest are new seeds in order',
    (draws) => {
      const met = new Set<number>();
      const news: number[] = [];
      const { all } = finish(campaignOf({ runs: 60 }), (task) => {
        const cell = draws[task.index % draws.length];
        if (!met.has(cell) && task.variation === 0) news.push(task.seed);
        met.add(cell);
        return outcome(task, { cells: [{ kernel: `${cell}`, inFlight: '', recovery: '', count: 1 }] });
      });
      const varied = all.filter(({ variation }) => variation > 0);
      // Those of the last round come too late.
      for (const { seed } of varied) expect(news).toContain(seed);
      expect(varied.length).toBeLessThanOrEqual(2 * news.length);
      expect(varied.filter(({ seed }) => seed === 5).map(({ variation }) => variation)).toEqual([1, 2]);
      const fresh = all.filter(({ variation }) => variation === 0).map(({ seed }) => seed);
      expect(fresh).toEqual(fresh.map((_, i) => 5 + i));
    },
  );

  test('of 100 runs fails when what it claims was never at stake; a shorter one claims less, a stopped one nothing', () => {
    const blind = (task: CampaignTask) =>
      outcome(task, { tallies: { P22: { id: 'P22', name: 'P22', checked: 1, failed: 0, witnesses: 1 } } });
    const long = finish(campaignOf({ runs: 100 }), blind).result;
    expect(long.verdict).toMatchObject({
      outcome: 'failed',
      text: expect.stringMatching(
        /^FAILED: vacuous: no witness for P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P14, P15, P18, P19 in 100 runs/,
      ),
    });
    expect(finish(campaignOf({ runs: 20 }), blind).result.verdict.outcome).toBe('held');
    const stopped = campaignOf({ runs: 100 });
    for (const task of stopped.nextRound()) stopped.merge(blind(task));
    expect(end(stopped, true).verdict).toMatchObject({
      outcome: 'stopped',
      text: expect.stringMatching(/^stopped: nothing failed in 24 runs of 2 workloads/),
    });
  });

  test('names what failed, where first, and the command that runs it alone', () => {
    const campaign = campaignOf();
    const { result } = finish(campaign, (task) =>
      task.seed === 8
        ? outcome(task, {
            tallies: { P4: { id: 'P4', name: 'durability', checked: 1, failed: 1, witnesses: 1 } },
            failures: [{ property: 'P4', message: 'gone', result: sampleResult() }],
          })
        : outcome(task),
    );
    expect(result.verdict.outcome).toBe('failed');
    expect(result.verdict.text).toMatch(/^FAILED: P4 in 1 of 30 runs .*; first: seed 8, a$/);
    expect(end(campaign, true).verdict.text).toMatch(/; first: seed 8, a; stopped before its end$/);
    expect(result.findings).toMatchObject([{ id: 'a-8-p4', seed: 8, workload: 'a', property: 'P4', message: 'gone' }]);
    expect(result.findings[0].command).toBe('npx phantom check --seed 8 --workload a');
    expect(parseCampaign(renderCampaignJson(result)).findings).toHaveLength(1);
  });

  test('takes outcomes in the order of their tasks only', () => {
    const campaign = campaignOf();
    const [, second] = campaign.nextRound();
    expect(() => campaign.merge(outcome(second))).toThrow('task 1 merged, expected 0');
    expect(() => campaign.nextRound()).toThrow('the round before is not merged');
  });

  test('goes on past a run that the bed cannot make, and is an error then; a property that failed says more', () => {
    const make = (fails: boolean) => {
      const campaign = campaignOf({ runs: 30 });
      let tasks = campaign.nextRound();
      for (; tasks.length > 0; tasks = campaign.nextRound()) {
        for (const task of tasks) {
          if (task.seed === 8) campaign.mergeError(task, 'no room for the guest');
          else if (fails && task.seed === 9)
            campaign.merge(outcome(task, { failures: [{ property: 'P4', message: 'gone', result: sampleResult() }] }));
          else campaign.merge(outcome(task));
        }
      }
      return end(campaign);
    };
    const result = make(false);
    expect(result.seeds).toEqual({ first: 5, wanted: 30, done: 29 });
    expect(result.errors).toEqual([
      {
        seed: 8,
        workload: 'a',
        message: 'no room for the guest',
        command: 'npx phantom check --seed 8 --workload a',
      },
    ]);
    expect(result.verdict.outcome).toBe('error');
    expect(result.verdict.text).toMatch(
      /^ERROR: 1 error of the test bed beside 29 runs .*; first: seed 8, a: no room for the guest$/,
    );
    expect(parseCampaign(renderCampaignJson(result))).toEqual(result);
    expect(renderJunit(result)).toMatch(/errors="1"[\s\S]*<error message="no room for the guest/);
    expect(mergeCampaigns([result]).verdict).toEqual({
      outcome: 'error',
      text: expect.stringMatching(/^ERROR: 1 error of the test bed beside 29 runs/),
    });
    expect(make(true).verdict.outcome).toBe('failed');
  });

  test('runs past findings first, before any snapshot and any seed; they are no runs of seeds', () => {
    const corpus = [
      { id: 'a-old', workload: 'a' },
      { id: 'b-old', workload: 'b' },
    ];
    const { all, result } = finish(campaignOf({ runs: 3, corpus, exhaustive: true }), (task) =>
      task.corpus === 'b-old'
        ? outcome(task, { failures: [{ property: 'P5', message: 'again', result: sampleResult() }] })
        : outcome(task),
    );
    expect(all.slice(0, 4).map(({ corpus, exhaustive }) => [corpus, exhaustive])).toEqual([
      ['a-old', false],
      ['b-old', false],
      [undefined, true],
      [undefined, true],
    ]);
    expect(all.map(({ twice }) => twice === true)).toEqual([false, false, false, false, true, false, false]);
    expect(result).toMatchObject({ corpus: 2, seeds: { done: 3 } });
    expect(result.verdict.text).toMatch(/in 1 of 2 past findings and 3 runs .*; first: past finding b-old, b$/);
    expect(result.findings.map(({ id }) => id)).toEqual(['b-old-p5']);
  });

  test('judges single properties before any seed, claims them, and names the command that judges one again', () => {
    const properties = propertyTasks('everything', ['a', 'b'], ['a', 'b']);
    expect(properties.filter(({ property }) => property === 'P16').map(({ workload }) => workload)).toEqual(['a', 'b']);
    expect(properties.filter(({ property }) => property === 'P21').map(({ workload }) => workload)).toEqual(['a']);
    expect(propertyTasks('cuts', ['a'], []).map(({ property }) => property)).toEqual(['P10', 'P17', 'P20', 'P21']);
    expect(propertyTasks('none', ['a'], ['a'])).toEqual([]);
    const judged = (fails: boolean) =>
      finish(campaignOf({ runs: 24, properties }), (task) =>
        task.property === undefined
          ? outcome(task)
          : outcome(task, {
              tallies: {
                [task.property]: { id: task.property, name: '', checked: 1, failed: fails ? 1 : 0, witnesses: 1 },
              },
              failures: fails ? [{ property: task.property, message: 'other lines', result: sampleResult() }] : [],
            }),
      );
    const { all, result } = judged(false);
    expect(all.slice(0, properties.length).map(({ property }) => property)).toEqual(
      properties.map(({ property }) => property),
    );
    expect(result).toMatchObject({ seeds: { done: 24 }, verdict: { outcome: 'held' } });
    expect(result.verdict.text).toMatch(/^held: 10 single judgements, 24 runs of 2 workloads/);
    expect(result.properties.filter(({ claimed }) => claimed).map(({ id }) => id)).toEqual(
      expect.arrayContaining(['P11', 'P12', 'P13', 'P16', 'P17', 'P20', 'P21', 'P23']),
    );
    const broken = judged(true).result;
    expect(broken.verdict.text).toMatch(/; first: the judgement of P10, a$/);
    expect(broken.findings[0]).toMatchObject({ id: 'a-5-task-p10', property: 'P10' });
    const blind = finish(campaignOf({ runs: 24, properties }), (task) => outcome(task)).result;
    expect(blind.verdict.text).toMatch(/^FAILED: vacuous: no witness for P11, P12, P13, P16, P17, P20, P21, P23 in/);
  });

  test('has the first finding of each property and workload made small, and past ones left as they are', () => {
    const campaign = campaignOf({ runs: 24, corpus: [{ id: 'a-old', workload: 'a' }] });
    const failure = { property: 'P4', message: 'gone', result: sampleResult() };
    for (const task of campaign.nextRound()) campaign.merge(outcome(task, { failures: [failure] }));
    const tasks = campaign.findingTasks({ shrink: true, likelihood: true });
    // Twenty are kept; seeds take the workloads in turns.
    expect(tasks).toHaveLength(20);
    expect(
      tasks.slice(0, 4).map(({ task, wishes }) => [task.corpus ?? task.seed, task.workload, wishes.shrink]),
    ).toEqual([
      ['a-old', 'a', false],
      [5, 'b', true],
      [6, 'a', true],
      [7, 'b', false],
    ]);
    expect(campaign.findingTasks({ shrink: false, likelihood: false }).some(({ wishes }) => wishes.shrink)).toBe(false);
    const small = sampleResult({ seed: 6 });
    const explained = { timeline: [], pages: [], trace: [], likelihood: [] };
    campaign.explain(2, {
      message: 'gone early',
      result: small,
      shrunk: { runs: 3, from: small.plan, minimal: true },
      ...explained,
    });
    expect(end(campaign).findings[2]).toMatchObject({ id: 'a-6-p4', message: 'gone early', shrunk: { runs: 3 } });
  });

  test('goes through a snapshot of each workload first when it is to be exhaustive', () => {
    const { all, result } = finish(campaignOf({ runs: 0, exhaustive: true }), (task) =>
      outcome(task, { exhausted: [{ space: 'every tear', states: 256 }] }),
    );
    expect(all.map(({ workload, exhaustive }) => [workload, exhaustive])).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect(result.exhaustive).toEqual([{ space: 'every tear', states: 512 }]);
    expect(result.seeds.done).toBe(0);
  });
});
