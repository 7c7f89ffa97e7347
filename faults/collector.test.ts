// Garbage collection on the simulated machine (impl/kernel/objects/collector.ts): what programs can reach stays as it is, what they
// cannot reach goes, and a power cut at any point of a collection changes neither.
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { FLASH_MODULE, I486_PC } from '../hardware-sim/index.js';
import { Lives } from '../impl/kernel/vm/testing/lives.js';
import { runInV8 } from '../impl/kernel/vm/testing/v8.js';
import { compile, formatDiagnostic } from '../impl/language/index.js';
import { flatImage, Heap, heapGraph } from '../model/heap/index.js';
import { drawPlan, planShape, runPlan } from './index.js';
import { mutatorText } from './property-programs.js';
import { workload } from './testing/workload.js';

const KIB = 1024;
/** A disk without moving parts: more snapshots in fewer cycles. */
const FLASH = { name: 'i486-pc-flash', cpu: I486_PC.cpu, disk: FLASH_MODULE };
/** So often that several collections fall into a short run; the heap is 4 MiB. */
const OFTEN = 'snapshot.interval=20 persistent.mib=4 collect.kib=64';
/** Only when the heap is full. */
const LATE = 'snapshot.interval=20 persistent.mib=4 collect.kib=100000';

function compiled(name: string, text: string): { classes: Map<string, Uint8Array>; bootClass: string } {
  const { classes, diagnostics } = compile([{ file: `${name}.ph`, text }]);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return { classes: new Map(classes.map((found) => [found.name, found.bytes])), bootClass: `.t.${name}` };
}

