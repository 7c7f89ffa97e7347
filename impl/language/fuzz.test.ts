import { fc, test as property } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { readClassFile } from '../../model/classfile/index.js';
import { compile, formatDiagnostic, type SourceText } from './index.js';
import { sourceFolders, sourcesIn, unsound } from './testing/programs.js';

/** Whatever comes in: an end, diagnostics that can be shown, class files that can be read or none. */
function compileAnything(sources: readonly SourceText[]): void {
  const { classes, diagnostics } = compile(sources);
  for (const diagnostic of diagnostics) {
    expect(formatDiagnostic(diagnostic).split('\n')).toHaveLength(3);
    expect(diagnostic.message).not.toMatch(/undefined|\[object|NaN/);
  }
  if (diagnostics.some(({ severity }) => severity === 'error')) expect(classes).toHaveLength(0);
  for (const { bytes, name } of classes) {
    const file = readClassFile(bytes, name);
    for (const { code } of file.methods) expect(unsound(code)).toEqual([]);
  }
}

const WORDS = [
  ...[
    'class',
    'interface',
    'package',
    'import',
    'extends',
    'implements',
    'static',
    'void',
    'int',
    'long',
    'double',
    'string',
  ],
  ...[
    'var',
    'if',
    'else',
    'while',
    'do',
    'for',
    'foreach',
    'in',
    'switch',
    'case',
    'default',
    'break',
    'continue',
    'return',
  ],
  ...[
    'throw',
    'try',
    'catch',
    'new',
    'null',
    'this',
    'super',
    'a',
    'b',
    'main',
    'f',
    '.t.main',
    '.internal.string',
    'toString',
  ],
  ...[
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ';',
    ':',
    ',',
    '.',
    '=',
    '+=',
    '==',
    ':==',
    '!=',
    '<',
    '+',
    '-',
    '*',
    '/',
    '%',
    '&',
    '|',
    '~',
    '!',
  ],
  ...[
    '&&',
    '||',
    '<<',
    '>>>',
    '0',
    '1',
    '-1',
    '255',
    '3000000000',
    '1.5',
    '2f',
    '"text"',
    "'c'",
    '@const',
    '/*',
    '//',
    '\n',
    '"',
  ],
];

const words = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...WORDS), { maxLength }).map((list) => list.join(' '));

describe('the compiler never crashes or hangs', () => {
  property.prop([fc.string({ unit: 'binary', maxLength: 200 })])('on any text', (text) => {
    compileAnything([{ file: 'a.ph', text }]);
  });

  property.prop([words(80)], { numRuns: 200 })('on any tokens', (text) => {
    compileAnything([{ file: 'a.ph', text }]);
  });

  property.prop([words(60)], { numRuns: 300 })('on any tokens in a method', (text) => {
    const whole = `package .t; class main { var a : int; var b : string; int f( var n : int ) { ${text} } };`;
    compileAnything([{ file: 'a.ph', text: whole }]);
  });

  const programs = sourceFolders().map(sourcesIn);
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat({ max: 12 }),
    put: fc.oneof(fc.constant(''), fc.constantFrom(...WORDS), fc.string({ maxLength: 4 })),
  });

  property.prop([fc.nat(), fc.nat(), fc.array(edit, { minLength: 1, maxLength: 4 })], { numRuns: 150 })(
    'on programs with mutations',
    (which, part, edits) => {
      const program = programs[which % programs.length];
      const sources = program.map((source, i) => {
        if (i !== part % program.length) return source;
        const text = edits.reduce((now, { at, length, put }) => {
          const start = Math.floor(at * now.length);
          return now.slice(0, start) + put + now.slice(start + length);
        }, source.text);
        return { ...source, text };
      });
      compileAnything(sources);
    },
  );

  property.prop([fc.nat(), fc.nat(), fc.nat()], { numRuns: 60 })('on programs cut short', (which, part, cut) => {
    const program = programs[which % programs.length];
    const sources = program.map((source, i) =>
      i === part % program.length ? { ...source, text: source.text.slice(0, cut % (source.text.length + 1)) } : source,
    );
    compileAnything(sources);
  });

  const deep: readonly (readonly [string, string])[] = [
    ['parentheses', `x = ${'('.repeat(20_000)}1`],
    ['operators', `x = 1${' + x'.repeat(20_000)};`],
    ['operators in parentheses', `x = ${'('.repeat(190)}1${`${' + x'.repeat(500)})`.repeat(190)};`],
    ['signs', `x = ${'- '.repeat(20_000)}1;`],
    ['blocks', '{'.repeat(20_000)],
    ['ifs', 'if( x ) '.repeat(20_000)],
    ['else-ifs', `if( x ) x = 1; ${'else if( x ) x = 2; '.repeat(20_000)}`],
    ['nested else-ifs', `if( x ) x = 1; ${'else if( x ) x = 2; '.repeat(400)} else { `.repeat(100)],
    ['calls', `f( 1 )${'.toString()'.repeat(20_000)};`],
    ['assignments', `${'x = '.repeat(20_000)}1;`],
    ['indices', `x${'[x'.repeat(20_000)}`],
    ['variables', Array.from({ length: 20_000 }, (_, i) => `var v${i} : int = ${i};`).join(' ')],
  ];
  property.each(deep)('on endless %s', (_, body) => {
    compileAnything([{ file: 'a.ph', text: `class a { int f( var n : int ) { var x : int; ${body} } };` }]);
  });
});

