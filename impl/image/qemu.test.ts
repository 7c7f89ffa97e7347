import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type BundleEntry, makeBundle } from './bundle.js';
import { buildKernel } from './kernel.js';
import { qemuMissing, runQemu } from './testing/qemu.js';
import { runSimulator } from './testing/simulator.js';

const golden = fileURLToPath(new URL('../../fixtures/golden', import.meta.url));
const missing = qemuMissing();
if (missing !== undefined) process.stderr.write(`comparison with QEMU skipped: ${missing}\n`);

/** The classes of a program of the golden suite. */
function classesOf(program: string): BundleEntry[] {
  const files = readdirSync(`${golden}/${program}`).filter((name) => name.endsWith('.pc'));
  return files.map((name) => ({ name: `.${name.slice(0, -3)}`, bytes: readFileSync(`${golden}/${program}/${name}`) }));
}

describe.skipIf(missing !== undefined)('the same image under QEMU and on the simulated machine', () => {
  test.each([
    ['recursion', 'ide'],
    ['exceptions', 'ide'],
    ['inherit', 'ide'],
    ['dblarith', 'ide'],
    ['exceptions', 'virtio'],
  ] as const)('prints the same: %s, its disk on %s', async (program, diskController) => {
    const { elf } = await buildKernel();
    const bundle = makeBundle(classesOf(program));
    const commandLine = `root.boot=.ga.${program}.main`;
    const expected = readFileSync(`${golden}/${program}/${program}.expected`, 'latin1');
    const simulated = runSimulator({ elf, bundle, commandLine, diskController });
    expect({ stop: simulated.stop, log: simulated.log }).toMatchObject({ stop: { kind: 'exit', status: 1 } });
    expect(simulated.console).toBe(expected);
    const run = await runQemu({ elf, bundle, commandLine, diskController });
    expect({ status: run.status, log: run.log }).toMatchObject({ status: 1 });
    expect(run.console).toBe(expected);
  });

  test.each([
    ['ide', 'ide'],
    ['virtio', 'virtio'],
    ['ide', 'virtio'],
    ['virtio', 'ide'],
  ] as const)(
    'a disk goes from one boot on QEMU to the next, on %s then on %s: the generation committed is recovered',
    async (one, other) => {
      const { elf } = await buildKernel();
      const bundle = makeBundle(classesOf('recursion'));
      const commandLine = 'root.boot=.ga.recursion.main';
      const first = await runQemu({ elf, bundle, commandLine, diskController: one });
      expect(first.log).toMatch(one === 'virtio' ? 'virtio: disk' : 'ide: disk');
      expect(first.status).toBe(1);
      const second = await runQemu({ elf, bundle, commandLine, disk: first.disk, diskController: other });
      expect(second.log).toMatch(other === 'virtio' ? 'virtio: disk' : 'ide: disk');
      expect(second.log).toMatch(/persist: recovered generation \d+/);
      expect({ status: second.status, console: second.console }).toEqual({ status: 1, console: '' });
    },
  );
});
