// The demonstrations on Phantom OS, their power cut: each goes on, says of itself that it is whole, and prints what it must by reasons
// that have nothing to do with it.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drawPlan, planShape, type RunSetup, runPlan } from '../../faults/index.js';
import { workload } from '../../faults/testing/workload.js';
import type { FaultPlan, RunResult } from '../../reports/index.js';
import { compileFiles } from '../language/index.js';
import { demoFolder, demos } from './demos.js';

/** Whole lines in the order they were seen, those of all boots. */
function lines({ console }: RunResult): string[] {
  return console.filter(({ torn }) => !torn).map(({ text }) => text);
}

/** The demonstration under two power cuts, held and asked for its invariant after each; `toEnd`: until it has ended. */
async function cutTwice(name: string, toEnd = false, input: FaultPlan['input'] = undefined): Promise<RunResult> {
  const setup = await workload(`demo/${name}`, { snapshotIntervalMs: 60 });
  const cuts = drawPlan(1, planShape(setup.options, 2)).cuts.map(
    ({ survivors }, i) =>
      ({
        when: { kind: 'event', event: 'commit', nth: 2 + i, plus: 900_000 * i, latest: 90_000_000 },
        survivors,
      }) as const,
  );
  const result = runPlan(setup, { version: 1, seed: 1, cuts, ...(input && { input }) }, { toEnd });
  expect(result.verdict.text).toMatch(/^held: 2 power cuts, each recovered to one instant/);
  expect(result.properties.find(({ id }) => id === 'P26')).toMatchObject({ checked: 2, failed: 0, witnesses: 2 });
  return result;
}

/** PCG-XSH-RR 64/32 from its paper, with the default stream: a number from 0 to limit - 1. */
function generator(seed: bigint): (limit: number) => number {
  const next = (state: bigint) => BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
  let state = next(next(0n) + seed);
  const draw = (): number => {
    const old = state;
    state = next(state);
    const mixed = Number(BigInt.asUintN(32, ((old >> 18n) ^ old) >> 27n));
    const turn = Number(old >> 59n);
    return ((mixed >>> turn) | (mixed << (-turn & 31))) >>> 0;
  };
  return (limit) => {
    let drawn = draw() >>> 1;
    while (drawn >= 2 ** 31 - (2 ** 31 % limit)) drawn = draw() >>> 1;
    return drawn % limit;
  };
}

