/**
 * Instructions on long, float and double: a prefix with its instruction, and the conversions.
 *
 * A long or double takes two cells, high word below, low word on top; a float one. Arithmetic is IEEE 754 binary32 and
 * binary64 exactly (the compiler calls software routines). Rule: a result of two words that overwrites live cells on
 * two pages settles both pages first, so that it is one step; results of one word need nothing.
 *
 * An instruction that has no meaning of its own under a prefix runs as if there were none.
 */

import { settle } from '../objects/heap';
import {
  K_DOUBLE,
  K_FLOAT,
  K_LONG,
  O_DATA,
  T_IBASE,
  T_ILIMIT,
  T_IP,
  T_ISP,
  T_OBASE,
  T_OLIMIT,
  T_OSP,
} from '../objects/layout';
import { isKind, makeDouble, makeFloat, makeLong } from '../objects/objects';
import { be32 } from './bytes';
import { malformed, throwHere } from './calls';

const LONG: u32 = 0x5c;
const FLOAT: u32 = 0x5d;
const DOUBLE: u32 = 0x5e;
const INT: u32 = 0;

const UNDERFLOW = 'integer stack underflow';
const OVERFLOW = 'stack overflow';
const NO_SUCH = 'no such instruction on floating point numbers';

function get64(at: u32): u64 {
  return ((<u64>load<u32>(at)) << 32) | (<u64>load<u32>(at + 4));
}

/** Two cells, as one step. */
function put64(at: u32, value: u64): void {
  if ((at & 4095) == 4092) settle(at, at + 4, 0);
  store<u32>(at, <u32>(value >> 32));
  store<u32>(at + 4, <u32>value);
}

function getFloat(at: u32): f32 {
  return reinterpret<f32>(load<u32>(at));
}

function getDouble(at: u32): f64 {
  return reinterpret<f64>(get64(at));
}

function finish(record: u32, isp: u32, ip: u32): void {
  store<u32>(record, isp, T_ISP);
  store<u32>(record, ip, T_IP);
}

/** Pushes 64 bits. */
function push64(record: u32, value: u64, nextIp: u32): void {
  const isp = load<u32>(record, T_ISP);
  if (load<u32>(record, T_ILIMIT) - isp < 8) {
    throwHere(record, OVERFLOW);
    return;
  }
  store<u32>(isp, <u32>(value >> 32));
  store<u32>(isp + 4, <u32>value);
  finish(record, isp + 8, nextIp);
}

/** Whether the frame has `bytes` on its integer stack; the thread ends when not. */
function has(record: u32, bytes: u32): bool {
  if (load<u32>(record, T_ISP) - load<u32>(record, T_IBASE) >= bytes) return true;
  malformed(record, UNDERFLOW);
  return false;
}

function longArithmetic(record: u32, opcode: u32, nextIp: u32): void {
  if (!has(record, 16)) return;
  const isp = load<u32>(record, T_ISP);
  const a = get64(isp - 16);
  const b = get64(isp - 8);
  let result: u64 = 0;
  switch (opcode) {
    case 0x42:
      result = a + b;
      break;
    case 0x43:
      result = a * b;
      break;
    case 0x44:
      result = b - a;
      break;
    case 0x45:
      result = a - b;
      break;
    case 0x46:
    case 0x47:
    case 0x56:
    case 0x57: {
      const reversed = opcode == 0x46 || opcode == 0x56;
      const dividend = <i64>(reversed ? b : a);
      const divisor = <i64>(reversed ? a : b);
      if (divisor == 0) {
        throwHere(record, 'division by zero');
        return;
      }
      if (divisor == -1) result = opcode < 0x50 ? <u64>(0 - dividend) : 0;
      else result = <u64>(opcode < 0x50 ? dividend / divisor : dividend % divisor);
      break;
    }
    case 0x48:
      result = a | b;
      break;
    case 0x49:
      result = a & b;
      break;
    case 0x4a:
      result = a ^ b;
      break;
    case 0x4c:
      result = a != 0 || b != 0 ? 1 : 0;
      break;
    case 0x4d:
      result = a != 0 && b != 0 ? 1 : 0;
      break;
    default:
      result = (a != 0) != (b != 0) ? 1 : 0;
      break;
  }
  put64(isp - 16, result);
  finish(record, isp - 8, nextIp);
}

function longShift(record: u32, opcode: u32, nextIp: u32): void {
  if (!has(record, 12)) return;
  const isp = load<u32>(record, T_ISP);
  const shift = (<u64>load<u32>(isp - 12)) & 63;
  const value = get64(isp - 8);
  let result: u64;
  if (opcode == 0x70) result = value << shift;
  else if (opcode == 0x71) result = <u64>((<i64>value) >> (<i64>shift));
  else result = value >> shift;
  put64(isp - 12, result);
  finish(record, isp - 4, nextIp);
}

function longNot(record: u32, opcode: u32, nextIp: u32): void {
  if (!has(record, 8)) return;
  const isp = load<u32>(record, T_ISP);
  const value = get64(isp - 8);
  put64(isp - 8, opcode == 0x4b ? ~value : value == 0 ? <u64>1 : <u64>0);
  finish(record, isp, nextIp);
}

