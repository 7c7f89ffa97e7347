// What a check finds beyond the conformance suite: evaluation under awkward circumstances, limits, results of each kind.
import { describe, expect, test } from 'vitest';
import { type CheckOptions, checkTexts } from './check.js';

function check(body: string, config: string, options: CheckOptions = {}, modules: Record<string, string> = {}) {
  const module = `---- MODULE M ----\nEXTENDS Integers, Sequences, FiniteSets, TLC\n${body}\n====\n`;
  return checkTexts({ module, config, modules }, options);
}

const STATES = 'INIT Init\nNEXT Next\nCHECK_DEADLOCK FALSE\n';

/** Checks that a constant formula is TRUE. */
function holds(formula: string, definitions = ''): void {
  const result = check(`${definitions}\nASSUME ${formula}`, '');
  expect(result.message).toBeNull();
  expect(result.result).toBe('ok');
}

describe('what is kept between evaluations is right', () => {
  test('a LET around an initial assignment follows the variable', () => {
    const body =
      'VARIABLES x, y\nInit == LET d == x + 1 IN x \\in {1, 2} /\\ y = d\nNext == UNCHANGED <<x, y>>\nInv == y = x + 1';
    expect(check(body, `${STATES}INVARIANT Inv`)).toMatchObject({ result: 'ok', distinct: 2 });
  });

  test('an argument about the initial state follows the variable', () => {
    const body =
      'VARIABLES x, y\nP(a) == x \\in {1, 2} /\\ y = a\nInit == P(x + 1)\nNext == UNCHANGED <<x, y>>\nInv == y = x + 1';
    expect(check(body, `${STATES}INVARIANT Inv`)).toMatchObject({ result: 'ok', distinct: 2 });
  });

  test('a LET of the next state is not remembered from another branch', () => {
    const body =
      "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext == LET d == x' + 1 IN (x' = 1 \\/ x' = 2) /\\ y' = d\nInv == x = 0 \\/ y = x + 1";
    expect(check(body, `${STATES}INVARIANT Inv`)).toMatchObject({ result: 'ok', distinct: 3 });
  });

  test('an argument means the next state under a prime, though it was used before', () => {
    const body = "VARIABLE x\nInit == x = 0\nP(e) == e < 3 /\\ x' = x + 1 /\\ e' = e + 2\nNext == P(x + x)";
    expect(check(body, STATES)).toMatchObject({ result: 'ok', distinct: 3 });
  });

  test('a definition about the state is computed anew in every state and under a prime', () => {
    const body =
      "VARIABLE x\nD == {x}\nInit == x = 0\nNext == x < 3 /\\ x' = x + 1 /\\ D' # D /\\ D' = {x + 1}\nInv == D = {x}";
    expect(check(body, `${STATES}INVARIANT Inv`)).toMatchObject({ result: 'ok', distinct: 4 });
  });

  test('a recursive operator that is entered again keeps its variables', () => {
    holds(
      'Tree(3) = <<3, {<<2, {<<1, {<<0, {}, 0>>}, 1>>}, 2>>}, 3>>',
      [
        'RECURSIVE Tree(_)',
        'Tree(n) == LET below == {Tree(i) : i \\in {j \\in 0 .. n : j = n - 1}} IN <<n, below, n>>',
      ].join('\n'),
    );
  });

  test('mutual recursion through a LAMBDA that refers to the caller', () => {
    holds(
      'Walk(3) = <<3, 2, 1, 0>>',
      [
        'Apply(F(_), v) == F(v)',
        'RECURSIVE Walk(_)',
        'Walk(n) == Apply(LAMBDA k : IF k = 0 THEN <<0>> ELSE <<k>> \\o Walk(n - 1), n)',
      ].join('\n'),
    );
  });

  test('an operator handed down a recursion is called with the cells of its own place', () => {
    holds(
      'Count(3) = 6',
      [
        'RECURSIVE Fold(_, _)',
        'Fold(F(_), n) == IF n = 0 THEN F(0) ELSE F(n) + Fold(F, n - 1)',
        'RECURSIVE Count(_)',
        'Count(m) == IF m = 0 THEN 0 ELSE Fold(LAMBDA i : IF i = 0 THEN m ELSE 0, m) + Count(m - 1)',
      ].join('\n'),
    );
  });

  test('an argument that cannot be evaluated is an error only where it is used', () => {
    holds(
      'Last(<<1, 2, 3>>, 0) = 3',
      ['RECURSIVE Last(_, _)', 'Last(s, h) == IF s = << >> THEN h ELSE Last(Tail(s), Head(s))'].join('\n'),
    );
    holds('Safe(<<>>, 1) = 1', 'RECURSIVE Safe(_, _)\nSafe(s, n) == IF n = 1 THEN 1 ELSE Safe(s, 1) + Head(s)');
    holds('Pick(TRUE, 1, Head(<<>>)) = 1', 'Pick(c, a, b) == IF c THEN a ELSE b');
  });

  test('a recursive function of a bound variable', () => {
    holds('{LET f[k \\in 0 .. 3] == IF k = 0 THEN n ELSE f[k - 1] * 2 IN f[3] : n \\in {1, 10}} = {8, 80}');
  });
});

