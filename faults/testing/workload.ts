/** Set-ups of the endless programs in fixtures/workloads, for tests and campaigns. */
import { readdirSync, readFileSync } from 'node:fs';
import { buildKernel } from '../../impl/image/index.js';
import type { RunOptions } from '../../reports/schema.js';
import { DEFAULT_OPTIONS, type RunSetup } from '../setup.js';

export interface WorkloadOptions extends Partial<Omit<RunOptions, 'bootClass'>> {
  readonly defects?: readonly string[];
}

/** The set-up that runs workload `name`. */
export async function workload(name: string, options: WorkloadOptions = {}): Promise<RunSetup> {
  const { defects = [], ...changed } = options;
  const folder = new URL(`../../fixtures/workloads/${name}/`, import.meta.url);
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.pc'))
    .sort();
  return {
    kernel: await buildKernel({ defects }),
    program: files.map((file) => ({
      name: `.${file.slice(0, -'.pc'.length)}`,
      bytes: new Uint8Array(readFileSync(new URL(file, folder))),
    })),
    options: { ...DEFAULT_OPTIONS, ...changed, bootClass: `.wl.${name}.main` },
    disk: 'new',
    files: files.map((file) => `fixtures/workloads/${name}/${file}`),
  };
}
