import { describe, expect, test } from 'vitest';
import { compile, listing } from './index.js';
import { compileAndRun, compileSound, diagnosed, printedBy, unsound } from './testing/programs.js';

describe('values and operators', () => {
  test('variables begin with a value, whole numbers and others', async () => {
    const body = `var i : int = 7; var l : long = 10000000000; var d : double = 1.5; var s = "text"; var n = i * 2;
      say( i ); say( l ); say( d ); say( s ); say( n ); say( 0xff ); say( 'A' ); say( 2.5f ); say( 3L ); say( -2147483648 );`;
    expect(await printedBy(body)).toEqual([
      ...['7', '10000000000', '1.5', 'text', '14', '255', '65', '2.5', '3', '-2147483648'],
    ]);
  });

  test('+ joins strings with everything', async () => {
    const body =
      'var d : double = 0.5; say( "a" + 1 + 2 + d + null + "z" ); say( 1 + 2 + "a" ); var t : string = "x"; t += 9; say( t );';
    expect(await printedBy(body)).toEqual(['a120.5(void)z', '3a', 'x9']);
  });

  test('assignment with an operator evaluates its place once', async () => {
    const body = `var a : int[] = new int[](); a[0] = 10; a[f()] += 5; a[f()] <<= 1; say( a[0] ); say( calls );
      var i : int = 7; i %= 4; i *= 5; i -= 1; i /= 2; i |= 8; i &= 13; i ^= 1; say( i );`;
    // 7 % 4 = 3, 15, 14, 7, 15, 13, 12.
    const members = 'var calls : int = 0; int f() { calls += 1; return 0; }';
    expect(await printedBy(body, members)).toEqual(['30', '2', '12']);
  });

  test('operators bind as usual, but | & ^ and shifts tighter than *', async () => {
    const body = `say( 1 + 2 * 3 ); say( 10 - 2 - 3 ); say( 2 * 7 & 3 ); say( 1 + 6 & 3 ); say( 1 < 2 == 2 > 1 );
      say( !0 == 1 ); say( 1 || 0 && 0 ); say( -3 * -2 ); say( 3 - -4 ); say( ~5 ); say( 12~ ); say( 1 << 4 | 3 ); say( -8 >> 1 );
      say( -8 >>> 28 ); say( 6 ^ 3 ); say( 17 % 5 ); say( -17 % 5 ); say( -(1 + 2) );`;
    expect(await printedBy(body)).toEqual([
      ...['7', '5', '6', '3', '1', '1', '1', '6', '7', '-6', '-13', '19', '-4', '15', '5', '2', '-2', '-3'],
    ]);
  });

  test('&& and || stop as soon as they know, and give 0 or 1', async () => {
    const body = `say( no() && yes() ); say( yes() || no() ); say( 5 && 7 ); if( !( yes() && !no() ) ) say( "wrong" );
      var both : int = no() || no(); say( both );`;
    const members = 'int yes() { say( "yes" ); return 2; } int no() { say( "no" ); return 0; }';
    expect(await printedBy(body, members)).toEqual(['no', '0', 'yes', '1', '1', 'yes', 'no', 'no', 'no', '0']);
  });

  test('long, float and double: arithmetic, shifts, comparison, conversion', async () => {
    const body = `var l : long = 1; l = l << 40; say( l ); say( l >>> 38 ); say( ~l ); say( l == 1099511627776 ); say( l != l );
      var d : double = 0.1; say( d + 0.2 ); say( -d ); say( d == 0.1 ); say( d != 0.1 ); say( 7 / 2.0 ); say( (int)(d * 100) );
      var zero : double = 0; say( zero / zero == zero / zero ); say( 1 / -zero < 0 ); var f : float = 0.5; say( f * 3 );
      var i : int = d * 25; say( i ); i = l; say( i ); if( d ) say( "not 0" ); say( 5 % l ); say( f < d );`;
    expect(await printedBy(body)).toEqual([
      ...['1099511627776', '4', '-1099511627777', '1', '0', '0.30000000000000004', '-0.1', '1', '0', '3.5', '10'],
      ...['0', '1', '1.5', '2', '0', 'not 0', '5', '0'],
    ]);
  });

  test('constants convert as the machine does', async () => {
    // In 24 bits half-way but for its last bit, which a double has no room for either.
    const values = [
      '18014399583223809L',
      '16777217L',
      '-9223372036854775807L',
      '1e300',
      '-1e300',
      '2.9',
      '-2.9',
      '4294967295L',
    ];
    const body = values.flatMap((value, i) => [
      `var a${i} = ${value}; var f${i} : float = ${value}; var g${i} : float = a${i}; say( f${i} == g${i} );`,
      `var i${i} : int = ${value}; var j${i} : int = a${i}; say( i${i} == j${i} );`,
    ]);
    expect(await printedBy(body.join('\n'))).toEqual(values.flatMap(() => ['1', '1']));
  });

  test('a result goes on as an argument in its box', () => {
    const [{ classFile }] = compileSound([
      { file: 'a.ph', text: 'class a { int f( var n : int ) { return f( f( n ) ); } };' },
    ]).classes;
    expect(listing(classFile, '')).not.toMatch(/o2i|i2o/);
  });

  test('== on objects asks them, :== compares identity, null is null', async () => {
    const body = `var s : string; say( s == null ); say( s :== null ); s = "q"; say( s != null ); say( s == "q" ); say( s :== "q" );
      say( null == s ); var u; u = s; say( u == "q" ); u = 5; say( u == 5 ); var p : pair = new pair( 1 ); say( p == new pair( 1 ) );
      say( p != new pair( 2 ) ); say( 3 == 3.0 );`;
    const pair = `package .t; class pair { var a : int; void pair( var n : int ) { a = n; } int get() { return a; }
      int equals( var other ) { var o : pair; o = other; return a == o.get(); } };`;
    expect(await printedBy(body, '', [pair])).toEqual(['1', '1', '1', '1', '0', '0', '1', '1', '1', '1', '1']);
  });

  test('casts check, and null passes', async () => {
    const body = `var u; u = "text"; say( (string)u ); try { say( (int)u ); } catch( string e ) { say( e ); }
      u = null; var s : string = (string)u; say( s :== null ); u = 5; say( (int)u + 1 ); var m = (main)this; say( m :== this );
      u = this; var t : .t.main = u; say( t :== this ); try { var p : .internal.mutex; p = u; } catch( string e ) { say( e ); }`;
    expect(await printedBy(body)).toEqual(['text', 'cast to not parent', '1', '6', '1', '1', 'cast to not parent']);
  });
});

