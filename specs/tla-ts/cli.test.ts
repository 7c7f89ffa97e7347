// The command: what it prints and how it exits.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from './cli.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tla-ts-'));
  const body = "EXTENDS Naturals\nVARIABLE x\nInit == x = 0\nNext == x' = (x + 1) % 5\nSmall == x < 3\n====\n";
  writeFileSync(join(directory, 'Clock.tla'), `---- MODULE Clock ----\n${body}`);
  writeFileSync(join(directory, 'Clock.cfg'), 'INIT Init\nNEXT Next\n');
  writeFileSync(join(directory, 'Small.cfg'), 'INIT Init\nNEXT Next\nINVARIANT Small\n');
  writeFileSync(join(directory, 'Wrong.tla'), '---- MODULE Wrong ----\nEXTENDS Naturals\nA == 1 + b\n====\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

function run(...words: string[]): { code: number; out: string; err: string } {
  const out: string[] = [];
  const err: string[] = [];
  const code = main(
    words.map((word) => word.replace('DIR', directory)),
    (text) => out.push(text),
    (text) => err.push(text),
  );
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('tla-ts check', () => {
  test('a specification without errors', () => {
    const { code, out } = run('check', 'DIR/Clock.tla');
    expect(code).toBe(0);
    expect(out).toMatch(/^6 states generated, 5 distinct, depth 5;/);
    expect(out).toMatch(/No error has been found\.$/);
  });

  test('the name without .tla, another configuration, one dash', () => {
    const { code, out } = run('check', 'DIR/Clock', '-config', 'DIR/Small.cfg');
    expect(code).toBe(12);
    expect(out).toMatch(/The invariant Small is violated\.\n\nState 1: <initial state>\n\/\\ x = 0\n/);
    expect(out).toMatch(/State 4: <Next, line 5 of module Clock>\n\/\\ x = 3\n/);
  });

  test('--json is one object with the fields of the conformance suite', () => {
    const { code, out } = run('check', 'DIR/Clock.tla', '--config', 'DIR/Small.cfg', '--json');
    expect(code).toBe(12);
    expect(JSON.parse(out)).toMatchObject({
      result: 'invariant',
      exitCode: 12,
      traceLength: 4,
      violatedName: 'Small',
      errorLine: null,
      errorColumn: null,
    });
    expect(JSON.parse(out).trace[3].values).toEqual({ x: '3' });
  });

  test('a configuration that is a directory', () => {
    const { code, out } = run('check', 'DIR/Clock.tla', '--config', 'DIR');
    expect(code).toBe(151);
    expect(out).toMatch(/^The configuration .* cannot be read/);
    expect(run('compile', 'DIR/Clock.tla', '--config', 'DIR')).toMatchObject({ code: 151, err: out.split('\n')[0] });
  });

  test('--help is answered after the verb too', () => {
    for (const words of [['--help'], ['check', '--help'], ['check', 'DIR/Clock.tla', '-h']]) {
      const { code, out, err } = run(...words);
      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(/^tla-ts check Spec\.tla/);
    }
  });

  test.each([
    ['parentheses', `${'('.repeat(30_000)}0${')'.repeat(30_000)}`],
    ['operands', Array.from({ length: 30_000 }, () => '1').join(' + ')],
  ])('a specification of too many %s in one another is refused with a sentence', (_, value) => {
    const text = `---- MODULE Deep ----\nEXTENDS Naturals\nVARIABLE x\nInit == x = ${value}\nNext == x' = x\n====\n`;
    writeFileSync(join(directory, 'Deep.tla'), text);
    writeFileSync(join(directory, 'Deep.cfg'), 'INIT Init\nNEXT Next\n');
    expect(run('check', 'DIR/Deep.tla')).toMatchObject({ code: 150, out: expect.stringMatching(/nested too deeply/) });
    expect(run('compile', 'DIR/Deep.tla')).toMatchObject({
      code: 150,
      err: expect.stringMatching(/nested too deeply/),
    });
  });

  test('--coverage lists the actions', () => {
    expect(run('check', 'DIR/Clock.tla', '--coverage').out).toMatch(/ {2}Next 5:9 5 4\n/);
  });

  test('no initial state is told: then nothing was checked', () => {
    writeFileSync(join(directory, 'Never.cfg'), 'INIT Nowhere\nNEXT Next\n');
    writeFileSync(
      join(directory, 'Never.tla'),
      "---- MODULE Never ----\nVARIABLE x\nNowhere == x \\in {}\nNext == x' = x\n====\n",
    );
    const { code, out } = run('check', 'DIR/Never.tla');
    expect(code).toBe(0);
    expect(out).toMatch(/But there is no initial state: nothing was checked, assumptions excepted\.$/);
  });

  test('a file and its module have one name', () => {
    writeFileSync(join(directory, 'Other.tla'), '---- MODULE Clock ----\n====\n');
    const { code, out } = run('check', 'DIR/Other.tla', '--config', 'DIR/Clock.cfg');
    expect(code).toBe(150);
    expect(out).toBe(`The module in ${directory}/Other.tla is called Clock: file and module have one name.`);
  });

  test('a mistake is told with its place', () => {
    const { code, out } = run('check', 'DIR/Wrong.tla');
    expect(code).toBe(150);
    expect(out).toBe(
      `${directory}/Wrong.tla:3:10: The name b is not defined. Check its spelling, and that it is declared (VARIABLE, CONSTANT) or defined above this line, here or in a module that is extended.`,
    );
  });

  test.each([
    ['a missing file', ['check', 'DIR/Nowhere.tla'], 150, /Nowhere\.tla cannot be read/],
    ['a missing configuration', ['check', 'DIR/Clock.tla', '--config', 'DIR/No.cfg'], 151, /No\.cfg cannot be read/],
    ['no specification', ['check'], 2, /Give a specification/],
    ['an unknown option', ['check', 'x', '--fast'], 2, /Unknown option --fast/],
    ['an unknown command', ['prove'], 2, /Unknown command prove/],
    ['a limit that is no number', ['check', 'x', '--max-states', 'many'], 2, /needs a positive number/],
  ])('%s', (_, words, code, text) => {
    const result = run(...words);
    expect(`${result.out}${result.err}`).toMatch(text);
    expect(result.code).toBe(code);
  });

  test('help', () => {
    expect(run('--help')).toMatchObject({ code: 0, err: '' });
    expect(run().code).toBe(2);
  });
});

describe('tla-ts compile', () => {
  test('to a file in a directory, whole or not at all', () => {
    const { code, out, err } = run('compile', 'DIR/Clock', '-o', 'DIR/models/');
    expect({ code, out, err }).toEqual({ code: 0, out: `${directory}/models/Clock.ts written.`, err: '' });
    expect(readdirSync(join(directory, 'models'))).toEqual(['Clock.ts']);
    const text = readFileSync(join(directory, 'models/Clock.ts'), 'utf8');
    expect(text).toMatch(/^\/\/ Generated by `tla-ts compile Clock\.tla`\./);
    expect(text).toMatch(/\} from 'tla-ts\/runtime';\n/);
    expect(text.endsWith('};\n')).toBe(true);
  });

  test('to the terminal, with another configuration and runtime', () => {
    const { code, out } = run('compile', 'DIR/Clock.tla', '--config', 'DIR/Small.cfg', '--runtime', './run.js');
    expect(code).toBe(0);
    expect(out).toMatch(/\} from '\.\/run\.js';\n/);
    expect(out).toMatch(/invariants: \[\{ name: 'Small', holds: Small \}\],\n/);
  });

  test.each([
    ['a mistake in the module', ['compile', 'DIR/Wrong.tla'], 150, /Wrong\.tla:3:10: The name b is not defined/],
    ['a missing configuration', ['compile', 'DIR/Clock.tla', '--config', 'DIR/No.cfg'], 151, /No\.cfg cannot be read/],
    ['no specification', ['compile'], 2, /Give a specification/],
    ['two specifications', ['compile', 'a', 'b'], 2, /One specification at a time: a or b\?/],
    ['an unknown option', ['compile', 'a', '--fast'], 2, /Unknown option --fast/],
    ['an option without its value', ['compile', 'a', '-o'], 2, /-o needs a value/],
    ['a file that cannot be written', ['compile', 'DIR/Clock.tla', '-o', 'DIR/Clock.tla/x.ts'], 2, /cannot be written/],
  ])('%s', (_, words, code, text) => {
    const result = run(...words);
    expect(result.err).toMatch(text);
    expect(result.out).toBe('');
    expect(result.code).toBe(code);
  });

  test('help', () => {
    expect(run('compile', '--help')).toMatchObject({ code: 0, err: '' });
    expect(run('compile', '--help').out).toMatch(/^tla-ts compile Spec\.tla \[options\]/);
  });
});
