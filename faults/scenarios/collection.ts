/** What a collection must leave alone, what it must empty, and that what it frees can be had again. */
import { Machine as ReferenceMachine } from '../../model/vm/index.js';
import { compiled, endsWith, FLASH, MIB, refused, story } from './program.js';
import type { Scenario } from './scenario.js';

const RAM = { ramBytes: 16 * MIB };
const HEAP = 'snapshot.interval=20 persistent.mib=4';

/**
 * Objects that only a variable holds, a weak reference to garbage, parsed text whose parts nobody knows until it is done, and new objects that are
 * kept, made while so many live that marking takes long.
 */
export const LIVE_OBJECTS: Scenario = story('P17', (random) => {
  const mine = 15 + random.below(10);
  const live = 4500 + random.below(1000);
  const rounds = 8;
  return {
    words: `${HEAP} collect.kib=${28 + random.below(8)}`,
    text: `class main
    {
      var before : .t.main;
      var trees : .internal.object[];
      var weak : .internal.weakref;
      var live : .t.main;
      var recent : .t.main[];
      void setBefore( var to : .t.main ) { before = to; }
      .t.main getBefore() { return before; }
      .t.main chain( var length : int ) {
        var last : .t.main = null;
        for( var i : int = 0; i < length; i += 1 ) {
          var made : .t.main = new .t.main();
          made.setBefore( last );
          last = made;
        }
        return last;
      }
      int length( var from : .t.main ) {
        var count : int = 0;
        while( from != null ) { count += 1; from = from.getBefore(); }
        return count;
      }
      void startup( var boot ) [8] {
        var text : string = "[1,[2,[3,[\\"a\\",{\\"b\\":[4,5.5,6]}]]]]";
        var mine : .t.main = chain( ${mine} );
        recent = new .t.main[]();
        live = chain( ${live} );
        trees = new .internal.object[]();
        weak = new .internal.weakref();
        for( var round : int = 1; round <= ${rounds}; round += 1 ) {
          if( round == 1 ) weak.set( chain( 3 ) );
          for( var i : int = 0; i < 40; i += 1 ) {
            recent[i] = chain( 10 );
            trees[i] = text.parseJson();
          }
          var odd : int = 0;
          for( var j : int = 0; j < 40; j += 1 ) if( length( recent[j] ) != 10 ) odd += 1;
          if( length( mine ) != ${mine} ) odd += 1;
          if( length( live ) != ${live} ) odd += 1;
          if( round == ${rounds} && weak.get() != null ) odd += 1;
          boot.16( odd + ";" );
        }
      }
    };`,
    live: (lives) => {
      lives.boot(RAM);
      const problem = endsWith(lives, '0;'.repeat(rounds), 600_000_000) ?? refused(lives);
      lives.cut();
      return problem;
    },
  };
});

/**
 * Parses the same text again and again in a heap that is full: the collections come while the kernel's method makes the array, which nothing
 * refers to but its stack. 64 of them live, and the oldest is looked at.
 */
export const MADE_BY_THE_KERNEL: Scenario = story('P17', (random) => {
  const items = 55 + random.below(10);
  return {
    words: 'snapshot.interval=2000 persistent.mib=4 collect.kib=100000',
    text: `class main
    {
      var ballast : .internal.binary;
      void startup( var boot : .internal.boot ) [8] {
        ballast = boot.createBinary( ${3_310_000 + random.below(10_000)} );
        var text : string = "[1";
        for( var i : int = 2; i <= ${items}; i += 1 ) text = text + "," + i;
        text = text + "]";
        var odd : int = 0;
        var kept : .internal.object[] = new .internal.object[]();
        for( var k : int = 0; k < 64; k += 1 ) kept[k] = text.parseJson();
        for( var round : int = 0; round < 600; round += 1 ) {
          var whole = kept[round & 63];
          kept[round & 63] = text.parseJson();
          if( whole == null || whole.12() != ${items} ) odd += 1; else
            for( var j : int = 0; j < ${items}; j += 1 ) {
              var part : int = whole.10( j );
              if( part != j + 1 ) odd += 1;
            }
        }
        boot.16( "odd: " + odd );
      }
    };`,
    live: (lives) => {
      lives.boot(RAM);
      const problem = endsWith(lives, 'odd: 0', 2_000_000_000) ?? refused(lives);
      lives.cut();
      return problem;
    },
  };
});

