import { describe, expect, test } from 'vitest';
import { assemble, ENTER, type Line, printTop, program } from './testing/assembler.js';
import { runInV8, type VmRun } from './testing/v8.js';
import { verifyHeap } from './testing/verify-heap.js';

/** Runs `code` as the boot method of a class of its own; the boot object is in slot 0, slots 1 and 2 are free. */
async function run(code: readonly Line[], constants: readonly string[] = []): Promise<VmRun> {
  const startup = { ordinal: 8, name: 'startup', code: [...ENTER, ...code, ['ret'] as const] };
  const result = await runInV8(program({ name: '.t.main', methods: [startup], constants, fields: 2 }));
  expect(verifyHeap(result.memory)).toEqual([]);
  return result;
}

/** What the boot method prints; it must end without an error. */
async function printed(code: readonly Line[], constants?: readonly string[]): Promise<string> {
  const { console, failed, log } = await run(code, constants);
  expect({ failed, log }).toMatchObject({ failed: 0 });
  return console.trim();
}

/** Catches a string thrown by `code` and prints it. */
function caught(code: readonly Line[]): Line[] {
  return [
    ['summon_string_class'],
    ['push_catcher', 'handler'],
    ...code,
    ['sconst_bin', 'not thrown'],
    'handler:',
    ...printTop(),
  ];
}

const int = (value: number): Line => ['iconst_32bit', value];
const long = (value: bigint): Line => ['iconst_64bit', value.toString()];
const L: Line = ['prefix_long'];
const F: Line = ['prefix_float'];
const D: Line = ['prefix_double'];
const boxed: Line[] = [['i2o'], ...printTop()];

describe('integers', () => {
  test.each([
    ['isum', 2147483647, 1, '-2147483648'],
    ['imul', 65536, 65537, '65536'],
    ['isublu', 5, 7, '-2'],
    ['isubul', 5, 7, '2'],
    ['idivlu', -7, 2, '-3'],
    ['idivul', 2, -7, '-3'],
    ['idivlu', -2147483648, -1, '-2147483648'],
    ['iremlu', -7, 3, '-1'],
    ['iremlu', -2147483648, -1, '0'],
    ['iremul', 3, -7, '-1'],
    ['ior', 12, 10, '14'],
    ['iand', 12, 10, '8'],
    ['ixor', 12, 10, '6'],
    ['log_or', 4, 0, '1'],
    ['log_and', 4, 2, '1'],
    ['log_xor', 4, 2, '0'],
    ['ishl', 33, 3, '6'],
    ['ishr', 1, -5, '-3'],
    ['ushr', 28, -1, '15'],
    ['ige', 3, 3, '1'],
    ['igt', -1, 1, '0'],
    ['ile', -1, 1, '1'],
    ['ilt', 1, 1, '0'],
  ] as const)('%s of %i and %i is %s', async (name, a, b, result) => {
    expect(await printed([int(a), int(b), [name], ...boxed])).toBe(result);
  });

  test('a dividend of any sign by zero throws', async () => {
    for (const name of ['idivlu', 'iremlu'] as const) {
      expect(await printed(caught([int(5), int(0), [name]]))).toBe('division by zero');
    }
    expect(await printed(caught([long(5n), long(0n), L, ['idivlu']]))).toBe('division by zero');
  });

  test('djnz leaves its counter', async () => {
    const loop: Line[] = [int(0), int(5), 'again:', ['is_get32', 0], ['iconst_1'], ['isum'], ['is_set32', 0]];
    expect(await printed([...loop, ['djnz', 'again'], ['isum'], ...boxed])).toBe('5');
  });

  test('boxes of any size keep the value, and have no identity', async () => {
    for (const value of [0, -1, 1073741823, 1073741824, -1073741824, -1073741825, 2147483647, -2147483648]) {
      expect(await printed([int(value), ...boxed])).toBe(String(value));
      expect(await printed([int(value), ['i2o'], int(value), ['i2o'], ['os_eq'], ...boxed])).toBe('1');
    }
  });
});

