/** What the system owes to programs that ask much of it: turns for the snapshot, room for large objects, a look before a commit. */
import { Machine } from '../../hardware-sim/index.js';
import { randomStream } from '../random.js';
import { endsWith, FLASH, MIB, MS, refused, story } from './program.js';
import { caught, type Scenario } from './scenario.js';

/** Within which a generation must commit, whoever computes. */
const COMMIT_MS = 1000;

/** Many threads compute without end: generations commit all the same. */
export const MANY_COMPUTE: Scenario = story('P14', (random) => {
  const threads = 40 + random.below(20);
  return {
    words: '',
    text: `class spin { void run( var b ) [8] { while( 1 ) {} } };
    class main
    {
      var n : int;
      void startup( var b : .internal.boot ) [8] {
        for( var i : int = 0; i < ${threads}; i += 1 ) b.18( new .t.spin() );
        while( 1 ) n = i;
      }
    };`,
    live: (lives) => {
      lives.boot({ ramBytes: 16 * MIB, diskSectors: 1 << 17 });
      for (let commits = 1; commits <= 3; commits++) {
        const latest = lives.cycles + COMMIT_MS * MS;
        lives.until(() => lives.commits >= commits || lives.cycles > latest);
        if (lives.commits < commits)
          return `no commit within ${COMMIT_MS} ms after ${commits - 1}, while ${threads} threads compute`;
      }
      return undefined;
    },
  };
});

/** Rounds of each kind, and pages of the program's that a round writes to. */
const ROUNDS = 6;
const WRITTEN = 10;
/** Other pages that a round dirties when it makes objects: where it keeps them, where it counts them, and two to spare; where they go to is not among them. */
const BESIDE = 4;

/**
 * A heap of pages that each have a hole. A round writes to some of these pages; a round of the other kind also makes small objects that the holes on
 * the pages just written have room for. New objects go first to pages that the next snapshot has to write anyway, so the second kind
 * dirties hardly more than the first.
 */
export const DIRTY_PAGES_FIRST: Scenario = story('P14', (random) => {
  const objects = 35 + random.below(10);
  const bytes = 60 + random.below(20);
  const holes = ROUNDS * WRITTEN;
  return {
    words: 'snapshot.interval=40 persistent.mib=4 collect.kib=500',
    text: `class main
    {
      var all : .internal.binary[];
      var kept : .internal.object[];
      var used : int;
      void round( var b : .internal.boot, var from : int, var objects : int ) {
        for( var i : int = 0; i < ${WRITTEN}; i += 1 ) all[from + i].setByte( 3299, 1 );
        for( var j : int = 0; j < objects; j += 1 ) {
          kept[used] = b.createBinary( ${bytes} );
          used += 1;
        }
        b.sleep( 150 );
      }
      void startup( var b : .internal.boot ) [8] {
        used = 0;
        all = new .internal.binary[]();
        kept = new .internal.object[]();
        kept[${ROUNDS} * ${objects}] = null;
        var dropped : .internal.object[] = new .internal.object[]();
        for( var i : int = 0; i < ${holes}; i += 1 ) {
          all[i] = b.createBinary( 3300 );
          dropped[i] = b.createBinary( 700 );
        }
        dropped = null;
        for( var more : int = 0; more < 240; more += 1 ) all[${holes} + more] = b.createBinary( 3300 );
        b.sleep( 500 );
        b.16( "writes;" );
        for( var k : int = 0; k < ${ROUNDS}; k += 1 ) round( b, ${holes} + k * ${WRITTEN}, 0 );
        b.16( "makes;" );
        for( var l : int = 0; l < ${ROUNDS}; l += 1 ) round( b, l * ${WRITTEN}, ${objects} );
        b.16( "done;" );
      }
    };`,
    live: (lives) => {
      lives.boot({ ramBytes: 16 * MIB, profile: FLASH });
      const until = (words: string): number => {
        lives.until(() => lives.console.endsWith(words));
        return lives.dirtied;
      };
      const [start, written, made] = [until('writes;'), until('makes;'), until('done;')];
      const [writes, makes] = [written - start, made - written];
      const most = writes + BESIDE * ROUNDS;
      return makes <= most
        ? undefined
        : `${ROUNDS} rounds that make objects dirty ${makes} pages; expected at most ${most}: without them the rounds dirty ${writes}`;
    },
  };
});

