/** What a thread is in the middle of when the power goes: a handler it relies on, a mutex it was handed, half a bytecode. */

import type { Lives } from '../lives.js';
import { endsWith, FLASH, MIB, MS, story } from './program.js';
import type { Scenario } from './scenario.js';

const MACHINE = { ramBytes: 16 * MIB, profile: FLASH };
/** An exception that nobody catches, or bytecode that makes no sense. */
const THREAD_ENDED = /^thread \d+ .*$/m;

/** The power goes `plus` cycles after something has been committed. */
function cutLater(lives: Lives, plus: number): void {
  lives.untilCommitted();
  const cut = lives.cycles + plus;
  lives.until(() => lives.cycles >= cut);
  lives.cut();
}

/** A thread sleeps inside several handlers, one in the other, and then throws to each. */
export const HANDLERS_KEPT: Scenario = story('P18', (random) => {
  const depth = 1 + random.below(4);
  const plus = random.below(40 * MS);
  const open = 'try { '.repeat(depth);
  const close = Array.from(
    { length: depth },
    (_, i) => `} catch( .internal.string e${i} ) { b.16( e${i} + ";" ); throw "${i}"; }`,
  );
  return {
    words: 'persistent.mib=4 snapshot.interval=20',
    text: `class main
    {
      void work( var b : .internal.boot ) {
        ${open} b.16( "begun;" ); b.sleep( 500 ); throw "thrown"; ${close.join(' ')}
      }
      void startup( var b : .internal.boot ) [8] {
        try { work( b ); } catch( .internal.string e ) { b.16( e + "." ); }
      }
    };`,
    live: (lives) => {
      lives.boot(MACHINE);
      lives.until(() => lives.console === 'begun;');
      cutLater(lives, plus);
      lives.boot(MACHINE);
      const thrown = ['thrown', ...Array.from({ length: depth }, (_, i) => String(i))];
      return endsWith(lives, `begun;${thrown.join(';')}.`, 400_000_000);
    },
  };
});

/** Threads hand a mutex to each other while others compute: whoever it was handed to has it after a power cut. */
export const MUTEX_KEPT: Scenario = story('P18', (random) => {
  const users = 3 + random.below(3);
  const others = 2 + random.below(3);
  const plus = random.below(60 * MS);
  return {
    words: 'persistent.mib=16 snapshot.interval=20',
    text: `class spin { void run( var b ) [8] { while( 1 ) {} } };
    class user
    {
      var name : string;
      var lock : .internal.mutex;
      void user( var n : string, var l : .internal.mutex ) { name = n; lock = l; }
      void run( var boot ) [8] {
        var b : .internal.boot = boot;
        try {
          while( 1 ) {
            for( var i : int = 0; i < 10; i += 1 ) {
              lock.lock();
              for( var j : int = 0; j < 20; j += 1 ) {}
              lock.unlock();
            }
            b.16( name );
          }
        } catch( .internal.string e ) { b.16( "[" + e + "]" ); }
      }
    };
    class main
    {
      void startup( var b : .internal.boot ) [8] {
        var lock : .internal.mutex = new .internal.mutex();
        for( var i : int = 0; i < ${users}; i += 1 ) b.18( new .t.user( "<" + i + ">", lock ) );
        for( var k : int = 0; k < ${others}; k += 1 ) b.18( new .t.spin() );
      }
    };`,
    live: (lives) => {
      const names = Array.from({ length: users }, (_, i) => `<${i}>`);
      for (let life = 0; life < 3; life++) {
        const before = lives.console.length;
        lives.boot(MACHINE);
        const said = (): string => lives.console.slice(before);
        const latest = 2000 * MS;
        lives.until(
          () => said().includes(']') || names.every((name) => said().includes(name)) || lives.cycles > latest,
        );
        const [thrown] = /\[.*/.exec(said()) ?? [];
        if (thrown !== undefined) return `who has the mutex, or asks for it, gets ${thrown}`;
        const silent = names.filter((name) => !said().includes(name));
        if (silent.length > 0) return `${silent.join()} of ${users} threads do not get the mutex in ${latest / MS} ms`;
        cutLater(lives, plus);
      }
      return undefined;
    },
  };
});

/** Objects that each thread stores to, and their fields: the last one is on another page than the object's header. */
const LARGE_OBJECTS = 50;
const LAST_FIELD = 1100;

/**
 * Threads store in fields of objects whose pages are not in memory, as all are after a boot: what a snapshot then meets is a bytecode not begun, or
 * done.
 */
export const STORES_WAIT: Scenario = story('P2', (random) => {
  const threads = 6 + random.below(4);
  const commits = 1 + random.below(4);
  const fields = Array.from({ length: LAST_FIELD }, (_, i) => `var f${i} : int;`);
  return {
    words: 'persistent.mib=16 snapshot.interval=20',
    text: `class large
    {
      ${fields.join(' ')}
      void set( var to : int ) { f${LAST_FIELD - 1} = to + 1; }
      int get() { return f${LAST_FIELD - 1}; }
    };
    class writer
    {
      var name : string;
      var all : .t.large[];
      void writer( var n : string ) { name = n; }
      void run( var boot ) [8] {
        var b : .internal.boot = boot;
        all = new .t.large[]();
        for( var i : int = 0; i < ${LARGE_OBJECTS}; i += 1 ) all[i] = new .t.large();
        for( var round : int = 1; round > 0; round += 1 ) {
          for( var j : int = 0; j < ${LARGE_OBJECTS}; j += 1 ) all[j].set( round );
          for( var k : int = 0; k < ${LARGE_OBJECTS}; k += 1 )
            if( all[k].get() != round + 1 ) b.16( "[" + all[k].get() + " in round " + round + "]" );
          b.16( name );
          b.sleep( 50 );
        }
      }
    };
    class main
    {
      void startup( var b : .internal.boot ) [8] {
        for( var i : int = 0; i < ${threads}; i += 1 ) b.18( new .t.writer( "<" + i + ">" ) );
      }
    };`,
    live: (lives) => {
      const names = Array.from({ length: threads }, (_, i) => `<${i}>`);
      const live = (): string | undefined => {
        const before = lives.console.length;
        lives.until(() => THREAD_ENDED.test(lives.log) || names.every((name) => lives.console.includes(name, before)));
        const [wrong] = /\[[^\]]*\]/.exec(lives.console) ?? [];
        return (
          THREAD_ENDED.exec(lives.log)?.[0] ?? (wrong === undefined ? undefined : `a field just stored holds ${wrong}`)
        );
      };
      lives.boot(MACHINE);
      let problem = live();
      lives.until(() => lives.commits > 1);
      for (let life = 0; life < 3 && problem === undefined; life++) {
        lives.cut();
        lives.boot(MACHINE);
        lives.until(() => lives.commits >= commits);
        lives.cut();
        lives.boot(MACHINE);
        problem = live();
      }
      return problem;
    },
  };
});
