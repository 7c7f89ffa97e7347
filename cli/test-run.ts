/**
 * Tests run on the simulated machine, and what they reported.
 *
 * The rules: what a test reported first counts; after a power cut the same lines come again and must be the same. A test that made no
 * check has failed. Where something was thrown that is no failed check, the test runs once more alone, uncaught, for the kernel's word on
 * the place.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { z } from 'zod';
import { DEFAULT_OPTIONS, drawPlan, type Kernel, planShape, type RunSetup, runSteps } from '../faults/index.js';
import type { CompiledClass } from '../impl/language/index.js';
import { isThreadEnd } from '../reports/facts.js';
import type { RunResult } from '../reports/index.js';
import type { Terminal } from './terminal.js';
import { TEST_BOOT_CLASS, type Test } from './test-program.js';

/** What a JSON text in a sequence begins with (RFC 7464). */
const RECORD = '\x1e';

const recordSchema = z.object({
  test: z.int(),
  outcome: z.enum(['begun', 'passed', 'failed', 'ended']),
  checks: z.int().optional(),
  line: z.int().optional(),
  message: z.string().optional(),
  expected: z.string().optional(),
  found: z.string().optional(),
});
type TestRecord = z.infer<typeof recordSchema>;

export interface TestResult extends Test {
  readonly outcome: 'passed' | 'failed' | 'not run';
  readonly checks: number;
  readonly message?: string;
  readonly expected?: string;
  readonly found?: string;
  /** Where it failed. */
  readonly at?: { readonly file: string; readonly line: number };
  /** What it printed, when it failed. */
  readonly output?: string;
}

export interface TestRun {
  readonly tests: readonly TestResult[];
  /** Threads that ended by an error, as the kernel said it. */
  readonly errors: readonly string[];
  readonly result: RunResult;
}

export interface TestRunOptions {
  readonly kernel: Kernel;
  readonly seed: number;
  readonly cuts: number;
  readonly maxCycles: number;
  readonly terminal: Terminal;
  /** Compiles the program that runs one test uncaught. */
  readonly alone: (test: Test) => readonly CompiledClass[];
}

/** How many tests that threw are run once more. */
const RERUNS_MAX = 20;

export async function runTests(
  tests: readonly Test[],
  program: readonly CompiledClass[],
  options: TestRunOptions,
): Promise<TestRun> {
  const reports = new Reports(tests.length);
  const result = await run(program, options, reports);
  const judged = tests.map((test, i) => judge(test, reports, i, result));
  const placed: TestResult[] = [];
  let reruns = 0;
  for (const test of judged) {
    const unplaced = test.outcome === 'failed' && test.at === undefined && reruns < RERUNS_MAX;
    if (unplaced) reruns++;
    placed.push(unplaced ? await place(test, options) : test);
  }
  return { tests: placed, errors: threadErrors(result), result };
}

async function run(
  program: readonly CompiledClass[],
  { kernel, seed, cuts, maxCycles, terminal }: Omit<TestRunOptions, 'alone'>,
  reports: Reports,
): Promise<RunResult> {
  const setup: RunSetup = {
    kernel,
    program: program.map(({ name, bytes }) => ({ name, bytes })),
    options: { ...DEFAULT_OPTIONS, bootClass: TEST_BOOT_CLASS, maxCycles },
    disk: 'new',
    files: [],
  };
  const steps = runSteps(setup, drawPlan(seed, planShape(setup.options, cuts)), {
    rehearse: true,
    toEnd: true,
    // Threads that tests left behind need not end; with power cuts the last life alone may be ended so.
    interrupted: () => cuts === 0 && reports.ended,
    observer: { consoleByte: (byte) => reports.byte(byte) },
  });
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    terminal.progress(step.value.boot, step.value.cycle);
    await turn();
  }
}

/** What the tests print, taken apart. */
export class Reports {
  ended = false;
  readonly begun = new Set<number>();
  readonly first = new Map<number, TestRecord>();
  /** Tests that reported something else after a power cut. */
  readonly changed = new Map<number, TestRecord>();
  readonly outputs: string[];
  private current = -1;
  private line: number[] = [];

  constructor(count: number) {
    this.outputs = new Array<string>(count).fill('');
  }

  byte(byte: number): void {
    this.line.push(byte);
    if (byte !== 10) return;
    const line = Buffer.from(this.line).toString();
    this.line = [];
    const at = line.indexOf(RECORD);
    if (this.current >= 0) this.outputs[this.current] += at < 0 ? line : line.slice(0, at);
    if (at >= 0) this.record(line.slice(at + 1));
  }

  private record(text: string): void {
    const parsed = recordSchema.safeParse(parseJson(text));
    if (!parsed.success) return;
    const record = parsed.data;
    if (record.outcome === 'ended') this.ended = true;
    if (record.outcome === 'begun') {
      this.current = record.test;
      this.outputs[record.test] = '';
      this.begun.add(record.test);
      return;
    }
    const before = this.first.get(record.test);
    this.current = -1;
    if (before === undefined) this.first.set(record.test, record);
    else if (JSON.stringify(before) !== JSON.stringify(record) && before.outcome === 'passed') {
      this.changed.set(record.test, record);
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What became of a test, the `index`-th of those that reported. */
export function judge(test: Test, reports: Reports, index: number, result: Pick<RunResult, 'verdict'>): TestResult {
  const record = reports.first.get(index);
  const again = reports.changed.get(index);
  const output = reports.outputs[index] === '' ? undefined : reports.outputs[index];
  const here = { file: test.file, line: test.line };
  if (record === undefined) {
    const reached = reports.begun.has(index) ? 'not reached its end' : 'not reached';
    const message = result.verdict.outcome === 'stopped' ? `${reached} before the run was stopped` : reached;
    return { ...test, outcome: 'not run', checks: 0, message, at: here, output };
  }
  if (again !== undefined) {
    const message = `reported something else after a power cut: ${again.message ?? again.outcome}`;
    return { ...test, outcome: 'failed', checks: 0, message, at: here, output };
  }
  const { checks = 0, line = 0, message, expected, found } = record;
  if (record.outcome === 'passed') {
    if (checks > 0) return { ...test, outcome: 'passed', checks };
    return { ...test, outcome: 'failed', checks, message: 'made no check', at: here, output };
  }
  const at = line > 0 ? { file: test.file, line } : undefined;
  return { ...test, outcome: 'failed', checks, message, expected, found, at, output };
}

/** `… in .my.class.method line 12 at byte …`: what the kernel says of a thread that ended. */
const PLACE = /^thread \d+ ended: .* in (\S+)\.([^\s.]+) line (\d+) at byte \d+ of \d+$/;

/** Finds out where the test threw. */
async function place(test: TestResult, options: TestRunOptions): Promise<TestResult> {
  const program = options.alone(test);
  const files = new Map(program.map(({ name, file }) => [name, file]));
  const result = await run(program, { ...options, cuts: 0 }, new Reports(1));
  for (const { text } of result.kernelLog) {
    const found = text.match(PLACE);
    const file = found === null ? undefined : files.get(found[1]);
    if (found !== null && file !== undefined) return { ...test, at: { file, line: Number(found[3]) } };
  }
  return { ...test, at: { file: test.file, line: test.line } };
}

function threadErrors({ kernelLog }: RunResult): string[] {
  return [...new Set(kernelLog.map(({ text }) => text).filter(isThreadEnd))];
}
