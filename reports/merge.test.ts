// Parts of a campaign merged: counts add, coverage adds, what is not alike is refused.
import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { type CampaignResult, campaignSchema } from './campaign.js';
import type { FaultMatrix } from './matrix.js';
import { MergeError, mergeCampaigns } from './merge.js';
import { sampleCampaign } from './testing/sample-campaign.js';

interface Drawn {
  readonly wanted: number;
  readonly count: number;
  readonly kernel: string;
  readonly failed: number;
}

const drawnPart = fc.record({
  wanted: fc.integer({ min: 1, max: 50 }),
  count: fc.nat(1000),
  kernel: fc.constantFrom('committing', 'idle'),
  failed: fc.constantFrom(0, 0, 0, 1),
});

/** Parts whose seeds follow each other. */
function partsOf(drawn: readonly Drawn[]): CampaignResult[] {
  let first = 1;
  return drawn.map(({ wanted, count, kernel, failed }) => {
    const seeds = { first, wanted, done: wanted };
    first += wanted;
    return sampleCampaign({
      command: `npx phantom check --seed ${seeds.first}`,
      verdict: { outcome: failed > 0 ? 'failed' : 'held', text: '' },
      seeds,
      workloads: [{ name: 'bank', runs: wanted, cuts: count, crashStates: 2 * count, recoveries: 1, cycles: 5 }],
      properties: [{ id: 'P1', name: 'atomicity', checked: count, failed, witnesses: 1, claimed: true }],
      coverage: [{ kernel, inFlight: 'page', recovery: 'newest', count: 1 }],
      findings: [],
      matrix: undefined,
      mutants: undefined,
    });
  });
}

propertyTest.prop([fc.array(drawnPart, { minLength: 1, maxLength: 5 }), fc.nat()])(
  'every count is the sum, whatever the order of the parts',
  (drawn, turn) => {
    const parts = partsOf(drawn);
    const whole = mergeCampaigns(parts);
    const sum = (of: (one: Drawn) => number) => drawn.reduce((all, one) => all + of(one), 0);
    const seeds = sum(({ wanted }) => wanted);
    expect(whole.seeds).toEqual({ first: 1, wanted: seeds, done: seeds });
    expect(whole.workloads[0]).toMatchObject({
      runs: seeds,
      cuts: sum(({ count }) => count),
      recoveries: drawn.length,
    });
    expect(whole.properties[0]).toMatchObject({
      checked: sum(({ count }) => count),
      failed: sum(({ failed }) => failed),
    });
    expect(whole.coverage.reduce((all, { count }) => all + count, 0)).toBe(drawn.length);
    expect(new Set(whole.coverage.map(({ kernel }) => kernel)).size).toBe(whole.coverage.length);
    expect(whole.verdict.outcome).toBe(sum(({ failed }) => failed) > 0 ? 'failed' : 'held');
    expect(campaignSchema.parse(whole)).toEqual(JSON.parse(JSON.stringify(whole)));
    const at = turn % parts.length;
    expect(mergeCampaigns([...parts.slice(at), ...parts.slice(0, at)])).toEqual(whole);
  },
);

const three = partsOf([10, 20, 30].map((wanted) => ({ wanted, count: 1, kernel: 'idle', failed: 0 })));

test('a part that is missing, or was stopped, leaves a whole that does not say held', () => {
  const missing = mergeCampaigns([three[0], three[2]]);
  expect(missing.seeds).toEqual({ first: 1, wanted: 60, done: 40 });
  expect(missing.verdict.outcome).toBe('stopped');
  const stopped = { ...three[1], verdict: { outcome: 'stopped', text: '' } } as const;
  expect(mergeCampaigns([three[0], stopped, three[2]]).verdict.outcome).toBe('stopped');
});

test('a property that no part had a witness of, though one claims it, fails', () => {
  const blind = three.map((part) => ({ ...part, properties: [{ ...part.properties[0], witnesses: 0 }] }));
  expect(mergeCampaigns(blind).verdict).toMatchObject({
    outcome: 'failed',
    text: expect.stringContaining('P1 vacuous'),
  });
  expect(mergeCampaigns([blind[0], three[1], blind[2]]).verdict.outcome).toBe('held');
});

