import { describe, expect, test } from 'vitest';
import type { DiskFault } from '../../hardware-sim/index.js';
import { buildKernel } from './kernel.js';
import { qemuMissing, runQemu } from './testing/qemu.js';
import { runSimulator } from './testing/simulator.js';

const ENTRY = 'impl/kernel/selftest/lower.ts';
const COMMAND_LINE = 'number=1234 word=hello';
/** EXIT_DONE through the exit port. */
const PASSED = 1;

const missing = qemuMissing();
if (missing !== undefined) process.stderr.write(`self-test of the kernel under QEMU skipped: ${missing}\n`);

/** The log without what differs between two machines: their names and sizes. */
function comparable(log: string): string[] {
  return log.split('\n').filter((line) => line.startsWith('selftest'));
}

describe('the lower rooms of the kernel test themselves', () => {
  test('on the simulated machine', async () => {
    const { elf } = await buildKernel({ entry: ENTRY });
    const run = runSimulator({ elf, commandLine: COMMAND_LINE });
    expect({ stop: run.stop, log: run.log }).toMatchObject({ stop: { kind: 'exit', status: PASSED } });
    expect(run.console).toBe('console\n'.repeat(1201));
    expect(comparable(run.log)).toHaveLength(6);
  });

  test.skipIf(missing !== undefined)('under QEMU, with the same output', async () => {
    const { elf } = await buildKernel({ entry: ENTRY });
    const run = await runQemu({ elf, commandLine: COMMAND_LINE });
    expect({ status: run.status, log: run.log }).toMatchObject({ status: PASSED });
    const simulated = runSimulator({ elf, commandLine: COMMAND_LINE });
    expect(run.console).toBe(simulated.console);
    expect(comparable(run.log)).toEqual(comparable(simulated.log));
  });

  test('bytes that are typed arrive in order', async () => {
    const { elf } = await buildKernel({ entry: ENTRY });
    const typed = Array.from({ length: 200 }, (_, i) => i);
    // They begin while the console test still prints, so that some wait in the ring and some are waited for.
    const run = runSimulator({ elf, commandLine: `${COMMAND_LINE} echo=200`, typed, typedAt: 59_000_000 });
    expect({ stop: run.stop, log: run.log }).toMatchObject({ stop: { kind: 'exit', status: PASSED } });
    expect([...Buffer.from(run.console, 'latin1')].slice(-200)).toEqual(typed);
  });

  test('a sector that cannot be read is a status, and the drive goes on', async () => {
    const { elf } = await buildKernel({ entry: ENTRY });
    const diskFaults: DiskFault[] = [{ kind: 'read-error', lba: 1000 * 8 + 3 }];
    const run = runSimulator({ elf, commandLine: `${COMMAND_LINE} bad=1000`, diskFaults });
    expect({ stop: run.stop, log: run.log }).toMatchObject({ stop: { kind: 'exit', status: PASSED } });
    expect(comparable(run.log)).toContain('selftest: disk error');
  });

  test('a machine without a disk says so and runs', async () => {
    const { elf } = await buildKernel({ entry: ENTRY });
    const run = runSimulator({ elf, commandLine: COMMAND_LINE, diskMib: 0 });
    expect({ stop: run.stop, log: run.log }).toMatchObject({ stop: { kind: 'exit', status: PASSED } });
    expect(run.log).toContain('ide: no disk on the primary channel; running without one');
  });

  test('a kernel stack that overflows is a panic that names the thread', async () => {
    const { elf } = await buildKernel({ entry: ENTRY });
    const run = runSimulator({ elf, commandLine: 'overflow=5000' });
    expect(run.stop).toEqual({ kind: 'exit', status: 5 });
    expect(run.log).toContain('panic: kernel stack overflow in thread 1 ');
  });

  test('an option that should be a number is named when it is none', async () => {
    const { elf } = await buildKernel({ entry: ENTRY });
    const run = runSimulator({ elf, commandLine: 'overflow=12x' });
    expect(run.stop).toEqual({ kind: 'exit', status: 5 });
    expect(run.log).toMatch(/command line: overflow\n+panic: command line: the option has to be a decimal number/);
  });

  test('a failing check is a panic that names its line', async () => {
    const { elf } = await buildKernel({ entry: ENTRY });
    const run = runSimulator({ elf, commandLine: 'number=1235 word=hello' });
    expect(run.stop).toEqual({ kind: 'exit', status: 5 });
    expect(run.log).toMatch(/panic: assertion failed at impl\/kernel\/selftest\/lower\.ts:\d+/);
    expect(run.probes.at(-1)?.kind).toBe(7);
  });
});
