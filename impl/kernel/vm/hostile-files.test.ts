/** The hostile class files under `fixtures/hostile`: none does more than end its own thread. */
import { describe, expect, test } from 'vitest';
import { HOSTILE } from '../../../fixtures/make-hostile.js';
import { buildKernel, makeBundle } from '../../image/index.js';
import { runSimulator } from '../../image/testing/simulator.js';
import { type Line, program } from './testing/assembler.js';
import { compareMachines } from './testing/differential.js';
import { runGuest } from './testing/isolation.js';
import { classesIn } from './testing/programs.js';

const classes = classesIn('hostile');
const OWN = HOSTILE.map(({ name, ends }) => ({ name, ends, bootClass: `.h.${name}`, classes }));

describe('a hostile class', () => {
  test.each(OWN)('$name touches and reaches nothing it was not given', async ({ name, ends, ...guest }) => {
    const { problems, started, run } = await runGuest(guest, 2_000_000);
    expect(problems).toEqual([]);
    // A class that descends from itself is refused, so no thread of it starts.
    expect(started).toBe(name !== 'ancestors');
    if (started) expect(run.log).toMatch(ends);
  });

  test.each(OWN)('$name ends as it must, on the reference machine too', async ({ ends, ...guest }) => {
    const { difference, endings } = await compareMachines(guest, { bytecodesMax: 2_000_000 });
    expect(difference).toBeUndefined();
    const [{ kind, reason, className, method }] = endings;
    const thrown = kind === 'uncaught' ? 'uncaught exception ' : '';
    expect(`${thrown}${reason} in ${className}.${method}`).toMatch(ends);
  });
});

test('all of them at once, on the simulated machine, beside a thread with objects of its own', async () => {
  const start = (name: string): Line[] => [
    ['summon_by_name', '.internal.object'],
    ['push_catcher', `not ${name}`],
    ['os_get32', 0],
    ['os_get32', 0],
    ['sconst_bin', `.h.${name}`],
    ['call_08', 1],
    ['new'],
    ['call_12', 1],
    ['os_drop'],
    ['pop_catcher'],
    ['summon_null'],
    `not ${name}:`,
    ['os_drop'],
  ];
  const sleep: Line[] = [['os_get32', 0], ['iconst_32bit', 1500], ['i2o'], ['call_15', 1], ['os_drop']];
  const code: Line[] = [
    ['arg_count', 1],
    ['stack_reserve', 1, 1],
    ['iconst_32bit', 12345],
    ['is_set32', 0],
    ['sconst_bin', 'mine'],
    ['sconst_bin', ' and '],
    ['sconst_bin', 'only '],
    ['os_compose32', 3],
    ['os_save8', 0],
    ...OWN.flatMap(({ name }) => start(name)),
    ...sleep,
    ['os_get32', 0],
    ['os_load8', 0],
    ['os_decompose'],
    ['is_drop'],
    ['is_get32', 0],
    ['i2o'],
    ['call_10', 4],
    ['ret'],
  ];
  const { elf } = await buildKernel();
  const host = program({ name: '.v.host', fields: 1, methods: [{ ordinal: 8, code }] });
  const bundle = makeBundle([...host.classes, ...classes].map(([name, bytes]) => ({ name, bytes })));
  const commandLine = 'root.boot=.v.host snapshot.interval=50';
  const { console, log, stop } = runSimulator({ elf, bundle, commandLine, ramMib: 64, diskMib: 64 });
  expect(console).toBe('12345only  and mine');
  for (const { name, ends } of OWN) if (name !== 'ancestors') expect(log).toMatch(ends);
  expect(log).not.toContain('panic');
  // 3: a thread ended by an error.
  expect(stop).toEqual({ kind: 'exit', status: 3 });
});
