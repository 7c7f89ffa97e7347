// The examples of README.md print what their comments say: each becomes a test of one suite, run on the simulated machine.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { phantom } from '../../cli/testing/captured.js';
import { blocksOf, promised } from '../language/testing/guide.js';

const text = readFileSync(new URL('README.md', import.meta.url), 'utf8');
const blocks = blocksOf(text);

/** Imports and classes of an example stand before its statements. */
function suite(example: string, index: number): string {
  const parts = example.match(/^((?:import .*\n)*)((?:class [\s\S]*?^\};\n)*)([\s\S]*)$/m);
  const [imports, classes, body] = parts?.slice(1) ?? [];
  const said = JSON.stringify(promised(body).join(', '));
  return `package .example${index};
${imports}${classes}
class exampleTest extends .phantom.test.suite
{
    var said : .phantom.data.list = new .phantom.data.list();
    void say( var what ) { said.add( .phantom.text.strings.replace( what + "", "\\n", "|" ) ); }
    void testExample()
    {
${body}
        equal( .phantom.text.strings.join( said, ", " ), ${said} );
    }
};
`;
}

test('the examples print what they say', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'phantom-examples-'));
  try {
    const examples = blocks.filter(({ kind }) => kind === 'body');
    for (const [i, example] of examples.entries()) {
      expect(promised(example.text).length, example.text).toBeGreaterThan(0);
      writeFileSync(join(folder, `${String(i).padStart(2, '0')}.test.ph`), suite(example.text, i));
    }
    const whole = blocks.find(({ kind }) => kind === '');
    writeFileSync(join(folder, 'whole.test.ph'), whole?.text ?? '');
    const ended = await phantom('test', folder, '--json');
    expect(ended.stderr).toBe('');
    const { tests, ok } = JSON.parse(ended.stdout);
    expect(tests.filter(({ outcome }: { outcome: string }) => outcome !== 'passed')).toEqual([]);
    expect({ ok, count: tests.length }).toEqual({ ok: true, count: examples.length + 2 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('each class of the library is in a table of the README', async () => {
  const { readdirSync } = await import('node:fs');
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) => /^phantom\..*\.ph$/.test(name));
  const names = files.flatMap(
    (name) =>
      name
        .match(/^phantom\.(\w+)\.(\w+)\.ph$/)
        ?.slice(1, 3)
        .join('.') ?? [],
  );
  // What the classes named there are made of.
  const parts = new Set(['text.jsonReader', 'test.suite', 'test.failure', 'test.runner']);
  const sections = text.split(/^## /m);
  const missing = names.filter((name) => {
    const [group, cls] = name.split('.');
    const section = sections.find((part) => part.includes(`\`.phantom.${group}\``));
    return !parts.has(name) && !section?.includes(`| \`${cls}\` |`);
  });
  expect(missing).toEqual([]);
});