describe('statements', () => {
  test('for, with every part and with none', async () => {
    const body = `var s : int = 0; for( var i : int = 0; i < 6; i += 1 ) { if( i == 2 ) continue; if( i == 5 ) break; s = s * 10 + i; }
      say( s ); var k : int = 0; for( ; ; ) { k += 1; if( k > 3 ) break; } say( k ); for( k = 9; k > 7; k -= 1 ) say( k );`;
    expect(await printedBy(body)).toEqual(['134', '4', '9', '8']);
  });

  test('foreach over arrays, holes and all, and over what iterates', async () => {
    const body = `var a : int[] = new int[](); a[0] = 3; a[1] = 4; var s : int = 0; foreach( x in a ) s += x; say( s );
      var t : string[] = new string[](); t[2] = "c"; foreach( x in t ) say( x ); foreach( x in a.iterator() ) say( x );
      foreach( x in new range( 3 ) ) { if( x == 2 ) continue; say( x ); }`;
    const range = `package .t; class range { var n : int; var at : int = 1; void range( var last : int ) { n = last; }
      .internal.object current() [8] { if( !started ) { started = 1; return this; } if( at > n ) return null; return at; }
      var started : int = 0; void next() [333] { at += 1; } };`;
    const printed = await printedBy(body.replace('foreach( x in a.iterator() ) say( x );', ''), '', [range]);
    expect(printed).toEqual(['7', '(void)', '(void)', 'c', '1', '3']);
  });

  test('foreach over the keys of a directory, and of a class that extends one', async () => {
    const body = `var d : .internal.directory = new .internal.directory(); d.put( "ann", 30 ); d.put( "bob", 40 );
      var s : int = 0; foreach( k in d ) { var v : int = d.get( k ); s += v * k.length(); } say( s );
      var r : register = new register(); r.put( "cleo", 1 ); foreach( k in r ) say( k + " of " + r.puts() );
      foreach( k in new .internal.directory() ) say( "nothing" );`;
    const register = `package .t; class register extends .internal.directory { var n : int = 0; int puts() { return n; }
      int put( var key : string, var value ) { n += 1; return super.put( key, value ); } };`;
    expect(await printedBy(body, '', [register])).toEqual(['210', 'cleo of 1']);
  });

  test('switch falls through, with a table and without', async () => {
    const cases = `switch( i ) { case 0: case 1: say( "low" ); break; case 2: say( "2" ); case 3: say( "3" ); break; case 4: say( "4" ); continue;
      case 5: say( "5" ); default: say( "other" ); break; case -2147483648: say( "least" ); break; case 2147483647: say( "most" ); }`;
    const body = `var v : int[] = new int[](); v[0] = -1; v[1] = 0; v[2] = 1; v[3] = 2; v[4] = 3; v[5] = 4; v[6] = 5; v[7] = -2147483648;
      v[8] = 2147483647; v[9] = 6; foreach( i in v ) { ${cases} say( "." ); } switch( 3 ) { case 4: say( "no" ); } switch( 1 ) {}`;
    expect(await printedBy(body)).toEqual([
      ...[
        'other',
        '.',
        'low',
        '.',
        'low',
        '.',
        '2',
        '3',
        '.',
        '3',
        '.',
        '4',
        '5',
        'other',
        '.',
        'least',
        '.',
        'most',
        '.',
      ],
      ...['other', '.'],
    ]);
  });

  test('try with several catches; leaving it by break, continue and return', async () => {
    const body = `for( var i : int = 0; i < 5; i += 1 ) { try { if( i == 1 ) continue; if( i == 3 ) break; if( i == 2 ) throw "two"; say( i ); }
        catch( string e ) { say( e ); } }
      say( kind( 0 ) ); say( kind( 1 ) ); say( kind( 2 ) ); try { kind( 3 ); throw "after"; } catch( string e ) { say( e ); }
      try { try { throw 1; } catch( int n ) { throw n + 1; } } catch( int n ) { say( n ); }`;
    const members = `string kind( var k : int ) { try { if( k == 0 ) throw "s"; if( k == 1 ) throw 7; if( k == 2 ) throw this; return "none"; }
      catch( string e ) { return "string " + e; } catch( int n ) { return "int " + n; } catch( .internal.object o ) { return "object"; } }`;
    expect(await printedBy(body, members)).toEqual(['0', 'two', 'string s', 'int 7', 'object', 'after', '2']);
  });

  test('no jump leads behind the end of a method', () => {
    const text = 'class a { int f( var n : int ) { if( n ) return 1; else return 2; } };';
    const [{ classFile }] = compileSound([{ file: 'a.ph', text }]).classes;
    for (const { code } of classFile.methods) expect(unsound(code)).toEqual([]);
  });

  test('a catch that was left catches no more', async () => {
    const body = `try { for( var i : int = 0; i < 2; i += 1 ) { try { if( i == 0 ) continue; break; } catch( string e ) { say( "inner" ); } }
        throw "x"; } catch( string e ) { say( "outer" ); }
      try { try { throw "s"; } catch( string e ) { throw 5; } catch( int n ) { say( "sibling" ); } } catch( int n ) { say( n ); }`;
    expect(await printedBy(body)).toEqual(['outer', '5']);
  });

  test('blocks have their own variables, and one declared in an ended block is still there', async () => {
    const body = 'var x : int = 1; { var x : int = 2; say( x ); { var y : int = 3; } } say( x ); say( y );';
    expect(await printedBy(body)).toEqual(['2', '1', '3']);
  });
});

