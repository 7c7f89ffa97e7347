/**
 * Crash tests of one's own class files, or of one's own kernel, in vitest (`phantom-testbed/vitest`):
 *
 *     import { test } from '@fast-check/vitest';
 *     import { crashSubject } from 'phantom-testbed/vitest';
 *
 *     const counter = await crashSubject('counter.ph');
 *
 *     test.prop([counter.plans({ cuts: 2 })], { numRuns: 10 })('the counter survives power cuts', (plan) => {
 *       counter.expectHeld(plan);
 *     }, 120_000);
 *
 * The rule: fast-check draws and shrinks the plan and tells seed and path; what fails is written as a report, and the message
 * ends with the one command that runs it again wherever the program is, for the plan is in it. Of the plans that fail while it
 * shrinks the last, smallest one stays in the file.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { arbitraryCuts, arbitraryEverything } from '../faults/arbitrary.js';
import {
  bounded,
  DEFAULT_OPTIONS,
  planCommand,
  planShape,
  type RunSetup,
  runPlan,
  shellWord,
} from '../faults/index.js';
import {
  type FaultPlan,
  PLAN_SHAPES,
  PLAN_VERSION,
  type PlanShapeName,
  type RunOptions,
  type RunResult,
  renderJson,
} from '../reports/index.js';
import { getKernel } from './kernel.js';
import { chooseBootClass, loadProgram } from './program.js';
import { prepareFolder, writeWhole } from './report-files.js';
import { Terminal } from './terminal.js';

export interface CrashSubjectOptions extends Partial<Omit<RunOptions, 'bootClass'>> {
  /** Class to start with; else the only one that can boot, or the one named `.main`. */
  readonly bootClass?: string;
  /** A multiboot kernel of one's own, as a file; else Phantom OS as this package has it. */
  readonly kernel?: string;
  /** Defects to seed in the package's kernel, to see the test find them. */
  readonly defects?: readonly string[];
  /** Where a failing run's report goes; `phantom-reports` when not given. */
  readonly reportDir?: string;
}

export interface CrashPlanOptions {
  /** `everything`: power cuts, disk errors, a small disk, late interrupts, input, memory, other programs. `cuts` (the default): power cuts alone. `none`: nothing. */
  readonly shape?: PlanShapeName;
  /** Power cuts at most; 2 when not given. */
  readonly cuts?: number;
}

export class CrashSubject {
  /** Used by `crashSubject` only. */
  constructor(
    private readonly setup: RunSetup,
    private readonly reportDir: string,
  ) {}

  /** Fault plans for this program, for `test.prop` or `fc.property`. Throws RangeError. */
  plans({ shape = 'cuts', cuts = 2 }: CrashPlanOptions = {}): fc.Arbitrary<FaultPlan> {
    if (!PLAN_SHAPES.includes(shape)) {
      throw new RangeError(`crash test: there is no shape ${shape}: expected one of ${PLAN_SHAPES.join(', ')}`);
    }
    const { bootCycles, snapshotCycles, intervals } = planShape(this.setup.options, cuts);
    const horizon = bootCycles + intervals * snapshotCycles;
    switch (shape) {
      case 'everything':
        return arbitraryEverything({ horizon, cuts });
      case 'cuts':
        return arbitraryCuts({ horizon, cuts }).map((all) => ({ version: PLAN_VERSION, seed: 0, cuts: all, shape }));
      case 'none':
        return fc.constant({ version: PLAN_VERSION, seed: 0, cuts: [], shape });
    }
  }

  /** Runs the program under the plan; the result says what was judged. Plans beyond what must be survived are cut back to it. */
  run(plan: FaultPlan): RunResult {
    return runPlan(this.setup, bounded(plan));
  }

  /** Throws an Error that names the property, what was found, and the command that repeats it, unless the run holds. */
  expectHeld(plan: FaultPlan): RunResult {
    const result = this.run(plan);
    if (result.verdict.outcome !== 'failed') return result;
    const { bootClass } = this.setup.options;
    const name = createHash('sha256').update(`${bootClass} ${this.setup.kernel.sha256}`).digest('hex').slice(0, 8);
    const file = join(this.reportDir, `crash-${name}.json`);
    prepareFolder(this.reportDir);
    writeWhole(file, renderJson(result), 'report');
    const { kernelFile } = this.setup;
    const kernel = kernelFile === undefined ? '' : ` --kernel ${shellWord(kernelFile)}`;
    const replay = `npx phantom replay ${shellWord(file)}${kernel}`;
    const { options } = result;
    // Who reads this in the log of another machine has the program, and not the report.
    const anywhere = planCommand({ ...this.setup, options }, result.plan);
    throw new Error(
      `${result.verdict.text}\n${anywhere === undefined ? '' : `report: ${replay}\n`}repeat: ${anywhere ?? replay}`,
    );
  }
}

/**
 * What is tested: class files (.pc), sources (.ph), folders of sources, or a demonstration (demo/NAME). Compiles, and builds the kernel where
 * it has not been. Rejects with a one-line error where the program or the kernel cannot be had.
 */
export async function crashSubject(
  files: string | readonly string[],
  { bootClass, kernel, defects = [], reportDir = 'phantom-reports', ...options }: CrashSubjectOptions = {},
): Promise<CrashSubject> {
  const words = typeof files === 'string' ? [files] : files;
  const loaded = loadProgram(words, (text) => process.stderr.write(`${text}\n`));
  const setup: RunSetup = {
    kernel: await getKernel(defects, new Terminal('hidden'), kernel),
    program: loaded.map(({ name, bytes }) => ({ name, bytes })),
    options: { ...DEFAULT_OPTIONS, ...options, bootClass: chooseBootClass(loaded, bootClass) },
    disk: 'new',
    files: words,
    kernelFile: kernel,
  };
  return new CrashSubject(setup, reportDir);
}
