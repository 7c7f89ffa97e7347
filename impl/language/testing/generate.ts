/**
 * Random programs in the Phantom language that are well typed: whatever they compute, the compiler takes them.
 *
 * A class `.t.main`, whose `startup` prints what its methods give, and two classes of objects, one a child of the other.
 * Variables of each type have names of their own, the same in every method; loops count to small numbers, and a method
 * calls only those before it, so every program ends.
 */
import { fc } from '@fast-check/vitest';
import type { SourceText } from '../index.js';

type Type = 'int' | 'long' | 'float' | 'double' | 'string' | 'node';
const NUMBERS = ['int', 'long', 'float', 'double'] as const;
const TYPES: readonly Type[] = [...NUMBERS, 'string', 'node'];
const NAMES: Readonly<Record<Type, string>> = { int: 'i', long: 'l', float: 'f', double: 'd', string: 's', node: 'n' };
const CLASSES: Readonly<Record<Type, string>> = {
  int: 'int',
  long: 'long',
  float: 'float',
  double: 'double',
  string: 'string',
  node: '.t.node',
};
/** Methods of `main`: result and parameter; each may call those before it. */
const METHODS: readonly (readonly [result: Type, parameter: Type])[] = [
  ['int', 'int'],
  ['string', 'string'],
  ['double', 'long'],
  ['node', 'node'],
  ['long', 'float'],
];

type Text = fc.Arbitrary<string>;
type Parts = Record<Type | 'condition' | 'statement' | 'block', string>;
type Makers = { readonly [Part in keyof Parts]: Text };

function literal(type: Type): Text {
  switch (type) {
    case 'int':
      return fc.oneof(fc.integer({ min: 0, max: 9 }), fc.nat()).map((value) => String(value));
    case 'long':
      return fc.oneof(fc.bigInt(0n, 9n), fc.bigInt(0n, 2n ** 63n - 1n)).map((value) => `${value}L`);
    case 'float':
      return fc.tuple(fc.nat(999), fc.nat(99)).map(([whole, part]) => `${whole}.${part}f`);
    case 'double':
      return fc.tuple(fc.nat(), fc.nat(9999)).map(([whole, part]) => `${whole}.${part}`);
    case 'string':
      return fc.constantFrom('""', '"a"', '"Phantom"', '" -12x"', '"3.5"', '"a\\nb"');
    case 'node':
      return fc.constantFrom('fn.link()', 'new .t.node()', 'new .t.leaf()');
  }
}

const variable = (type: Type): Text => fc.nat(2).map((n) => (n === 2 ? `f${NAMES[type]}` : `${NAMES[type]}${n}`));

function number(type: (typeof NUMBERS)[number], of: Makers): Text[] {
  const whole = type === 'int' || type === 'long';
  const operators = whole ? ['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>', '>>>'] : ['+', '-', '*', '/'];
  const others = NUMBERS.filter((other) => other !== type);
  const shift = (operator: string): boolean => operator.startsWith('<') || operator.startsWith('>');
  return [
    fc.tuple(of[type], of[type], of.int, fc.constantFrom(...operators)).map(([a, b, by, operator]) => {
      return `(${a} ${operator} ${shift(operator) ? by : b})`;
    }),
    of[type].map((a) => `(0 - ${a})`),
    fc.oneof(...others.map((other) => of[other])).map((a) => `((${type})(${a}))`),
    ...(whole ? [of[type].map((a) => `(~${a})`)] : []),
  ];
}