/** What is committed says by which version it is laid out: what this project's layout is called. */
export const LAYOUT_NAMED: Scenario = story('P21', (random) => ({
  words: 'snapshot.interval=20 persistent.mib=4',
  text: `class main
    {
      var n : int;
      void startup( var b : .internal.boot ) [8] { while( 1 ) { n = ${random.below(1_000_000)}; b.sleep( 10 ); } }
    };`,
  live: (lives) => {
    lives.boot({ ramBytes: 16 * MIB, profile: FLASH });
    lives.untilCommitted();
    // Reads it as the layout is described, and says when it is called otherwise.
    lives.cut();
    return undefined;
  },
}));

/** An object that spans several chunks of the kernel's maps of memory changes over several snapshots, each of which is checked. */
export const LARGE_OBJECT: Scenario = story('P14', (random) => {
  const bytes = 900_000 + random.below(200_000);
  const sets = Array.from({ length: 3 }, () => `x.setByte( ${random.below(bytes)}, 1 ); b.sleep( 100 );`);
  return {
    words: 'snapshot.interval=20 persistent.mib=32',
    text: `class main
    {
      void startup( var b : .internal.boot ) [8] {
        var x : .internal.binary = b.createBinary( ${bytes} );
        x.setByte( ${bytes - 1}, 1 );
        b.sleep( 100 );
        ${sets.join('\n        ')}
        b.16( "done" );
      }
    };`,
    live: (lives) => {
      lives.boot({ ramBytes: 32 * MIB });
      const problem = endsWith(lives, 'done', 800_000_000);
      if (problem !== undefined) return problem;
      if (lives.log.includes('abandoned')) return 'a generation was abandoned';
      lives.cut();
      return undefined;
    },
  };
});

/** Makes objects that refer to each other, and keeps them. */
const keeper = (objects: number): string => `class main
    {
      var items : .t.main[];
      var next : .t.main;
      void setNext( var to : .t.main ) { next = to; }
      void startup( var b : .internal.boot ) [8] {
        items = new .t.main[]();
        b.16( "begun;" );
        b.sleep( 100 );
        for( var i : int = 1; i <= ${objects}; i += 1 ) {
          var made : .t.main = new .t.main();
          made.setNext( this );
          items[i] = made;
        }
        b.16( "made;" );
        b.sleep( 200 );
      }
    };`;
const KEEPS = 'snapshot.interval=20 persistent.mib=4';

/** What programs make is what is there: the check before a commit has nothing to refuse. */
export const OBJECTS_KEPT: Scenario = story('P17', (random) => ({
  words: KEEPS,
  text: keeper(1500 + random.below(1000)),
  live: (lives) => {
    lives.boot({ ramBytes: 16 * MIB });
    const problem = endsWith(lives, 'begun;made;', 800_000_000);
    return refused(lives) ?? problem;
  },
}));

/** A kernel that goes wrong in memory: no generation that holds it may get on the disk. */
export const CHECKED_BEFORE_COMMIT: Scenario = story(
  'P11',
  (random) => ({
    words: KEEPS,
    text: keeper(1500 + random.below(1000)),
    live: (lives) => {
      lives.boot({ ramBytes: 16 * MIB });
      const problem = endsWith(lives, 'begun;made;', 800_000_000);
      lives.cut();
      return problem;
    },
  }),
  ['storeBadReference'],
);

const HALF_CLEARED_SEEN = 100;
/** The self-test needs far less. */
const HALF_CLEARED_CYCLES = 400_000_000;

/**
 * An instant is captured while a large free block is being cleared from the map of where objects begin, in parts: a block that was free then. The check
 * before the commit must not take what is not cleared yet for objects, or it refuses a generation that is sound.
 */
export const CAPTURED_HALF_CLEARED: Scenario = {
  entry: 'half-cleared',
  judge: ({ elf }, seed) => {
    const ramBytes = (14 + randomStream(seed, 'memory').below(50)) * MIB;
    let begun: number | undefined;
    const machine = new Machine(
      { ramBytes, diskSectors: 1 << 18 },
      {
        onProbe: (address) => {
          const record = new DataView(machine.readPhysical(address, 12).buffer);
          if (record.getUint32(0, true) !== HALF_CLEARED_SEEN) return;
          if (record.getUint32(8, true) !== 1) throw new Error('half-cleared: the capture did not come in the middle');
          begun = record.getUint32(4, true);
        },
      },
    );
    machine.loadMultiboot({ image: elf, commandLine: '', modules: [] });
    const { kind } = machine.run({ untilCycle: HALF_CLEARED_CYCLES });
    machine.dispose();
    if (begun === undefined) return caught('P14', `the self-test ended by ${kind} before it had looked`);
    return begun === 0
      ? undefined
      : caught('P14', `${begun} objects are judged inside a block that was free at that instant`);
  },
};
