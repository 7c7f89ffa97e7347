// Garbage collection on the simulated machine (impl/kernel/objects/collector.ts): what programs can reach stays as it is, what they
// cannot reach goes, and a power cut at any point of a collection changes neither.
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Lives } from '../impl/kernel/vm/testing/lives.js';
import { runInV8 } from '../impl/kernel/vm/testing/v8.js';
import { compile, formatDiagnostic } from '../impl/language/index.js';
import { flatImage, Heap, heapGraph } from '../model/heap/index.js';
import { drawPlan, planShape, runPlan } from './index.js';
import { workload } from './testing/workload.js';

const KIB = 1024;
/** So often that several collections fall into a short run; the heap is 4 MiB. */
const OFTEN = 'snapshot.interval=20 persistent.mib=4 collect.kib=64';
/** Only when the heap is full. */
const LATE = 'snapshot.interval=20 persistent.mib=4 collect.kib=100000';

function compiled(name: string, text: string): { classes: Map<string, Uint8Array>; bootClass: string } {
  const { classes, diagnostics } = compile([{ file: `${name}.ph`, text }]);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return { classes: new Map(classes.map((found) => [found.name, found.bytes])), bootClass: `.t.${name}` };
}

/**
 * A program that changes a table of 64 objects at random, `steps` times: new objects in it, references between them set and
 * cleared, a weak reference read and set; and ends.
 */
function mutator(seed: number, steps: number): ReturnType<typeof compiled> {
  return compiled(
    'mutator',
    `package .t;
    class mutator
    {
      var table : .t.mutator[];
      var left : .t.mutator;
      var right : .t.mutator;
      var text : string;
      var state : int;
      int draw( var below : int ) {
        state = state * 1103515245 + 12345;
        return ( ( state >> 8 ) & 0xffffff ) % below;
      }
      void name( var to : string ) { text = to; }
      void setLeft( var to : .t.mutator ) { left = to; }
      void setRight( var to : .t.mutator ) { right = to; }
      .t.mutator getLeft() { return left; }
      void startup( var boot ) [8] {
        boot.30( this );
        state = ${seed};
        table = new .t.mutator[]();
        for( var i : int = 0; i < 64; i += 1 ) table[i] = new .t.mutator();
        for( var step : int = 0; step < ${steps}; step += 1 ) {
          var which : int = draw( 8 );
          var one : .t.mutator = table[draw( 64 )];
          var two : .t.mutator = table[draw( 64 )];
          if( which < 3 ) {
            var made : .t.mutator = new .t.mutator();
            made.name( "number " + step );
            made.setLeft( two );
            table[draw( 64 )] = made;
          }
          if( which == 3 ) one.setLeft( two );
          if( which == 4 ) one.setRight( two );
          if( which == 5 ) one.setRight( null );
          if( which == 6 ) one.setLeft( null );
          if( which == 7 && one.getLeft() != null ) table[draw( 64 )] = one.getLeft();
        }
      }
    };`,
  );
}

