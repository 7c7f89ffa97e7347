/** A small result with one of everything, for the tests of the faces of a report. */
import { createHash } from 'node:crypto';
import { RESULT_FORMAT, RESULT_VERSION, type RunResult } from '../schema.js';

const sha = (text: string) => createHash('sha256').update(text).digest('hex');

export function sampleResult(change: Partial<RunResult> = {}): RunResult {
  return {
    format: RESULT_FORMAT,
    version: RESULT_VERSION,
    verdict: { outcome: 'held', text: 'held: 1 power cut; seed 7' },
    seed: 7,
    plan: {
      version: 2,
      seed: 7,
      cuts: [{ when: { kind: 'cycle', cycle: 1_234_567 }, survivors: { kind: 'mask', bits: '0110' } }],
    },
    program: [{ name: '.wl.ticker.main', sha256: sha('class'), base64: Buffer.from('class').toString('base64') }],
    options: {
      bootClass: '.wl.ticker.main',
      maxCycles: null,
      ramMiB: 16,
      diskMiB: 256,
      persistentMiB: 64,
      snapshotIntervalMs: 250,
      diskController: 'ide',
      console: 'serial',
    },
    kernel: { sha256: sha('kernel'), defects: [] },
    machine: { profile: 'i486-pc', timing: 'table', engine: 'interpreter' },
    disk: 'new',
    files: [],
    boots: 2,
    cycles: 3_000_000,
    instructions: 1_500_000,
    digests: [{ boot: 0, cycle: 1000, at: 'demarcation', generation: 1, digest: sha('memory') }],
    properties: [
      { id: 'P1', name: 'atomicity', checked: 5, failed: 0, witnesses: 2, claimed: true },
      { id: 'P2', name: 'point in time', checked: 5, failed: 1, witnesses: 2, claimed: true },
      { id: 'P3', name: 'prefix', checked: 5, failed: 0, witnesses: 0, claimed: true },
      { id: 'P4', name: 'durability', checked: 0, failed: 0, witnesses: 0, claimed: false },
    ],
    findings: [{ property: 'P2', boot: 1, cycle: 42, message: 'page 3 differs <&>', pages: [3, 4] }],
    cuts: [
      {
        boot: 0,
        cycle: 1_234_567,
        totalCycle: 1_234_567,
        unflushed: 10,
        survived: 4,
        demarcated: 2,
        committed: 1,
        recovered: 1,
        duringRecovery: false,
      },
    ],
    events: [
      { kind: 'power-on', boot: 0, cycle: 0 },
      { kind: 'demarcation', boot: 0, cycle: 1000, generation: 1, consolePosition: 9, amount: 3 },
      { kind: 'commit', boot: 0, cycle: 2000, generation: 1 },
      { kind: 'cut', boot: 0, cycle: 1_234_567, detail: '6 of 10 unflushed sectors lost' },
      { kind: 'recovered', boot: 1, cycle: 500, generation: 1, consolePosition: 9, amount: 12 },
      { kind: 'panic', boot: 1, cycle: 600, detail: 'a <b>test</b>' },
    ],
    console: [
      { boot: 0, cycle: 900, text: 'tick = 1' },
      { boot: 0, cycle: 1_234_000, text: 'tick <script>', torn: true },
      { boot: 1, cycle: 700, text: 'tick = 2' },
    ],
    kernelLog: [{ boot: 0, cycle: 5, text: 'phantom: started' }],
    repeat: 'npx phantom run --seed 7 --cuts 1',
    ...change,
  };
}
