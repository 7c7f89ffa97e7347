/** Set-ups of the endless programs in fixtures/workloads (class files, or sources that are compiled) and of the demonstrations. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildKernel } from '../impl/image/index.js';
import { compileFiles, formatDiagnostic } from '../impl/language/index.js';
import { DEMO_FOLDER, demoFolder, demos } from '../impl/library/demos.js';
import type { RunOptions } from '../reports/schema.js';
import { DEFAULT_OPTIONS, type ProgramClass, type RunSetup } from './setup.js';

export interface WorkloadOptions extends Partial<Omit<RunOptions, 'bootClass'>> {
  readonly defects?: readonly string[];
}

const FOLDER = new URL('../fixtures/workloads/', import.meta.url);

/** The workloads there are, by name, and the demonstrations that say what must always hold. */
export function workloadNames(): string[] {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  return [...folders, ...demos().map(({ name }) => `${DEMO_FOLDER}/${name}`)];
}

/** The set-up that runs workload `name`, a folder of fixtures/workloads, or a demonstration, `demo/NAME`. */
export async function workload(name: string, options: WorkloadOptions = {}): Promise<RunSetup> {
  const { defects = [], ...changed } = options;
  return { kernel: await buildKernel({ defects }), ...workloadProgram(name, changed) };
}

/** The same without the kernel. Throws Error where there is no such workload. */
export function workloadProgram(
  name: string,
  changed: Partial<Omit<RunOptions, 'bootClass'>> = {},
): Omit<RunSetup, 'kernel'> {
  const [folder, demo] = name.split('/');
  const isDemo = folder === DEMO_FOLDER && demo !== undefined;
  const bootClass = isDemo ? `.demo.${demo}.main` : `.wl.${name}.main`;
  const rest = { options: { ...DEFAULT_OPTIONS, ...changed, bootClass }, disk: 'new' } as const;
  if (isDemo) {
    const sources = demoFolder(demo);
    if (sources === undefined) throw new Error(`there is no demonstration ${demo}`);
    return { program: compiled(sources), files: [name], ...rest };
  }
  const place = new URL(`${name}/`, FOLDER);
  const files = readdirSync(place)
    .filter((file) => file.endsWith('.pc'))
    .sort();
  if (files.length === 0) {
    return { program: compiled(fileURLToPath(place)), files: [`fixtures/workloads/${name}`], ...rest };
  }
  const program = files.map((file) => ({
    name: `.${file.slice(0, -'.pc'.length)}`,
    bytes: new Uint8Array(readFileSync(new URL(file, place))),
  }));
  return { program, files: files.map((file) => `fixtures/workloads/${name}/${file}`), ...rest };
}

function compiled(folder: string): ProgramClass[] {
  const { classes, diagnostics } = compileFiles([folder]);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return classes.map(({ name, bytes }) => ({ name, bytes }));
}
