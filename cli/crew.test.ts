// Threads that end by themselves: here workers that fill their memory on purpose.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ThreadCrew } from './crew.js';

type Kinds = {
  readonly square: { readonly task: { readonly of: number; readonly ends: number }; readonly outcome: number };
};

let folder: string;
let crew: ThreadCrew<Kinds>;
let notes: string;
/** Who fills its memory does so as often as the task says; then it squares. */
const WORKER = `
import { appendFileSync, readFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
export function square({ of, ends }) {
  const notes = workerData[1];
  appendFileSync(notes, of + '\\n');
  const begun = readFileSync(notes, 'utf8').split('\\n').filter((line) => line === String(of)).length;
  if (ends === -1) throw new RangeError('not of this one');
  if (begun <= ends) for (const all = []; ; ) all.push(new Array(1e5).fill(of + 0.5));
  return of * of;
}`;
const begun = (of: number): number =>
  readFileSync(notes, 'utf8')
    .split('\n')
    .filter((line) => line === `${of}`).length;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'phantom-crew-'));
  notes = join(folder, 'notes');
  appendFileSync(notes, '');
  const worker = join(folder, 'worker.mjs');
  writeFileSync(worker, WORKER);
  crew = new ThreadCrew<Kinds>(2, worker, notes, { maxOldGenerationSizeMb: 24 });
});
afterAll(async () => {
  await crew.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the task of a worker that ran out of memory is done again, those of others once', async () => {
  const tasks = [2, 3, 4, 5, 6].map((of) => ({ of, ends: of === 3 ? 2 : 0 }));
  expect(await Promise.all(tasks.map((task) => crew.run('square', task)))).toEqual([4, 9, 16, 25, 36]);
  expect([2, 3, 4, 5, 6].map(begun)).toEqual([1, 3, 1, 1, 1]);
});

test('a task that ends every worker is given up, and the others go on', async () => {
  const hopeless = crew.run('square', { of: 7, ends: 99 });
  await expect(hopeless).rejects.toThrow(/^3 worker threads ended at it, the last: .*out of memory|memory limit/i);
  expect(begun(7)).toBe(3);
  expect(await crew.run('square', { of: 8, ends: 0 })).toBe(64);
});

test('what a task throws is thrown, and not tried again', async () => {
  await expect(crew.run('square', { of: 9, ends: -1 })).rejects.toThrow('not of this one');
  expect(begun(9)).toBe(1);
});