function parts(lives: Lives): { reachable: number; objects: number; freeBytes: number; end: number } {
  const { committed } = lives;
  if (committed === undefined) throw new Error('nothing was committed');
  const heap = new Heap(committed);
  const freeBytes = [...heap.free.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { reachable: heap.reachable().size, objects: heap.objects.size, freeBytes, end: heap.end - 0x80000000 };
}

async function churn(words: string, defects: readonly string[] = []): Promise<Lives> {
  const { program } = await workload('churn');
  const classes = new Map(program.map(({ name, bytes }) => [name, bytes]));
  return Lives.of({ classes, bootClass: '.wl.churn.main' }, { words, defects });
}

/** All lines say that what lives is as it was. */
function expectWhole(console: string): void {
  const lines = console.split('\n').slice(0, -1);
  expect(lines).toEqual(lines.map((_, i) => `round ${i + 1}: `));
}

describe('a collection', () => {
  property.prop([fc.integer({ min: 1, max: 2 ** 31 - 1 })], { numRuns: 2 })(
    'GC preserves the reachable graph',
    async (seed) => {
      const program = mutator(seed, 4000);
      const lives = await Lives.of(program, { words: OFTEN });
      lives.boot({ ramBytes: 16 << 20 });
      expect(lives.toEnd()).toMatchObject({ kind: 'exit', status: 1 });
      lives.cut();
      // In V8 nothing is ever freed.
      const { memory } = await runInV8(program);
      expect(parts(lives).freeBytes).toBeGreaterThan(32 * KIB);
      if (lives.committed !== undefined) expect(heapGraph(lives.committed)).toEqual(heapGraph(flatImage(memory)));
    },
    120_000,
  );

  test('lets a program make many times what the heap holds, and waits for it rather than fail', async () => {
    const lives = await churn(LATE);
    lives.boot({ ramBytes: 16 << 20 });
    lives.until(() => lives.console.includes('round 60:'), 2_000_000_000);
    lives.untilCommitted();
    lives.cut();
    expectWhole(lives.console);
    const { end, reachable } = parts(lives);
    expect(end).toBeLessThanOrEqual(4096 * KIB);
    expect(reachable).toBeLessThan(1000);
  });

  test('leaves what a weak reference leads to as long as something else does, and empties it then', async () => {
    const program = compiled(
      'weak',
      `package .t;
      class weak
      {
        var kept : .t.weak;
        void startup( var boot ) [8] {
          var held : .internal.weakref = new .internal.weakref();
          var lost : .internal.weakref = new .internal.weakref();
          kept = new .t.weak();
          held.set( kept );
          lost.set( new .t.weak() );
          var rounds : int = 0;
          while( lost.get() != null ) {
            for( var i : int = 0; i < 500; i += 1 ) new .t.weak();
            rounds += 1;
          }
          if( rounds == 0 ) boot.16( "empty from the start " );
          if( held.get() == null ) boot.16( "the one in use is gone" ); else boot.16( "the one in use is there" );
        }
      };`,
    );
    const lives = await Lives.of(program, { words: OFTEN });
    lives.boot({ ramBytes: 16 << 20 });
    expect(lives.toEnd()).toMatchObject({ kind: 'exit', status: 1 });
    expect(lives.console).toBe('the one in use is there');
    lives.cut();
  });

  test('gives nothing to a program that keeps all it makes: it is out of memory, and goes on when it lets go', async () => {
    const program = compiled(
      'keeper',
      `package .t;
      class keeper
      {
        var before : .t.keeper;
        var a : int; var b : int; var c : int; var d : int;
        void setBefore( var to : .t.keeper ) { before = to; }
        void keep() {
          var last : .t.keeper = null;
          while( 1 ) {
            var made : .t.keeper = new .t.keeper();
            made.setBefore( last );
            last = made;
          }
        }
        void startup( var boot ) [8] {
          for( var round : int = 0; round < 2; round += 1 ) {
            try { keep(); } catch( .internal.string e ) { boot.16( e + "; " ); }
          }
        }
      };`,
    );
    const lives = await Lives.of(program, { words: LATE });
    lives.boot({ ramBytes: 16 << 20 });
    expect(lives.toEnd(4_000_000_000)).toMatchObject({ kind: 'exit', status: 1 });
    expect(lives.console).toBe('out of memory; out of memory; ');
    lives.cut();
  });

  property.prop([fc.array(fc.integer({ min: 800, max: 2400 }), { minLength: 4, maxLength: 4 })], { numRuns: 2 })(
    'a power cut at any point of a collection leaves a sound heap, and it goes on',
    async (slices) => {
      // The live objects are few, so at 16 KiB one collection follows upon the other.
      const lives = await churn(OFTEN.replace('=64', '=16'));
      let freed = 0;
      for (const count of slices) {
        lives.boot({ ramBytes: 16 << 20 });
        let left = count;
        lives.until(() => left-- <= 0);
        // Says so if what is left is not sound.
        lives.cut();
        if (lives.committed !== undefined) freed += parts(lives).freeBytes;
      }
      expect(freed).toBeGreaterThan(0);
      expect(lives.console).toContain('round 1: ');
      expect(lives.console).not.toContain('ring');
    },
    120_000,
  );

  test.each([1, 2])('is cut by the power at any point, plan %i', async (seed) => {
    const setup = await workload('churn', { persistentMiB: 4, snapshotIntervalMs: 40 });
    const result = runPlan(setup, drawPlan(seed, planShape(setup.options, 4)));
    expect(result.verdict.text).toMatch(/^held: 4 power cuts/);
    expect(result.properties.find(({ id }) => id === 'P26')).toMatchObject({ failed: 0 });
  });
});

/**
 * What the collector's defects hurt: objects that only a variable holds, a weak reference to garbage, parsed text whose parts nobody
 * knows until it is done, and new objects that are kept, made while so many live that marking takes long.
 */
const victim = (): ReturnType<typeof compiled> =>
  compiled(
    'victim',
    `package .t;
    class victim
    {
      var before : .t.victim;
      var trees : .internal.object[];
      var weak : .internal.weakref;
      var live : .t.victim;
      var recent : .t.victim[];
      void setBefore( var to : .t.victim ) { before = to; }
      .t.victim getBefore() { return before; }
      .t.victim chain( var length : int ) {
        var last : .t.victim = null;
        for( var i : int = 0; i < length; i += 1 ) {
          var made : .t.victim = new .t.victim();
          made.setBefore( last );
          last = made;
        }
        return last;
      }
      int length( var from : .t.victim ) {
        var count : int = 0;
        while( from != null ) { count += 1; from = from.getBefore(); }
        return count;
      }
      void startup( var boot ) [8] {
        var text : string = "[1,[2,[3,[\\"a\\",{\\"b\\":[4,5.5,6]}]]]]";
        var mine : .t.victim = chain( 20 );
        recent = new .t.victim[]();
        live = chain( 5000 );
        trees = new .internal.object[]();
        weak = new .internal.weakref();
        for( var round : int = 1; round <= 12; round += 1 ) {
          if( round == 1 ) weak.set( chain( 3 ) );
          for( var i : int = 0; i < 40; i += 1 ) {
            recent[i] = chain( 10 );
            trees[i] = text.parseJson();
          }
          var odd : int = 0;
          for( var j : int = 0; j < 40; j += 1 ) if( length( recent[j] ) != 10 ) odd += 1;
          if( length( mine ) != 20 ) odd += 1;
          if( length( live ) != 5000 ) odd += 1;
          if( round == 12 && weak.get() != null ) odd += 1;
          boot.16( odd + ";" );
        }
      }
    };`,
  );

describe('a defect of the collector', () => {
  test.each([
    ['none', 'is not there'],
    ['forgetStackRoots', 'is found'],
    ['freeUnmarkedNew', 'is found'],
    ['clearWeakLate', 'is found'],
  ])(
    '%s %s',
    async (defect, found) => {
      const lives = await Lives.of(victim(), {
        words: OFTEN.replace('=64', '=32'),
        defects: defect === 'none' ? [] : [defect],
      });
      lives.boot({ ramBytes: 16 << 20 });
      const life = (): void => {
        expect(lives.toEnd(600_000_000)).toMatchObject({ kind: 'exit', status: 1 });
        expect(lives.console).toBe('0;'.repeat(12));
        // What refers to what was freed keeps a generation from being committed.
        expect(lives.log).not.toContain('is not sound');
        lives.cut();
      };
      if (found === 'is found') expect(life).toThrow();
      else life();
    },
    120_000,
  );
});