function expression(type: Type, of: Makers, callable: number): Text {
  const choices: Text[] = [variable(type), literal(type)];
  for (const [n, [result, parameter]] of METHODS.slice(0, callable).entries()) {
    if (result === type) choices.push(of[parameter].map((a) => `m${n}( ${a} )`));
  }
  if (type === 'int') {
    choices.push(
      of.condition,
      of.string.map((s) => `(${s}).length()`),
      fc.tuple(of.string, of.string).map(([a, b]) => `(${a}).find( ${b} )`),
      of.string.map((s) => `(${s}).toInt()`),
      fc.tuple(of.string, of.int).map(([s, i]) => `(${s}).charAt( ${i} )`),
      of.node.map((n) => `(${n}).get()`),
      fc.tuple(of.node, of.int).map(([n, i]) => `(${n}).put( ${i} )`),
      of.int.map((i) => `fa[ (${i}) & 7 ]`),
      fc.constant('fa.size()'),
    );
  }
  if (type === 'long') choices.push(of.string.map((s) => `(${s}).toLong()`));
  if (type === 'string') {
    choices.push(
      fc
        .tuple(of.string, fc.oneof(...TYPES.filter((other) => other !== 'node').map((other) => of[other])))
        .map(([a, b]) => `(${a} + ${b})`),
      fc.tuple(of.string, of.int, of.int).map(([s, a, b]) => `(${s}).substring( ${a}, ${b} )`),
      of.node.map((n) => `(${n}).name()`),
    );
  }
  if (type === 'node')
    choices.push(
      of.node.map((n) => `(${n}).link()`),
      fc.constant('this.fn'),
    );
  if (type !== 'string' && type !== 'node') choices.push(...number(type, of));
  return fc.oneof(...choices);
}

function condition(of: Makers): Text {
  const compared = NUMBERS.flatMap((a) =>
    NUMBERS.map((b) =>
      fc
        .tuple(of[a], of[b], fc.constantFrom('==', '!=', '<', '>', '<=', '>='))
        .map(([x, y, operator]) => `(${x} ${operator} ${y})`),
    ),
  );
  return fc.oneof(
    fc.oneof(...compared),
    fc.tuple(of.string, of.string, fc.constantFrom('==', '!=')).map(([a, b, operator]) => `(${a} ${operator} ${b})`),
    fc.tuple(of.node, of.node, fc.constantFrom(':==', ':!=')).map(([a, b, operator]) => `(${a} ${operator} ${b})`),
    fc
      .tuple(of.condition, of.condition, fc.constantFrom('&&', '||'))
      .map(([a, b, operator]) => `(${a} ${operator} ${b})`),
    of.condition.map((a) => `(!${a})`),
  );
}

/** Indices of loops have names of their own, so that no loop changes another's. */
let loops = 0;

function statement(of: Makers): Text {
  const assign = TYPES.map((type) => fc.tuple(variable(type), of[type]).map(([name, value]) => `${name} = ${value};`));
  const update = NUMBERS.map((type) =>
    fc
      .tuple(variable(type), fc.constantFrom('+=', '-=', '*='), of[type])
      .map(([name, operator, value]) => `${name} ${operator} ${value};`),
  );
  return fc.oneof(
    { weight: 5, arbitrary: fc.oneof(...assign) },
    { weight: 2, arbitrary: fc.oneof(...update) },
    { weight: 2, arbitrary: fc.tuple(of.int, of.int).map(([at, value]) => `fa[ (${at}) & 7 ] = ${value};`) },
    {
      weight: 4,
      arbitrary: fc
        .oneof(...TYPES.filter((type) => type !== 'node').map((type) => of[type]))
        .map((a) => `say( "" + ${a} );`),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(of.condition, of.block, of.block).map(([c, a, b]) => `if( ${c} ) { ${a} } else { ${b} }`),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.integer({ min: 1, max: 3 }), of.block).map(([times, body]) => {
        const index = `k${loops++}`;
        return `for( var ${index} : int = 0; ${index} < ${times}; ${index} += 1 ) { ${body} }`;
      }),
    },
    { weight: 1, arbitrary: of.block.map((body) => `foreach( x${loops} in fa ) { i0 += x${loops++}; ${body} }`) },
    {
      weight: 1,
      arbitrary: fc.tuple(of.int, of.block, of.block, of.block).map(([value, a, b, c]) => {
        return `switch( (${value}) % 3 ) { case 0: ${a} break; case 1: ${b} default: ${c} }`;
      }),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(of.block, of.block).map(([body, handler]) => {
        const name = `e${loops++}`;
        return `try { ${body} } catch( string ${name} ) { say( "caught " + ${name} ); ${handler} }`;
      }),
    },
    { weight: 1, arbitrary: fc.tuple(of.condition, of.string).map(([c, text]) => `if( ${c} ) throw ${text};`) },
    { weight: 1, arbitrary: fc.tuple(of.node, of.node).map(([a, b]) => `(${a}).tie( ${b} );`) },
  );
}

