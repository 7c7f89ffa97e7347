// The map of where objects begin (starts.ts) when the heap grows faster than it, or an object spans several of its chunks: what is
// behind its end is not judged, and nothing there is looked at.
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { compile, formatDiagnostic } from '../../language/index.js';
import { Lives } from '../vm/testing/lives.js';

const DONE = { kind: 'exit', status: 1 };
const WORDS = 'snapshot.interval=20 persistent.mib=32';

/** A boot class that does `body`, with the boot object in `boot`, and prints `done`. */
function boot(body: string): { classes: Map<string, Uint8Array>; bootClass: string } {
  const text = `package .t;
    class large
    {
      void startup( var boot : .internal.boot ) [8] {
        ${body}
        boot.16( "done" );
      }
    };`;
  const { classes, diagnostics } = compile([{ file: 'large.ph', text }]);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return { classes: new Map(classes.map(({ name, bytes }) => [name, bytes])), bootClass: '.t.large' };
}

async function sound(body: string, words = WORDS): Promise<void> {
  const lives = await Lives.of(boot(body), { words });
  lives.boot({ ramBytes: 32 << 20 });
  expect({ stop: lives.toEnd(), console: lives.console, log: lives.log }).toMatchObject({
    stop: DONE,
    console: 'done',
  });
  expect(lives.log).not.toContain('abandoned');
  expect(lives.commits).toBeGreaterThan(1);
  // Fails when what is on the disk is not sound, by the verifier outside.
  lives.cut();
}

/** Each changes an object of several chunks over several snapshots. */
const PROGRAMS: Record<string, string> = {
  'a binary of a million bytes': `
    var x : .internal.binary = boot.createBinary( 1000000 );
    x.setByte( 999999, 1 );
    boot.sleep( 100 );
    x.setByte( 5, 1 );
    boot.sleep( 100 );
    x.setByte( 700000, 1 );
    boot.sleep( 100 );`,
  'an array of 300,000 elements': `
    var a : int[] = new int[]();
    a[300000] = 1;
    a[300001] = 2;
    for( var i : int = 0; i < 10; i += 1 ) { a[i * 30000] = i; boot.sleep( 20 ); }`,
  'a heap that grows by 8 MiB between two snapshots, and is collected': `
    for( var i : int = 0; i < 240; i += 1 ) boot.createBinary( 100000 );
    boot.sleep( 100 );`,
};

describe('the check before a commit, and a collection, leave alone what the map does not reach', () => {
  test.each(Object.entries(PROGRAMS))('%s', async (_name, body) => {
    await sound(body);
  });

  // One byte to a MiB; every size of the exponent is as likely as any other.
  const size = fc.integer({ min: 0, max: 20 }).chain((bits) => fc.integer({ min: 1, max: 2 ** bits }));
  const step = fc.record({ size, keep: fc.boolean(), pause: fc.boolean() });
  property.prop([fc.array(step, { minLength: 10, maxLength: 60 })], { numRuns: 6 })(
    'P14 objects of one byte to a MiB, some kept and some collected, in a heap that is checked all the time',
    async (steps) => {
      const body = steps.map(
        ({ size, keep, pause }, i) =>
          `x = boot.createBinary( ${size} ); x.setByte( ${size - 1}, 7 ); ${keep ? `kept[${i}] = x;` : ''}
           ${pause ? 'boot.sleep( 25 );' : ''}`,
      );
      await sound(
        `var kept : .internal.binary[] = new .internal.binary[](); var x : .internal.binary;
         ${body.join('\n')}
         boot.sleep( 100 );`,
        `${WORDS} collect.kib=512`,
      );
    },
  );
});
