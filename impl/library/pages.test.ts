// How many pages of persistent memory one operation writes: two runs of a program, one with an operation more, differ in as many pages.
import { expect, test } from 'vitest';
import { persistentPart, runInV8 } from '../kernel/vm/testing/v8.js';
import { compileFiles, formatDiagnostic } from '../language/index.js';

const PAGE_BYTES = 4096;

/** Persistent memory after `count` operations. */
async function memoryAfter(count: number, { making, operation }: Structure): Promise<Uint8Array> {
  const text = `package .t;
import .phantom.data.*;
import .phantom.text.*;
import .phantom.math.*;
class main
{
    void startup( var boot ) [8]
    {
        ${making}
        for( var i : int = 0; i < ${count}; i += 1 ) { ${operation} }
    }
};
`;
  const { classes, diagnostics } = compileFiles([], [], [{ file: 'pages.ph', text }]);
  expect(diagnostics.map(formatDiagnostic)).toEqual([]);
  const run = await runInV8({
    classes: new Map(classes.map(({ name, bytes }) => [name, bytes])),
    bootClass: '.t.main',
  });
  expect(run.failed, run.log).toBe(0);
  return persistentPart(run.memory);
}

async function pagesOf(count: number, structure: Structure): Promise<number> {
  const before = await memoryAfter(count, structure);
  const after = await memoryAfter(count + 1, structure);
  let pages = 0;
  for (let at = 0; at < Math.max(before.length, after.length); at += PAGE_BYTES) {
    if (Buffer.compare(before.subarray(at, at + PAGE_BYTES), after.subarray(at, at + PAGE_BYTES)) !== 0) pages++;
  }
  return pages;
}

interface Structure {
  readonly name: string;
  readonly making: string;
  readonly operation: string;
  readonly most: number;
}

/** About six pages change whatever is done: program text, thread, its stacks, the end of the heap. A bucket's entries may lie on a page each. */
const STRUCTURES: readonly Structure[] = [
  { name: 'list.add', making: 'var all : list = new list();', operation: 'all.add( i );', most: 10 },
  { name: 'map.put', making: 'var all : map = new map();', operation: 'all.put( i, i );', most: 20 },
  {
    name: 'random.next',
    making: 'var some : random = new random( 1 );',
    operation: 'some.next();',
    most: 10,
  },
];
/** Before, at and behind the places where chunks, tables of chunks and powers of two end. */
test.each(STRUCTURES)('$name writes few pages, however much is there', async (structure) => {
  for (const count of [0, 255, 256, 2047, 16384]) {
    expect(await pagesOf(count, structure), `after ${count}`).toBeLessThanOrEqual(structure.most);
  }
});

test('adding to an array of the kernel writes all of it when it grows: the measure can tell', async () => {
  const structure = { name: 'array', making: 'var all : int[] = new int[]();', operation: 'all[i] = i;', most: 0 };
  expect(await pagesOf(16384, structure)).toBeGreaterThan(20);
});
