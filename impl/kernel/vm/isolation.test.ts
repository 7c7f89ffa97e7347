/** What a thread was not given it neither changes nor reaches: whatever its code is, and whatever its class file. */
import { test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ENTER, type Line, program } from './testing/assembler.js';
import { typedBytecode } from './testing/generate-bytecode.js';
import { runGuest } from './testing/isolation.js';
import { damagedFiles, damagedMethods, randomBytes, randomInstructions } from './testing/noise.js';
import { goldenPrograms } from './testing/programs.js';

const victims = goldenPrograms().filter(({ name }) => !/^(bench_\w+|alloc|linklist)$/.test(name));

describe('P33 beside objects of another thread', () => {
  const kinds = {
    'random instructions': randomInstructions,
    'random bytes': randomBytes,
    'damaged methods': damagedMethods(victims),
    'damaged files': damagedFiles(victims),
    'well-typed programs': typedBytecode,
  };
  for (const [name, arbitrary] of Object.entries(kinds)) {
    property.prop([arbitrary], { numRuns: 40 })(name, async (guest) => {
      expect((await runGuest(guest)).problems).toEqual([]);
    });
    property.prop([arbitrary], { numRuns: 20 })(`${name}, handed nothing`, async (guest) => {
      expect((await runGuest(guest, 20_000, undefined, 'nothing')).problems).toEqual([]);
    });
  }
});

test('P33 a thread that was handed nothing has no name for the boot object, the environment and the class loader', async () => {
  const told: Line[] = [['summon_by_name', '.internal.boot'], ['new']];
  const { problems, started, run } = await runGuest(guest(...told), 20_000, undefined, 'nothing');
  expect({ problems, started }).toEqual({ problems: [], started: true });
  expect(run.log).toContain('uncaught exception the boot object cannot be made');
});

function guest(...code: Line[]) {
  return program({ name: '.t.main', methods: [{ ordinal: 8, code: [...ENTER, ...code, ['ret']] }] });
}

test('the check is not vacuous: what everyone can get at is not of the owner alone', async () => {
  const { problems, started } = await runGuest(guest());
  expect({ problems, started }).toEqual({ problems: [], started: true });
});

test('a boot object that is given away is noticed', async () => {
  const harm = (memory: Uint8Array): void => {
    const view = new DataView(memory.buffer);
    view.setUint32(0x80000000 + 40, view.getUint32(0x80000000 + 48, true), true);
  };
  const { problems } = await runGuest(guest(), 20_000, harm, 'nothing');
  expect(problems.join('\n')).toMatch(/can be reached/);
});

test.each([
  ['is changed', (view: DataView, vault: number) => view.setUint32(vault + 16, 1, true), /has changed/],
  ['is given away', (view: DataView, vault: number) => view.setUint32(0x80000000 + 40, vault, true), /can be reached/],
])('an object of the owner that %s is noticed', async (_, harm, message) => {
  const { problems } = await runGuest(guest(), 20_000, (memory) => {
    const view = new DataView(memory.buffer);
    const owner = view.getUint32(0x80000000 + 96, true);
    harm(view, view.getUint32(owner + 16, true));
  });
  expect(problems.join('\n')).toMatch(message);
});