/**
 * References that move all the time between 64 objects, with others between them that live, so that marking takes a while and is everywhere when
 * they move. What the objects are called at the end is what the reference machine says, which frees nothing.
 */
export const REFERENCES_MOVE: Scenario = story('P17', (random) => {
  const text = `class main
    {
      var table : .t.main[];
      var left : .t.main;
      var right : .t.main;
      var text : string;
      var state : int;
      int draw( var below : int ) {
        state = state * 1103515245 + 12345;
        return ( ( state >> 8 ) & 0xffffff ) % below;
      }
      void name( var to : string ) { text = to; }
      string getName() { return text; }
      void setLeft( var to : .t.main ) { left = to; }
      void setRight( var to : .t.main ) { right = to; }
      .t.main getLeft() { return left; }
      .t.main getRight() { return right; }
      void startup( var boot : .internal.boot ) [8] {
        state = ${1 + random.below(2 ** 31 - 1)};
        table = new .t.main[]();
        var before : .t.main = null;
        for( var i : int = 0; i < 64; i += 1 ) {
          table[i] = new .t.main();
          table[i].name( "first " + i );
          for( var j : int = 0; j < 24; j += 1 ) {
            var more : .t.main = new .t.main();
            more.setRight( before );
            before = more;
          }
        }
        left = before;
        for( var step : int = 0; step < 2500; step += 1 ) {
          var which : int = draw( 16 );
          var one : .t.main = table[draw( 64 )];
          var two : .t.main = table[draw( 64 )];
          if( which < 3 ) {
            var made : .t.main = new .t.main();
            made.name( "number " + step );
            made.setLeft( two );
            table[draw( 64 )] = made;
          }
          if( which == 3 ) one.setLeft( two );
          if( which == 4 ) one.setRight( two );
          if( which == 5 ) one.setRight( null );
          if( which == 6 ) one.setLeft( null );
          if( which == 7 && one.getLeft() != null ) table[draw( 64 )] = one.getLeft();
          if( which > 7 ) {
            var held : .t.main = one.getLeft();
            one.setLeft( two.getLeft() );
            two.setLeft( held );
          }
        }
        var length : int = 0;
        while( before != null ) { length += 1; before = before.getRight(); }
        boot.16( "chain " + length + ";" );
        for( var k : int = 0; k < 64; k += 1 ) {
          var from : .t.main = table[k];
          for( var depth : int = 0; depth < 4 && from != null; depth += 1 ) {
            boot.16( from.getName() + "," );
            if( from.getRight() != null ) boot.16( from.getRight().getName() + "," );
            from = from.getLeft();
          }
        }
      }
    };`;
  return {
    words: `${HEAP} collect.kib=16`,
    text,
    live: (lives) => {
      const reference = new ReferenceMachine(compiled(text));
      reference.run();
      lives.boot(RAM);
      const problem = endsWith(lives, reference.printed, 800_000_000) ?? refused(lives);
      lives.cut();
      return problem;
    },
  };
});

/**
 * Objects that weak references lead to, of which 64 at a time are kept: a program takes one out that nothing else refers to and keeps it, at any
 * point of one collection after the other.
 */
