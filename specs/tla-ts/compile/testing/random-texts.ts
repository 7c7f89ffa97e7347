// Random expressions and small specifications, as texts.
//
// Expressions are made by type, so that most have a value; some have none (division by zero, functions outside their domain,
// CHOOSE that finds nothing). `sure` ones always have one. Every operator is put in parentheses.
import fc from 'fast-check';

type Kind = 'int' | 'sure' | 'bool' | 'set' | 'function' | 'record' | 'sequence';
type Texts = fc.Arbitrary<string>;

/** Definitions that random expressions may use. */
export const OPERATORS = `
Twice(n) == n + n
Larger(m, n) == IF m > n THEN m ELSE n
OrZero(wanted, n) == IF wanted THEN n ELSE 0
Sum(set) == LET S[T \\in SUBSET set] == IF T = {} THEN 0 ELSE LET t == CHOOSE t \\in T : TRUE IN t + S[T \\ {t}]
            IN  S[set]
RECURSIVE Count(_)
Count(n) == IF n <= 0 THEN 0 ELSE 1 + Count(n - 1)
Apply(F(_), n) == F(F(n))
down[n \\in Nat] == IF n = 0 THEN <<>> ELSE <<n>> \\o down[n - 1]
`;

/** `template` with `$` replaced by the texts, one after the other. */
function fill(template: string, ...parts: readonly Texts[]): Texts {
  return fc.tuple(...parts).map((texts) => {
    let next = 0;
    return template.replace(/\$/g, () => texts[next++]);
  });
}

export class Expressions {
  private readonly known = new Map<string, Texts>();

  /** @param names integers that can be named @param sets sets of integers that can be named */
  constructor(
    private readonly names: readonly string[],
    private readonly sets: readonly string[] = [],
  ) {}

  /** An expression whose operators nest at most so deep, where so many bound variables b0, b1, ... can be named. */
  of(kind: Kind, depth: number, bound = 0): Texts {
    const key = `${kind} ${depth} ${bound}`;
    let made = this.known.get(key);
    if (!made) this.known.set(key, (made = depth === 0 ? this.leaf(kind, bound) : this.node(kind, depth - 1, bound)));
    return made;
  }

  private leaf(kind: Kind, bound: number): Texts {
    const variables = Array.from({ length: bound }, (_, i) => `b${i}`);
    const integers = ['0', '1', '2', '3', ...this.names, ...variables];
    switch (kind) {
      case 'int':
      case 'sure':
        return fc.constantFrom(...integers);
      case 'bool':
        return fc.oneof(
          fc.constantFrom('TRUE', 'FALSE'),
          fill('($ < $)', fc.constantFrom(...integers), fc.constantFrom('1', '2')),
        );
      case 'set':
        return fc.constantFrom('{}', '{1}', '{0, 2}', '(0 .. 2)', '{3, 1, 2}', ...this.sets);
      case 'function':
        return fc.constantFrom('<<5, 6>>', '(2 :> 3)', '[b \\in {0, 1, 3} |-> b + 1]');
      case 'record':
        return fc.constantFrom('[n |-> 1, m |-> {2}]', '[n |-> 0, m |-> {}]');
      case 'sequence':
        return fc.constantFrom('<<>>', '<<1>>', '<<2, 0>>', '<<1, 2, 3>>');
    }
  }

