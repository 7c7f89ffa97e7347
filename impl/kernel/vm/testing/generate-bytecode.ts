/**
 * Random programs in bytecode that are well typed: no stack underflows, no integer cell is read as another type, every
 * loop ends. What objects are is not known beforehand: wrong classes, nulls and missing methods are exceptions, which
 * the programs catch or not.
 *
 * A method's frame: object slots 0 to 7 (arguments first), integer cells by type as `CELLS` says. An expression leaves
 * one value more, a statement nothing.
 */
import { fc } from '@fast-check/vitest';
import { type ClassText, type Line, program } from './assembler.js';
import type { Runnable } from './noise.js';

type Code = readonly Line[];
type Type = 'int' | 'long' | 'float' | 'double';

const SLOTS = 8;
/** First integer cell of a type's two variables. */
const CELLS: Readonly<Record<Type, readonly number[]>> = {
  int: [0, 1],
  long: [2, 4],
  float: [6, 7],
  double: [8, 10],
};
const CELLS_USED = 12;
const TYPES: readonly Type[] = ['int', 'long', 'float', 'double'];
const FIELDS = 6;
/** Field that keeps the boot object, for printing. */
const BOOT = FIELDS;
const CONSTANTS = ['', 'a', 'Phantom', '{"a": [1, 2.5, {"b": null}], "c": 12345678901}', ' -17x', '3.25'];
/** Methods of the generated classes and their numbers of arguments; each calls those before it, and others by chance. */
const METHODS = [
  [20, 0],
  [21, 1],
  [22, 2],
  [23, 1],
] as const;
const NAMES = [
  ...['.t.main', '.t.other', '.t.child', '.internal.object', '.internal.string', '.internal.int', '.internal.long'],
  ...['.internal.float', '.internal.double', '.internal.directory', '.internal.container.array', '.internal.binary'],
  ...[
    '.internal.closure',
    '.internal.boot',
    '.internal.world',
    '.internal.io.tty',
    '.internal.mutex',
    '.internal.weakref',
  ],
  ...['.internal.io', '.internal.bitmap', '.internal.connection', '.internal.sema', '.no.such'],
];

let labels = 0;
const label = (): string => `l${labels++}`;

const prefix = (type: Type): Code => (type === 'int' ? [] : [[`prefix_${type}`]]);
const CONVERSIONS: Readonly<Record<Type, Line>> = {
  int: ['fromi'],
  long: ['froml'],
  float: ['fromf'],
  double: ['fromd'],
};

/** What can be generated. */
type Parts = Record<Type | 'object' | 'statement' | 'block', Code>;
type Callable = readonly (readonly [ordinal: number, args: number])[];
type Makers = { readonly [Part in keyof Parts]: fc.Arbitrary<Parts[Part]> };

const just = (...lines: Line[]): fc.Arbitrary<Code> => fc.constant(lines);

const ints = fc.oneof(
  fc.integer({ min: -3, max: 9 }),
  fc.integer(),
  fc.constantFrom(2 ** 30, -(2 ** 30) - 1, 2 ** 31 - 1),
);
const longs = fc.oneof(fc.bigInt(-9n, 9n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n));

function constant(type: Type): fc.Arbitrary<Code> {
  const p = prefix(type);
  if (type === 'int') {
    return fc.oneof(
      ints.map((value): Code => [['iconst_32bit', value]]),
      fc.nat(255).map((value): Code => [['iconst_8bit', value]]),
      fc.constantFrom<Code>([['iconst_0']], [['iconst_1']]),
    );
  }
  if (type === 'long') {
    return fc.oneof(
      longs.map((value): Code => [['iconst_64bit', String(value)]]),
      ints.map((value): Code => [...p, ['iconst_32bit', value]]),
      fc.nat(255).map((value): Code => [...p, ['iconst_8bit', value]]),
      fc.constantFrom<Code>([...p, ['iconst_0']], [...p, ['iconst_1']]),
    );
  }
  const bytes = Buffer.alloc(8);
  if (type === 'float') {
    return fc.float().map((value): Code => [['iconst_32bit', bytes.readInt32BE(bytes.writeFloatBE(value) - 4)]]);
  }
  return fc
    .double()
    .map((value): Code => [['iconst_64bit', String(bytes.readBigInt64BE(bytes.writeDoubleBE(value) - 8))]]);
}

const ARITHMETIC = ['isum', 'imul', 'isubul', 'isublu', 'idivul', 'idivlu', 'iremul', 'iremlu'];
const LOGIC = ['ior', 'iand', 'ixor', 'log_or', 'log_and', 'log_xor'];