// What compiles, the machine finds sound: no thread ends by malformed code.
describe('every statement leaves the stacks as they were', () => {
  const numbers = fc.constantFrom('i', 'l', 'd', 'a[0]', 'field', 'st', 'f( i )', '7', '-2', '1.5', '(int)u');
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      numbers,
      fc
        .tuple(tie('expression'), fc.constantFrom('+', '-', '*', '<', '==', '!=', '&&', '||', '>='), tie('expression'))
        .map(([left, operator, right]) => `( ${left} ${operator} ${right} )`),
      fc
        .tuple(fc.constantFrom('!', '- ', '(long)', '(int)', '(double)'), tie('expression'))
        .map((parts) => parts.join('')),
      fc
        .tuple(
          fc.constantFrom('i', 'l', 'd', 'field', 'st', 'a[1]'),
          fc.constantFrom('=', '+=', '*='),
          tie('expression'),
        )
        .map((parts) => `( ${parts.join(' ')} )`),
    ),
  }));
  const { statement } = fc.letrec<{ statement: string }>((tie) => ({
    statement: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      expression.map((text) => `i = ${text};`),
      expression.map((text) => `s = "" + ${text};`),
      fc.tuple(expression, tie('statement'), tie('statement')).map(([c, a, b]) => `if( ${c} ) { ${a} } else { ${b} }`),
      tie('statement').map((body) => `for( k = 0; k < 3; k += 1 ) { ${body} if( k == 1 ) continue; }`),
      tie('statement').map((body) => `{ var n : int = 0; while( n < 2 ) { n += 1; ${body} if( i > 5 ) break; } }`),
      tie('statement').map(
        (body) => `try { ${body} if( i > 2 ) throw "x"; } catch( int e ) { i = e; } catch( string e ) { s = e; }`,
      ),
      fc.tuple(tie('statement'), tie('statement')).map((both) => both.join(' ')),
      tie('statement').map((body) => `switch( i ) { case 0: ${body} case 1: break; case 2: i = 9; default: ${body} }`),
      tie('statement').map((body) => `foreach( x in a ) { ${body} }`),
    ),
  }));

  property.prop([fc.array(statement, { minLength: 1, maxLength: 4 })], { numRuns: 25 })(
    'whatever they are',
    async (list) => {
      const { compileAndRun } = await import('./testing/programs.js');
      const text = `package .t; class main { var field : int = 1; static int st = 2; int f( var n : int ) { return n + 1; }
      void startup( var boot ) [8] { var i : int = 0; var k : int = 0; var l : long = 3; var d : double = 0.5; var s : string = ""; var u = (.internal.object)4;
        var a : int[] = new int[](); a[0] = 1; a[1] = 2; try { ${list.join('\n')} } catch( string e ) { } boot.16( "T| done " + ( i * 0 ) ); } };`;
      const run = await compileAndRun([{ file: 'main.ph', text }]);
      expect(run.console).toBe('T| done 0');
      expect(run.failed).toBe(0);
    },
  );
});
