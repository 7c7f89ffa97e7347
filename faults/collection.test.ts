// What a garbage collection costs and where it works (impl/kernel/objects/collector.ts), seen from outside: how long programs wait for
// it, which pages it writes, with how many threads, how little RAM and how full a heap, and with the disk gone.
import { describe, expect, test, vi } from 'vitest';
import { FLASH_MODULE, I486_PC } from '../hardware-sim/index.js';
import { compile, formatDiagnostic } from '../impl/language/index.js';
import { type Announced, type CollectionRun, collectionRun, runToEnd } from './testing/collections.js';

// The first that asks for it waits for the kernel to be built.
vi.setConfig({ testTimeout: 120_000 });

const DONE = { kind: 'exit', status: 1 };
/** What a demarcation may cost (impl/kernel/persist/persist.test.ts). */
const STOP_CYCLES = 20_000;
/** Ticks come 250 times a second: a thread that is ready runs then. */
const TICK_CYCLES = I486_PC.cpu.clockHz / 250;
const ESP = 4;
/** Of a kernel thread. */
const STACK_BYTES = 8192;
/** The thread that started them waits too, and there are those of the kernel. */
const THREADS = 40;
/** No snapshot while the program runs. */
const NO_SNAPSHOT = 'snapshot.interval=1000000';
/** A disk without moving parts: more happens in fewer cycles. */
const FLASH = { name: 'i486-pc-flash', cpu: I486_PC.cpu, disk: FLASH_MODULE };

function program(name: string, members: string): { classes: Map<string, Uint8Array>; bootClass: string } {
  const { classes, diagnostics } = compile([{ file: `${name}.ph`, text: `package .t; class ${name} { ${members} };` }]);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return { classes: new Map(classes.map((found) => [found.name, found.bytes])), bootClass: `.t.${name}` };
}

const done = ({ announced }: CollectionRun): Announced[] => announced.filter(({ step }) => step === 'over');

/** Cycles from each announcement of `from` to the next. */
function cyclesAfter({ announced }: CollectionRun, from: Announced['step']): number[] {
  return announced.slice(1).flatMap(({ cycle }, i) => (announced[i].step === from ? [cycle - announced[i].cycle] : []));
}

/** A chain that lives, and garbage in portions, with sleep between. */
const portions = program(
  'portions',
  `var before : .t.portions; var kept : .t.portions;
   void setBefore( var to : .t.portions ) { before = to; }
   void startup( var boot ) [8] {
     for( var i : int = 0; i < 2000; i += 1 ) {
       var made : .t.portions = new .t.portions();
       made.setBefore( kept );
       kept = made;
     }
     for( var round : int = 0; round < 40; round += 1 ) {
       for( var j : int = 0; j < 150; j += 1 ) new .t.portions();
       boot.21( 120 );
     }
   }`,
);