/** Expressions and statements of a method that may call the first `callable` methods. */
function makers(callable: number): Makers {
  return fc.letrec<Parts>((tie) => {
    const of: Makers = {
      int: tie('int'),
      long: tie('long'),
      float: tie('float'),
      double: tie('double'),
      string: tie('string'),
      node: tie('node'),
      condition: tie('condition'),
      statement: tie('statement'),
      block: tie('block'),
    };
    const limited = (leaf: Text, make: Text): Text =>
      fc.oneof({ maxDepth: 4, depthSize: 'max' }, leaf, { weight: 3, arbitrary: make });
    const valued = (type: Type): Text =>
      limited(fc.oneof(variable(type), literal(type)), expression(type, of, callable));
    return {
      int: valued('int'),
      long: valued('long'),
      float: valued('float'),
      double: valued('double'),
      string: valued('string'),
      node: valued('node'),
      condition: limited(fc.constantFrom('(i0 < i1)', '(fi > 0)'), condition(of)),
      statement: limited(fc.constantFrom('i1 += 1;', 'say( s0 );'), statement(of)),
      block: fc.array(of.statement, { maxLength: 3, size: 'max' }).map((all) => all.join(' ')),
    };
  });
}

/** Two variables of each type, the first the parameter when it is of that type. */
function declarations(parameter: Type | undefined): string {
  const initial: Readonly<Record<Type, string>> = {
    int: '3',
    long: '4000000000L',
    float: '1.5f',
    double: '2.25',
    string: '"text"',
    node: 'new .t.leaf()',
  };
  const all = TYPES.flatMap((type) =>
    [0, 1].map((n) => {
      const value = type === parameter && n === 0 ? 'p' : initial[type];
      return `var ${NAMES[type]}${n} : ${CLASSES[type]} = ${value};`;
    }),
  );
  return all.join('\n        ');
}

function method(n: number): Text {
  const [result, parameter] = METHODS[n];
  const of = makers(n);
  return fc
    .tuple(fc.array(of.statement, { minLength: 1, maxLength: 4, size: 'max' }), of[result])
    .map(([body, value]) => {
      return `    ${CLASSES[result]} m${n}( var p : ${CLASSES[parameter]} )
    {
        ${declarations(parameter)}
        ${body.join('\n        ')}
        return ${value};
    }
`;
    });
}

const NODE = `package .t;
class node
{
    var value : int = 1;
    var next : .t.node;
    int get() { return value; }
    int put( var v : int ) { value += v; return value; }
    void tie( var other : .t.node ) { next = other; }
    .t.node link() { return next; }
    string name() { return "node " + value; }
};
`;
const LEAF = `package .t;
class leaf extends .t.node
{
    var own : long = 7;
    int get() { own += 1; return value + (int)own; }
    string name() { return "leaf " + own + " " + get(); }
};
`;

/** Sources of a program whose boot class is `.t.main`. */
export const typedSources: fc.Arbitrary<readonly SourceText[]> = fc
  .tuple(
    fc.tuple(...METHODS.map((_, n) => method(n))),
    fc.array(makers(METHODS.length).statement, { minLength: 3, maxLength: 8, size: 'max' }),
  )
  .map(([methods, body]) => {
    const tried = body.map((text, n) => `try { ${text} } catch( string t${n} ) { say( "thrown " + t${n} ); }`);
    const main = `package .t;
class main
{
    var bo;
    var fi : int = 5;
    var fl : long = 6L;
    var ff : float = 0.5f;
    var fd : double = 1e3;
    var fs : string = "field";
    var fn : .t.node;
    var fa : int[];
    void say( var text : string ) { bo.16( text + "\\n" ); }
    void startup( var boot ) [8]
    {
        bo = boot;
        fi = 5; fl = 6L; ff = 0.5f; fd = 1000.0; fs = "field";
        fn = new .t.node();
        fa = new int[]();
        for( var z : int = 0; z < 8; z += 1 ) fa[z] = z * 7;
        run();
    }
    void run()
    {
        ${declarations(undefined)}
        ${tried.join('\n        ')}
        say( "" + i0 + i1 + l0 + l1 + f0 + f1 + d0 + d1 + s0 + s1 + fi + fl + ff + fd + fs );
    }
${methods.join('\n')}};
`;
    return [
      { file: 't.main.ph', text: main },
      { file: 't.node.ph', text: NODE },
      { file: 't.leaf.ph', text: LEAF },
    ];
  });
