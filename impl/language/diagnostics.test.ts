import { describe, expect, test } from 'vitest';
import { compile, formatDiagnostic } from './index.js';
import { diagnosed } from './testing/programs.js';

/** Diagnostics of a method body, which begins on line 3; columns count from the body's first. */
function inBody(body: string, members = ''): string[] {
  return diagnosed(`class t {${members}\nvoid f() {\n${body}\n} };`).filter((line) => !line.includes(' never reached'));
}

test('an error: place, message, suggestion, line, caret under tabs', () => {
  const text = 'class t\n{\n\tint f( var count : int ) { return cuont; }\n};\n';
  const [diagnostic] = compile([{ file: 'a/b.ph', text }]).diagnostics;
  expect(formatDiagnostic(diagnostic)).toBe(
    'a/b.ph:3:36: error: there is no variable or field cuont; did you mean count?\n' +
      '  \tint f( var count : int ) { return cuont; }\n' +
      '  \t                                  ^~~~~',
  );
});

test('a long line is shown around the mistake', () => {
  const text = `class t { void f() { ${'f(); '.repeat(200)} wrong; ${'f(); '.repeat(200)} } };`;
  const shown = formatDiagnostic(compile([{ file: 'a.ph', text }]).diagnostics[0]).split('\n');
  expect(shown[1].length).toBeLessThan(170);
  expect(shown[1].slice(shown[2].indexOf('^'), shown[2].lastIndexOf('~') + 1)).toBe('wrong');
});

test('several mistakes in one run, in the order of the source', () => {
  expect(inBody('x = 1;\nvar i : int = "s";\ni = ;\ni.foo();\nbreak;')).toEqual(
    [
      '5:5 error: expected an expression, found ;',
      '4:15 error: this is string, not int',
      '6:3 error: class .internal.int has no method foo',
      '7:1 error: break stands outside a loop and a switch',
    ].sort(),
  );
});

describe('mistakes of syntax', () => {
  test.each([
    ['var i : int = 1', '3:16 error: expected ; after the variable, found }'],
    ['if( 1 { f(); }', '3:7 error: expected ) after the condition of if, found {'],
    ['f( 1, );', '3:7 error: expected an expression, found )'],
    ['var class : int;', '3:5 error: expected the name of the variable, found the keyword class'],
    ['int i;', '3:1 error: expected a statement, found int'],
    ['5 = 6;', '3:1 error: only a variable, a field or an element of an array can be assigned to'],
    ['else f();', '3:1 error: this else belongs to no if'],
    ['try f();', '4:1 error: expected catch after try, found }'],
    ['var s : string = "open;\nf();', '3:18 error: this text is not closed on its line'],
    ['f(); /* open', '3:6 error: this comment is never closed'],
    ['f( 12ab );', '3:4 error: 12ab is neither a number nor a name'],
    ['f( 99999999999999999999 );', '3:4 error: 99999999999999999999 does not fit a long'],
    ['f() $ 1;', '3:5 error: expected ; after the statement, found $'],
  ])('%s', (body, message) => {
    expect(inBody(body)).toContain(message);
  });

  test('a declaration that cannot be read makes no errors where it is used', () => {
    expect(inBody('var i : int = ;\ni = i + 1;')).toEqual(['3:15 error: expected an expression, found ;']);
    expect(diagnosed('class t { var i : ; int f() { return i + g(); } void g() {} };')).toHaveLength(2);
  });

  test('what is outside of classes', () => {
    expect(diagnosed('clas t { };\nclass u { };')).toEqual(['1:1 error: expected a class or an interface, found clas']);
    expect(diagnosed('class t {')).toEqual(['1:10 error: expected } to close class t, found the end of the file']);
  });
});

