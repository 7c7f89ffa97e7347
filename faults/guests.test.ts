// Programs that a plan starts beside the one under test: whatever boot class there is, it is started as the kernel starts it.

import { expect, test } from 'vitest';
import { program as assembled } from '../impl/kernel/vm/testing/assembler.js';
import { disassembleClass, readClassFile } from '../model/classfile/index.js';
import type { PlannedProgram } from '../reports/plan.js';
import { arbitraryGuest, drawn } from './arbitrary.js';
import { withGuests } from './guests.js';
import { DEFAULT_OPTIONS, type RunSetup } from './setup.js';
import { workloadNames, workloadProgram } from './workload.js';

const kernel = { elf: new Uint8Array(), sha256: '', defects: [] };
const guest: PlannedProgram = drawn(arbitraryGuest(), 3, 'programs');

function expectStarted(setup: RunSetup): void {
  const { program, options } = withGuests(setup, [guest]);
  expect(program.slice(0, setup.program.length)).toEqual(setup.program);
  const main = program.find((one) => one.name === options.bootClass);
  if (main === undefined) throw new Error(`${options.bootClass} is not in the program`);
  const file = readClassFile(main.bytes, main.name);
  expect(file.parent).toBe(setup.options.bootClass);
  const listing = disassembleClass(file);
  expect(listing).toMatch(
    new RegExp(`os_get32 0\\s.*\\n.*summon_this\\n.*summon_by_name "${file.parent}"\\n.*static_invoke 8 1\\n`),
  );
}

test.each(workloadNames())('%s is started with the boot object beside a guest', (name) => {
  expectStarted({ ...workloadProgram(name), kernel });
});

test('so is a class file whose method 8 says that it takes no arguments, and demands one, as every boot class must', () => {
  const code = [['arg_count', 1], ['ret']] as const;
  const { classes } = assembled({ name: '.t.bare', methods: [{ ordinal: 8, name: 'startup', code: [...code] }] });
  const program = [...classes].map(([name, bytes]) => ({ name, bytes }));
  expectStarted({ kernel, program, options: { ...DEFAULT_OPTIONS, bootClass: '.t.bare' }, files: [], disk: 'new' });
});
