/** What is typed at a run: scripts, the keyboard, and the report that has it. */
import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseJson } from '../reports/index.js';
import { readInputScript } from './input-script.js';
import { Keyboard } from './keyboard.js';
import { phantom } from './testing/captured.js';

/** A clock of 1000 cycles a second: a cycle is a millisecond. */
const MS = 1000;
const typed = (text: string) => {
  const { input, stopAt } = readInputScript(text, 'keys.txt', MS);
  const all = input.map(({ at, bytes }) => [at, Buffer.from(bytes).toString('latin1')] as const);
  return { text: all.map(([, key]) => key).join(''), times: all.map(([at]) => at), stopAt };
};

describe('a script', () => {
  test('is lines with Enter, a byte every 5 ms, from 0.5 s on', () => {
    expect(typed('ab\nc')).toEqual({ text: 'ab\nc\n', times: [500, 505, 510, 515, 520], stopAt: undefined });
    expect(typed('a\r\n\n')).toEqual({ text: 'a\n\n', times: [500, 505, 510], stopAt: undefined });
    expect(typed('ä\n').text).toBe('\xc3\xa4\n');
  });

  test('waits, presses keys, stops', () => {
    expect(typed('@wait 250\n@keys a\\x1b[A\\\\\n@@home\n@stop\nnever')).toEqual({
      text: 'a\x1b[A\\@home\n',
      times: [750, 755, 760, 765, 770, 775, 780, 785, 790, 795, 800],
      stopAt: 805,
    });
  });

  test('presses Alt and a function key at once, as xterm sends it', () => {
    expect(readInputScript('@alt 2\n@alt 12\n', 'keys.txt', MS).input).toEqual([
      { at: 500, bytes: [...Buffer.from('\x1b[1;3Q')] },
      { at: 505, bytes: [...Buffer.from('\x1b[24;3~')] },
    ]);
  });

  test.each([
    ['a\n@wait soon', 'keys.txt:2: expected @wait and a number of milliseconds, found "@wait soon"'],
    ['@walk', 'keys.txt:1: expected @wait, @keys, @alt, @stop or @@, found "@walk"'],
    ['@alt 13', 'keys.txt:1: expected @alt and a number from 1 to 12, found "@alt 13"'],
    ['@keys \\n', 'keys.txt:1: expected keys, with \\xHH for a byte and \\\\ for a backslash, found "@keys \\\\n"'],
  ])('%j is refused', (text, message) => {
    expect(() => typed(text)).toThrow(message);
  });
});

describe('the keyboard', () => {
  class Stream extends EventEmitter {
    readonly calls: string[] = [];
    setRawMode = (on: boolean): this => this.note(`raw ${on}`);
    override on = (name: string, listener: (data: Uint8Array) => void): this => super.on(name, listener);
    override off = (name: string, listener: (data: Uint8Array) => void): this => super.off(name, listener);
    resume = (): this => this.note('resume');
    pause = (): this => this.note('pause');
    private note(call: string): this {
      this.calls.push(call);
      return this;
    }
  }

  test('passes keys on, but for Ctrl-C and Ctrl-P; Enter is a newline', () => {
    const stream = new Stream();
    let interrupts = 0;
    const keyboard = new Keyboard(stream as unknown as NodeJS.ReadStream, () => interrupts++);
    stream.emit('data', Buffer.from('a\x1b[A\r\x10b\x03'));
    expect(Buffer.from(keyboard.typed()).toString()).toBe('a\x1b[A\nb');
    expect([keyboard.typed(), keyboard.plugPulled(), keyboard.plugPulled(), interrupts]).toEqual([[], true, false, 1]);
    stream.emit('data', Buffer.alloc(600, 'x'));
    expect([keyboard.typed().length, keyboard.typed().length, keyboard.typed().length]).toEqual([256, 256, 88]);
    keyboard.close();
    expect(stream.calls).toEqual(['raw true', 'resume', 'raw false', 'pause']);
    expect(stream.listenerCount('data')).toBe(0);
  });
});

describe('phantom run --input', () => {
  let folder: string;
  let home: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'phantom-input-'));
    home = process.cwd();
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  });

  test('types it, and the report replays without the file', async () => {
    writeFileSync('keys.txt', 'buy milk\n@wait 100\n?\n@wait 100\n@stop\n');
    const words = ['run', 'demo/notebook', '--input', 'keys.txt', '--cuts', '0', '--seed', '3', '--report-dir', 'r'];
    const ended = await phantom(...words);
    expect(ended.stdout).toMatch(/^Notebook\..*\nbuy milk\n {2}\(1 kept\)\n\?\n {2}1\. buy milk\n {2}\(1 kept\)\n$/);
    expect(ended.stderr).toMatch(/^repeat: npx phantom replay r\/run-3\.json$/m);
    expect(ended.code).toBe(0);
    rmSync('keys.txt');
    expect(parseJson(readFileSync('r/run-3.json', 'utf8')).plan.input).toHaveLength(11);
    const again = await phantom('replay', 'r/run-3.json');
    expect(again.stderr).toMatch(/^same run: /m);
    expect([again.code, again.stdout]).toEqual([0, ended.stdout]);
  });

  test('types it at the keyboard with --screen, and what the screen shows is printed', async () => {
    writeFileSync('keys.txt', 'Buy 2 eggs!\n@wait 200\n@stop\n');
    const words = ['run', 'demo/notebook', '--screen', '--input', 'keys.txt', '--cuts', '0', '--seed', '3'];
    const ended = await phantom(...words, '--report-dir', 's');
    const lines = [
      'Notebook. Type a note and Enter. A ? shows all, a - forgets the last.',
      'Buy 2 eggs!',
      '  (1 kept)',
    ];
    expect(ended.stdout).toBe(lines.map((line) => `${line}\n`).join(''));
    const rows = lines.map((line) => `│${line.padEnd(80)}│\n`).join('');
    expect(ended.stderr).toContain(`the screen:\n┌${'─'.repeat(80)}┐\n${rows}└`);
    expect(ended.stderr).toMatch(/^repeat: npx phantom replay s\/run-3\.json$/m);
    const again = await phantom('replay', 's/run-3.json');
    expect(again.stderr).toMatch(/^same run: /m);
  });

  test('a file that is not there, or a line that is wrong, is one line and exit code 2', async () => {
    expect(await phantom('run', 'demo/notebook', '--input', 'none.txt')).toMatchObject({
      code: 2,
      stderr: 'phantom: none.txt: cannot read what is typed: there is no such file\n',
    });
    writeFileSync('bad.txt', '@jump\n');
    expect((await phantom('run', 'demo/notebook', '--input', 'bad.txt')).stderr).toMatch(
      /^phantom: bad\.txt:1: expected .*\n$/,
    );
  });
});
