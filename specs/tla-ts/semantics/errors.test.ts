// Mistakes in specifications: each is refused with a place and a sentence that says what to do.
import { describe, expect, test } from 'vitest';
import { checkTexts } from '../check/check.js';

const CONFIG = 'INIT Init\nNEXT Next\n';

/** A module whose line 4 is the mistake; lines 5 and 6 define Init and Next. */
function moduleWith(line: string, extended = 'Naturals, Sequences'): string {
  return [
    '---- MODULE M ----',
    `EXTENDS ${extended}`,
    'VARIABLES x, y',
    line,
    'Init == x = 0 /\\ y = 0',
    "Next == x' = x /\\ y' = y",
    '====',
  ].join('\n');
}

const mistakes: readonly (readonly [string, string, number, RegExp])[] = [
  // Syntax.
  [
    'conjunction and disjunction mixed',
    'A == x = 1 /\\ y = 1 \\/ x = 2',
    12,
    /\/\\ and \\\/ have overlapping precedence/,
  ],
  ['a chain of implications', 'A == TRUE => TRUE => FALSE', 11, /does not associate/],
  ['% beside +', 'A == x % 2 + 1', 8, /% and \+ have overlapping precedence/],
  ['union beside difference', 'A == {1} \\cup {2} \\ {1}', 10, /\\cup and \\ have overlapping/],
  ['IF without ELSE', 'A == IF x = 1 THEN 2', 1, /Expected ELSE/],
  ['an open bracket', 'A == <<1, 2', 1, /Expected >>/],
  ['an open string', 'A == "abc', 6, /string does not end/],
  ['an operator in the place of a value', 'A == Append(+, 1)', 13, /not the operator \+/],
  ['a field twice', 'A == [a |-> 1, a |-> 2]', 16, /stands twice/],
  ['a character without meaning', 'A == x ` y', 8, /no meaning/],
  ['a keyword in small letters', 'A == if x = 1 THEN 2 ELSE 3', 13, /Keywords are written in capitals: IF/],
  ['a declaration in small letters', 'variable z', 10, /Keywords are written in capitals: VARIABLE/],
  ['a sequence glued to =', 'A == x=<<1>>', 9, /write = << with a space/],
  ['the empty sequence glued to =', 'A == x=<<>>', 11, /write = << with a space/],
  ['a sign of an editor', 'A == x \u2208 {1}', 8, /It is written \\in\.$/],
  // Names.
  ['an unknown name', 'A == x + z', 10, /name z is not defined/],
  ['an unknown operator', 'A == x ++ y', 8, /operator \+\+ is not defined/],
  ['a name twice', 'x == 1', 1, /used twice/],
  ['a parameter that is a variable', 'A(x) == x', 3, /used twice/],
  ['a bound variable twice', 'A == \\A i \\in {1} : \\E i \\in {2} : TRUE', 24, /used twice/],
  ['a local definition twice', 'A == LET k == 1 k == 2 IN k', 17, /used twice/],
  ['an unknown module', 'I == INSTANCE Nowhere', 15, /Module Nowhere was not found/],
  ['an instance for a value', 'I == INSTANCE Naturals B == I', 29, /write I!Name/],
  ['! after what is no instance', 'A == x!y', 6, /no instance/],
  ['a core operator defined', 'a \\cup b == a', 3, /belongs to the language/],
  // Numbers of arguments.
  ['too many arguments', 'A(i) == i B == A(1, 2)', 17, /takes 1 argument, here it is given 2/],
  ['no arguments', 'A(i) == i B == A', 16, /takes 1 argument; here it is given none/],
  ['an operator of another arity', 'A(F(_)) == F(1) B == A(LAMBDA p, q : p)', 24, /operator of 1 argument/],
  ['a value for an operator', 'A(F(_)) == F(1) B == A(3)', 24, /an operator of 1 argument/i],
  ['RECURSIVE without a definition', 'RECURSIVE F(_)', 11, /never defined/],
  // Levels.
  ['a prime on a prime', "A == (x')'", 6, /contains a prime/],
  ['a prime through an operator', "P(s) == s' B == P(x')", 19, /puts a prime on this argument/],
  ['UNCHANGED of a primed variable', "A == UNCHANGED (x')", 6, /may not contain a prime/],
  ['[] of an action', "A == [](x' = x)", 6, /must have the form \[A\]_v/],
  ['an assumption about a variable', 'ASSUME x = 0', 8, /may not mention a variable/],
  ['a temporal formula as a value', 'A == {[](x = 0)}', 7, /has no value/],
];

describe('mistakes in a module', () => {
  test.each(mistakes)('%s', (_, line, column, sentence) => {
    const result = checkTexts({ module: moduleWith(line), config: CONFIG });
    expect(result.message).toMatch(sentence);
    expect(result.result).toBe('parse-error');
    expect(result.exitCode).toBe(150);
    // What is missing at the end of the line is missed at the beginning of the next.
    expect([result.errorLine, result.errorColumn]).toEqual([column === 1 && !/^x ==/.test(line) ? 5 : 4, column]);
    expect(result.message).toContain(`module.tla:${result.errorLine}:${column}: `);
  });
});

