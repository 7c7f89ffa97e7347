/** The programs of the golden suite and what they must print, for tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FIXTURES = fileURLToPath(new URL('../../../../fixtures', import.meta.url));

export interface Program {
  readonly name: string;
  readonly bootClass: string;
  /** Class files by class name. */
  readonly classes: ReadonlyMap<string, Uint8Array>;
  /** Lines marked `T| `, as a correct machine prints them from these class files. */
  readonly expected: string;
}

/** Class files of a folder under fixtures, by class name. */
export function classesIn(folder: string): Map<string, Uint8Array> {
  const files = readdirSync(`${FIXTURES}/${folder}`).filter((name) => name.endsWith('.pc'));
  return new Map(files.map((name) => [`.${name.slice(0, -3)}`, readFileSync(`${FIXTURES}/${folder}/${name}`)]));
}

/** What the golden suite calls the output: from each line with `T| ` what begins there. */
export function markedLines(console: string): string {
  const lines = console.replaceAll('\r', '').split('\n');
  return lines.flatMap((line) => (line.includes('T| ') ? [`${line.slice(line.indexOf('T| '))}\n`] : [])).join('');
}

/** All programs of the table in the suite's INDEX.md. */
export function goldenPrograms(): Program[] {
  const index = readFileSync(`${FIXTURES}/golden/INDEX.md`, 'utf8');
  return [...index.matchAll(/^\| (\w+) \| `(\S+)` \|/gm)].map(([, name, bootClass]) => {
    const base = `${FIXTURES}/golden/${name}/${name}`;
    const expected = readFileSync(existsSync(`${base}.correct`) ? `${base}.correct` : `${base}.expected`, 'latin1');
    return { name, bootClass, classes: classesIn(`golden/${name}`), expected: expected.replaceAll('\r', '') };
  });
}