describe('mistakes of meaning', () => {
  test.each([
    ['f( 1 );', '3:1 error: f of .t takes 0 arguments, not 1'],
    ['g( "x" );', '3:4 error: parameter n of g of .t is int, this is string'],
    ['g( 5000000000 );', '3:4 error: parameter n of g of .t is int, this is long'],
    ['h( this );', '3:1 error: h of .t does not take ( .t )'],
    ['fg();', '3:1 error: class .t has no method fg'],
    ['var x : nothing;', '3:9 error: class .nothing not found'],
    ['new nothing();', '3:5 error: class .nothing not found'],
    ['var i : int = f();', '3:15 error: a void method has no value to use here'],
    ['var i : int = null;', '3:15 error: null is no int'],
    ['if( "s" ) f();', '3:5 error: a condition is a number, this is string'],
    ['var i : int = "a" - 1;', '3:15 error: - wants numbers, this is string'],
    ['var i : int = 1.5 % 2;', '3:15 error: % works on int and long, this is double'],
    ['var i : int = "a" == 1;', '3:15 error: string and int cannot be equal'],
    ['var i : int[]; i["x"] = 1;', '3:18 error: this is string, not int'],
    ['var s : string; s[0] = 1;', '3:17 error: this is string, no array'],
    ['continue;', '3:1 error: continue stands outside a loop'],
    ['switch( 1 ) { case 1: case 1: }', '3:28 error: this switch has a case 1 already'],
    ['var i : int; switch( 1 ) { case i: }', '3:33 error: a case is a whole number, written out'],
    ['var m : .internal.mutex; var s : string = m;', '3:43 error: this is .internal.mutex, not string'],
    ['this.field = 1;', '3:6 error: fields of another object cannot be reached'],
    ['super( 1 );', '3:1 error: super( … ) calls the constructor of the parent, in a constructor only'],
    ['new i();', '3:5 error: .i is an interface'],
    ['try { } catch( i e ) { }', '3:16 error: .i is an interface and cannot be caught'],
    ['var i : int; var i : string;', '3:18 error: i is declared here already'],
    ['var b : int = true;', '3:15 error: there is no true'],
  ])('%s', (body, message) => {
    const members = 'void g( var n : int ) {} void h( var n : int ) {} void h( var s : string ) {}';
    const text = `class t {${members}\nvoid f() {\n${body}\n} };`;
    expect(diagnosed(text, 'interface i { };')).toContain(message);
  });

  test.each([
    ['class a { var x; var x; };', '1:22 error: field x is declared twice'],
    ['class a { void f() {} void f() {} };', '1:28 error: f with these parameters is declared twice'],
    ['class a { void f() [20] {} void g() [20] {} };', '1:33 error: g and f both have number 20'],
    ['class a extends b {}; class b extends a {};', '1:39 error: class .b descends from itself'],
    ['class a extends .internal.string {};', "1:17 error: a class cannot extend the kernel's class .internal.string"],
    ['interface i { int f(); }; class a implements i { };', '1:33 error: class .a lacks f() of .i'],
    [
      'interface i { int f(); }; class a implements i { string f() { return ""; } };',
      '1:57 error: f() returns string; .i wants int',
    ],
    [
      'class p { int f() { return 1; } }; class a extends p { string f() { return ""; } };',
      "1:63 error: f returns string, but overrides .p's, which returns int",
    ],
    [
      'class p { void p( var n : int ) {} }; class a extends p { };',
      '1:45 error: the constructor of the parent class .p takes arguments',
    ],
    ['class a { static int n = f(); };', '1:26 error: a static field begins with a constant of its type, int'],
    ['class a {}; class a {};', '1:19 error: class .a is declared twice'],
    ['import .nowhere.x; class a {};', '1:8 error: class .nowhere.x not found'],
    ['class a { string toString() { return 5; } };', '1:38 error: this is int, not string'],
    ['interface i { var x; };', '1:19 error: an interface has no fields'],
  ])('%s', (text, message) => {
    expect(diagnosed(text)).toContain(message);
  });
});