  private node(kind: Kind, depth: number, bound: number): Texts {
    const at = (wanted: Kind, inner = bound): Texts => this.of(wanted, depth, inner);
    const b = `b${bound}`;
    const within = (wanted: Kind): Texts => at(wanted, bound + 1);
    const leaf = this.leaf(kind, bound);
    const sure = [
      fill('($ + $)', at('sure'), at('sure')),
      fill('($ - $)', at('sure'), at('sure')),
      fill('($ * $)', at('sure'), this.leaf('sure', bound)),
      fill('($ % 3)', at('sure')),
      fill('($ \\div 2)', at('sure')),
      fill('(-$)', at('sure')),
      fill('Cardinality($)', at('set')),
      fill('(IF $ THEN $ ELSE $)', at('bool'), at('sure'), at('sure')),
      fill('(CASE $ -> $ [] $ -> $ [] OTHER -> $)', at('bool'), at('sure'), at('bool'), at('sure'), at('sure')),
      fill(`(LET ${b} == $ IN $)`, at('sure'), within('sure')),
      fill(
        `(LET ${b} == $ F${b}(e${b}) == $ + e${b} IN F${b}($) - F${b}(1))`,
        at('sure'),
        within('sure'),
        within('sure'),
      ),
      fill('Twice($)', at('sure')),
      fill('Larger($, $)', at('sure'), at('sure')),
      fill('Sum($)', at('set')),
      fill('Count($ % 7)', at('sure')),
      fill(`Apply(LAMBDA ${b} : $, $)`, within('sure'), at('sure')),
    ];
    switch (kind) {
      case 'sure':
        return fc.oneof(leaf, ...sure);
      case 'int':
        return fc.oneof(
          leaf,
          ...sure,
          fill('($ \\div $)', at('int'), at('int')),
          fill('($ % $)', at('int'), at('int')),
          fill('$[$]', at('function'), at('int')),
          fill('$[$]', at('sequence'), at('sure')),
          fill('$.n', at('record')),
          fill('Head($)', at('sequence')),
          fill('Len($)', at('sequence')),
          fill(`(CHOOSE ${b} \\in $ : $)`, at('set'), within('bool')),
          fill(`(LET ${b} == $ IN IF $ THEN ${b} ELSE $)`, at('int'), within('bool'), within('int')),
          fill('OrZero($, $)', at('bool'), at('int')),
          fill('(CASE $ -> $)', at('bool'), at('int')),
          fill('Len(down[($ % 9) - 1])', at('int')),
        );
      case 'bool':
        return fc.oneof(
          leaf,
          fill('($ < $)', at('int'), at('int')),
          fill('($ >= $)', at('int'), at('int')),
          fill('($ = $)', at('int'), at('int')),
          fill('($ # $)', at('int'), at('int')),
          fill('($ = $)', at('set'), at('set')),
          fill('($ = $)', at('function'), at('function')),
          fill('($ = $)', at('record'), at('record')),
          fill('($ # $)', at('sequence'), at('sequence')),
          fill('($ = $)', at('bool'), at('bool')),
          fill('($ \\in $)', at('int'), at('set')),
          fill('($ \\notin $)', at('int'), at('set')),
          fill('($ \\subseteq $)', at('set'), at('set')),
          fill('($ \\in Seq($))', at('sequence'), at('set')),
          fill('(~$)', at('bool')),
          fill('($ /\\ $ /\\ $)', at('bool'), at('bool'), at('bool')),
          fill('($ \\/ $)', at('bool'), at('bool')),
          fill('($ => $)', at('bool'), at('bool')),
          fill('(~($ => $))', at('bool'), at('bool')),
          fill('($ <=> $)', at('bool'), at('bool')),
          fill(`(\\A ${b} \\in $ : $)`, at('set'), within('bool')),
          fill(`(\\E ${b} \\in $ : $)`, at('set'), within('bool')),
          fill(`(\\E ${b}, c${b} \\in $, d${b} \\in $ : $ /\\ c${b} < d${b})`, at('set'), at('set'), within('bool')),
          fill(`(\\A <<${b}, c${b}>> \\in $ \\X $ : $ \\/ c${b} = 1)`, at('set'), at('set'), within('bool')),
          fill('(IF $ THEN $ ELSE $)', at('bool'), at('bool'), at('bool')),
        );
      case 'set':
        return fc.oneof(
          leaf,
          fill('{$, $}', at('sure'), at('sure')),
          fill('($ \\cup $)', at('set'), at('set')),
          fill('($ \\cap $)', at('set'), at('set')),
          fill('($ \\ $)', at('set'), at('set')),
          fill('(UNION {$, $})', at('set'), at('set')),
          fill(`{${b} \\in $ : ${b} # $}`, at('set'), within('sure')),
          fill(`{$ : ${b} \\in $}`, within('sure'), at('set')),
          fill(`{$ + c${b} : ${b} \\in $, c${b} \\in $}`, within('sure'), at('set'), at('set')),
          fill('(DOMAIN $)', at('function')),
          fill('(DOMAIN $)', at('sequence')),
        );
      case 'function':
        return fc.oneof(
          leaf,
          fill(`[${b} \\in $ |-> $]`, at('set'), within('sure')),
          fill('[$ EXCEPT ![$] = @ + $]', at('function'), at('sure'), at('sure')),
          fill('[$ EXCEPT ![$] = $, ![1] = @ - 1]', at('function'), at('sure'), at('sure')),
          fill('($ @@ $)', at('function'), at('function')),
          fill('($ :> $)', at('sure'), at('sure')),
        );
      case 'record':
        return fc.oneof(
          leaf,
          fill('[n |-> $, m |-> $]', at('sure'), at('set')),
          fill('[$ EXCEPT !.n = @ - $]', at('record'), at('sure')),
          fill('[$ EXCEPT !.m = $, !.n = Cardinality($)]', at('record'), at('set'), at('set')),
        );
      case 'sequence':
        return fc.oneof(
          leaf,
          fill('Append($, $)', at('sequence'), at('sure')),
          fill('($ \\o $)', at('sequence'), at('sequence')),
          fill('<<$, $>>', at('sure'), at('sure')),
          fill(`SelectSeq($, LAMBDA ${b} : $ # 1)`, at('sequence'), within('sure')),
          fill('[$ EXCEPT ![1] = @ + 1]', at('sequence')),
        );
    }
  }
}

