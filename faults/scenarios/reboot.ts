/** What a power cut and the boot after it mean to a program: its devices, its waits, the time, and what it was told is durable. */
import { endsWith, FLASH, MIB, MS, quoted, refused, story } from './program.js';
import type { Scenario } from './scenario.js';

const MACHINE = { ramBytes: 16 * MIB, profile: FLASH };
const WORDS = 'persistent.mib=4 snapshot.interval=20';

/** What makes each device, and what it is asked so that it says whether it is there. */
const DEVICES = {
  console: ['.internal.io.tty', '29( "console" )', '27()'],
  screen: ['.internal.io.tty', '29( "screen" )', '27()'],
  timer: ['.internal.connection', '8( "tmr:" )', '13( 0, 0 )'],
  statistics: ['.internal.connection', '8( "stt:" )', '11( 0, 0 )'],
} as const;
type Device = keyof typeof DEVICES;

/**
 * A program that has one device of each kind uses them as soon as it finds itself in the next boot, which may have no screen. It has so many others,
 * each on a page of its own, that a boot takes a while to make them ready; those it uses were made first, and last.
 */
export const DEVICES_AGAIN: Scenario = story('P18', (random) => {
  const left = Object.keys(DEVICES) as Device[];
  const devices: Device[] = [];
  while (left.length > 0) devices.push(...left.splice(random.below(left.length), 1));
  const screen = random.chance(1, 2);
  const plus = random.below(20 * MS);
  const others = 20 + random.below(20);
  const made = devices.map((name) => {
    const [type, open] = DEVICES[name];
    return `var ${name} : ${type} = new ${type}(); ${name}.${open};`;
  });
  const last = made.pop();
  const used = devices.map(
    (name) => `try { ${name}.${DEVICES[name][2]}; b.16( "${name}; " ); }
        catch( .internal.string e ) { b.16( "${name}: " + e + "; " ); }`,
  );
  return {
    words: WORDS,
    text: `class main
    {
      var others : .internal.object[];
      void startup( var b : .internal.boot ) [8] {
        ${made.join('\n        ')}
        others = new .internal.object[]();
        for( var i : int = 0; i < ${others}; i += 1 ) {
          var c : .internal.connection = new .internal.connection();
          c.8( "stt:" );
          others[2 * i] = c;
          others[2 * i + 1] = b.createBinary( 4000 );
        }
        ${last}
        b.16( "ready; " );
        while( b.bootNumber() == 1 ) {}
        ${used.join('\n        ')}
        b.16( "boot " + b.bootNumber() + "." );
      }
    };`,
    live: (lives) => {
      lives.boot(MACHINE);
      lives.until(() => lives.console === 'ready; ');
      lives.untilCommitted();
      const cut = lives.cycles + plus;
      lives.until(() => lives.cycles >= cut);
      lives.cut();
      lives.boot({ ...MACHINE, screen });
      const words = devices.map((name) => (name === 'screen' && !screen ? 'screen: connection lost; ' : `${name}; `));
      const expected = `ready; ${words.join('')}boot 2.`;
      const problem = endsWith(lives, expected, 400_000_000) ?? refused(lives);
      lives.cut();
      return problem;
    },
  };
});

/** Ways to wait for so many milliseconds, and what must be there first. */
const WAITS = {
  sleep: (time: number) => `b.sleep( ${time} );`,
  'time sleep': (time: number) => `var t : .internal.time = new .internal.time(); t.18( ${time} );`,
  timer: (time: number) =>
    `var c : .internal.connection = new .internal.connection(); c.8( "tmr:" ); c.13( ${time}, 0 );`,
  semaphore: (time: number) => `var s : .internal.sema = new .internal.sema(); s.9( ${time} );`,
  condition: (time: number) =>
    `var m : .internal.mutex = new .internal.mutex(); var c : .internal.cond = new .internal.cond(); m.8(); c.9( m, ${time} );`,
  terminal: (time: number) => `var t : .internal.io.tty = new .internal.io.tty(); t.28( ${time} );`,
} as const;

/** A cut takes back what was waited since the demarcation that it recovers, and the boot takes its time; both together less than so much. */
const TAKEN_BACK_MS = 500;