test.each([
  ['package .p; class a { var x : .b; };', 'class .b not found; give b.ph too, or'],
  ['package .p; class a { var x : b; };', 'class .p.b not found; give p.b.ph too, or'],
  ['package .p; class thing { var x : thng; };', 'class .p.thng not found; did you mean thing?'],
  ['class a { var x : long = 0xfffffffffffffffff; };', '0xfffffffffffffffff does not fit a long; it has 16 digits'],
])('what helps: %s', (text, message) => {
  const { diagnostics } = compile([{ file: 'a.ph', text }]);
  expect(diagnostics).toHaveLength(1);
  expect(formatDiagnostic(diagnostics[0])).toContain(message);
});

describe('warnings leave the program whole', () => {
  test.each([
    ['int g() { if( f() ) return 1; }', '1:43 warning: g may end without a return: it returns null then'],
    ['int g() { while( 1 ) { if( f() ) break; } }', '1:55 warning: g may end without a return: it returns null then'],
    ['void g() { var i : int; f2( i ); }', '1:41 warning: i may be used before it is assigned: it is 0 then'],
    [
      'void g() { var s : string; if( f() ) s = ""; f2( s ); }',
      '1:62 warning: s may be used before it is assigned: it is null then',
    ],
    [
      'void g() { var l : long = 1; switch( l ) { case 1: f(); } }',
      '1:50 warning: a switch is on int: this long loses what does not fit',
    ],
    ['string g() { return "\ufffd"; }', '1:33 warning: this text has bytes that are not UTF-8: they are lost'],
    ['void g() { return; f(); }', '1:32 warning: this statement is never reached'],
    ['void g() { throw "x"; f(); f(); }', '1:35 warning: this statement is never reached'],
    ['void g() { 1 + 2; }', '1:24 warning: this statement does nothing'],
    ['void g() { var i : int; if( i = 2 ) f(); }', '1:41 warning: this assigns, it does not compare'],
    ['void g( var bo : int ) { }', '1:21 warning: field bo of .t hides this variable'],
    [
      'void g() { var i : int = 3000000000; f2( i ); }',
      '1:38 warning: 3000000000 does not fit int: it becomes -1294967296',
    ],
    ['void g() { return 5; }', '1:31 warning: a void method returns nothing: the value is lost'],
    ['int g() { return; }', '1:23 warning: this returns null, the method returns int'],
  ])('%s', (member, warning) => {
    const text = `class t {   ${member} var bo; int f() { return 1; } void f2( var x ) { } };`;
    const { diagnostics, classes } = compile([{ file: 'a.ph', text }]);
    expect(
      diagnostics.map(({ line, column, severity, message }) => `${line}:${column} ${severity}: ${message}`),
    ).toEqual([warning]);
    expect(classes).toHaveLength(1);
  });

  test.each([
    'int g() { while( 1 ) { } }',
    'int g( var n : int ) { switch( n ) { case 1: return 1; default: throw "x"; } }',
    'int g() { try { return 1; } catch( string e ) { throw e; } }',
    'int g() { do { return 1; } while( 1 ); }',
    'void g() { var i : int; if( f() && ( i = f() ) ) f2( i ); }',
    'void g() { var i : int; while( 1 ) { i = 1; break; } f2( i ); }',
    'void g() { var i : int; for( i = 0; i < 3; i += 1 ) f2( i ); f2( i ); }',
    'void g() { var i : int; if( f() ) i = 1; else return; f2( i ); }',
    'void g() { var i : int; switch( f() ) { case 1: i = 1; break; default: i = 2; } f2( i ); }',
    'void g() { if( 0 ) f(); }',
  ])('nothing to say about %s', (member) => {
    expect(diagnosed(`class t { ${member} int f() { return 1; } void f2( var x ) { } };`)).toEqual([]);
  });
});

test('after a hundred errors the rest is silence', () => {
  expect(diagnosed(`class t { void f() {\n${'wrong;\n'.repeat(500)}} };`)).toHaveLength(100);
});