function number(type: Type, of: Makers): fc.Arbitrary<Code> {
  const p = prefix(type);
  const whole = type === 'int' || type === 'long';
  const binary = fc.constantFrom(...ARITHMETIC, ...(whole ? LOGIC : []));
  const choices: fc.Arbitrary<Code>[] = [
    constant(type),
    fc.constantFrom(...CELLS[type]).map((cell): Code => [...p, ['is_get32', cell]]),
    fc.tuple(of[type], of[type], binary).map(([a, b, name]): Code => [...a, ...b, ...p, [name]]),
    fc.tuple(of.object).map(([box]): Code => [...box, ...p, ['o2i']]),
    ...TYPES.filter((from) => from !== type).map((from) =>
      of[from].map((value): Code => [...value, ...p, CONVERSIONS[from]]),
    ),
  ];
  if (type !== 'float') {
    const twice = fc.tuple(of[type], fc.constantFrom('isum', 'imul'));
    choices.push(twice.map(([value, name]): Code => [...value, ...p, ['is_dup'], ...p, [name]]));
  }
  if (whole) {
    choices.push(fc.tuple(of[type], fc.constantFrom('inot', 'log_not')).map(([a, name]): Code => [...a, ...p, [name]]));
    const shift = fc.tuple(of.int, of[type], fc.constantFrom('ishl', 'ishr', 'ushr'));
    choices.push(shift.map(([by, value, name]): Code => [...by, ...value, ...p, [name]]));
  }
  if (type === 'int') {
    for (const other of TYPES) {
      const compared = fc.tuple(of[other], of[other], fc.constantFrom('ige', 'ile', 'igt', 'ilt'));
      choices.push(compared.map(([a, b, name]): Code => [...a, ...b, ...prefix(other), [name]]));
    }
    choices.push(
      fc.tuple(of.object, of.object, fc.constantFrom('os_eq', 'os_neq')).map(([a, b, n]): Code => [...a, ...b, [n]]),
      of.object.map((a): Code => [...a, ['os_isnull']]),
      fc.nat(FIELDS - 1).map((field): Code => [['is_load8', field]]),
    );
  }
  return fc.oneof(...choices);
}

const slot = fc.nat(SLOTS - 1);
const field = fc.nat(FIELDS - 1);
const className = fc.constantFrom(...NAMES);

/** An ordinal for `count` arguments that is there more often than not; of those that wait only some. */
const ordinal = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(...METHODS.map(([number]) => number)) },
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 15 }) },
  { weight: 3, arbitrary: fc.integer({ min: 16, max: 31 }) },
  { weight: 1, arbitrary: fc.constantFrom(333, 65, 1000000) },
);

/** A method of an object of a known class, with arguments it takes: i an index, s a string, o anything. */
const KNOWN: readonly (readonly [receiver: Code, ordinal: number, args: string])[] = [
  ...['s:4', 'ii:8', 'i:9', 's:10', ':11', 's:12', ':15', ':16', ':17', ':20', ':3', ':5', ':14'].map((text) => {
    const [args, n] = text.split(':');
    return [[['os_get32', 2]], Number(n), args] as const;
  }),
  ...['ii:9', 'i:10', 'oi:11', ':12', ':8', ':3', ':15'].map((text) => {
    const [args, n] = text.split(':');
    return [[['os_get32', 3]], Number(n), args] as const;
  }),
  ...['so:8', 's:9', 's:10', ':11'].map((text) => {
    const [args, n] = text.split(':');
    return [[['os_get32', 4]], Number(n), args] as const;
  }),
  [[['os_load8', 1]], 8, 'i'],
  [[['os_load8', 1]], 9, 'ii'],
  [[['os_load8', 1]], 15, ''],
  [[['os_get32', 5]], 5, ''],
  [[['os_get32', 7]], 5, ''],
  [[['os_get32', 7]], 4, 'o'],
  [[['os_get32', 6]], 14, ''],
  [[['os_get32', 6]], 5, ''],
  [[['os_get32', 6]], 15, ''],
  [[['summon_by_name', '.t.child']], 14, 'o'],
  [[['summon_by_name', '.t.main']], 10, 'io'],
  [[['summon_by_name', '.t.main']], 11, 'i'],
];

