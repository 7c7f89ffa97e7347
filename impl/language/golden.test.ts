import { describe, expect, test } from 'vitest';
import { type ClassFile, readClassFile } from '../../model/classfile/index.js';
import { buildKernel, makeBundle } from '../image/index.js';
import { runSimulator } from '../image/testing/simulator.js';
import { classesIn, goldenPrograms, markedLines } from '../kernel/vm/testing/programs.js';
import { runInV8 } from '../kernel/vm/testing/v8.js';
import { classesOf, compileSound, expectedFromSource, sourceFolders, sourcesIn, unsound } from './testing/programs.js';

const programs = goldenPrograms();

/** Compiled classes of a folder under fixtures, and the original's of the same names. */
function pairs(folder: string): { ours: ClassFile; original: ClassFile }[] {
  const originals = classesIn(folder);
  return compileSound(sourcesIn(folder)).classes.flatMap(({ name, classFile }) => {
    const bytes = originals.get(name);
    return bytes === undefined ? [] : [{ ours: classFile, original: readClassFile(bytes, name) }];
  });
}

describe('golden programs from source', () => {
  test('all of them are here', () => {
    expect(programs).toHaveLength(63);
  });

  test.each(programs)('$name prints what POLICY.md says', async ({ name, bootClass }) => {
    const run = await runInV8({ classes: classesOf(compileSound(sourcesIn(`golden/${name}`))), bootClass });
    expect(markedLines(run.console)).toBe(expectedFromSource(name));
  });
});

describe('what the original accepts and makes', () => {
  const folders = sourceFolders();

  test.each(folders)('%s compiles, with the numbers the original gives', (folder) => {
    for (const { ours, original } of pairs(folder)) {
      const shape = ({ methods, fields, parent }: ClassFile): unknown => ({
        parent,
        // Ours has more: ways from interfaces.
        methods: methods
          .filter(({ name }) => !name.includes('('))
          .map(({ name, ordinal, parameters, result }) => ({ name, ordinal, parameters, result })),
        fields: fields.map(({ name, type }) => ({ name, type })),
      });
      // Ours keeps static fields in the class.
      if (ours.name === '.ga.statics.main') continue;
      expect(shape(ours)).toEqual(shape(original));
    }
  });

  test('the line map is that of the original where the original is right', () => {
    // A source with CR LF; the first instruction of each method's first line.
    const [{ ours, original }] = pairs('golden/crlf');
    const first = (file: ClassFile, name: string): number => {
      const lines = file.methods.find((method) => method.name === name)?.lines ?? [];
      return Math.min(...lines.map(({ line }) => line));
    };
    for (const name of ['cat', 'say', 'num', 'square', 'run']) expect(first(ours, name)).toBe(first(original, name));
  });

  test('every line of a line map is one of its method, whatever ends the lines', () => {
    const [source] = sourcesIn('golden/crlf');
    const maps = ['\r\n', '\n', '\r'].map((end) => {
      const text = source.text.replaceAll(/\r\n|\n|\r/g, end);
      const { classes } = compileSound([{ file: source.file, text }]);
      return classes[0].classFile.methods.map(({ name, lines }) => ({ name, lines }));
    });
    expect(maps[1]).toEqual(maps[0]);
    expect(maps[2]).toEqual(maps[0]);
    const lines = source.text.split(/\r\n|\n|\r/);
    const run = maps[0].find(({ name }) => name === 'run')?.lines ?? [];
    expect(lines[run[0].line - 1]).toContain('i = 1;');
    expect(new Set(run.map(({ line }) => lines[line - 1].trim()))).toContain('num( "square", square( i ) );');
  });

  test('all bytecode is sound, and all line maps go upwards', () => {
    for (const folder of folders) {
      for (const { classFile } of compileSound(sourcesIn(folder)).classes) {
        for (const { code, lines = [] } of classFile.methods) {
          expect(unsound(code)).toEqual([]);
          const places = lines.map(({ ip }) => ip);
          expect(places).toEqual([...new Set(places)].sort((x, y) => x - y));
        }
      }
    }
  });
});

describe('on the simulated machine', () => {
  const sample = ['switchdefect', 'paramdefect', 'iface', 'each', 'statics'];

  test('a sample prints the same', async () => {
    const { elf } = await buildKernel();
    for (const { name, bootClass } of programs.filter((program) => sample.includes(program.name))) {
      const classes = compileSound(sourcesIn(`golden/${name}`)).classes;
      const bundle = makeBundle(classes.map((cls) => ({ name: cls.name, bytes: cls.bytes })));
      const run = runSimulator({ elf, bundle, commandLine: `root.boot=${bootClass}`, untilCycle: 4_000_000_000 });
      expect({ name, printed: markedLines(run.console) }).toEqual({ name, printed: expectedFromSource(name) });
    }
  });
});