/** Threads wait, each in its way, and the power is cut about a second before the waits are over: each ends once, in time. */
export const WAITS_GO_ON: Scenario = story('P20', (random) => {
  const ways = Array.from({ length: 2 + random.below(3) }, () =>
    random.pick(Object.keys(WAITS) as (keyof typeof WAITS)[]),
  );
  const times = ways.map(() => 1800 + random.below(400));
  const cutAfter = 1000 + random.below(200);
  return {
    words: WORDS,
    text: `${ways
      .map(
        (way, i) => `class waits${i}
    {
      void run( var boot ) [8] { var b : .internal.boot = boot; ${WAITS[way](times[i])} b.16( "${i};" ); }
    };`,
      )
      .join('\n')}
    class main
    {
      void startup( var b : .internal.boot ) [8] {
        ${ways.map((_, i) => `b.18( new .t.waits${i}() );`).join('\n        ')}
        b.16( "begun;" );
      }
    };`,
    live: (lives) => {
      lives.boot(MACHINE);
      lives.until(() => lives.console === 'begun;');
      const cut = lives.cycles + cutAfter * MS;
      lives.until(() => lives.cycles >= cut);
      lives.cut();
      if (lives.console !== 'begun;')
        return `a wait ended before its time: the program prints ${quoted(lives.console)}`;
      lives.boot(MACHINE);
      for (const [i, time] of [...times.entries()].sort(([, a], [, b]) => a - b)) {
        const latest = (time - cutAfter + TAKEN_BACK_MS) * MS;
        lives.until(() => lives.console.includes(`;${i};`) || lives.cycles > latest);
        if (!lives.console.includes(`;${i};`))
          return `thread ${i} (${ways[i]}) waits for ${time} ms, and still does ${time - cutAfter + TAKEN_BACK_MS} ms after a cut at ${cutAfter} ms`;
        if (lives.cycles < (time - cutAfter) * MS)
          return `thread ${i} (${ways[i]}) waits for ${time} ms, and ended before`;
      }
      const stop = lives.toEnd(TAKEN_BACK_MS * MS);
      const each = ways.every((_, i) => lives.console.split(`;${i};`).length === 2);
      return stop.kind === 'exit' && each
        ? undefined
        : `the program prints ${quoted(lives.console)}, expected each number once`;
    },
  };
});

const clock = (second: number): string => new Date(Date.UTC(2000, 0, 1, 0, 0, second)).toISOString().slice(0, 19);

/** The clock is set back while the machine is off. A program that asks for the time again and again says when it went back. */
export const CLOCK_SET_BACK: Scenario = story('P20', (random) => {
  const first = 30 + random.below(60);
  const second = random.below(first - 10);
  const plus = random.below(40 * MS);
  return {
    words: WORDS,
    text: `class main
    {
      var latest : int;
      void startup( var b : .internal.boot ) [8] {
        var time : .internal.time = new .internal.time();
        latest = time.unixTime();
        b.16( "begun;" );
        while( 1 ) {
          b.sleep( 10 );
          var now : int = time.unixTime();
          if( now < latest ) b.16( "back by " + ( latest - now ) + ";" );
          latest = now;
        }
      }
    };`,
    live: (lives) => {
      lives.boot({ ...MACHINE, rtcStart: clock(first) });
      lives.until(() => lives.console === 'begun;');
      lives.untilCommitted();
      const cut = lives.cycles + plus;
      lives.until(() => lives.cycles >= cut);
      lives.cut();
      lives.boot({ ...MACHINE, rtcStart: clock(second) });
      lives.untilCommitted();
      lives.cut();
      return lives.console === 'begun;' ? undefined : `for a program the time goes ${quoted(lives.console.slice(6))}`;
    },
  };
});

/** A program waits until each number is durable, and says so of it. The power is cut twice. */
export const DURABLE_NUMBERS: Scenario = story('P4', (random) => {
  const lasts = [0, 1, 2].map(() => 15 * MS + random.below(25 * MS));
  return {
    words: WORDS,
    text: `class main
    {
      void startup( var b : .internal.boot ) [8] {
        for( var n : int = 1; n > 0; n += 1 ) {
          var is : int = b.durable();
          b.16( n + " " + is + ";" );
        }
      }
    };`,
    live: (lives) => {
      let seen = 0;
      for (const last of lasts) {
        const before = lives.console.length;
        lives.boot({ ramBytes: 16 * MIB });
        lives.until(() => lives.console.length > before + 16);
        const cut = lives.cycles + last;
        lives.until(() => lives.cycles >= cut);
        lives.cut();
        // Without the line that the cut tore at its end, or the one before it at the beginning.
        for (const [, number, durable] of lives.console.slice(before).matchAll(/(?<=^|;)(\d+) ([01]);/g)) {
          if (durable !== '1') return `${number} is not durable, on a disk with room`;
          // What comes first must be what came last before the cut, or what follows it; then they are in order.
          if (Number(number) < seen) return `${number} comes after ${seen}, which was durable`;
          seen = Number(number);
        }
      }
      return undefined;
    },
  };
});