describe('classes', () => {
  test('initialisers run once, before the constructor, and in the boot object too', async () => {
    const body = 'say( a ); say( b ); var o : child = new child(); say( o.sum() ); child_again();';
    const members = `var a : int = 3; string b = "b" + 1; void child_again() { startup2(); } void startup2() { say( a ); }`;
    const base = 'package .t; class base { var x : int = 100; void base() { x += 1; } int base_x() { return x; } };';
    const child = 'package .t; class child extends base { var y : int = 7; int sum() { return x + y; } };';
    expect(await printedBy(body, members, [base, child])).toEqual(['3', 'b1', '108', '3']);
  });

  test('static fields belong to the class', async () => {
    const body = `say( counter.count ); counter.count = 5; counter.bump(); var c : counter = new counter(); c.bump(); new counter().bump();
      say( counter.count ); counter.count += 10; say( .t.counter.count ); say( counter.label ); counter.label = "new"; say( counter.label );
      say( counter.none :== null ); say( counter.zero + 1 ); say( counter.real );`;
    const counter = `package .t; class counter { static int count = 40; static string label = "old"; static string none; static int zero;
      static double real = -2.5; static void bump() { count += 1; } };`;
    expect(await printedBy(body, '', [counter])).toEqual(['40', '8', '18', 'old', 'new', '1', '1', '-2.5']);
  });

  test('super calls the parent, constructors with arguments', async () => {
    const body = 'var s : square = new square( 3 ); say( s.text() ); say( s.area() );';
    const rect = `package .t; class rect { var w : int; var h : int; void rect( var a : int, var b : int ) { w = a; h = b; }
      int area() { return w * h; } string text() { return w + "x" + h; } };`;
    const square = `package .t; class square extends rect { void square( var a : int ) { super( a, a ); }
      string text() { return "square " + super.text(); } };`;
    expect(await printedBy(body, '', [rect, square])).toEqual(['square 3x3', '9']);
  });

  const SHAPE = 'package .t; interface shape { int area(); string name( var prefix : string ); };';
  const SOLID = 'package .t; interface solid extends shape { int volume( var height : int ); };';
  const SQUARE = `package .t; class square implements shape { var a : int; void square( var n : int ) { a = n; }
    int area( var factor : int ) { return -1; } int area() { return a * a; } int area( var s : string ) { return -2; }
    string name( var prefix : string ) { return prefix + "square"; } };`;
  const TILE = `package .t; class tile extends square implements shape { void tile() { super( 4 ); } int area() { return super.area() + 1; } };`;
  const CUBE = `package .t; class cube implements solid { int area() { return 6; } string name( var p : string ) { return p + "cube"; }
    int volume( var height : int ) { return height * 9; } };`;

  test('interfaces: by variable, parameter, result and array; overloads and overriding behind them', async () => {
    const body = `var s : shape = new square( 3 ); say( s.area() ); say( s.name( "a " ) ); s = new tile(); say( s.area() ); say( twice( s ) );
      var list : shape[] = new .t.shape[](); list[0] = new tile(); list[1] = new cube(); foreach( x in list ) say( x.name( "" ) + x.area() );
      var c : solid = new cube(); say( c.volume( 2 ) ); s = c; say( s.area() ); say( pick( 1 ).name( "p " ) );
      var wrong; wrong = "text"; s = wrong; try { s.area(); } catch( string e ) { say( e ); } s = null; try { s.area(); } catch( string e ) { say( e ); }`;
    const members = `int twice( var s : shape ) { return s.area() * 2; } shape pick( var n : int ) { if( n ) return new cube(); return new tile(); }`;
    expect(await printedBy(body, members, [SHAPE, SOLID, SQUARE, TILE, CUBE])).toEqual([
      ...['9', 'a square', '17', '34', 'square17', 'cube6', '18', '6', 'p cube'],
      ...['no method area() in .internal.string', 'null object'],
    ]);
  });

  test('a subclass inherits the ways from interfaces', () => {
    const { classes } = compileSound([SHAPE, SQUARE, TILE].map((text, i) => ({ file: `i${i}.ph`, text })));
    const methods = (name: string) =>
      classes.find((one) => one.name === name)?.classFile.methods.map((one) => one.name);
    expect(methods('.t.square')).toContain('area()');
    expect(methods('.t.tile')).toEqual(['<init>', 'area']);
  });

  test('arguments of interface calls are evaluated from left to right, the object first', async () => {
    const body = 'say( make( "s" ).name( text( "1" ) ) );';
    const members =
      'shape make( var s : string ) { say( s ); return new square( 1 ); } string text( var s : string ) { say( s ); return s; }';
    expect(await printedBy(body, members, [SHAPE, SQUARE])).toEqual(['s', '1', '1square']);
  });

  test('methods of what has no type are found by name', async () => {
    const body = `var u; u = new other(); say( u.twice( 4 ) ); u.nothing(); try { u.missing(); } catch( string e ) { say( e ); }
      var o : .internal.object = u; say( o.twice( 5 ) ); say( o.toString() );`;
    const other =
      'package .t; class other { int twice( var n : int ) { return n * 2; } void nothing() { } string toString() { return "me"; } };';
    expect(await printedBy(body, '', [other])).toEqual(['8', 'no method missing in .t.other', '10', 'me']);
  });

  test('overloads: the nearest is chosen', async () => {
    const body = `say( f( 1 ) ); say( f( 1L ) ); say( f( 1.5 ) ); say( f( "s" ) ); say( f( new derived() ) ); say( f( new base() ) ); say( f( this ) );`;
    const members = `string f( var x : int ) { return "int"; } string f( var x : double ) { return "double"; } string f( var x : string ) { return "string"; }
      string f( var x : .t.base ) { return "base"; } string f( var x ) { return "any"; }`;
    const classes = ['package .t; class base { };', 'package .t; class derived extends base { };'];
    expect(await printedBy(body, members, classes)).toEqual([
      'int',
      'double',
      'double',
      'string',
      'base',
      'base',
      'any',
    ]);
  });

  test('a last parameter callerLine that is left out is the line of the call', async () => {
    const members = `int here( var callerLine : int ) { return callerLine; }
      int two( var n : int, var callerLine : int ) { return n * 1000 + callerLine; } int two( var n : int ) { return n; }
      int other( var callerLine : int, var n : int ) { return n; }`;
    const body = ['', 'say( here() );', 'say( here(', ') ); say( here( 5 ) );', 'say( two( 1 ) ); say( two( 1, 2 ) );'];
    // The body begins on line 10 of the source.
    expect(await printedBy(body.join('\n'), members)).toEqual(['11', '12', '5', '1', '1002']);
    expect(diagnosed(`package .t; class t { ${members} void f() { other( 1 ); here( 1, 2 ); } };`)).toEqual([
      expect.stringContaining('other of .t.t takes 2 arguments, not 1'),
      expect.stringContaining('here of .t.t takes 0 arguments, not 2'),
    ]);
  });

  test('a class known by its class file alone is as good as its source', async () => {
    const counter =
      'package .t; class counter implements shape { static int count = 40; static double half = 0.5; int area() { return 7; } ' +
      'int line( var callerLine : int ) { return callerLine; } };';
    const shape = 'package .t; interface shape { int area(); };';
    const library = compileSound([counter, shape].map((text, i) => ({ file: `l${i}.ph`, text })));
    const text = `package .t; class main { void startup( var boot ) [8] { var s : shape = new counter(); counter.count += 1;
      boot.16( "T| " + s.area() + " " + counter.count + " " + counter.half + " " + new counter().line() ); } };`;
    const files = new Map(library.classes.map(({ name, bytes }) => [name, bytes]));
    const { classes, diagnostics } = compile([{ file: 'main.ph', text }], {
      find: (name) => {
        const bytes = files.get(name);
        return bytes === undefined ? undefined : { kind: 'class', file: name, bytes };
      },
    });
    expect(diagnostics).toEqual([]);
    const { runInV8 } = await import('../kernel/vm/testing/v8.js');
    const all = new Map([...files, ...classes.map(({ name, bytes }): [string, Uint8Array] => [name, bytes])]);
    expect((await runInV8({ classes: all, bootClass: '.t.main' })).console).toBe('T| 7 41 0.5 2');
  });
});

test('a failing line is named in the report, with LF and with CR LF', async () => {
  const text = `package .t;
class main
{
    void startup( var boot ) [8]
    {
        var i : int = 0;
        i = 1
            / i;
    }
};
`;
  for (const end of ['\n', '\r\n']) {
    const run = await compileAndRun([{ file: 'main.ph', text: text.replaceAll('\n', end) }]);
    expect(run.failed).toBe(1);
    expect(run.console + run.log).toMatch(/division by zero[\s\S]*7/);
  }
});

test('strings are UTF-8, files can be embedded', async () => {
  const text =
    'package .t; class main { void startup( var boot ) [8] { boot.16( "é" + ("é").length() + (import "data.bin").length() ); } };';
  const { classes } = compile([{ file: 'main.ph', text }], {
    readFile: (path) => (path === 'data.bin' ? new Uint8Array(300) : undefined),
  });
  const { runInV8 } = await import('../kernel/vm/testing/v8.js');
  const run = await runInV8({ classes: new Map([[classes[0].name, classes[0].bytes]]), bootClass: '.t.main' });
  expect(Buffer.from(run.console, 'latin1').toString()).toBe('é2300');
});
