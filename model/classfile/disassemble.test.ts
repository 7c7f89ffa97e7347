import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { disassemble, disassembleClass, OPCODES, readClassFile } from './index.js';
import { bytesOf, classFileNames, textOf } from './testing/fixtures.js';

const current = [...classFileNames('golden'), ...classFileNames('originals'), ...classFileNames('workloads')];

function words(code: Uint8Array): unknown[] {
  return disassemble(code).map(({ name, operands }) => [name, ...operands]);
}

test('a method as text', () => {
  const text = disassembleClass(readClassFile(bytesOf('golden/ctors/ga.ctors.point.pc'), 'point.pc'));
  expect(text).toContain('class .ga.ctors.point extends .internal.object, 3 field slots, 24 method slots');
  // 73 01, 29 01 00, 14 00, 41, 1E 00000000, B7 00: from the bytes of method dot.
  expect(text).toContain('method dot [18]\n      0  arg_count 1\n      2  stack_reserve 1 0\n      5  os_load8 0');
  expect(text).toMatch(/8 {2}os_get32 0 .*\n +13 {2}call_17 0\n/);
});

test('jumps are shown as absolute offsets', () => {
  const code = Uint8Array.of(0x00, 0x06, 0xff, 0xff, 0xff, 0xfe, 0x05, 0, 0, 0, 4);
  expect(words(code)).toEqual([['nop'], ['jmp', '@0'], ['jz', '@11']]);
});

test('instructions of variable length', () => {
  // Two entries, relative to bytes 13 and 17; then a string of two bytes; then trace with and without a text.
  const table = [0x07, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 3, 0, 0, 0, 8, 0, 0, 0, 9];
  expect(
    words(Uint8Array.from([...table, 0x3f, 0, 0, 0, 2, 0x2e, 0x61, 0x01, 2, 0x01, 0x81, 0, 0, 0, 1, 0x78])),
  ).toEqual([
    ['switch', 'shift=-1 divisor=3 @21 @26'],
    ['summon_by_name', '".a"'],
    ['debug', '2'],
    ['debug', '1 "x"'],
  ]);
  expect(words(Uint8Array.of(0x25, 0x80, 0, 0, 0, 0, 0, 0, 1))).toEqual([['iconst_64bit', '-9223372036854775807']]);
});

test('what is no instruction is shown as bytes', () => {
  expect(words(Uint8Array.of(0xff, 0x23, 0, 0))).toEqual([
    [undefined, '255'],
    [undefined, '35', '0', '0'],
  ]);
  expect(words(Uint8Array.of(0x07, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1))[0]).toContain('127');
});

property.prop([fc.uint8Array({ maxLength: 200 })])('instructions cover any code without gap or overlap', (code) => {
  let end = 0;
  for (const { offset, length } of disassemble(code)) {
    expect(offset).toBe(end);
    expect(length).toBeGreaterThan(0);
    end += length;
  }
  expect(end).toBe(code.length);
});

/** What stands in a listing for an instruction, and the instruction's mnemonic; groups are the operands. */
const LISTED: readonly (readonly [RegExp, string])[] = [
  [/^arg_count (\d+)$/, 'arg_count'],
  [/^stack_reserve obj=(\d+) int=(\d+)$/, 'stack_reserve'],
  [/^const (-?\d+)$/, 'iconst_32bit'],
  [/^const_pool <(\d+)>$/, 'const_pool'],
  [/^load fld=(\d+)$/, 'os_load8'],
  [/^save fld=(\d+)$/, 'os_save8'],
  [/^get o stk pos=(\d+)$/, 'os_get32'],
  [/^set o stk pos=(\d+)$/, 'os_set32'],
  [/^get i stk pos=(\d+)$/, 'is_get32'],
  [/^set i stk pos=(\d+)$/, 'is_set32'],
  [/^pull depth=(\d+)$/, 'os_pull32'],
  [/^static invoke ord=(\d+) n_param=(\d+)$/, 'static_invoke'],
  [/^jmp (_label_\d+)$/, 'jmp'],
  [/^jz (_label_\d+)$/, 'jz'],
  [/^push catcher (_label_\d+)$/, 'push_catcher'],
  [/^pop catcher$/, 'pop_catcher'],
  [/^summon this$/, 'summon_this'],
  [/^summon null$/, 'summon_null'],
  [/^cast obj class$/, 'cast'],
  [/^(?:os|is) (?:dup|drop)$/, ''],
  [/^ptr eq$/, 'os_eq'],
  [/^ptr neq$/, 'os_neq'],
  [/^isnull$/, 'os_isnull'],
  [/^from int$/, 'fromi'],
  [/^from long$/, 'froml'],
  [/^from float$/, 'fromf'],
  [/^from double$/, 'fromd'],
  [/^logand &&$/, 'log_and'],
  [/^logor \|\|$/, 'log_or'],
  [/^lognot$/, 'log_not'],
  [/^ilt <$/, 'ilt'],
  [/^igt >$/, 'igt'],
  [/^ile <=$/, 'ile'],
  [/^ige >=$/, 'ige'],
  [/^(?:ret|new|throw|i2o|o2i|isum|isublu|imul|idivlu|iremlu|iand|ior|inot)$/, ''],
];