export const WEAK_TAKEN: Scenario = story('P17', (random) => {
  const objects = 80 + random.below(40);
  return {
    words: `${HEAP} collect.kib=8`,
    text: `class main
    {
      var number : int;
      var name : string;
      var kept : .t.main[];
      var weak : .internal.weakref[];
      var next : .t.main;
      var state : int;
      int draw( var below : int ) {
        state = state * 1103515245 + 12345;
        return ( ( state >> 8 ) & 0xffffff ) % below;
      }
      void setName( var n : int ) { number = n; name = "object " + n; }
      void setNext( var to : .t.main ) { next = to; }
      int odd() { if( name.equals( "object " + number ) ) return 0; return 1; }
      void startup( var b : .internal.boot ) [8] {
        state = ${1 + random.below(2 ** 31 - 1)};
        kept = new .t.main[]();
        weak = new .internal.weakref[]();
        for( var i : int = 0; i < ${objects}; i += 1 ) weak[i] = new .internal.weakref();
        for( var j : int = 0; j < 64; j += 1 ) {
          kept[j] = new .t.main();
          kept[j].setName( j );
        }
        // So that marking takes a while.
        for( var l : int = 0; l < 3000; l += 1 ) {
          var more : .t.main = new .t.main();
          more.setNext( next );
          next = more;
        }
        var odd : int = 0;
        for( var step : int = 0; step < 4000; step += 1 ) {
          var k : int = draw( ${objects} );
          var one : .t.main = weak[k].get();
          if( one == null ) {
            one = new .t.main();
            one.setName( k );
            weak[k].set( one );
          }
          kept[draw( 64 )] = one;
          one = null;
          if( ( step & 31 ) == 0 ) b.sleep( 1 );
          odd += kept[draw( 64 )].odd();
        }
        b.16( "odd: " + odd );
      }
    };`,
    live: (lives) => {
      lives.boot({ ...RAM, profile: FLASH });
      const problem = endsWith(lives, 'odd: 0', 800_000_000) ?? refused(lives);
      lives.cut();
      return problem;
    },
  };
});

/**
 * Every other of many small objects goes, so that there are more free blocks than the kernel has a table for; so does a large one behind them, and
 * twenty that end where a full heap ends. A large object then has room in one place, and one that is a little larger than the twenty in another.
 */
export const ROOM_AGAIN: Scenario = story('P7', (random) => {
  // So that a good 20,000 bytes are left at the end.
  const filler = 22_800 + random.below(400);
  const hole = 190_000 + random.below(8_000);
  return {
    words: 'persistent.mib=4 collect.kib=100000 snapshot.interval=1000000',
    text: `class main
    {
      var all : .internal.object[]; var large : .internal.binary; var filler : .internal.object[]; var used : int = 0;
      void fill( var b : .internal.boot ) {
        try { while( 1 ) { filler[used] = b.createBinary( ${filler} ); used += 1; } } catch( .internal.string e ) {}
      }
      void ask( var b : .internal.boot, var bytes : int, var what : string ) {
        try { large = b.createBinary( bytes ); b.16( what + " fits; " ); } catch( .internal.string e ) { b.16( what + ": " + e + "; " ); }
      }
      void startup( var b : .internal.boot ) [8] {
        all = new .internal.object[]();
        filler = new .internal.object[]();
        var dropped : .internal.object[] = new .internal.object[]();
        for( var i : int = 0; i < 2600; i += 1 ) {
          all[i] = b.createBinary( 8 );
          dropped[i] = b.createBinary( 40 );
        }
        large = b.createBinary( 200000 );
        fill( b );
        dropped = null;
        large = null;
        for( var k : int = 1; k <= 20; k += 1 ) filler[used - k] = null;
        // A stack of the kernel may still hold what was made last.
        for( var n : int = 0; n < 3; n += 1 ) b.createBinary( 8 );
        ask( b, ${hole}, "the hole" );
        ask( b, ${20 * (filler + 16) + 1000}, "the end" );
      }
    };`,
    live: (lives) => {
      lives.boot(RAM);
      return endsWith(lives, 'the hole fits; the end fits; ', 800_000_000);
    },
  };
});