/** ige, ile, igt, ilt: false whenever an operand is not a number. */
function compare(record: u32, type: u32, opcode: u32, nextIp: u32): void {
  const width: u32 = type == FLOAT ? 4 : 8;
  if (!has(record, 2 * width)) return;
  const isp = load<u32>(record, T_ISP);
  let greater: bool;
  let equal: bool;
  let less: bool;
  if (type == LONG) {
    const a = <i64>get64(isp - 16);
    const b = <i64>get64(isp - 8);
    greater = a > b;
    equal = a == b;
    less = a < b;
  } else if (type == FLOAT) {
    const a = getFloat(isp - 8);
    const b = getFloat(isp - 4);
    greater = a > b;
    equal = a == b;
    less = a < b;
  } else {
    const a = getDouble(isp - 16);
    const b = getDouble(isp - 8);
    greater = a > b;
    equal = a == b;
    less = a < b;
  }
  let result: bool;
  if (opcode == 0x52) result = greater || equal;
  else if (opcode == 0x53) result = less || equal;
  else if (opcode == 0x54) result = greater;
  else result = less;
  store<u32>(isp - 2 * width, result ? 1 : 0);
  finish(record, isp - 2 * width + 4, nextIp);
}

/** Sum, product, difference, quotient, remainder (sign of the dividend, as C's fmod). `a` is the lower operand. */
function arithmetic<T extends number>(opcode: u32, a: T, b: T): T {
  switch (opcode) {
    case 0x42:
      return (a + b) as T;
    case 0x43:
      return (a * b) as T;
    case 0x44:
      return (b - a) as T;
    case 0x45:
      return (a - b) as T;
    case 0x46:
      return (b / a) as T;
    case 0x47:
      return (a / b) as T;
    case 0x56:
      return (b % a) as T;
    default:
      return (a % b) as T;
  }
}

function realArithmetic(record: u32, type: u32, opcode: u32, nextIp: u32): void {
  const width: u32 = type == FLOAT ? 4 : 8;
  if (!has(record, 2 * width)) return;
  const isp = load<u32>(record, T_ISP);
  const a = isp - 2 * width;
  const b = isp - width;
  if (type == FLOAT) store<u32>(a, reinterpret<u32>(arithmetic<f32>(opcode, getFloat(a), getFloat(b))));
  else put64(a, reinterpret<u64>(arithmetic<f64>(opcode, getDouble(a), getDouble(b))));
  finish(record, b, nextIp);
}

/** fromi, froml, fromf, fromd to `type`. Out-of-range floating point gives the nearest limit, not-a-number gives 0. */
function convert(record: u32, type: u32, opcode: u32, nextIp: u32): void {
  const from: u32 = opcode == 0x74 ? INT : opcode == 0x75 ? LONG : opcode == 0x76 ? FLOAT : DOUBLE;
  if (from == type) {
    store<u32>(record, nextIp, T_IP);
    return;
  }
  const width: u32 = from == INT || from == FLOAT ? 4 : 8;
  if (!has(record, width)) return;
  const isp = load<u32>(record, T_ISP);
  const at = isp - width;
  if (load<u32>(record, T_ILIMIT) - at < 8) {
    throwHere(record, OVERFLOW);
    return;
  }
  let integer: i64 = 0;
  let real: f64 = 0;
  const isReal = from == FLOAT || from == DOUBLE;
  if (from == INT) integer = <i64>load<i32>(at);
  else if (from == LONG) integer = <i64>get64(at);
  else if (from == FLOAT) real = <f64>getFloat(at);
  else real = getDouble(at);
  if (type == INT) {
    store<i32>(at, isReal ? <i32>real : <i32>integer);
    finish(record, at + 4, nextIp);
  } else if (type == FLOAT) {
    store<u32>(at, reinterpret<u32>(isReal ? <f32>real : <f32>integer));
    finish(record, at + 4, nextIp);
  } else {
    let bits: u64;
    if (type == LONG) bits = <u64>(isReal ? <i64>real : integer);
    else bits = reinterpret<u64>(isReal ? real : <f64>integer);
    put64(at, bits);
    finish(record, at + 8, nextIp);
  }
}

function box(record: u32, type: u32, nextIp: u32): void {
  const width: u32 = type == FLOAT ? 4 : 8;
  if (!has(record, width)) return;
  const isp = load<u32>(record, T_ISP);
  const osp = load<u32>(record, T_OSP);
  if (osp >= load<u32>(record, T_OLIMIT)) {
    throwHere(record, OVERFLOW);
    return;
  }
  let made: u32;
  if (type == LONG) made = makeLong(get64(isp - 8));
  else if (type == FLOAT) made = makeFloat(load<u32>(isp - 4));
  else made = makeDouble(get64(isp - 8));
  if (!made) {
    throwHere(record, 'out of memory');
    return;
  }
  store<u32>(osp, made);
  store<u32>(record, osp + 4, T_OSP);
  finish(record, isp - width, nextIp);
}