describe('the same constructions, used rightly', () => {
  test.each([
    ['parentheses', 'A == (x = 1 /\\ y = 1) \\/ x = 2'],
    ['a prime on a parameter', "P(s) == s' B == P(x)"],
    ['ENABLED takes an action and is about a state', "A == [](ENABLED (x' = 1) => x = 0)"],
    ['an action under an operator that only asks whether it is enabled', "E(a) == ENABLED a B == [](E(x' = 1))"],
    ['the same module by two ways', 'I == INSTANCE Sequences B == I!Len(<<1>>)'],
    ['a name bound twice, one after the other', 'A == (\\A i \\in {1} : TRUE) /\\ \\E i \\in {2} : TRUE'],
    ['set difference without spaces', 'S == {1} A == {1, 2}\\S'],
    ['a temporal formula as an argument', 'Al(F) == []F B == Al(x = 0)'],
  ])('%s', (_, line) => {
    expect(checkTexts({ module: moduleWith(line), config: CONFIG }).message).toBeNull();
  });
});

describe('mistakes in a configuration', () => {
  test.each([
    ['INIT Init\n', /needs a SPECIFICATION, or both INIT and NEXT/],
    ['INIT Init NEXT Nxt', /Nxt of the configuration is not defined/],
    [`${CONFIG}INVARIANT A`, /A of the configuration is not defined/],
    [`${CONFIG}CONSTANT K = 1`, /constant K of the configuration is not defined/],
    [`${CONFIG}CHECK_DEADLOCK PERHAPS`, /Expected TRUE or FALSE/],
    [`${CONFIG}CONSTANT K ~ 1`, /Expected = and a value .* or <- and a definition, after K/],
    [`${CONFIG}SPECIFICATION Init`, /one or the other/],
    ['NONSENSE', /Expected a statement/],
    [`${CONFIG}INVARIANT Next`, /about one state, but it contains a prime/],
  ])('%s', (config, sentence) => {
    const result = checkTexts({ module: moduleWith('B == 1'), config });
    expect(result.message).toMatch(sentence);
    expect([result.result, result.exitCode]).toEqual(['config-error', 151]);
  });
});

describe('what beginners write', () => {
  test.each([
    ['= for ==', 'A = x', /A definition is written with ==: A == \.\.\./],
    ['== for =', 'A == x == 1', /Equality is written =/],
    ['&&', 'A == x = 0 && y = 0', /And is written \/\\/],
    ['||', 'A == x = 0 || y = 0', /Or is written \\\//],
    ['!=', 'A == x != 5', /Not equal is written # or \/=/],
    [':=', "A == x' := 1", /is said with x' = \.\.\./],
    ['a comment of C', '// a comment', /A comment begins with \\\*/],
    [';', 'A == x;', /Nothing is separated by semicolons/],
    ['in', 'A == x in {1}', /Membership is written \\in/],
    ['true', 'A == true', /It is written TRUE/],
    ['a misspelt name', 'Value == 1 A == Vlaue', /Did you mean Value\?/],
    ['no RECURSIVE', 'F(n) == IF n = 0 THEN 1 ELSE F(n - 1)', /RECURSIVE F\(_\)/],
    ['a function applied like an operator', 'f == [i \\in {1} |-> i] A == f(1)', /applied with brackets: f\[\.\.\.\]/],
    ['an operator applied like a function', 'F(i) == i A == F[1]', /applied with parentheses: F\(\.\.\.\)/],
    ['a string left open', 'A == "abc /\\ x = 1', /closing " is missing/],
  ])('%s', (_, line, sentence) => {
    const result = checkTexts({ module: moduleWith(line), config: CONFIG });
    expect([result.result, result.message]).toEqual(['parse-error', expect.stringMatching(sentence)]);
  });

  test.each([
    ['a misspelt module', moduleWith('A == 1', 'Sequence'), CONFIG, /Did you mean Sequences\?/],
    ['a misspelt definition', moduleWith('A == 1'), 'INIT Inti\nNEXT Next\n', /Did you mean Init\?/],
    // Nat of Naturals is as near.
    ['a misspelt definition of this module', moduleWith('A == 1'), 'INIT Init\nNEXT Nxt\n', /Did you mean Next\?/],
    ['a misspelt statement', moduleWith('A == 1'), `${CONFIG}INVARIENT A`, /Did you mean INVARIANT\?/],
    ['a comment of the shell', moduleWith('A == 1'), `# mine\n${CONFIG}`, /A comment begins with \\\*/],
    ['an expression for a constant', moduleWith('CONSTANT N'), `${CONFIG}CONSTANT N = 1 + 2`, /or <- and a definition/],
    [
      'a variable without a next value',
      moduleWith('A == 1').replace(" /\\ y' = y", ''),
      CONFIG,
      /leaves y without a value in the next state\. Each variable needs .* or an UNCHANGED v/,
    ],
    [
      'a variable without a first value',
      moduleWith('A == 1').replace(' /\\ y = 0', ''),
      CONFIG,
      /gives no value to y\. Each variable needs/,
    ],
    ['a prime in Init', moduleWith('A == 1').replace('Init == x', "Init == x'"), CONFIG, /variables have no prime/],
    ['no action possible', moduleWith('A == 1').replace("x' = x", "x > 0 /\\ x' = x"), CONFIG, /CHECK_DEADLOCK FALSE/],
  ])('%s', (_, module, config, sentence) => {
    const result = checkTexts({ module, config });
    expect(result.result).not.toBe('ok');
    expect(result.message).toMatch(sentence);
  });

  test('names that are nothing alike are not suggested', () => {
    const result = checkTexts({ module: moduleWith('A == whatever'), config: CONFIG });
    expect(result.message).toMatch(/Check its spelling/);
  });
});