describe('values', () => {
  test.each([
    ['a set difference with an infinite set', '(Nat \\ {0}) \\cap (-2 .. 2) = {1, 2}'],
    [
      'membership in infinite sets',
      '3 \\in Nat /\\ -3 \\notin Nat /\\ -3 \\in Int /\\ <<1>> \\in Seq(Nat) /\\ {1} \\in SUBSET Nat',
    ],
    ['functions on infinite sets', '[n \\in Nat |-> n * n][12] = 144 /\\ [i \\in 1 .. 2 |-> i] \\in [1 .. 2 -> Nat]'],
    ['a function is its values', '(2 :> "b" @@ 1 :> "a") = <<"a", "b">> /\\ (0 :> 1)[0] = 1'],
    ['keys that are sets', '[s \\in SUBSET {1, 2} |-> Cardinality(s)][{2, 1}] = 2'],
    ['keys that are tuples', '[p \\in {<<1, 2>>, <<2, 1>>} |-> p[1]][2, 1] = 2'],
    [
      'order of sets does not depend on how they were written',
      '{{3}, {1, 2}, {}} = {{}, {2, 1}, {3}} /\\ (CHOOSE s \\in {{2, 1}, {9}} : TRUE) = {9}',
    ],
    ['tuples as bound variables', '{a + b : <<a, b>> \\in {<<1, 2>>, <<3, 4>>}} = {3, 7}'],
    ['EXCEPT with several indices', '[[x \\in 1 .. 2, y \\in 1 .. 2 |-> 0] EXCEPT ![1, 2] = 5][1, 2] = 5'],
    ["@ in an operator's argument", '[<<1, 2>> EXCEPT ![1] = Twice(@) + @] = <<3, 2>>'],
    [
      'strings and records',
      '[a |-> 1].a = 1 /\\ DOMAIN [a |-> 1, b |-> 2] = {"a", "b"} /\\ ToString([a |-> <<>>]) = "[a |-> <<>>]"',
    ],
    ['numbers in other bases', '\\b101 = 5 /\\ \\hFf = 255 /\\ \\o17 = 15'],
    ['an operator as an argument by its symbol', 'Use(+, 2, 3) = 5 /\\ Use(\\cup, {1}, {2}) = {1, 2}'],
    ['UNION and SUBSET', 'UNION SUBSET {1, 2} = {1, 2} /\\ Cardinality(SUBSET (1 .. 10)) = 1024'],
    ['a quantifier over pairs', '\\A p \\in {1, 2} \\X {"a"} : p[2] = "a"'],
    ['the integers end at 2^31 - 1', '2147483646 + 1 = 2147483647 /\\ -2147483647 - 1 < 0'],
    ['model-like comparison of different lengths', '<<1, 2>> # <<1>> /\\ {1} # {1, 2} /\\ <<>> # <<1>>'],
  ])('%s', (_, formula) => {
    holds(formula, 'Twice(n) == n + n\nUse(F(_, _), a, b) == F(a, b)');
  });

  test.each([
    ['2147483647 + 1 > 0', /outside the 32-bit integers/],
    ['Cardinality(SUBSET (1 .. 64)) > 0', /Cardinality of SUBSET 1\.\.64 is outside the 32-bit integers/],
    ['[a : 1] # {}', /needs a set, found 1\. A record is written \[a \|-> 1\]/],
    ['1 = "a"', /integer 1 cannot be compared with the string "a"/],
    ['{1} = <<1>>', /set \{1\} cannot be compared with the function <<1>>/],
    ['1 \\in {"a"}', /cannot be compared/],
    ['Head(<<>>) = 1', /Head of the empty sequence/],
    ['<<1>>[2] = 1', /applied to 2, which is not in its domain/],
    ['[a |-> 1].b = 1', /has no field b/],
    ['(CHOOSE x \\in {1} : x = 2) = 2', /CHOOSE found nothing/],
    ['\\A n \\in Nat : n >= 0', /has no end/],
    ['(CASE FALSE -> 1) = 1', /No guard of this CASE/],
    ['IF 1 THEN TRUE ELSE FALSE', /condition of IF must be TRUE or FALSE, found 1/],
    ['1 \\div 0 = 1', /second argument of \\div is 0/],
    ['Cardinality(Nat) = 1', /has no end/],
    ['DOMAIN 1 = {}', /DOMAIN needs a function/],
    ['Loop(1) = 1', /recursion is too deep/],
  ])('%s has no value', (formula, sentence) => {
    const result = check(`RECURSIVE Loop(_)\nLoop(n) == Loop(n + 1) + 1\nASSUME ${formula}`, '');
    expect(result.message).toMatch(sentence);
    expect(result.exitCode).toBe(10);
  });
});