function unbox(record: u32, type: u32, nextIp: u32): void {
  const osp = load<u32>(record, T_OSP);
  const isp = load<u32>(record, T_ISP);
  if (osp <= load<u32>(record, T_OBASE)) {
    malformed(record, 'object stack underflow');
    return;
  }
  if (load<u32>(record, T_ILIMIT) - isp < 8) {
    throwHere(record, OVERFLOW);
    return;
  }
  const object = load<u32>(osp - 4);
  if (object == 0) {
    throwHere(record, 'null object');
    return;
  }
  const kind = type == LONG ? K_LONG : type == FLOAT ? K_FLOAT : K_DOUBLE;
  if (!isKind(object, kind)) {
    throwHere(record, 'type assert failed');
    return;
  }
  if (type == FLOAT) {
    store<u32>(isp, load<u32>(object, O_DATA));
    store<u32>(record, osp - 4, T_OSP);
    finish(record, isp + 4, nextIp);
    return;
  }
  const value = load<u64>(object, O_DATA);
  store<u32>(isp, <u32>(value >> 32));
  store<u32>(isp + 4, <u32>value);
  store<u32>(record, osp - 4, T_OSP);
  finish(record, isp + 8, nextIp);
}

/** is_get32 and is_set32 of two cells. */
function slot64(record: u32, opcode: u32, slot: u32, nextIp: u32): void {
  const ibase = load<u32>(record, T_IBASE);
  const isp = load<u32>(record, T_ISP);
  const cells = (load<u32>(record, T_ILIMIT) - ibase) >>> 2;
  if (slot >= cells || slot + 1 >= cells) {
    malformed(record, 'integer stack slot out of bounds');
    return;
  }
  const at = ibase + (slot << 2);
  if (opcode == 0x26) {
    push64(record, get64(at), nextIp);
    return;
  }
  if (!has(record, 8)) return;
  put64(at, get64(isp - 8));
  finish(record, isp - 8, nextIp);
}

/** The instruction at `at`, under a prefix of two-cell types; false when it has no form of its own. */
function twoCells(record: u32, opcode: u32, at: u32): bool {
  const isp = load<u32>(record, T_ISP);
  switch (opcode) {
    case 0x10:
      if (has(record, 8)) push64(record, get64(isp - 8), at + 1);
      return true;
    case 0x11:
      if (has(record, 8)) finish(record, isp - 8, at + 1);
      return true;
    case 0x20:
    case 0x21:
      push64(record, <u64>(opcode - 0x20), at + 1);
      return true;
    case 0x22:
      push64(record, <u64>load<u8>(at, 1), at + 2);
      return true;
    case 0x23:
      push64(record, <u64>(<i64>(<i32>be32(at + 1))), at + 5);
      return true;
    case 0x25:
      push64(record, ((<u64>be32(at + 1)) << 32) | (<u64>be32(at + 5)), at + 9);
      return true;
    case 0x26:
    case 0x27:
      slot64(record, opcode, be32(at + 1), at + 5);
      return true;
  }
  return false;
}

/** The bytecode at `ip`: a prefix and its instruction, a conversion, or a 64-bit constant. */
export function wide(record: u32, ip: u32): void {
  let type: u32 = INT;
  let at = ip;
  let opcode = <u32>load<u8>(at);
  // A run of prefixes: code ends in bytes that are none, so this ends too.
  while (opcode == LONG || opcode == FLOAT || opcode == DOUBLE) {
    type = opcode;
    at++;
    opcode = <u32>load<u8>(at);
  }
  if (opcode >= 0x74 && opcode <= 0x77) {
    convert(record, type, opcode, at + 1);
    return;
  }
  if (opcode == 0x25 && type != DOUBLE) type = LONG;
  if (type != FLOAT && twoCells(record, opcode, at)) return;
  if (opcode == 0x40) {
    box(record, type, at + 1);
  } else if (opcode == 0x41) {
    unbox(record, type, at + 1);
  } else if (opcode >= 0x52 && opcode <= 0x55) {
    compare(record, type, opcode, at + 1);
  } else if ((opcode >= 0x42 && opcode <= 0x47) || opcode == 0x56 || opcode == 0x57) {
    if (type == LONG) longArithmetic(record, opcode, at + 1);
    else realArithmetic(record, type, opcode, at + 1);
  } else if (opcode == 0x4b || opcode == 0x4f) {
    if (type == LONG) longNot(record, opcode, at + 1);
    else malformed(record, NO_SUCH);
  } else if (opcode >= 0x48 && opcode <= 0x4e) {
    if (type == LONG) longArithmetic(record, opcode, at + 1);
    else malformed(record, NO_SUCH);
  } else if (opcode >= 0x70 && opcode <= 0x72) {
    if (type == LONG) longShift(record, opcode, at + 1);
    else malformed(record, NO_SUCH);
  } else {
    store<u32>(record, at, T_IP);
  }
}
