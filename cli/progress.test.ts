// The bar at the foot of a terminal, as a terminal gets it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const PROGRAM = `
import { setTimeout as sleep } from 'node:timers/promises';
import { Progress } from '${new URL('./progress.ts', import.meta.url)}';
import { Terminal } from '${new URL('./terminal.ts', import.meta.url)}';
const progress = new Progress(new Terminal('hidden'), '{bar} {value} of {total}, {last}', 3, { last: 'none' });
progress.update(1, { last: 'one' });
await sleep(600);
progress.say('a line');
await sleep(600);
progress.stop();
console.error('over');
`;
const words = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', PROGRAM];
const hasScript = spawnSync('script', ['--version']).status === 0;

test('in a pipe there is no bar, only what is said', () => {
  const { stderr, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  expect([stdout, stderr]).toEqual(['', 'a line\nover\n']);
});

test.skipIf(!hasScript)('on a terminal the bar is below what was said, and gone at the end', () => {
  const quoted = [process.execPath, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const { stdout } = spawnSync('script', ['-qec', quoted, '/dev/null'], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  });
  const [before, after] = stdout.split('a line');
  expect(before).toContain('1 of 3, one');
  expect(after).toContain('1 of 3, one');
  // ESC [ 0 J: what is below the cursor is cleared, then the last line is written.
  expect(after).toMatch(/\[0Jover/);
});