function known(of: Makers): fc.Arbitrary<Code> {
  const index = fc.integer({ min: -1, max: 6 }).map((value): Code => [['iconst_32bit', value], ['i2o']]);
  const text = fc.nat(CONSTANTS.length - 1).map((n): Code => [['const_pool', n]]);
  const argument = { i: index, s: text, o: of.object };
  return fc
    .constantFrom(...KNOWN)
    .chain(([receiver, number, args]) =>
      fc
        .tuple(...[...args].map((kind) => argument[kind as keyof typeof argument]))
        .map((given): Code => [...receiver, ...given.flat(), ['call_8bit', number, given.length]]),
    );
}

/** A method of the program's own classes. */
function own(of: Makers, callable: Callable): fc.Arbitrary<Code> {
  const receivers: readonly Code[] = [
    [['summon_this']],
    [['os_get32', 6]],
    [['summon_by_name', '.t.child'], ['new']],
    [['summon_by_name', '.t.main'], ['new']],
  ];
  return fc
    .tuple(fc.constantFrom(...receivers), fc.constantFrom(...callable))
    .chain(([receiver, [number, args]]) =>
      fc
        .array(of.object, { minLength: args, maxLength: args })
        .map((given): Code => [...receiver, ...given.flat(), ['call_8bit', number, args]]),
    );
}

function invoke(of: Makers): fc.Arbitrary<Code> {
  const args = fc.array(of.object, { maxLength: 3 });
  const boxed = fc.oneof(
    of.object,
    fc.integer({ min: -1, max: 12 }).map((value): Code => [['iconst_32bit', value], ['i2o']]),
  );
  const some = fc.oneof(args, fc.array(boxed, { minLength: 1, maxLength: 2 }));
  const form = fc.constantFrom('call_8bit', 'call_32bit', 'short');
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(of.object, some, ordinal, form).map(([self, given, number, name]): Code => {
        const code = [...self, ...given.flat()];
        if (name === 'short' && number < 4 && given.length === 0) return [...code, [`short_call_${number}`]];
        if (name === 'short' && number < 32) {
          return [...code, [`call_${number.toString(16).toUpperCase().padStart(2, '0')}`, given.length]];
        }
        return [...code, [number > 255 || name === 'call_32bit' ? 'call_32bit' : 'call_8bit', number, given.length]];
      }),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(args, of.object, className, ordinal)
        .map(
          ([given, self, name, number]): Code => [
            ...given.flat(),
            ...self,
            ['summon_by_name', name],
            ['static_invoke', number, given.length],
          ],
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(args, of.object, fc.constantFrom('m20', 'm21', 'm22', 'toString', 'no'))
        .map(
          ([given, self, name]): Code => [
            ['iconst_32bit', given.length],
            ...given.flat(),
            ...self,
            ['sconst_bin', name],
            ['dynamic_invoke'],
          ],
        ),
    },
  );
}

function object(of: Makers, callable: Callable): fc.Arbitrary<Code> {
  const calls = callable.length === 0 ? [] : [{ weight: 5, arbitrary: own(of, callable) }];
  const box = (type: Type): fc.Arbitrary<Code> => of[type].map((value): Code => [...value, ...prefix(type), ['i2o']]);
  const summons = [
    'this',
    'thread',
    'null',
    'class_class',
    'int_class',
    'string_class',
    'interface_class',
    'code_class',
    'array_class',
  ];
  return fc.oneof(
    { weight: 4, arbitrary: slot.map((n): Code => [['os_get32', n]]) },
    { weight: 4, arbitrary: field.map((n): Code => [['os_load8', n]]) },
    { weight: 1, arbitrary: field.map((n): Code => [['os_load32', n]]) },
    { weight: 2, arbitrary: fc.nat(CONSTANTS.length - 1).map((n): Code => [['const_pool', n]]) },
    {
      weight: 1,
      arbitrary: fc.string({ maxLength: 6 }).map((text): Code => [['sconst_bin', text.replace(/[^ -~]/g, '?')]]),
    },
    { weight: 2, arbitrary: fc.constantFrom(...summons).map((name): Code => [[`summon_${name}`]]) },
    { weight: 1, arbitrary: className.map((name): Code => [['summon_by_name', name]]) },
    { weight: 3, arbitrary: className.map((name): Code => [['summon_by_name', name], ['new']]) },
    { weight: 2, arbitrary: box('int') },
    { weight: 1, arbitrary: fc.oneof(box('long'), box('float'), box('double')) },
    { weight: 4, arbitrary: invoke(of) },
    { weight: 6, arbitrary: known(of) },
    ...calls,
    { weight: 1, arbitrary: of.object.map((a): Code => [...a, ['copy']]) },
    {
      weight: 1,
      arbitrary: fc.tuple(of.object, className).map(([a, name]): Code => [...a, ['summon_by_name', name], ['cast']]),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(of.object, { maxLength: 3 })
        .map((all): Code => [...all.flat(), ['os_compose32', all.length]]),
    },
    {
      weight: 1,
      arbitrary: of.object.map((a): Code => [...a, ['os_dup'], ['os_pull32', 1], ['os_drop'], ['os_drop']]),
    },
  );
}

