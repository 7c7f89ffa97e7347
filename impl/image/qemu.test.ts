import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ENTER, type Line, program } from '../kernel/vm/testing/assembler.js';
import { type BundleEntry, makeBundle } from './bundle.js';
import { buildKernel } from './kernel.js';
import { type QemuMonitor, qemuMissing, runQemu } from './testing/qemu.js';
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

  test('the screen and the keyboard: what is seen in text memory while keys are struck', async () => {
    const { elf } = await buildKernel();
    const call = (slot: number, ordinal: number, ...args: readonly Line[]): Line[] => [
      ['os_get32', slot],
      ...args,
      ['call_32bit', ordinal, args.length],
    ];
    const shown = (slot: number, text: string): Line[] => [
      ['summon_by_name', '.internal.io.tty'],
      ['new'],
      ['os_set32', slot],
      ...call(slot, 29, ['sconst_bin', 'screen']),
      ['os_drop'],
      ...call(slot, 17, ['sconst_bin', text]),
      ['os_drop'],
    ];
    /** Reads a byte and shows it. */
    const echo = (slot: number): Line[] => [['os_get32', slot], ...call(slot, 16), ['call_32bit', 17, 1], ['os_drop']];
    const code: Line[] = [
      ...ENTER,
      ['summon_null'],
      ['summon_null'],
      ...shown(2, 'other: '),
      ...shown(3, 'name? '),
      ...[3, 3, 2].flatMap(echo),
      ['ret'],
    ];
    const { classes } = program({ name: '.t.screen', methods: [{ ordinal: 8, code }], fields: 1 });
    const commandLine = 'root.boot=.t.screen';
    const seen: string[] = [];
    const run = await runQemu({
      elf,
      bundle: makeBundle([...classes].map(([name, bytes]) => ({ name, bytes }))),
      commandLine,
      operator: async (monitor) => {
        for (const [text, key] of [
          ['name?', 'a'],
          ['name? a', 'shift-b'],
          ['name? aB', 'alt-f2'],
          ['other:', 'c'],
        ]) {
          for (let tries = 0; seen.at(-1) !== text && tries < 200; tries++) seen.push(await firstCells(monitor, 8));
          await monitor(`sendkey ${key}`);
        }
      },
    });
    expect({ status: run.status, seen: [...new Set(seen)].slice(-4) }).toEqual({
      status: 1,
      seen: ['name?', 'name? a', 'name? aB', 'other:'],
    });
  });
});

/** The first characters in text memory. */
async function firstCells(monitor: QemuMonitor, count: number): Promise<string> {
  const answer = await monitor(`xp /${count}hx 0xb8000`);
  const lines = [...answer.matchAll(/^[0-9a-f]{16}: (.*)$/gm)].map(([, cells]) => cells);
  const cells = [...lines.join(' ').matchAll(/0x([0-9a-f]{4})/g)].map(([, digits]) => parseInt(digits, 16) & 255);
  return String.fromCharCode(...cells).trimEnd();
}