describe('what a collection costs', () => {
  test('programs wait no longer than for a demarcation, marking dirties nothing, what the sweep writes is counted', async () => {
    const run = await collectionRun(portions, { words: `persistent.mib=4 collect.kib=64 ${NO_SNAPSHOT}` });
    expect(runToEnd(run, 400_000_000)).toMatchObject(DONE);
    expect(done(run).length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...cyclesAfter(run, 'stop'))).toBeLessThanOrEqual(STOP_CYCLES);
    // Of the second collection on: the program makes a few new objects and sleeps.
    const { announced } = run;
    for (let at = 4; at + 3 < announced.length; at += 4) {
      const [stop, frozen, decided, over] = announced.slice(at, at + 4);
      expect([stop, frozen, decided, over].map(({ step }) => step)).toEqual(['stop', 'frozen', 'decided', 'over']);
      const programs = new Set([...stop.written, ...frozen.written]);
      const last = Math.max(...programs);
      // Marking went through the pages of 2,000 objects that live, which the program does not write to.
      const others = [...decided.written].filter((page) => !programs.has(page) && page !== last + 1);
      expect(others).toEqual([]);
      const swept = [...over.written].filter((page) => !programs.has(page));
      expect(over.b).toBeGreaterThan(0);
      expect(swept.length).toBeLessThanOrEqual(over.c);
      expect(over.c).toBeLessThan(10);
    }
  });

  test('the collector gives way to a program that is ready, large objects and all', async () => {
    const large = program(
      'large',
      `var before : .t.large; var kept : .t.large; var ballast : .internal.binary;
       void setBefore( var to : .t.large ) { before = to; }
       void startup( var boot : .internal.boot ) [8] {
         ballast = boot.createBinary( 8000000 );
         for( var i : int = 0; i < 1500; i += 1 ) {
           var made : .t.large = new .t.large();
           made.setBefore( kept );
           kept = made;
         }
         for( var round : int = 0; round < 4000; round += 1 ) new .t.large();
         boot.16( "end" );
       }`,
    );
    const run = await collectionRun(large, { words: `persistent.mib=16 collect.kib=96 ${NO_SNAPSHOT}` });
    let stack = 0;
    let since = 0;
    let longest = 0;
    const look = (): void => {
      const esp = run.machine.cpu.saveState().registers[ESP] >>> 0;
      // The collector announces from the upper end of its stack.
      const collects = stack !== 0 && esp > stack - STACK_BYTES + 512 && esp < stack + 512;
      // From its end on the program is not ready.
      if (!collects || run.console !== '') since = run.machine.cycles;
      longest = Math.max(longest, run.machine.cycles - since);
    };
    run.onStop = () => {
      stack = run.machine.cpu.saveState().registers[ESP] >>> 0;
    };
    expect(runToEnd(run, 200_000_000, 2_000, look)).toMatchObject(DONE);
    expect(done(run).length).toBeGreaterThanOrEqual(1);
    // It is at work at all, for a whole turn.
    expect(longest).toBeGreaterThan(TICK_CYCLES / 2);
    expect(longest).toBeLessThanOrEqual(TICK_CYCLES + STOP_CYCLES);
  });

  test('the stop does not grow with threads that wait inside methods, and none of these loses what it holds', async () => {
    const many = program(
      'many',
      `var boot : .internal.boot; var lock : .internal.mutex; var ended : int; var right : int;
       void startup( var b ) [8] {
         if( boot != null ) work(); else {
           boot = b;
           lock = new .internal.mutex();
           ended = 0;
           right = 0;
           for( var i : int = 0; i < ${THREADS}; i += 1 ) boot.18( this );
           while( ended < ${THREADS} ) boot.21( 20 );
           boot.16( "right: " + right );
         }
       }
       void work() {
         var text : string = "[1,[2,[3,[4]]]]";
         var same : int = 1;
         for( var i : int = 0; i < 12; i += 1 ) {
           boot.21( 4 );
           if( !( ( "n" + text + text ).equals( "n[1,[2,[3,[4]]]][1,[2,[3,[4]]]]" ) ) ) same = 0;
         }
         lock.lock();
         ended = ended + 1;
         right = right + same;
         lock.unlock();
       }`,
    );
    const run = await collectionRun(many, { words: `persistent.mib=64 collect.kib=16 ${NO_SNAPSHOT}` });
    const stop = runToEnd(run, 400_000_000);
    expect({ stop, console: run.console, log: run.log }).toMatchObject({ stop: DONE, console: `right: ${THREADS}` });
    expect(done(run).length).toBeGreaterThanOrEqual(2);
    expect(Math.max(...cyclesAfter(run, 'stop'))).toBeLessThanOrEqual(STOP_CYCLES);
  });
});

/** Binaries of `size` KiB, of which `kept` live; then `rounds` that are garbage. */
const binaries = (size: number, kept: number, rounds: number) =>
  program(
    'binaries',
    `var all : .internal.binary[];
     void startup( var b : .internal.boot ) [8] {
       all = new .internal.binary[]();
       for( var i : int = 0; i < ${kept}; i += 1 ) {
         all[i] = b.createBinary( ${size * 1024 - 16} );
         all[i].setByte( ${size * 1024 - 17}, i );
       }
       try {
         for( var j : int = 0; j < ${rounds}; j += 1 ) b.createBinary( ${size * 1024 - 16} );
         b.16( "made " );
       } catch( .internal.string e ) { b.16( e + " " ); }
       var odd : int = 0;
       for( var k : int = 0; k < ${kept}; k += 1 ) if( all[k].getByte( ${size * 1024 - 17} ) != ( k & 255 ) ) odd += 1;
       b.16( "odd " + odd );
     }`,
  );

describe('where collections work', () => {
  test('with the disk gone', async () => {
    const run = await collectionRun(binaries(16, 16, 600), {
      words: 'persistent.mib=4 snapshot.interval=100',
      config: { diskFaults: [{ kind: 'gone', from: 12_000_000 }] },
    });
    runToEnd(run, 500_000_000);
    // Nothing is committed, so nothing that it prints is let out. It has made more than twice what the heap holds.
    expect(run.log).not.toContain('panic');
    const freed = done(run).reduce((sum, { b }) => sum + b, 0);
    expect(freed).toBeGreaterThan(4096);
  });

  test('in a heap of 12 MiB with 4 MiB of RAM', async () => {
    const run = await collectionRun(binaries(64, 128, 120), {
      words: `persistent.mib=12 ${NO_SNAPSHOT}`,
      config: { ramBytes: 4 << 20, profile: FLASH },
    });
    const stop = runToEnd(run, 1_500_000_000);
    expect({ stop, console: run.console, log: run.log }).toMatchObject({ stop: DONE, console: 'made odd 0' });
    expect(run.log).not.toContain('too little RAM to collect');
    expect(done(run).length).toBeGreaterThanOrEqual(2);
  });
});
