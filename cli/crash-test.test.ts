/** The helper for crash tests in vitest, used as its users would. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildKernel } from '../impl/image/index.js';
import { parseJson } from '../reports/index.js';
import { type CrashSubject, crashSubject } from './crash-test.js';
import { phantom } from './testing/captured.js';

const folder = mkdtempSync(join(tmpdir(), 'phantom-crash-'));
const before = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const options = { snapshotIntervalMs: 50 };
const counter = await crashSubject('demo/counter', options);

property.prop([counter.plans({ cuts: 2 })], { numRuns: 2 })('the counter survives power cuts', (plan) => {
  const { cuts, verdict } = counter.expectHeld(plan);
  expect([cuts.length, verdict.outcome]).toEqual([plan.cuts.length, 'held']);
});

describe('a kernel that breaks a rule', () => {
  /** What fast-check says of it. */
  function failure(subject: CrashSubject): string {
    const holds = fc.property(subject.plans({ cuts: 1 }), (plan) => void subject.expectHeld(plan));
    try {
      fc.assert(holds, { numRuns: 5, seed: 1, endOnFailure: true });
    } catch (error) {
      return error instanceof Error ? `${error.message}\n${String(error.cause)}` : String(error);
    }
    return 'held';
  }

  test('is found, and the message ends with the command that fails again in the same way', async () => {
    const message = failure(await crashSubject('demo/counter', { ...options, defects: ['oneSuperblockCopy'] }));
    expect(message).toMatch(/seed: 1, path: "\d+"/);
    expect(message).toMatch(/FAILED: .*P8 failed/);
    const [, file] = /^report: npx phantom replay (\S+)$/m.exec(message) ?? [];
    const { digests, verdict } = parseJson(readFileSync(file, 'utf8'));
    expect(verdict.outcome).toBe('failed');
    const again = await phantom('replay', file);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('same run: ')]);
    // The last line, in a shell, where that report is not: the same run by its digests.
    const [, line] = /^repeat: npx phantom (.*)$/m.exec(message) ?? [];
    const words = execFileSync('sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`], {
      encoding: 'utf8',
    });
    rmSync(file);
    const pasted = await phantom(...words.split('\0').slice(0, -1), '--json');
    expect(pasted.code).toBe(1);
    const found = parseJson(pasted.stdout);
    expect([found.verdict, found.digests]).toEqual([verdict, digests]);
  });

  test("may be a file of one's own, which the command names", async () => {
    const { elf } = await buildKernel({ defects: ['oneSuperblockCopy'] });
    writeFileSync('own.elf', elf);
    const message = failure(await crashSubject('demo/counter', { ...options, kernel: 'own.elf' }));
    const [, file] = /^report: npx phantom replay (\S+) --kernel own\.elf$/m.exec(message) ?? [];
    expect((await phantom('replay', file, '--kernel', 'own.elf')).stderr).toContain('same run: ');
    writeFileSync('text.elf', 'no kernel');
    await expect(crashSubject('demo/counter', { kernel: 'text.elf' })).rejects.toThrow(
      'text.elf: expected a 32-bit ELF image with a multiboot header, found something else',
    );
  });
});
