import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile, formatDiagnostic } from './index.js';
import { type Block, blocksOf, promised, runGuided } from './testing/guide.js';

const guide = readFileSync(new URL('README.md', import.meta.url), 'utf8');

interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

const sections = guide.split(/^## /m).map((part): Section => {
  return { title: part.slice(0, part.indexOf('\n')), blocks: blocksOf(part) };
});

const runs = sections.flatMap(({ title, blocks }) => {
  const classes = blocks.filter(({ kind }) => kind === 'classes').map(({ text }) => text);
  const members = blocks.filter(({ kind }) => kind === 'members').map(({ text }) => text);
  const bodies = blocks.filter(({ kind }) => kind === 'body').map(({ text }) => text);
  return bodies.map((body, i) => ({ name: `${title}, ${i + 1}`, body, members: members.join('\n'), classes }));
});

test('the guide has examples in every part that teaches', () => {
  expect(runs.map(({ name }) => name.replace(/, \d+$/, ''))).toEqual(
    expect.arrayContaining([
      'Values',
      'Strings',
      'Statements',
      'Classes',
      'Interfaces',
      'Exceptions',
      'Threads and locks',
    ]),
  );
});

test('the first program says what it says', async () => {
  const whole = sections.flatMap(({ blocks }) => blocks).find(({ kind }) => kind === '');
  expect(await runGuided([whole?.text ?? ''])).toEqual(['hello']);
});

test.each(runs)('$name prints what the comments say', async ({ body, members, classes }) => {
  const main = `package .guide;
class main
{
    var boot;
    ${members}
    void say( var text ) { boot.16( text + "\\n" ); }
    void startup( var b ) [8]
    {
        boot = b;
${body}
    }
};
`;
  const printed = await runGuided([main, ...classes.map((text) => `package .guide;\n${text}`)]);
  expect(promised(body).length).toBeGreaterThan(0);
  expect(printed).toEqual(promised(body));
});

test('the message the guide shows is what the compiler says', () => {
  const shown = guide.match(/```text\n([\s\S]*?)```/)?.[1].trimEnd();
  const text =
    'package .guide;\nclass main\n{\n    int f( var count : int )\n    {\n        return cuont;\n    }\n};\n';
  const { diagnostics } = compile([{ file: 'guide.main.ph', text }]);
  expect(formatDiagnostic(diagnostics[0])).toBe(shown);
});