test.each<[string, Partial<CampaignResult>, RegExp]>([
  ['kernel', { kernel: { sha256: 'f'.repeat(64), defects: [] } }, /kernel image .* in one, f+ in another/],
  ['shape', { shape: 'cuts' }, /shape .* in one/],
  ['workloads', { workloads: [{ ...three[0].workloads[0], name: 'ring' }] }, /workloads bank in one/],
  ['seeds', { seeds: { first: 1, wanted: 5, done: 5 } }, /seed 1 is in two of them/],
])('another %s is refused', (_, change, message) => {
  const shape = three[0].shape === 'cuts' ? { ...three[0], shape: 'everything' } : three[0];
  expect(() => mergeCampaigns([shape, { ...three[1], ...change }])).toThrow(message);
  expect(() => mergeCampaigns([])).toThrow(MergeError);
});

describe('beside the runs of a campaign', () => {
  const first = { ...three[0], verdict: { outcome: 'held', text: 'held: 10 runs' } } as const;
  const mutantsOnly = (mutants: CampaignResult['mutants'], change: Partial<CampaignResult> = {}): CampaignResult => ({
    ...first,
    command: 'npx phantom check --mutants',
    verdict: { outcome: 'held', text: 'held: of its own' },
    seeds: { first: 1, wanted: 0, done: 0 },
    workloads: [],
    performance: [{ name: 'time', value: 5, unit: 's' }],
    mutants,
    ...change,
  });
  const killed = (name: string) => ({ name, killed: true, property: 'P4', runs: 2, equivalent: null });
  const alive = { name: 'b', killed: false, property: null, runs: 50, equivalent: null };
  const { matrix } = sampleCampaign();
  const [good] = matrix?.cells ?? [];
  const whole = { ...(matrix as FaultMatrix), system: first.kernel.sha256, cells: [good] };

  test('mutants and matrix stand in the same report, whose verdict tells of them', () => {
    const all = mergeCampaigns([mutantsOnly([killed('b')]), first, mutantsOnly([killed('a')])], [whole]);
    expect(all.mutants?.map(({ name }) => name)).toEqual(['a', 'b']);
    expect([all.matrix, all.workloads]).toEqual([whole, first.workloads]);
    expect(all.verdict.outcome).toBe('held');
    expect(all.verdict.text).toMatch(/^held: 10 runs; 2 of 2 mutants killed; faults x block kinds: held: 1 cell, /);
    expect(all.performance.filter(({ name }) => name.includes('time'))).toEqual([
      { name: 'mutants: time', value: 5, unit: 's' },
    ]);
    expect(campaignSchema.parse(all)).toEqual(JSON.parse(JSON.stringify(all)));
    // Made again, it stays what it is.
    expect(mergeCampaigns([all])).toEqual(all);
  });

  test('a mutant that survived, or a silent cell, fails the whole by its name', () => {
    expect(mergeCampaigns([first, mutantsOnly([killed('a'), alive])]).verdict).toMatchObject({
      outcome: 'failed',
      text: expect.stringMatching(/^FAILED: 10 runs; 1 of 2 mutants killed; survived: b$/),
    });
    const silent = { ...whole, cells: [...whole.cells, { ...good, verdict: 'silent' as const }] };
    expect(mergeCampaigns([first], [silent]).verdict).toMatchObject({
      outcome: 'failed',
      text: expect.stringMatching(/faults x block kinds: FAILED: 1 of 2 cells/),
    });
  });

  test('mutants alone, in parts, are a report of mutants', () => {
    const all = mergeCampaigns([mutantsOnly([killed('b')]), mutantsOnly([killed('a')])]);
    expect(all.verdict).toEqual({ outcome: 'held', text: 'held: 2 of 2 mutants killed' });
    expect(all.workloads).toEqual([]);
  });

  test('mutants and matrix of another kernel, a second matrix, and mutants that disagree are refused', () => {
    const other = { sha256: 'f'.repeat(64), defects: [] };
    expect(() => mergeCampaigns([first, mutantsOnly([killed('a')], { kernel: other })])).toThrow(/kernel image/);
    expect(() => mergeCampaigns([first], [{ ...whole, system: other.sha256 }])).toThrow(/kernel image/);
    expect(() => mergeCampaigns([first], [{ ...whole, defects: ['x'] }])).toThrow(/seeded defects/);
    expect(() => mergeCampaigns([first], [{ ...whole, system: undefined }])).toThrow(/does not say which kernel/);
    expect(() => mergeCampaigns([first], [whole, whole])).toThrow(/more than one part has a matrix/);
    expect(() => mergeCampaigns([first, mutantsOnly([alive]), mutantsOnly([killed('b')])])).toThrow(
      /mutant b is in two parts/,
    );
  });
});