describe('recursive actions', () => {
  test('branch, count and backtrack as if written out', () => {
    const recursive = [
      'VARIABLES x, y',
      'Init == x = 0 /\\ y = 0',
      'RECURSIVE Set(_, _)',
      "Set(n, v) == IF n = 0 THEN x' = v /\\ y' \\in {n, v} ELSE Set(n - 1, v + 1) \\/ (Set(n - 1, v + 2) /\\ v < 9)",
      'Next == x = 0 /\\ Set(2, 0)',
    ].join('\n');
    const written = [
      'VARIABLES x, y',
      'Init == x = 0 /\\ y = 0',
      "Set0(v) == x' = v /\\ y' \\in {0, v}",
      'Set1(v) == Set0(v + 1) \\/ (Set0(v + 2) /\\ v < 9)',
      'Next == x = 0 /\\ (Set1(1) \\/ (Set1(2) /\\ 0 < 9))',
    ].join('\n');
    const [a, b] = [check(recursive, STATES), check(written, STATES)];
    // Sums 2, 3, 3, 4, each with y = 0 or y = x.
    expect(a).toMatchObject({ result: 'ok', generated: 9, distinct: 7 });
    expect([a.generated, a.distinct, a.depth]).toEqual([b.generated, b.distinct, b.depth]);
  });
});

describe('instances', () => {
  const modules = {
    Cell: "---- MODULE Cell ----\nEXTENDS Naturals\nCONSTANT Top\nVARIABLE reg\nStart == reg = 0\nStep == reg < Top /\\ reg' = reg + 1\nOk == reg <= Top\nSpec == Start /\\ [][Step]_reg /\\ WF_reg(Step)\n====",
  };

  test('in a LET, with what the LET knows', () => {
    const body =
      'VARIABLE x\nInit == x = 0\nNext == \\E n \\in {2, 3} : LET I == INSTANCE Cell WITH Top <- n, reg <- x IN I!Step';
    expect(check(body, STATES, {}, modules)).toMatchObject({ result: 'ok', distinct: 4, generated: 6 });
  });

  test('with an expression for a variable, as a property with fairness', () => {
    const body = [
      'VARIABLES a, b',
      'Init == a = 0 /\\ b = 0',
      "Next == (a < 2 /\\ a' = a + 1 /\\ b' = b) \\/ (b < 2 /\\ b' = b + 1 /\\ a' = a)",
      'C == INSTANCE Cell WITH Top <- 4, reg <- a + b',
      'Fair == Init /\\ [][Next]_<<a, b>> /\\ WF_<<a, b>>(Next)',
      'Unfair == Init /\\ [][Next]_<<a, b>>',
      'Property == C!Spec',
    ].join('\n');
    const config = 'PROPERTY Property\nCHECK_DEADLOCK FALSE\n';
    expect(check(body, `SPECIFICATION Fair\n${config}`, {}, modules)).toMatchObject({ result: 'ok', distinct: 9 });
    expect(check(body, `SPECIFICATION Unfair\n${config}`, {}, modules)).toMatchObject({
      result: 'liveness',
      violatedName: 'Property',
    });
  });
});