describe('demonstrations across power cuts', () => {
  test('are all tested here', () => {
    const tested = ['bank', 'chat', 'counter', 'life', 'mandelbrot', 'notebook', 'queens', 'search', 'shell', 'tetris'];
    expect(demos().map(({ name }) => name)).toEqual(tested);
  });

  test('counter: no number is left out', async () => {
    const seen = new Set(lines(await cutTwice('counter')));
    const all = [...seen];
    expect(all.length).toBeGreaterThan(10);
    expect(all).toEqual(all.map((_, i) => `counted to ${i + 1}`));
  });

  test('queens: 92 solutions, and those drawn are solutions', async () => {
    const all = lines(await cutTwice('queens', true));
    expect(all.at(-1)).toBe('solutions for 8 queens: 92');
    const heads = all.flatMap((line, i) => (line.startsWith('solution ') ? [i] : []));
    expect(new Set(heads.map((i) => all[i]))).toEqual(new Set([1, 21, 41, 61, 81].map((n) => `solution ${n}`)));
    // A board that the power cut has its rest printed by the next boot, and nothing else comes between.
    for (const i of heads.filter((one) => all.slice(one + 1, one + 9).every((line) => /^( [.Q]){8}$/.test(line)))) {
      const columns = all.slice(i + 1, i + 9).map((row) => row.replaceAll(' ', '').indexOf('Q'));
      for (const of of [(c: number) => c, (c: number, r: number) => c + r, (c: number, r: number) => c - r]) {
        expect(new Set(columns.map(of)).size, all.slice(i, i + 9).join('\n')).toBe(8);
      }
    }
  });

  test('mandelbrot: each row is what the same arithmetic gives here', async () => {
    const shade = (x: number, y: number): string => {
      const [cx, cy] = [-2.2 + x * 0.05, -1.155 + y * 0.11];
      let [zx, zy, n] = [0, 0, 0];
      for (; n < 10 && zx * zx + zy * zy <= 4; n++) [zx, zy] = [zx * zx - zy * zy + cx, 2 * zx * zy + cy];
      return ' .,:;=+*#%@'[n];
    };
    const rows = Array.from({ length: 22 }, (_, y) => Array.from({ length: 60 }, (_, x) => shade(x, y)).join(''));
    // The rows above the axis are all different.
    const all = [...new Set(lines(await cutTwice('mandelbrot')))];
    expect(all.length).toBeGreaterThan(7);
    expect(all).toEqual(rows.slice(0, all.length));
  });

  test('life: each generation follows from the one before, and the glider glides', async () => {
    const all = lines(await cutTwice('life'));
    const boards = new Map<number, string[]>();
    for (const [i, line] of all.entries()) {
      const board = all.slice(i + 1, i + 21);
      const whole = board.length === 20 && board.every((row) => /^( [.O]){28}$/.test(row));
      const generation = /^(?:\x1b\[2J)?\x1b\[Hgeneration (\d+)$/.exec(line)?.[1];
      if (generation === undefined || !whole) continue;
      const text = board.map((row) => row.replaceAll(' ', ''));
      expect(boards.get(Number(generation)) ?? text).toEqual(text);
      boards.set(Number(generation), text);
    }
    let judged = 0;
    for (const [generation, board] of boards) {
      const before = boards.get(generation - 1);
      if (before === undefined) continue;
      const alive = (x: number, y: number) => before[(y + 20) % 20][(x + 28) % 28] === 'O';
      const neighbours = (x: number, y: number) =>
        [-1, 0, 1].flatMap((dy) => [-1, 0, 1].filter((dx) => (dx || dy) && alive(x + dx, y + dy))).length;
      const next = before.map((row, y) =>
        [...row].map((_, x) => ([3, alive(x, y) ? 2 : 3].includes(neighbours(x, y)) ? 'O' : '.')).join(''),
      );
      expect(board).toEqual(next);
      judged++;
    }
    expect(judged).toBeGreaterThan(3);
    const corner = (board: string[] | undefined, by: number) =>
      board?.slice(by, by + 5).map((row) => row.slice(by, by + 5));
    expect(boards.get(4) && corner(boards.get(4), 1)).toEqual(corner(boards.get(0), 0));
  });

  test('bank: every audit finds all the money', async () => {
    const all = lines(await cutTwice('bank'));
    const audits = all.filter((line) => line.startsWith('audit '));
    expect(audits.length).toBeGreaterThan(2);
    for (const audit of audits) expect(audit).toMatch(/^audit \d+: 600 accounts hold 600000$/);
    for (const teller of ['ann', 'bob', 'cleo']) {
      const own = [...new Set(all.filter((line) => line.startsWith(`${teller}: `)))];
      expect(own.length).toBeGreaterThan(1);
      expect(own).toEqual(own.map((_, i) => `${teller}: ${50 * (i + 1)} transfers`));
    }
  });

  test('chat: both thoughts go round, and no hop is left out', async () => {
    const all = lines(await cutTwice('chat'));
    const ring = ['ann', 'bob', 'cleo'];
    for (const [text, first] of [
      ['hello', 0],
      ['how are you', 1],
    ] as const) {
      const own = [...new Set(all.filter((line) => line.includes(`: ${text},`)))];
      expect(own.length).toBeGreaterThan(6);
      const hop = (n: number) =>
        `${ring[(first + n + 2) % 3]} to ${ring[(first + n) % 3]}: ${text}, for the ${n + 1}. time`;
      expect(own).toEqual(own.map((_, i) => hop(i)));
    }
  });

  test('search: what it finds is what a list of the same documents has', async () => {
    const words =
      'memory page object thread power cut disk block snapshot never lost again kernel write flush commit'.split(' ');
    const all = [...new Set(lines(await cutTwice('search')))];
    const source = generator(1n);
    const documents: Set<string>[] = [];
    const expected = all.map(() => {
      for (let i = 0; i < 4; i++) {
        const first = source(words.length);
        const has = [0, 1, 2].map((n) => words[(first + n) % words.length]);
        documents.push(new Set([...has, words[source(words.length)]]));
      }
      const word = words[source(words.length)];
      const found = documents.filter((one) => one.has(word)).length;
      return found === 0
        ? `${word}: nowhere in ${documents.length} documents`
        : `${word}: in ${found} of ${documents.length} documents`;
    });
    expect(all.length).toBeGreaterThan(3);
    expect(all).toEqual(expected);
  });

  test('tetris: shapes of four cells, rows of ten, keys that move', async () => {
    const at = 35_000_000;
    const input = [...'aaaaaas'].map((key, i) => ({ at: at + i * 400_000, bytes: [key.charCodeAt(0)] }));
    const all = lines(await cutTwice('tetris', false, input));
    const frames = all.flatMap((line, i) => (/game 1, rows 0/.test(line) ? [all.slice(i + 1, i + 19)] : []));
    const whole = frames.filter((rows) => rows.length === 18 && rows.every((row) => /^\|.* \|$/.test(row)));
    expect(whole.length).toBeGreaterThan(3);
    const cellsOf = (rows: string[]) =>
      rows.map((row) => row.replaceAll(/\x1b\[4\d;?m {2}\x1b\[0m/g, ' #').replaceAll(/[| ]/g, ''));
    for (const rows of whole) {
      const cells = cellsOf(rows);
      expect(cells.join('\n')).toMatch(/^([.#]{10}\n){17}[.#]{10}$/);
      expect(cells.join('').replaceAll('.', '').length % 4).toBe(0);
    }
    // The first shape was moved to the left wall and dropped to the ground.
    expect(
      whole.some((rows) =>
        cellsOf(rows)
          .slice(-4)
          .some((row) => row.startsWith('#')),
      ),
    ).toBe(true);
  });

  test('shell: folders and texts are there after the power cuts, and programs run', async () => {
    const result = await cutTwice('shell', true, [
      { at: 16_000_000, bytes: [...Buffer.from('mkdir a\nput a/b text\n')] },
      { at: 160_000_000, bytes: [...Buffer.from('tree\nrun .demo.shell.hello\nexit\n')] },
    ]);
    expect(result.cuts.every(({ totalCycle }) => totalCycle < 160_000_000)).toBe(true);
    // The prompt before `tree` was printed before the cut.
    expect(lines(result).slice(-6)).toEqual([
      ...['tree', 'a/', '  b', '/> run .demo.shell.hello'],
      expect.stringMatching(/^hello from boot \d+$/),
      '/> exit',
    ]);
  });

  test('notebook: notes are there after the power cuts', async () => {
    const bytes = [...Buffer.from('buy milk\n')];
    const result = await cutTwice('notebook', false, [
      { at: 12_000_000, bytes },
      { at: 160_000_000, bytes: [...Buffer.from('?\n')] },
    ]);
    expect(result.cuts.every(({ totalCycle }) => totalCycle < 160_000_000)).toBe(true);
    expect(lines(result).slice(-3)).toEqual(['?', '  1. buy milk', '  (1 kept)']);
  });
});

/** The demonstration with one line of its main class changed. */
async function changed(name: string, line: string, other: string): Promise<RunSetup> {
  const folder = mkdtempSync(join(tmpdir(), 'phantom-demo-'));
  try {
    cpSync(demoFolder(name) ?? '', folder, { recursive: true });
    const file = join(folder, `demo.${name}.main.ph`);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(line);
    writeFileSync(file, text.replace(line, other));
    const { classes } = compileFiles([folder]);
    const program = classes.map(({ name: cls, bytes }) => ({ name: cls, bytes }));
    return { ...(await workload(`demo/${name}`, { snapshotIntervalMs: 60 })), program };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the invariant of a demonstration finds', () => {
  test.each([
    ['bank', 'a penny lost', 'put( amount );', 'put( amount - 1 );', /the accounts hold \d+, not 600000$/],
    ['chat', 'a message lost', '] += 1;', '] += 2;', /hop \d+ of thought \d was message \d+$/],
    ['counter', 'half an update', '= ~count', '= ~count + 1', /count \d+, but its complement -\d+$/],
    ['life', 'a wrong board', 'checksum = sum( rows );', '', /the board is not that of generation \d+$/],
    ['mandelbrot', 'a short row', 'x < width;', 'x < width - 1;', /a row has 59 characters, not 60$/],
    ['queens', 'too many solutions', 'found += 1;', 'found += 93;', /found \d+ solutions of 92$/],
    [
      'search',
      'a hole in the index',
      'list.add',
      'if( document != 2 ) list.add',
      /document 2 is not found by its word \w+$/,
    ],
  ])('%s: %s', async (name, _, line, other, says) => {
    const when = { kind: 'event', event: 'commit', nth: 3, plus: 0, latest: 90_000_000 } as const;
    const cuts = [{ when, survivors: { kind: 'all' } as const }];
    const { findings } = runPlan(await changed(name, line, other), { version: 1, seed: 1, cuts });
    expect(findings.map(({ property }) => property)).toEqual(['P26']);
    expect(findings[0].message).toMatch(says);
  });
});