function statement(of: Makers): fc.Arbitrary<Code> {
  const assign = TYPES.map((type) =>
    fc
      .tuple(of[type], fc.constantFrom(...CELLS[type]))
      .map(([a, cell]): Code => [...a, ...prefix(type), ['is_set32', cell]]),
  );
  const print = fc
    .array(of.object, { minLength: 1, maxLength: 2 })
    .map((all): Code => [['os_get32', 0], ...all.flat(), ['call_10', all.length], ['os_drop']]);
  const loop = fc.tuple(fc.integer({ min: 1, max: 4 }), of.block).map(([times, body]): Code => {
    const again = label();
    return [['iconst_32bit', times], `${again}:`, ...body, ['djnz', again], ['is_drop']];
  });
  const choice = fc.tuple(of.int, of.block, of.block).map(([condition, yes, no]): Code => {
    const [other, end] = [label(), label()];
    return [...condition, ['jz', other], ...yes, ['jmp', end], `${other}:`, ...no, `${end}:`, ['nop']];
  });
  const caught = fc.tuple(className, of.block, slot).map(([name, body, n]): Code => {
    const [handler, end] = [label(), label()];
    const tried: Code = [['summon_by_name', name], ['push_catcher', handler], ...body, ['pop_catcher'], ['jmp', end]];
    return [...tried, `${handler}:`, ['os_set32', n], `${end}:`, ['nop']];
  });
  const switched = fc.tuple(
    of.int,
    of.block,
    of.block,
    fc.integer({ min: -2, max: 2 }),
    fc.integer({ min: 0, max: 3 }),
  );
  return fc.oneof(
    { weight: 6, arbitrary: fc.oneof(...assign) },
    { weight: 6, arbitrary: fc.tuple(of.object, slot).map(([a, n]): Code => [...a, ['os_set32', n]]) },
    { weight: 5, arbitrary: fc.tuple(of.object, field).map(([a, n]): Code => [...a, ['os_save8', n]]) },
    { weight: 1, arbitrary: fc.tuple(of.object, field).map(([a, n]): Code => [...a, ['os_save32', n]]) },
    { weight: 2, arbitrary: fc.tuple(of.int, field).map(([a, n]): Code => [...a, ['is_save8', n]]) },
    { weight: 4, arbitrary: of.object.map((a): Code => [...a, ['os_drop']]) },
    { weight: 8, arbitrary: print },
    { weight: 3, arbitrary: choice },
    { weight: 2, arbitrary: loop },
    { weight: 6, arbitrary: caught },
    { weight: 1, arbitrary: of.object.map((a): Code => [...a, ['throw']]) },
    { weight: 1, arbitrary: of.object.map((a): Code => [...a, ['ret']]) },
    { weight: 1, arbitrary: of.object.map((a): Code => [...a, ['os_dup'], ['general_lock'], ['general_unlock']]) },
    { weight: 1, arbitrary: of.object.map((a): Code => decomposed(a)) },
    { weight: 2, arbitrary: switched.map(([value, a, b, shift, divisor]): Code => table(value, a, b, shift, divisor)) },
  );
}

/** An array's elements on the stack, dropped one by one. */
function decomposed(array: Code): Code {
  const [again, end] = [label(), label()];
  return [
    ...array,
    ['os_decompose'],
    `${again}:`,
    ['is_dup'],
    ['jz', end],
    ['os_drop'],
    ['iconst_1'],
    ['isublu'],
    ['jmp', again],
    `${end}:`,
    ['is_drop'],
  ];
}

/** A switch of two entries. */
function table(value: Code, a: Code, b: Code, shift: number, divisor: number): Code {
  const [first, second, end] = [label(), label(), label()];
  const word = (n: number): number[] => [24, 16, 8, 0].map((by) => (n >>> by) & 255);
  // Entries are relative to themselves: jumps behind the table, of 5 bytes each, default first.
  const head: Line = [0x07, ...word(2), ...word(shift), ...word(divisor), ...word(8 + 5), ...word(4 + 10)];
  const jumps: Code = [
    ['jmp', end],
    ['jmp', first],
    ['jmp', second],
  ];
  return [...value, head, ...jumps, `${first}:`, ...a, ['jmp', end], `${second}:`, ...b, `${end}:`, ['nop']];
}

