/** A small campaign with one of everything, for the tests of the faces of its report. */
import {
  CAMPAIGN_FORMAT,
  CAMPAIGN_VERSION,
  type CampaignResult,
  FINDING_FORMAT,
  FINDING_VERSION,
} from '../campaign.js';
import { MATRIX_FORMAT, MATRIX_VERSION } from '../matrix.js';
import { sampleResult } from './sample-result.js';

export function sampleCampaign(change: Partial<CampaignResult> = {}): CampaignResult {
  const result = sampleResult();
  return {
    format: CAMPAIGN_FORMAT,
    version: CAMPAIGN_VERSION,
    verdict: { outcome: 'failed', text: 'FAILED: P2 failed in ticker; 3 runs, 1 finding' },
    command: 'npx phantom check --seeds 3',
    seeds: { first: 1, wanted: 3, done: 3 },
    shape: 'everything',
    kernel: result.kernel,
    machine: result.machine,
    workloads: [{ name: 'ticker', runs: 3, cuts: 4, crashStates: 12_345, recoveries: 200, cycles: 9_000_000 }],
    exhaustive: [{ space: 'every write of one snapshot', states: 64 }],
    repeated: 1,
    agreed: 200,
    properties: result.properties,
    coverage: [
      { kernel: 'writing pages', inFlight: 'data', recovery: 'newest', count: 3 },
      { kernel: 'idle', inFlight: 'nothing', recovery: 'newest', count: 1 },
    ],
    findings: [
      {
        format: FINDING_FORMAT,
        version: FINDING_VERSION,
        id: 'p2-ticker-7',
        seed: 7,
        workload: 'ticker',
        property: 'P2',
        message: 'page 3 differs <&>',
        command: 'npx phantom replay faults/corpus/p2-ticker-7.json',
        result,
        shrunk: { runs: 12, from: { ...result.plan, cuts: [...result.plan.cuts, ...result.plan.cuts] }, minimal: true },
        likelihood: [
          { boot: 0, cycle: 1000, tried: 10, failed: 1 },
          { boot: 0, cycle: 2000, tried: 10, failed: 10 },
        ],
        timeline: [
          { lane: 'threads', boot: 0, from: 0, to: 900_000, label: '2 threads' },
          { lane: 'snapshot', boot: 0, from: 1000, to: 2000, label: 'generation 1' },
          { lane: 'power', boot: 0, from: 1_234_567, to: 1_234_567, label: 'cut' },
        ],
        pages: [
          {
            page: 3,
            expected: 'aa',
            found: 'bb',
            content: {
              bytes: 2,
              lines: [
                {
                  offset: 16,
                  expected: '000102030405060708090a0b0c0d0e41',
                  found: '0001ff030405060708090a0b0c0d0e3c',
                },
              ],
            },
          },
          { page: 4, expected: 'aa', found: null },
        ],
        trace: [
          { action: 'Demarcate', variables: [{ name: 'generation', value: '1', changed: true }] },
          { action: 'Commit', variables: [{ name: 'generation', value: '1', changed: false }] },
        ],
      },
    ],
    matrix: {
      format: MATRIX_FORMAT,
      version: MATRIX_VERSION,
      kernel: result.kernel.sha256,
      defects: [],
      cells: [
        {
          fault: 'read error, sticky',
          kind: 'data page',
          copies: 1,
          when: 'page-in',
          detected: ['error code'],
          reaction: ['retry', 'object lost'],
          witnesses: 2,
          verdict: 'held',
          note: '',
        },
        {
          fault: 'lost write',
          kind: 'index leaf',
          copies: 2,
          when: 'running',
          detected: [],
          reaction: [],
          witnesses: 1,
          verdict: 'silent',
          note: 'page 3 differs',
        },
      ],
    },
    mutants: [
      { name: 'commitWithoutFlush', killed: true, property: 'P4', runs: 4, equivalent: null },
      { name: 'sleepsWell', killed: false, property: null, runs: 50, equivalent: null },
      { name: 'sameThing', killed: false, property: null, runs: 50, equivalent: 'the value is never read' },
    ],
    performance: [{ name: 'crash states', value: 2500, unit: '1/s' }],
    environment: { node: 'v20.20.2', commit: 'abc1234', date: '2026-11-21T00:00:00.000Z' },
    ...change,
  };
}