/** Classes that have an opcode of their own; others are summoned by name. */
const SUMMONED = new Map([
  ['internal.class', 'summon_class_class'],
  ['internal.int', 'summon_int_class'],
  ['internal.string', 'summon_string_class'],
  ['internal.container.array', 'summon_array_class'],
]);

function listedInstruction(text: string): string {
  const call = /^call m=(\d+) nparm=(\d+)$/.exec(text);
  if (call) {
    const method = Number(call[1]);
    if (method <= 3 && call[2] === '0') return `short_call_${method}`;
    if (method > 255) return `call_32bit ${method} ${call[2]}`;
    if (method > 31) return `call_8bit ${method} ${call[2]}`;
    return `call_${method.toString(16).toUpperCase().padStart(2, '0')} ${call[2]}`;
  }
  const summon = /^summon class (\S+)$/.exec(text);
  if (summon) return SUMMONED.get(summon[1]) ?? `summon_by_name ".${summon[1]}"`;
  for (const [pattern, mnemonic] of LISTED) {
    const match = pattern.exec(text);
    if (match) return [mnemonic || text.replace(' ', '_'), ...match.slice(1)].join(' ');
  }
  throw new Error(`a listing has '${text}', which this test does not know`);
}

interface ListedMethod {
  readonly title: string;
  readonly instructions: string[];
  readonly labels: Map<string, string>;
}

/** The methods of a listing of the original compiler; `//  @n` behind an instruction is its byte, behind its prefix. */
function listedMethods(listing: string): ListedMethod[] {
  const methods: ListedMethod[] = [];
  for (const line of listing.split(/\r?\n/)) {
    const title = /^method (\S+) ordinal (\d+)$/.exec(line);
    if (title) methods.push({ title: `${title[1]} ${title[2]}`, instructions: [], labels: new Map() });
    const method = methods[methods.length - 1];
    const label = /^(_label_\d+):\s*\/\/ {2}@(\d+)$/.exec(line);
    if (label) method.labels.set(label[1], `@${label[2]}`);
    const found = /^ {2}(?::(\w+)\s+)?(\S.*?)\s*\/\/ {2}@(\d+)$/.exec(line);
    if (!found || line.startsWith(';')) continue;
    const ip = Number(found[3]);
    if (found[1]) method.instructions.push(`${ip - 1} prefix_${found[1]}`);
    method.instructions.push(`${ip} ${listedInstruction(found[2])}`);
  }
  return methods.map(({ title, instructions, labels }) => ({
    title,
    instructions: instructions.map((text) => text.replace(/_label_\d+/, (name) => labels.get(name) ?? name)),
    labels,
  }));
}

// Of `hog` and `churn`, which the original compiler did not make, there is no listing.
const listings = current.filter((file) => !/\/(hog|churn)\//.test(file));

test.each(listings)("%s is disassembled as the original compiler's listing says", (file) => {
  const listed = listedMethods(textOf(file.replace(/\.pc$/, '.lstc')));
  const { methods } = readClassFile(bytesOf(file), file);
  expect(methods.map(({ name, ordinal }) => `${name} ${ordinal}`)).toEqual(listed.map(({ title }) => title));
  methods.forEach(({ code }, i) => {
    const found = disassemble(code).map(({ offset, name, operands }) => [offset, name, ...operands].join(' '));
    expect(found).toEqual(listed[i].instructions);
  });
});

test('every opcode has a name of its own; calls of methods 0 to 31 have short forms', () => {
  const short = [...OPCODES.keys()].filter((code) => code >= 0xa0);
  expect(short).toEqual(Array.from({ length: 32 }, (_, i) => 0xa0 + i));
  expect(new Set([...OPCODES.values()].map(({ name }) => name)).size).toBe(OPCODES.size);
});