describe('switch', () => {
  /** shift 1, divisor 2, three entries: values -1 and 0 go to a, 1 and 2 to b, 3 and 4 to c. */
  function switched(value: number): Line[] {
    const before: Line[] = [int(value), [0x07, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]];
    const cases = ['d', 'a', 'b', 'c'].map((name): Line[] => [
      ['sconst_bin', name],
      ['jmp', 'end'],
    ]);
    const code = assemble([...before, ...cases.flat(), 'end:']);
    const caseBytes = 11;
    const table = 5 + 13;
    for (let i = 0; i < 3; i++) code[table + 4 * i + 3] = 12 - 4 * i + caseBytes * (i + 1);
    return [[...code], ...printTop()];
  }

  test.each([
    [-1, 'a'],
    [0, 'a'],
    [2, 'b'],
    [4, 'c'],
    [5, 'd'],
    [-2, 'd'],
  ])('%i goes to %s', async (value, name) => {
    expect(await printed(switched(value))).toBe(name);
  });

  test('by zero throws', async () => {
    expect(await printed(caught([int(1), [0x07, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]))).toBe('division by zero');
  });
});

const longBox: Line[] = [L, ['i2o'], ...printTop()];

describe('long', () => {
  test.each([
    ['isum', 0xffffffffn, 1n, 4294967296n],
    ['isublu', 0n, 1n, -1n],
    ['isubul', 1n, 0n, -1n],
    ['imul', 100000n, 100000n, 10000000000n],
    ['idivlu', -9223372036854775808n, -1n, -9223372036854775808n],
    ['idivlu', 10000000000n, 3n, 3333333333n],
    ['idivul', 3n, -10000000000n, -3333333333n],
    ['iremlu', -10000000000n, 7n, -4n],
    ['ixor', 0xf0f0f0f0f0n, 0x0ff00ff00fn, 0xff00ff00ffn],
    ['log_and', 4294967296n, 1n, 1n],
  ] as const)('%s of %i and %i is %i', async (name, a, b, result) => {
    expect(await printed([long(a), long(b), L, [name], ...longBox])).toBe(String(result));
  });

  test.each([
    ['ishl', 32, 1n, 4294967296n],
    ['ishl', 65, 1n, 2n],
    ['ishr', 4, -256n, -16n],
    ['ushr', 60, -1n, 15n],
  ] as const)('%s by %i of %i is %i', async (name, shift, value, result) => {
    expect(await printed([int(shift), long(value), L, [name], ...longBox])).toBe(String(result));
  });

  test('comparison yields an int', async () => {
    expect(await printed([long(1n << 40n), long(1n), L, ['igt'], ...boxed])).toBe('1');
    expect(await printed([long(-1n), long(1n), L, ['ige'], ...boxed])).toBe('0');
  });

  test('slots, dup, drop, constants under the prefix', async () => {
    const two: Line[] = [L, ['iconst_0'], long(5000000000n), L, ['is_set32', 0], L, ['is_get32', 0], L, ['is_dup']];
    expect(await printed([...two, L, ['isum'], ...longBox])).toBe('10000000000');
    expect(await printed([L, ['iconst_1'], L, ['iconst_8bit', 200], L, ['is_drop'], ...longBox])).toBe('1');
    expect(await printed([L, int(-2), ...longBox])).toBe('-2');
  });
});

describe('float and double', () => {
  const asDouble = (value: number): Line[] => [int(value), D, ['fromi']];
  const doubleBox: Line[] = [D, ['i2o'], ...printTop()];

  test('IEEE 754 arithmetic, shortest text', async () => {
    expect(await printed([...asDouble(1), ...asDouble(3), D, ['idivlu'], ...doubleBox])).toBe('0.3333333333333333');
    expect(await printed([...asDouble(1), ...asDouble(0), D, ['idivlu'], ...doubleBox])).toBe('inf');
    expect(await printed([...asDouble(-1), ...asDouble(0), D, ['idivlu'], ...doubleBox])).toBe('-inf');
    expect(await printed([...asDouble(0), ...asDouble(0), D, ['idivlu'], ...doubleBox])).toBe('nan');
    const tenth: Line[] = [int(1), F, ['fromi'], int(10), F, ['fromi'], F, ['idivlu']];
    expect(await printed([...tenth, F, ['i2o'], ...printTop()])).toBe('0.1');
    expect(await printed([...tenth, D, ['fromf'], ...doubleBox])).toBe('0.10000000149011612');
  });

  test.each([
    [7, 3, '1.0'],
    [-7, 3, '-1.0'],
    [7, -3, '1.0'],
    [1, 0, 'nan'],
  ])('remainder of %i and %i has the sign of the dividend', async (a, b, result) => {
    expect(await printed([...asDouble(a), ...asDouble(b), D, ['iremlu'], ...doubleBox])).toBe(result);
    expect(await printed([...asDouble(b), ...asDouble(a), D, ['iremul'], ...doubleBox])).toBe(result);
    const single = (value: number): Line[] => [int(value), F, ['fromi']];
    expect(await printed([...single(a), ...single(b), F, ['iremlu'], F, ['i2o'], ...printTop()])).toBe(result);
  });

  test('a float operation rounds to binary32', async () => {
    // 2^24 + 1 is no float: the sum stays, in a double it would not.
    const large: Line[] = [int(16777216), F, ['fromi'], int(1), F, ['fromi'], F, ['isum'], F, ['i2o'], ...printTop()];
    expect(await printed(large)).toBe('16777216.0');
    expect(await printed([...asDouble(16777216), ...asDouble(1), D, ['isum'], ...doubleBox])).toBe('16777217.0');
  });

  test('nothing compares with not-a-number', async () => {
    for (const name of ['ige', 'ile', 'igt', 'ilt'] as const) {
      const nan: Line[] = [...asDouble(0), ...asDouble(0), D, ['idivlu']];
      expect(await printed([...nan, ...nan, D, [name], ...boxed])).toBe('0');
    }
  });

  test('conversions out of range give the nearest limit', async () => {
    const huge: Line[] = [long(1n << 62n), D, ['froml'], long(1n << 62n), D, ['froml'], D, ['imul']];
    expect(await printed([...huge, ['fromd'], ...boxed])).toBe('2147483647');
    expect(await printed([...huge, L, ['fromd'], ...longBox])).toBe('9223372036854775807');
    const nan: Line[] = [...asDouble(0), ...asDouble(0), D, ['idivlu']];
    expect(await printed([...nan, ['fromd'], ...boxed])).toBe('0');
  });

  test('an object of another class cannot be unboxed', async () => {
    expect(await printed(caught([int(1), ['i2o'], D, ['o2i'], ['sconst_bin', 'x']]))).toBe('type assert failed');
    expect(await printed(caught([['summon_null'], ['o2i']]))).toBe('null object');
    expect(await printed(caught([['sconst_bin', 'x'], ['o2i']]))).toBe('type assert failed');
  });
});

describe('calls', () => {
  const callee = {
    ordinal: 20,
    name: 'twice',
    code: [['arg_count', 1], ['os_get32', 0], ['o2i'], ['is_dup'], ['isum'], ['i2o'], ['ret']] as Line[],
  };

  test('dynamic_invoke finds a method by name', async () => {
    const body: Line[] = [int(21), ['i2o'], ['summon_this'], ['sconst_bin', 'twice'], ['iconst_1'], ['dynamic_invoke']];
    const startup = { ordinal: 8, code: [...ENTER, ...body, ...printTop(), ['ret']] as Line[] };
    expect((await runInV8(program({ name: '.t.main', methods: [startup, callee] }))).console).toBe('42 ');
    const missing: Line[] = [['summon_this'], ['sconst_bin', 'thrice'], ['iconst_0'], ['dynamic_invoke']];
    expect(await printed(caught(missing))).toBe('no method thrice in .t.main');
  });

  test('what a program can meet is thrown', async () => {
    expect(await printed(caught([['summon_this'], ['call_1E', 0]]))).toBe('no method 30 in .t.main');
    expect(await printed(caught([['summon_null'], ['call_1E', 0]]))).toBe('null object');
    expect(await printed(caught([['summon_by_name', '.no.such']]))).toBe('class .no.such not found');
    expect(await printed(caught([['sconst_bin', 'x'], ['new']]))).toBe('type assert failed');
    expect(
      await printed(
        caught([
          ['os_get32', 0],
          ['sconst_bin', '.no.such'],
          ['call_08', 1],
        ]),
      ),
    ).toBe('.no.such - class load error');
    const wrongParent: Line[] = [
      ['sconst_bin', 'x'],
      ['summon_by_name', '.t.main'],
      ['static_invoke', 8, 0],
    ];
    expect(await printed(caught(wrongParent))).toBe('not a parent class');
  });

  test('methods of the root class work on everything', async () => {
    expect(await printed([['summon_null'], ['call_05', 0], ...printTop()])).toBe('(void)');
    expect(await printed([['summon_null'], ['call_0F', 0], ...printTop()])).toBe('0');
    expect(await printed([['summon_this'], ['call_05', 0], ...printTop()])).toBe('.t.main@1');
    expect(await printed([['summon_this'], ['call_0F', 0], ...printTop()])).toBe('1');
    expect(await printed([['summon_this'], ['summon_this'], ['call_04', 1], ...printTop()])).toBe('1');
    expect(await printed([['summon_null'], ['summon_null'], ['call_04', 1], ...printTop()])).toBe('1');
    expect(await printed([['summon_null'], ['summon_null'], ['os_eq'], ...boxed])).toBe('1');
  });

  test('endless recursion throws, and the program goes on', async () => {
    const endless = { ordinal: 21, code: [['summon_this'], ['call_15', 0], ['ret']] as Line[] };
    const startup = { ordinal: 8, code: [...ENTER, ...caught([['summon_this'], ['call_15', 0]]), ['ret']] as Line[] };
    const { console } = await runInV8(program({ name: '.t.main', methods: [startup, endless] }));
    expect(console).toBe('stack overflow ');
  });

  test('a stack that grows without calls throws too', async () => {
    for (const push of ['iconst_0', 'summon_null'] as const) {
      expect(await printed(caught(['more:', [push], ['jmp', 'more']]))).toBe('stack overflow');
    }
  });

  test('memory that is full throws, and the program goes on', async () => {
    const grow: Line[] = [['os_get32', 0], int(1 << 20), ['i2o'], ['call_13', 1], ['os_drop'], ['jmp', 'more']];
    expect(await printed(caught(['more:', ...grow]))).toBe('out of memory');
  });
});

describe('broken code ends its thread, and the log says where', () => {
  test.each<[string, Line[], string]>([
    ['unknown opcode', [[0xfe]], 'unknown opcode'],
    ['underflow', [['isum']], 'integer stack underflow'],
    ['object underflow', [['os_drop'], ['os_drop'], ['os_drop'], ['os_drop']], 'object stack underflow'],
    ['jump', [[0x06, 0x7f, 0, 0, 0]], 'jump out of the code'],
    ['backward jump', [[0x06, 0xff, 0, 0, 0]], 'jump out of the code'],
    ['constant', [['const_pool', 7]], 'no such constant'],
    ['field', [['os_load8', 2]], 'field number out of bounds'],
    ['field store', [['summon_null'], ['os_save32', 0x40000000]], 'field number out of bounds'],
    ['slot', [['os_get32', -1]], 'object stack slot out of bounds'],
    ['slot behind the top', [['os_get32', 3]], 'object stack slot out of bounds'],
    ['slot store', [['summon_null'], ['os_set32', -1]], 'object stack slot out of bounds'],
    ['slot store behind the top', [['summon_null'], ['os_set32', 5]], 'object stack slot out of bounds'],
    ['pull', [['os_pull32', 3]], 'object stack underflow'],
    ['integer slot', [['is_get32', -1]], 'integer stack slot out of bounds'],
    ['integer slot store', [int(1), ['is_set32', -1]], 'integer stack slot out of bounds'],
    ['integer slot far away', [['is_get32', 0x10000]], 'integer stack slot out of bounds'],
    ['long slot', [L, ['is_get32', -1]], 'integer stack slot out of bounds'],
    ['long slot store', [long(1n), L, ['is_set32', -2]], 'integer stack slot out of bounds'],
    ['long underflow', [int(1), L, ['inot']], 'integer stack underflow'],
    ['double underflow', [int(1), int(1), int(1), D, ['isum']], 'integer stack underflow'],
    ['field of a short object', [['os_load32', 0x04000000]], 'field number out of bounds'],
    ['integer field', [['is_load8', 2]], 'field number out of bounds'],
    ['integer field store', [int(1), ['is_save8', 2]], 'field number out of bounds'],
    ['sys', [int(40), ['sys_8bit', 0]], 'object stack underflow in sys'],
    ['sys in a class of its own', [int(0), ['sys_8bit', 5]], 'sys in a class that is not internal'],
    ['static call', [['static_invoke', 0, 40]], 'object stack underflow in static_invoke'],
    ['call by name', [int(40), ['summon_null'], ['dynamic_invoke']], 'object stack underflow in dynamic_invoke'],
    ['handler', [['summon_string_class'], [0x2d, 0x7f, 0, 0, 0]], 'jump out of the code'],
    ['call', [['call_05', 40]], 'object stack underflow in a call'],
    ['call of many', [['call_32bit', 5, -1]], 'object stack underflow in a call'],
    ['catcher', [['pop_catcher']], 'pop_catcher without a catcher'],
    ['name', [[0x3f, 0, 0, 1, 0, 46]], 'class name runs out of the code'],
    ['text', [[0x24, 0xff, 0xff, 0xff, 0xff]], 'string runs out of the code'],
    ['switch', [int(1), [0x07, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]], 'table of switch runs out of the code'],
    ['float or', [int(1), int(1), F, ['ior']], 'no such instruction on floating point numbers'],
  ])('%s', async (_name, code, reason) => {
    const { failed, log, console } = await run(code);
    expect(failed).toBe(1);
    expect(console).toBe('');
    expect(log).toContain(`thread 1 ended: ${reason}`);
    expect(log).toContain('in .t.main.startup at byte ');
  });

  test('the end of the code', async () => {
    const startup = { ordinal: 8, name: 'startup', code: [['nop']] as Line[] };
    const { log } = await runInV8(program({ name: '.t.main', methods: [startup] }));
    expect(log).toContain('thread 1 ended: ran off the end of the code in .t.main.startup at byte 1 of 1');
  });

  test('an uncaught exception, with its line', async () => {
    const code: Line[] = [['arg_count', 1], ['sconst_bin', 'oh'], ['throw']];
    const lines = [
      { ip: 10, line: 43 },
      { ip: 2, line: 42 },
    ];
    const startup = { ordinal: 8, name: 'startup', code, lines };
    const { log } = await runInV8(program({ name: '.t.main', methods: [startup] }));
    expect(log).toContain('thread 1 ended: uncaught exception oh in .t.main.startup line 42 at byte 9 of 10');
  });
});