describe('temporal properties', () => {
  // A counter that may stay, go on, or fall into a trap from which nothing leads back.
  const body = [
    'VARIABLES n, trap',
    'vars == <<n, trap>>',
    'Init == n = 0 /\\ trap = FALSE',
    "Step == ~trap /\\ n' = (n + 1) % 3 /\\ UNCHANGED trap",
    "Fall == ~trap /\\ n = 2 /\\ trap' = TRUE /\\ n' = n",
    'Next == Step \\/ Fall',
    'Base == Init /\\ [][Next]_vars',
    'WeakStep == Base /\\ WF_vars(Step)',
    'StrongFall == Base /\\ WF_vars(Step) /\\ SF_vars(Fall)',
    'Trapped == <>trap',
    'Recurs == []<>(n = 0)',
    'Settles == <>[](n = 2)',
    'Leads == (n = 1) ~> (n = 2)',
    'Either == []<>(n = 0) \\/ <>[]trap',
    'Implies == []<>(n = 1) => []<>(n = 2)',
    'Steps == []<><<Step>>_vars \\/ <>trap',
    'Nested == [](n = 0 => <>(n = 1 /\\ <>(n = 2)))',
    "OneStep == <>[][n' = n]_vars => <>trap",
    'Until == \\A k \\in {1, 2} : [](trap => [](n # k \\/ trap))',
  ].join('\n');
  const run = (specification: string, property: string) =>
    check(body, `SPECIFICATION ${specification}\nPROPERTY ${property}\nCHECK_DEADLOCK FALSE\n`);

  test.each([
    ['Base', 'Leads', 'liveness'],
    ['Base', 'Trapped', 'liveness'],
    ['WeakStep', 'Leads', 'ok'],
    ['WeakStep', 'Nested', 'ok'],
    ['WeakStep', 'Trapped', 'liveness'],
    ['WeakStep', 'Recurs', 'liveness'],
    ['WeakStep', 'Either', 'ok'],
    ['WeakStep', 'Implies', 'ok'],
    ['WeakStep', 'Steps', 'ok'],
    ['WeakStep', 'OneStep', 'ok'],
    ['Base', 'OneStep', 'liveness'],
    ['Base', 'Steps', 'liveness'],
    ['StrongFall', 'Trapped', 'ok'],
    ['StrongFall', 'Settles', 'ok'],
    ['StrongFall', 'Recurs', 'liveness'],
    ['StrongFall', 'Until', 'ok'],
  ])('%s => %s: %s', (specification, property, result) => {
    expect(run(specification, property).result).toBe(result);
  });

  test('a counterexample is a behaviour: steps or stuttering, back to where it says', () => {
    const { trace, loopTo } = run('WeakStep', 'Trapped');
    const numbers = trace.map((state) => Number(state.values.n));
    expect(numbers[0]).toBe(0);
    expect(trace.every((state) => state.values.trap === 'FALSE')).toBe(true);
    const cycle = [...numbers, numbers[(loopTo ?? 1) - 1]];
    for (let i = 1; i < cycle.length; i++) expect(cycle[i]).toBe((cycle[i - 1] + 1) % 3);
  });
});

describe('results', () => {
  const counter = "VARIABLE x\nInit == x = 0\nNext == x' = x + 1\nSmall == x < 3\nSpec == Init /\\ [][Next]_x";

  test('a limit of states ends the run with a message', () => {
    const result = check(counter, STATES, { maxStates: 5000 });
    expect(result).toMatchObject({ result: 'limit', exitCode: 152 });
    expect(result.message).toMatch(/more than the limit of 5000/);
    expect(result.distinct).toBeLessThan(8000);
  });

  test('a limit of memory ends the run with a message', () => {
    const result = check(counter, STATES, { maxBytes: 2 ** 20 });
    expect(result).toMatchObject({ result: 'limit', exitCode: 152 });
    expect(result.message).toMatch(/the limit is 1 MB/);
  });

  test('a counterexample is a shortest one', () => {
    const result = check(counter, `${STATES}INVARIANT Small`);
    expect(result).toMatchObject({ result: 'invariant', exitCode: 12, violatedName: 'Small', traceLength: 4 });
    expect(result.trace.map((state) => state.values.x)).toEqual(['0', '1', '2', '3']);
    expect(result.trace[3].action).toBe('Next');
  });

  test('a property about the first state', () => {
    const result = check(`${counter}\nStart == x = 1`, 'SPECIFICATION Spec\nPROPERTY Start\n');
    expect(result).toMatchObject({ exitCode: 13, violatedName: 'Start', traceLength: 1 });
  });

  test('a part of a property has its place for a name, and is told with the property', () => {
    const result = check(`${counter}\nStill == x = 0 /\\ [][x' = x]_x`, 'SPECIFICATION Spec\nPROPERTY Still\n');
    expect(result.result).toBe('action-property');
    expect(result.message).toBe(
      `The step property Still, in its part at ${result.violatedName}, is violated by the last step.`,
    );
  });

  test('[]P is an invariant', () => {
    const result = check(`${counter}\nAlways == []Small`, 'SPECIFICATION Spec\nPROPERTY Always\n');
    expect(result).toMatchObject({ result: 'invariant', violatedName: 'Always', traceLength: 4 });
  });

  test('Print prints, and its text is TLA+', () => {
    const printed: string[] = [];
    check('ASSUME PrintT(<<"a", {2, 1}, [k |-> TRUE]>>)', '', { print: (text) => printed.push(text) });
    expect(printed).toEqual(['<<"a", {1, 2}, [k |-> TRUE]>>']);
  });

  test('coverage names the actions and shows what was never taken', () => {
    const body =
      "VARIABLE x\nInit == x = 0\nUp == x < 2 /\\ x' = x + 1\nNever == x > 5 /\\ x' = 0\nNext == Up \\/ Never";
    const { coverage } = check(body, STATES);
    expect(coverage.map(({ action, generated, distinct }) => [action, generated, distinct])).toEqual([
      ['Up', 2, 2],
      ['Never', 0, 0],
    ]);
  });
});
