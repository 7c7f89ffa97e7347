/** Turns: programs that compute without end keep no snapshot from its end, and it does not keep them from computing. */
import { expect, test } from 'vitest';
import { Machine } from '../../../hardware-sim/index.js';
import { buildKernel, makeBundle } from '../../image/index.js';
import { ENTER, type Line, program } from '../vm/testing/assembler.js';

const COMMIT = 4;
const CYCLES = 150_000_000;

/** Cycles of the commits of a system with so many threads that compute without end. */
async function commits(threads: number): Promise<number[]> {
  const start: Line[] = [['os_get32', 0], ['summon_by_name', '.t.spin'], ['new'], ['call_8bit', 18, 1], ['os_drop']];
  const { classes, bootClass } = program(
    {
      name: '.t.main',
      fields: 1,
      methods: [
        {
          ordinal: 8,
          code: [
            ...ENTER,
            ...Array.from({ length: threads }, () => start).flat(),
            'loop:',
            ['iconst_1'],
            ['i2o'],
            ['os_save8', 0],
            ['jmp', 'loop'],
          ],
        },
      ],
    },
    { name: '.t.spin', methods: [{ ordinal: 8, code: [...ENTER, 'loop:', ['jmp', 'loop']] }] },
  );
  const { elf } = await buildKernel();
  const found: number[] = [];
  const machine = new Machine(
    { ramBytes: 16 << 20, diskSectors: 1 << 17 },
    {
      onProbe: (record) => {
        if (Buffer.from(machine.readPhysical(record, 4)).readUInt32LE() === COMMIT) found.push(machine.cycles);
      },
    },
  );
  const modules = [
    { bytes: makeBundle([...classes].map(([name, bytes]) => ({ name, bytes }))), commandLine: 'classes' },
  ];
  machine.loadMultiboot({ image: elf, commandLine: `root.boot=${bootClass}`, modules });
  machine.run({ untilCycle: CYCLES });
  machine.dispose();
  return found;
}

test('P14 a generation commits within a second, however many threads compute without end', async () => {
  const found = await commits(50);
  expect(found.length).toBeGreaterThanOrEqual(4);
  const longest = Math.max(...found.map((cycle, i) => cycle - (found[i - 1] ?? 0)));
  expect(longest).toBeLessThan(66_000_000);
});
