/** Set-ups of the endless programs in fixtures/workloads and of the demonstrations, for tests and campaigns. */
import { readdirSync, readFileSync } from 'node:fs';
import { buildKernel } from '../../impl/image/index.js';
import { compileFiles, formatDiagnostic } from '../../impl/language/index.js';
import { DEMO_FOLDER, demoFolder } from '../../impl/library/demos.js';
import type { RunOptions } from '../../reports/schema.js';
import { DEFAULT_OPTIONS, type ProgramClass, type RunSetup } from '../setup.js';

export interface WorkloadOptions extends Partial<Omit<RunOptions, 'bootClass'>> {
  readonly defects?: readonly string[];
}

/** The set-up that runs workload `name`, a folder of fixtures/workloads, or a demonstration, `demo/NAME`. */
export async function workload(name: string, options: WorkloadOptions = {}): Promise<RunSetup> {
  const { defects = [], ...changed } = options;
  const kernel = await buildKernel({ defects });
  const [folder, demo] = name.split('/');
  if (folder === DEMO_FOLDER && demo !== undefined) {
    return {
      kernel,
      program: compiled(demo),
      options: { ...DEFAULT_OPTIONS, ...changed, bootClass: `.demo.${demo}.main` },
      disk: 'new',
      files: [name],
    };
  }
  const files = readdirSync(new URL(`../../fixtures/workloads/${name}/`, import.meta.url))
    .filter((file) => file.endsWith('.pc'))
    .sort();
  const place = (file: string) => new URL(`../../fixtures/workloads/${name}/${file}`, import.meta.url);
  return {
    kernel,
    program: files.map((file) => ({
      name: `.${file.slice(0, -'.pc'.length)}`,
      bytes: new Uint8Array(readFileSync(place(file))),
    })),
    options: { ...DEFAULT_OPTIONS, ...changed, bootClass: `.wl.${name}.main` },
    disk: 'new',
    files: files.map((file) => `fixtures/workloads/${name}/${file}`),
  };
}

function compiled(demo: string): ProgramClass[] {
  const folder = demoFolder(demo);
  if (folder === undefined) throw new Error(`there is no demonstration ${demo}`);
  const { classes, diagnostics } = compileFiles([folder]);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return classes.map(({ name, bytes }) => ({ name, bytes }));
}
