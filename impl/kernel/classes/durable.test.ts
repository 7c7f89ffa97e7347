// Boot's method 27: a program waits until what it did is committed, and is told so in the life that recovers from that commit.
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { compile, formatDiagnostic } from '../../language/index.js';
import { Lives } from '../vm/testing/lives.js';

/** Says of each number, when that number is durable, whether it is. */
function counter(): { classes: Map<string, Uint8Array>; bootClass: string } {
  const text = `package .t;
    class counter
    {
      void startup( var boot : .internal.boot ) [8] {
        for( var n : int = 1; n > 0; n += 1 ) {
          var is : int = boot.durable();
          boot.16( n + " " + is + ";" );
        }
      }
    };`;
  const { classes, diagnostics } = compile([{ file: 'counter.ph', text }]);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return { classes: new Map(classes.map(({ name, bytes }) => [name, bytes])), bootClass: '.t.counter' };
}

/** What a life printed, without the beginning or end of a line that a cut tore. */
function said(text: string): { number: number; durable: number }[] {
  return [...text.matchAll(/(?<=^|;)(\d+) ([01]);/g)].map(([, number, durable]) => ({
    number: Number(number),
    durable: Number(durable),
  }));
}

/** Lives of the counter with a cut after so many slices each; what is wrong with what they said. */
async function cutAfter(slices: readonly number[]): Promise<string[]> {
  const lives = await Lives.of(counter(), { words: 'snapshot.interval=20 persistent.mib=4' });
  const problems: string[] = [];
  let seen = 0;
  for (const count of slices) {
    const before = lives.console.length;
    lives.boot({ ramBytes: 16 << 20 });
    let left = count;
    lives.until(() => left-- <= 0);
    lives.cut();
    const lines = said(lives.console.slice(before));
    for (const { number, durable } of lines) {
      if (durable !== 1) problems.push(`${number} is not durable on a disk with room`);
      // What comes first must be what came last before the cut, or what follows it; then they are in order.
      if (number < seen) problems.push(`${number} comes after ${seen}, which was durable`);
      seen = number;
    }
  }
  if (seen === 0) problems.push('no number became durable');
  return problems;
}

const CUTS = fc.array(fc.integer({ min: 500, max: 900 }), { minLength: 3, maxLength: 3 });

describe('a wait for durability', () => {
  property.prop([CUTS], { numRuns: 3 })(
    'P2b that a power cut catches ends when recovered from that commit or a later one; what was durable is not undone',
    async (slices) => {
      expect(await cutAfter(slices)).toEqual([]);
    },
    120_000,
  );
});