/** A module with these expressions as the definitions E0, E1, ... of the state x. */
export function expressionModule(expressions: readonly string[]): { module: string; config: string } {
  const definitions = expressions.map((text, i) => `E${i} == ${text}`).join('\n');
  const module = `---- MODULE Expressions ----
EXTENDS Integers, Sequences, FiniteSets, TLC
VARIABLE x
${OPERATORS}
${definitions}
Init == x = 0
Next == x' = x
====
`;
  return { module, config: 'INIT Init\nNEXT Next\n' };
}

/** What a part of an action says of x and s, both or one of them; x stays in 0..2 and s a subset of it. */
function assignments(expressions: Expressions): { x: Texts; s: Texts; both: Texts } {
  const int = (bound = 0): Texts => expressions.of('sure', 2, bound);
  const set = (): Texts => expressions.of('set', 1);
  const x = fc.oneof(
    fill("x' = ($) % 3", int()),
    fill("x' \\in ($) \\cap (0 .. 2)", set()),
    fill('SetX($)', int()),
    fc.constant('UNCHANGED x'),
    fill("(\\E b0 \\in 0 .. 2 : $ < b0 /\\ x' = b0)", int(1)),
    fill("(x' = 1 \\/ x' = ($) % 3)", int()),
    fill("(IF $ < 2 THEN x' = x ELSE SetX($))", int(), int()),
    fill("(LET b0 == $ IN x' = b0 % 3)", int()),
    fill("(CASE $ < 1 -> x' = 0 [] OTHER -> x' \\in {1, 2})", int()),
  );
  const s = fc.oneof(
    fill("s' = ($) \\cap (0 .. 2)", set()),
    fc.constant('UNCHANGED <<s>>'),
    fill('SetS($)', set()),
    fill("(s' = s \\/ SetS($))", set()),
    fill("(s' \\in SUBSET (($) \\cap {0, 1}))", set()),
  );
  const both = fc.oneof(
    fill("$ /\\ s' = s \\cup {x'}", x),
    fill("$ /\\ s' = {b \\in {0, 1} : b # x'}", x),
    fc.constant('UNCHANGED <<x, s>>'),
    fill('$ /\\ $', x, s),
    fill('$ /\\ $', s, x),
    fill("$ /\\ $ /\\ x' \\in s'", x, s),
    fill('(($ /\\ $) \\/ ($ /\\ $))', x, s, s, x),
    fill("(IF $ \\in s THEN $ /\\ $ ELSE $ /\\ s' = {x'})", int(), x, s, x),
    fill('$ /\\ (\\E b0 \\in s : b0 < 2) /\\ SetBoth(($) % 3)', fc.constant('x < 2'), int()),
    fill('$ /\\ $ /\\ ENABLED Grow', x, s),
  );
  return { x, s, both };
}

/** A small specification of the variables x and s. */
export const specifications: fc.Arbitrary<{ module: string; config: string }> = (() => {
  const expressions = new Expressions(['x'], ['s']);
  const { both } = assignments(expressions);
  const withParameter = assignments(new Expressions(['x', 'p'], ['s'])).both;
  return fc.tuple(both, withParameter, both, expressions.of('sure', 2)).map(([a, b, c, limit]) => ({
    module: `---- MODULE Small ----
EXTENDS Integers, Sequences, FiniteSets, TLC
VARIABLES x, s
${OPERATORS}
SetX(n) == x' = n % 3
SetS(n) == s' = n \\cap (0 .. 2)
SetBoth(n) == x' = n /\\ s' = s \\ {n}
Grow == x' = x + 1 /\\ x' < 3 /\\ s' = s
Init == x \\in {0, 1} /\\ (s = {x} \\/ s = {})
A ==
 ${a}
B(p) ==
 ${b}
C ==
 /\\ x < 3
 /\\ ${c}
Next == A \\/ (\\E p \\in s : B(p)) \\/ C
Inv == ${limit} < 3
====
`,
    config: 'INIT Init\nNEXT Next\nINVARIANT Inv\nCHECK_DEADLOCK FALSE\n',
  }));
})();
