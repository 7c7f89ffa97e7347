/**
 * The instruction set: numbers, names, operands. Numbers and names are those of the original's opcode list.
 *
 * Operands, big-endian: `u8`; `i32`; `i64`; `rel32`, a jump relative to the operand's own address; `string`, an i32
 * length and bytes; `debug`, a byte and, when its top bit is set, a string; `switch`: i32 table size, i32 shift, i32
 * divisor and that many `rel32`. `copy`, `os_compose32`, `os_decompose`, `iremul` and `iremlu` have numbers but no
 * effect in the original's machine; ours are described in ARCHITECTURE.md.
 */

export type Operand = 'u8' | 'i32' | 'i64' | 'rel32' | 'string' | 'debug' | 'switch';

export interface Opcode {
  readonly name: string;
  readonly operands: readonly Operand[];
}

const BASE: readonly (readonly [number, string, ...Operand[]])[] = [
  [0x00, 'nop'],
  [0x01, 'debug', 'debug'],
  [0x04, 'djnz', 'rel32'],
  [0x05, 'jz', 'rel32'],
  [0x06, 'jmp', 'rel32'],
  [0x07, 'switch', 'switch'],
  [0x08, 'ret'],
  [0x09, 'short_call_0'],
  [0x0a, 'short_call_1'],
  [0x0b, 'short_call_2'],
  [0x0c, 'short_call_3'],
  [0x0d, 'call_8bit', 'u8', 'i32'],
  [0x0e, 'call_32bit', 'i32', 'i32'],
  [0x0f, 'sys_8bit', 'u8'],
  [0x10, 'is_dup'],
  [0x11, 'is_drop'],
  [0x12, 'os_dup'],
  [0x13, 'os_drop'],
  [0x14, 'os_load8', 'u8'],
  [0x15, 'os_save8', 'u8'],
  [0x16, 'os_load32', 'i32'],
  [0x17, 'os_save32', 'i32'],
  [0x18, 'new'],
  [0x19, 'copy'],
  [0x1a, 'os_compose32', 'i32'],
  [0x1b, 'os_decompose'],
  [0x1c, 'os_pull32', 'i32'],
  [0x1e, 'os_get32', 'i32'],
  [0x1f, 'os_set32', 'i32'],
  [0x20, 'iconst_0'],
  [0x21, 'iconst_1'],
  [0x22, 'iconst_8bit', 'u8'],
  [0x23, 'iconst_32bit', 'i32'],
  [0x24, 'sconst_bin', 'string'],
  [0x25, 'iconst_64bit', 'i64'],
  [0x26, 'is_get32', 'i32'],
  [0x27, 'is_set32', 'i32'],
  [0x28, 'const_pool', 'i32'],
  [0x29, 'stack_reserve', 'u8', 'u8'],
  [0x2b, 'cast'],
  [0x2d, 'push_catcher', 'rel32'],
  [0x2e, 'pop_catcher'],
  [0x2f, 'throw'],
  [0x30, 'summon_thread'],
  [0x31, 'summon_this'],
  [0x37, 'summon_null'],
  [0x38, 'summon_class_class'],
  [0x39, 'summon_int_class'],
  [0x3a, 'summon_string_class'],
  [0x3b, 'summon_interface_class'],
  [0x3c, 'summon_code_class'],
  [0x3d, 'summon_array_class'],
  [0x3f, 'summon_by_name', 'string'],
  [0x40, 'i2o'],
  [0x41, 'o2i'],
  [0x42, 'isum'],
  [0x43, 'imul'],
  [0x44, 'isubul'],
  [0x45, 'isublu'],
  [0x46, 'idivul'],
  [0x47, 'idivlu'],
  [0x48, 'ior'],
  [0x49, 'iand'],
  [0x4a, 'ixor'],
  [0x4b, 'inot'],
  [0x4c, 'log_or'],
  [0x4d, 'log_and'],
  [0x4e, 'log_xor'],
  [0x4f, 'log_not'],
  [0x50, 'is_load8', 'u8'],
  [0x51, 'is_save8', 'u8'],
  [0x52, 'ige'],
  [0x53, 'ile'],
  [0x54, 'igt'],
  [0x55, 'ilt'],
  [0x56, 'iremul'],
  [0x57, 'iremlu'],
  [0x58, 'os_eq'],
  [0x59, 'os_neq'],
  [0x5a, 'os_isnull'],
  [0x5c, 'prefix_long'],
  [0x5d, 'prefix_float'],
  [0x5e, 'prefix_double'],
  [0x62, 'general_lock'],
  [0x63, 'general_unlock'],
  [0x6e, 'static_invoke', 'i32', 'i32'],
  [0x6f, 'dynamic_invoke'],
  [0x70, 'ishl'],
  [0x71, 'ishr'],
  [0x72, 'ushr'],
  [0x73, 'arg_count', 'u8'],
  [0x74, 'fromi'],
  [0x75, 'froml'],
  [0x76, 'fromf'],
  [0x77, 'fromd'],
];

function table(): ReadonlyMap<number, Opcode> {
  const all = new Map<number, Opcode>(BASE.map(([code, name, ...operands]) => [code, { name, operands }]));
  for (let method = 0; method < 32; method++) {
    const number = method.toString(16).toUpperCase().padStart(2, '0');
    all.set(0xa0 + method, { name: `call_${number}`, operands: ['u8'] });
  }
  return all;
}

/** Opcodes by number. */
export const OPCODES: ReadonlyMap<number, Opcode> = table();