function blockOf(callable: Callable): fc.Arbitrary<Code> {
  return fc.letrec<Parts>((tie) => {
    const of: Makers = {
      int: tie('int'),
      long: tie('long'),
      float: tie('float'),
      double: tie('double'),
      object: tie('object'),
      statement: tie('statement'),
      block: tie('block'),
    };
    const limited = (make: fc.Arbitrary<Code>, leaf: fc.Arbitrary<Code>): fc.Arbitrary<Code> =>
      fc.oneof({ maxDepth: 4, depthSize: 'max' }, leaf, { weight: 4, arbitrary: make });
    return {
      int: limited(number('int', of), constant('int')),
      long: limited(number('long', of), constant('long')),
      float: limited(number('float', of), constant('float')),
      double: limited(number('double', of), constant('double')),
      object: limited(
        object(of, callable),
        slot.map((n): Code => [['os_get32', n]]),
      ),
      statement: limited(statement(of), just(['nop'])),
      block: fc.array(of.statement, { maxLength: 4, size: 'max' }).map((all) => all.flat()),
    };
  }).block;
}

/** Every statement of a method's own can be tried by itself, so that most of them run whatever the others throw. */
const bodyOf = (callable: Callable): fc.Arbitrary<Code> =>
  fc.array(fc.tuple(blockOf(callable), fc.nat(7), slot), { minLength: 3, maxLength: 7, size: 'max' }).map((all) =>
    all.flatMap(([code, luck, n]): Code => {
      if (luck === 0) return code;
      const [handler, end] = [label(), label()];
      const tried: Code = [['summon_by_name', '.internal.object'], ['push_catcher', handler], ...code];
      return [...tried, ['pop_catcher'], ['jmp', end], `${handler}:`, ['os_set32', n], `${end}:`, ['nop']];
    }),
  );

/** Objects of each sort to begin with; the first method keeps the boot object for the others of its object. */
function body(boot: boolean, args: number, code: Code): Code {
  const keep: Code = [
    ['os_get32', 0],
    ['os_save8', BOOT],
    ['os_get32', 0],
    ['iconst_8bit', 16],
    ['i2o'],
    ['call_13', 1],
    ['os_save8', 1],
  ];
  const supplies: Code = [
    ['const_pool', 2],
    ['os_set32', 2],
    ['const_pool', 0],
    ['summon_this'],
    ['iconst_8bit', 200],
    ['i2o'],
    ['os_compose32', 3],
    ['os_set32', 3],
    ['summon_by_name', '.internal.directory'],
    ['new'],
    ['os_set32', 4],
    ['iconst_32bit', 1 << 30],
    ['i2o'],
    ['os_set32', 5],
    ['summon_by_name', '.t.other'],
    ['new'],
    ['os_set32', 6],
    ['iconst_64bit', String(0x3ff8000000000000n)],
    ['prefix_double'],
    ['i2o'],
    ['os_set32', 7],
  ];
  const enter: Code = [
    ['arg_count', args],
    ['stack_reserve', SLOTS - args, CELLS_USED],
  ];
  return [...enter, ...(boot ? keep : []), ...supplies, ...code, ['os_get32', 1], ['ret']];
}

function methods(boot: boolean): fc.Arbitrary<ClassText['methods']> {
  const all = boot ? [...METHODS, [8, 1] as const] : METHODS;
  return fc.tuple(...all.map((_, i) => fc.tuple(bodyOf(METHODS.slice(0, i)), fc.boolean()))).map((bodies) =>
    bodies.map(([code, isVoid], i) => {
      const [ordinal, args] = all[i];
      return { ordinal, name: `m${ordinal}`, code: body(ordinal === 8, args, code), isVoid };
    }),
  );
}

/** A boot class, another class and a child of the boot class, whose methods call one another. */
export const typedBytecode: fc.Arbitrary<Runnable> = fc
  .tuple(methods(true), methods(false), methods(false))
  .map(([main, other, child]) =>
    program(
      { name: '.t.main', fields: FIELDS + 1, constants: CONSTANTS, methods: main },
      { name: '.t.other', fields: FIELDS + 1, constants: [...CONSTANTS].reverse(), methods: other },
      { name: '.t.child', parent: '.t.main', constants: CONSTANTS.map((text) => `${text}!`), methods: child },
    ),
  );
