// The library's own tests, on the simulated machine: in one boot, and across power cuts.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { phantom } from '../../cli/testing/captured.js';
import { runInV8 } from '../kernel/vm/testing/v8.js';
import { compileFiles, formatDiagnostic } from '../language/index.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const sources = readdirSync(folder).filter((name) => name.endsWith('.ph') && !name.endsWith('.test.ph'));

test('the library compiles without a warning', () => {
  const { diagnostics } = compileFiles(sources.map((name) => `${folder}${name}`));
  expect(diagnostics.map(formatDiagnostic)).toEqual([]);
});

test('its tests pass on the simulated machine', { timeout: 120_000 }, async () => {
  const ended = await phantom('test', folder, '--json');
  const { ok, tests, errors } = JSON.parse(ended.stdout);
  expect(tests.filter(({ outcome }: { outcome: string }) => outcome !== 'passed')).toEqual([]);
  expect({ ok, errors, code: ended.code }).toEqual({ ok: true, errors: [], code: 0 });
  const suites = new Set(tests.map(({ suite }: { suite: string }) => suite));
  expect(suites).toContain('.phantom.data.mapTest');
});

test('they pass across power cuts too', { timeout: 120_000 }, async () => {
  const ended = await phantom('test', folder, '--only', '.map', '--cuts', '2', '--seed', '3', '--json');
  const { ok, notRun, verdict, cuts } = JSON.parse(ended.stdout);
  expect({ ok, notRun, outcome: verdict.outcome, cuts }).toEqual({ ok: true, notRun: 0, outcome: 'held', cuts: 2 });
});

test('lines are typed at a terminal: echo, Backspace over a character of two bytes, Ctrl-D', async () => {
  const text = `package .t;
class main
{
    void startup( var boot ) [8]
    {
        new .phantom.shell.terminal().converse( new .phantom.shell.shell( new .phantom.shell.folder(), boot ) );
    }
};
`;
  const { classes } = compileFiles([], [], [{ file: 'typed.ph', text }]);
  const typed = 'put n abé\x7f\x7fc\rcat n\n\x7f\x04';
  const run = await runInV8({
    classes: new Map(classes.map(({ name, bytes }) => [name, bytes])),
    bootClass: '.t.main',
    typed: Buffer.from(typed).toString('latin1'),
  });
  expect({ failed: run.failed, log: run.log }).toMatchObject({ failed: 0 });
  const echoed = Buffer.from('put n abé').toString('latin1');
  expect(run.console).toBe(`/> ${echoed}\x08 \x08\x08 \x08c\n/> cat n\nac\n/> \n`);
});