function parts(lives: Lives): { reachable: number; objects: number; freeBytes: number; end: number } {
  const { committed } = lives;
  if (committed === undefined) throw new Error('nothing was committed');
  const heap = new Heap(committed);
  const freeBytes = [...heap.free.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { reachable: heap.reachable().size, objects: heap.objects.size, freeBytes, end: heap.end - 0x80000000 };
}

/** Runs the mutator with collections one after the other. What is reachable at its end is what it is where nothing is ever freed. */
async function expectSameGraph(seed: number): Promise<void> {
  const program = compiled('main', `package .t; ${mutatorText(seed, 2500, 1500)}`);
  const lives = await Lives.of(program, { words: OFTEN.replace('=64', '=16') });
  lives.boot({ ramBytes: 16 << 20 });
  const stop = lives.toEnd();
  expect({ stop, log: lives.log }).toMatchObject({ stop: { kind: 'exit', status: 1 } });
  lives.cut();
  const { memory } = await runInV8(program);
  expect(parts(lives).freeBytes).toBeGreaterThan(KIB);
  if (lives.committed !== undefined) expect(heapGraph(lives.committed)).toEqual(heapGraph(flatImage(memory)));
}

async function churn(words: string): Promise<Lives> {
  const { program } = await workload('churn');
  const classes = new Map(program.map(({ name, bytes }) => [name, bytes]));
  return Lives.of({ classes, bootClass: '.wl.churn.main' }, { words });
}

/** All lines say that what lives is as it was. */
function expectWhole(console: string): void {
  const lines = console.split('\n').slice(0, -1);
  expect(lines).toEqual(lines.map((_, i) => `round ${i + 1}: `));
}

describe('a collection', () => {
  property.prop([fc.integer({ min: 1, max: 2 ** 31 - 1 })], { numRuns: 2 })(
    'P17 GC preserves the reachable graph',
    (seed) => expectSameGraph(seed),
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
            for( var i : int = 0; i < 4000; i += 1 ) new .t.weak();
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

  test('takes an application that nobody refers to, cycles and all, and leaves one whose data somebody holds', async () => {
    const { classes, diagnostics } = compile([
      {
        file: 'application.ph',
        text: `package .t;
          class part
          {
            var owner : .t.part;
            var next : .t.part;
            void link( var to : .t.part, var behind : .t.part ) { owner = to; next = behind; }
          };
          class lost extends .t.part {};
          class kept extends .t.part {};
          class application
          {
            var data : .t.part;
            void startup( var boot : .internal.boot ) [8] {
              boot.30( this );
              var one : .t.part = new .t.lost();
              var two : .t.part = new .t.kept();
              for( var i : int = 0; i < 5; i += 1 ) {
                var a : .t.part = new .t.lost();
                a.link( one, one );
                one.link( one, a );
                var b : .t.part = new .t.kept();
                b.link( two, two );
                two.link( two, b );
              }
              data = two;
              one = null;
              two = null;
              a = null;
              b = null;
              for( var j : int = 0; j < 12000; j += 1 ) new .t.part();
              boot.16( "done" );
            }
          };`,
      },
    ]);
    expect(diagnostics.map(formatDiagnostic)).toEqual([]);
    const program = { classes: new Map(classes.map(({ name, bytes }) => [name, bytes])), bootClass: '.t.application' };
    const lives = await Lives.of(program, { words: OFTEN });
    lives.boot({ ramBytes: 16 << 20 });
    expect(lives.toEnd()).toMatchObject({ kind: 'exit', status: 1 });
    lives.cut();
    if (lives.committed === undefined) throw new Error('nothing was committed');
    const heap = new Heap(lives.committed);
    const instances = (name: string): number =>
      [...heap.objects.keys()].filter((object) => heap.className(heap.classOf(object)) === name).length;
    // Of the ring each new part replaced the one before it: what is reachable is the object held and the last part.
    expect({ lost: instances('.t.lost'), kept: instances('.t.kept') }).toEqual({ lost: 0, kept: 2 });
  });

  property.prop([fc.array(fc.integer({ min: 800, max: 2400 }), { minLength: 4, maxLength: 4 })], { numRuns: 2 })(
    'P17 a power cut at any point of a collection leaves a sound heap, and it goes on',
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

/** Writes and reads a binary of 64 pages at random places, makes garbage, and tells what it read. */
const scribbler = (seed: number): ReturnType<typeof compiled> =>
  compiled(
    'scribbler',
    `package .t;
    class scribbler
    {
      var bytes : .internal.binary;
      var garbage : string;
      void startup( var boot : .internal.boot ) [8] {
        boot.30( this );
        bytes = boot.createBinary( 262144 );
        var state : int = ${seed};
        var sum : int = 0;
        for( var round : int = 1; round <= 6; round += 1 ) {
          for( var step : int = 0; step < 1500; step += 1 ) {
            state = state * 1103515245 + 12345;
            var at : int = ( state >> 8 ) & 0x3ffff;
            bytes.setByte( at, ( bytes.getByte( at ) + state ) & 255 );
            sum = sum * 31 + bytes.getByte( ( at * 5 ) & 0x3ffff );
            if( ( step & 15 ) == 0 ) garbage = "garbage " + sum;
          }
          boot.16( sum + ";" );
        }
      }
    };`,
  );

/** Runs the program with snapshots and collections, and without; prints and leaves the same. */
async function expectTransparent(seed: number, defects: readonly string[] = []): Promise<void> {
  const program = scribbler(seed);
  const lives = await Lives.of(program, { words: 'snapshot.interval=5 persistent.mib=4 collect.kib=8', defects });
  lives.boot({ ramBytes: 16 << 20, profile: FLASH });
  const stop = lives.toEnd();
  expect({ stop, log: lives.log }).toMatchObject({ stop: { kind: 'exit', status: 1 } });
  expect(lives.commits).toBeGreaterThan(1);
  lives.cut();
  expect(parts(lives).freeBytes).toBeGreaterThan(KIB);
  const { memory, console } = await runInV8(program);
  expect(lives.console).toBe(console);
  if (lives.committed !== undefined) expect(heapGraph(lives.committed)).toEqual(heapGraph(flatImage(memory)));
}

describe('snapshots and collections together', () => {
  property.prop([fc.integer({ min: 1, max: 2 ** 31 - 1 })], { numRuns: 2 })(
    'P16 a program does what it does without them',
    (seed) => expectTransparent(seed),
    120_000,
  );

  test('frozenPagesComeBack is found by P16', async () => {
    await expect(expectTransparent(1, ['frozenPagesComeBack'])).rejects.toThrow(/toBe|toEqual|expected/);
  }, 120_000);
});
