/**
 * The bytecode interpreter: one loop, one switch.
 *
 * Rules. At the start of each bytecode the registers (ip, both stack pointers) stand in the thread's record, in wired
 * memory; so a thread that waits in a page fault stands at the start of its bytecode. A stack pointer is stored by the
 * bytecode that changes it, after its last possible fault; nothing that can fault stands between that and the store of
 * ip, with which the next one begins. A bytecode written here reads all its operands and then writes one word; all that
 * does more lives in functions that follow the touch rule on the record (`calls`, `wide`, `classes/`), after which the
 * registers are loaded anew. A type prefix and its instruction are one bytecode.
 *
 * Checks: the instruction pointer is checked where it jumps, and code ends in bytes that are no opcode, so running off
 * the end is found; each stack access is checked against the frame's base and the stack's end. What a program can meet
 * is thrown as a string, broken code ends the thread.
 *
 * Instruction set: docs of the original, in this order of numbers; see `model/classfile/opcodes.ts` for names.
 */

import { poppedBeforeFault, storeBadReference } from '../defects';
import { rescheduleWanted, safepoint } from '../objects/below';
import {
  CATCHER_BYTES,
  FRAME_BYTES,
  H_CLASS,
  H_IP,
  H_ISP,
  H_OSP,
  K_ARRAY,
  K_CLASS,
  K_CODE,
  K_INT,
  K_INTERFACE,
  K_STRING,
  M_BYTES,
  M_CONSTANTS,
  M_LENGTH,
  O_DATA,
  O_SIZE,
  SIZE_MASK,
  T_CLIMIT,
  T_CODE,
  T_CSP,
  T_FP,
  T_IBASE,
  T_ILIMIT,
  T_IP,
  T_ISP,
  T_OBASE,
  T_OBJECT,
  T_OLIMIT,
  T_OSP,
  T_STATE,
  THREAD_ALIVE,
} from '../objects/layout';
import {
  classOf,
  descends,
  intValue,
  internalClass,
  isClassObject,
  isInt,
  makeInt,
  makeStringOf,
} from '../objects/objects';
import { be32 } from './bytes';
import { call, callByName, callStatic, callSystem, leave, malformed, throwHere, unwind } from './calls';
import { compose, copy, decompose } from './compose';
import { lock, unlock } from './monitors';
import { createObject } from './natives';
import { DONE, out, THROW } from './outcome';
import { summon } from './summon';
import { wide } from './wide';

const UNDERFLOW_INT = 'integer stack underflow';
const UNDERFLOW_OBJECT = 'object stack underflow';
const JUMP = 'jump out of the code';
const OVERFLOW = 'stack overflow';

/**
 * Field `n` of `this` for a load, where the fast check said no: an immutable object's fields can be read. Else
 * malformed.
 */
function slowLoad(record: u32, self: u32, field: u32): bool {
  if (self & 1 || self == 0) {
    malformed(record, 'field of an object that has none');
    return false;
  }
  const size = load<u32>(self, O_SIZE);
  if ((size & ~SIZE_MASK) == 0xc0000000 && field < (size & SIZE_MASK) >>> 2) return true;
  malformed(record, 'field number out of bounds');
  return false;
}

function popCatcher(record: u32, nextIp: u32): void {
  const csp = load<u32>(record, T_CSP);
  if (csp < load<u32>(record, T_FP) + FRAME_BYTES + CATCHER_BYTES) {
    malformed(record, 'pop_catcher without a catcher');
    return;
  }
  store<u32>(record, csp - CATCHER_BYTES, T_CSP);
  store<u32>(record, nextIp, T_IP);
}

function pushCatcher(record: u32, cls: u32, handler: u32, osp: u32, isp: u32, nextIp: u32): void {
  const csp = load<u32>(record, T_CSP);
  if (csp + CATCHER_BYTES > load<u32>(record, T_CLIMIT)) {
    throwHere(record, OVERFLOW);
    return;
  }
  if (!isClassObject(cls)) {
    throwHere(record, 'type assert failed');
    return;
  }
  store<u32>(csp, cls, H_CLASS);
  store<u32>(csp, handler, H_IP);
  store<u32>(csp, osp, H_OSP);
  store<u32>(csp, isp, H_ISP);
  store<u32>(record, csp + CATCHER_BYTES, T_CSP);
  store<u32>(record, osp, T_OSP);
  store<u32>(record, nextIp, T_IP);
}

/** References stored in fields, and what the defect makes of them. */
let stored: u32 = 0;

function spoiled(reference: u32): u32 {
  return (reference & 1) == 0 && reference != 0 && ++stored % 64 == 0 ? reference + 8 : reference;
}

/** Runs the thread of that record until it ends. */
export function interpret(record: u32): void {
  while (load<u32>(record, T_STATE) == THREAD_ALIVE) {
    // Between two bytecodes, registers in the record: a safepoint.
    if (rescheduleWanted()) safepoint();
    let ip = load<u32>(record, T_IP);
    let osp = load<u32>(record, T_OSP);
    let isp = load<u32>(record, T_ISP);
    const obase = load<u32>(record, T_OBASE);
    const ibase = load<u32>(record, T_IBASE);
    const olimit = load<u32>(record, T_OLIMIT);
    const ilimit = load<u32>(record, T_ILIMIT);
    // Lowest integer stack pointer with two operands below it, and the number of slots of the frame.
    const ibase2 = ibase + 8;
    const slots = (ilimit - ibase) >>> 2;
    const code = load<u32>(record, T_CODE);
    const start = code + M_BYTES;
    const length = load<u32>(code, M_LENGTH);

    for (;;) {
      store<u32>(record, ip, T_IP);
      const opcode = <u32>load<u8>(ip);
      switch (opcode) {
        case 0x00: // nop
          ip++;
          continue;

        case 0x01: {
          // debug: tracing is the test bed's business; only the operands are passed over
          const type = <u32>load<u8>(ip, 1);
          let next = ip + 2;
          if (type & 0x80) {
            const bytes = be32(ip + 2);
            if (bytes > length || ip + 6 - start + bytes > length) {
              malformed(record, 'text of debug runs out of the code');
              break;
            }
            next = ip + 6 + bytes;
          }
          ip = next;
          continue;
        }

        case 0x04: {
          // djnz
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          const value = load<u32>(isp - 4) - 1;
          const target = value ? ip + 1 + be32(ip + 1) : ip + 5;
          if (value && target - start >= length) {
            malformed(record, JUMP);
            break;
          }
          store<u32>(isp - 4, value);
          if (target > ip) {
            ip = target;
            continue;
          }
          ip = target;
          if (rescheduleWanted()) {
            store<u32>(record, ip, T_IP);
            safepoint();
          }
          continue;
        }

        case 0x05: {
          // jz
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          if (load<u32>(isp - 4)) {
            isp -= 4;
            store<u32>(record, isp, T_ISP);
            ip += 5;
            continue;
          }
          const target = ip + 1 + be32(ip + 1);
          if (target - start >= length) {
            malformed(record, JUMP);
            break;
          }
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          if (target > ip) {
            ip = target;
            continue;
          }
          ip = target;
          if (rescheduleWanted()) {
            store<u32>(record, ip, T_IP);
            safepoint();
          }
          continue;
        }

        case 0x06: {
          // jmp
          const target = ip + 1 + be32(ip + 1);
          if (target - start >= length) {
            malformed(record, JUMP);
            break;
          }
          if (target > ip) {
            ip = target;
            continue;
          }
          ip = target;
          if (rescheduleWanted()) {
            store<u32>(record, ip, T_IP);
            safepoint();
          }
          continue;
        }

        case 0x07: {
          // switch
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          const entries = be32(ip + 1);
          const shift = be32(ip + 5);
          const divisor = be32(ip + 9);
          const table = ip + 13;
          if (table - start > length || entries > (length - (table - start)) >>> 2) {
            malformed(record, 'table of switch runs out of the code');
            break;
          }
          if (divisor == 0) {
            throwHere(record, 'division by zero');
            break;
          }
          const index = (load<u32>(isp - 4) + shift) / divisor;
          let target = table + (entries << 2);
          if (index < entries) {
            const entry = table + (index << 2);
            target = entry + be32(entry);
          }
          if (target - start >= length) {
            malformed(record, JUMP);
            break;
          }
          store<u32>(record, target, T_IP);
          store<u32>(record, isp - 4, T_ISP);
          break;
        }

        case 0x08: // ret
          leave(record);
          break;

        case 0x09:
        case 0x0a:
        case 0x0b:
        case 0x0c: // short_call_0..3
          call(record, opcode - 0x09, 0, ip + 1);
          break;
        case 0x0d: // call_8bit
          call(record, <u32>load<u8>(ip, 1), be32(ip + 2), ip + 6);
          break;
        case 0x0e: // call_32bit
          call(record, be32(ip + 1), be32(ip + 5), ip + 9);
          break;
        case 0x0f: // sys_8bit
          callSystem(record, <u32>load<u8>(ip, 1), ip + 2);
          break;

        case 0x10: {
          // is_dup
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          if (isp >= ilimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(isp, load<u32>(isp - 4));
          isp += 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        }
        case 0x11: // is_drop
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x12: {
          // os_dup
          if (osp <= obase) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          if (osp >= olimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(osp, load<u32>(osp - 4));
          osp += 4;
          store<u32>(record, osp, T_OSP);
          ip++;
          continue;
        }
        case 0x13: // os_drop
          if (osp <= obase) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          osp -= 4;
          store<u32>(record, osp, T_OSP);
          ip++;
          continue;

        case 0x14: // os_load8
        case 0x16: {
          // os_load32
          let field: u32;
          let next: u32;
          if (opcode == 0x14) {
            field = <u32>load<u8>(ip, 1);
            next = ip + 2;
          } else {
            field = be32(ip + 1);
            next = ip + 5;
          }
          const self = load<u32>(obase - 4);
          if (self & 1 || self == 0 || field >= 0x04000000 || <i32>(field << 2) >= load<i32>(self, O_SIZE)) {
            if (!slowLoad(record, self, field)) break;
          }
          if (osp >= olimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(osp, load<u32>(self + (field << 2), O_DATA));
          osp += 4;
          store<u32>(record, osp, T_OSP);
          ip = next;
          continue;
        }

        case 0x15: // os_save8
        case 0x17: {
          // os_save32
          let field: u32;
          let next: u32;
          if (opcode == 0x15) {
            field = <u32>load<u8>(ip, 1);
            next = ip + 2;
          } else {
            field = be32(ip + 1);
            next = ip + 5;
          }
          if (osp <= obase) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          const self = load<u32>(obase - 4);
          if (self & 1 || self == 0 || field >= 0x04000000 || <i32>(field << 2) >= load<i32>(self, O_SIZE)) {
            malformed(record, 'field number out of bounds, or an immutable object');
            break;
          }
          if (poppedBeforeFault) store<u32>(record, osp - 4, T_OSP);
          store<u32>(self + (field << 2), storeBadReference ? spoiled(load<u32>(osp - 4)) : load<u32>(osp - 4), O_DATA);
          osp -= 4;
          store<u32>(record, osp, T_OSP);
          ip = next;
          continue;
        }

        case 0x18: {
          // new
          if (osp <= obase) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          const outcome = createObject(load<u32>(osp - 4));
          const made = out;
          if (outcome == THROW) {
            unwind(record, made);
            break;
          }
          store<u32>(osp - 4, made);
          ip++;
          continue;
        }

        case 0x19:
          copy(record, ip + 1);
          break;
        case 0x1a: // os_compose32
          compose(record, be32(ip + 1), ip + 5);
          break;
        case 0x1b: // os_decompose
          decompose(record, ip + 1);
          break;

        case 0x1c: {
          // os_pull32
          const depth = be32(ip + 1);
          if ((osp - obase) >>> 2 <= depth) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          if (osp >= olimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(osp, load<u32>(osp - 4 - (depth << 2)));
          osp += 4;
          store<u32>(record, osp, T_OSP);
          ip += 5;
          continue;
        }

        case 0x1e: {
          // os_get32
          const slot = be32(ip + 1);
          if ((osp - obase) >>> 2 <= slot) {
            malformed(record, 'object stack slot out of bounds');
            break;
          }
          if (osp >= olimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(osp, load<u32>(obase + (slot << 2)));
          osp += 4;
          store<u32>(record, osp, T_OSP);
          ip += 5;
          continue;
        }
        case 0x1f: {
          // os_set32; the slot may be the popped cell itself, nothing above it
          const slot = be32(ip + 1);
          if ((osp - obase) >>> 2 <= slot) {
            malformed(record, 'object stack slot out of bounds');
            break;
          }
          store<u32>(obase + (slot << 2), load<u32>(osp - 4));
          osp -= 4;
          store<u32>(record, osp, T_OSP);
          ip += 5;
          continue;
        }

        case 0x20: // iconst_0
        case 0x21: // iconst_1
          if (isp >= ilimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(isp, opcode - 0x20);
          isp += 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x22: // iconst_8bit
          if (isp >= ilimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(isp, <u32>load<u8>(ip, 1));
          isp += 4;
          store<u32>(record, isp, T_ISP);
          ip += 2;
          continue;
        case 0x23: // iconst_32bit
          if (isp >= ilimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(isp, be32(ip + 1));
          isp += 4;
          store<u32>(record, isp, T_ISP);
          ip += 5;
          continue;

        case 0x24: {
          // sconst_bin
          const bytes = be32(ip + 1);
          if (bytes > length || ip + 5 - start + bytes > length) {
            malformed(record, 'string runs out of the code');
            break;
          }
          if (osp >= olimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          const made = makeStringOf(ip + 5, bytes);
          if (!made) {
            throwHere(record, 'out of memory');
            break;
          }
          store<u32>(osp, made);
          osp += 4;
          store<u32>(record, osp, T_OSP);
          ip += 5 + bytes;
          continue;
        }

        case 0x26: {
          // is_get32: popped cells stay readable, in a stack's bounds
          const slot = be32(ip + 1);
          if (slots <= slot) {
            malformed(record, 'integer stack slot out of bounds');
            break;
          }
          if (isp >= ilimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(isp, load<u32>(ibase + (slot << 2)));
          isp += 4;
          store<u32>(record, isp, T_ISP);
          ip += 5;
          continue;
        }
        case 0x27: {
          // is_set32
          const slot = be32(ip + 1);
          if (slots <= slot) {
            malformed(record, 'integer stack slot out of bounds');
            break;
          }
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(ibase + (slot << 2), load<u32>(isp - 4));
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip += 5;
          continue;
        }

        case 0x28: {
          // const_pool: of the class that defines the method
          const id = be32(ip + 1);
          const pool = load<u32>(code, M_CONSTANTS);
          if (pool == 0 || id >= (load<u32>(pool, O_SIZE) & SIZE_MASK) >>> 2) {
            malformed(record, 'no such constant');
            break;
          }
          const constant = load<u32>(pool + (id << 2), O_DATA);
          if (constant == 0) {
            malformed(record, 'no such constant');
            break;
          }
          if (osp >= olimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(osp, constant);
          osp += 4;
          store<u32>(record, osp, T_OSP);
          ip += 5;
          continue;
        }

        case 0x29: {
          // stack_reserve: cells above the stacks are dead until the registers move
          const objects = <u32>load<u8>(ip, 1) << 2;
          const ints = <u32>load<u8>(ip, 2) << 2;
          if (olimit - osp < objects || ilimit - isp < ints) {
            throwHere(record, OVERFLOW);
            break;
          }
          for (let at = osp; at < osp + objects; at += 4) store<u32>(at, 0);
          for (let at = isp; at < isp + ints; at += 4) store<u32>(at, 0);
          osp += objects;
          store<u32>(record, osp, T_OSP);
          isp += ints;
          store<u32>(record, isp, T_ISP);
          ip += 3;
          continue;
        }

        case 0x2b: {
          // cast: null passes
          if (osp - obase < 8) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          const cls = load<u32>(osp - 4);
          const object = load<u32>(osp - 8);
          if (!isClassObject(cls)) {
            throwHere(record, 'type assert failed');
            break;
          }
          if (object != 0 && !descends(classOf(object), cls)) {
            throwHere(record, 'cast to not parent');
            break;
          }
          osp -= 4;
          store<u32>(record, osp, T_OSP);
          ip++;
          continue;
        }

        case 0x2d: {
          // push_catcher
          if (osp <= obase) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          const handler = ip + 1 + be32(ip + 1);
          if (handler - start >= length) {
            malformed(record, JUMP);
            break;
          }
          pushCatcher(record, load<u32>(osp - 4), handler, osp - 4, isp, ip + 5);
          break;
        }
        case 0x2e: // pop_catcher
          popCatcher(record, ip + 1);
          break;
        case 0x2f: // throw
          if (osp <= obase) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          unwind(record, load<u32>(osp - 4));
          break;

        case 0x30: // summon_thread
        case 0x31: // summon_this
        case 0x37: // summon_null
        case 0x38: // summon_class_class
        case 0x39: // summon_int_class
        case 0x3a: // summon_string_class
        case 0x3b: // summon_interface_class
        case 0x3c: // summon_code_class
        case 0x3d: {
          // summon_array_class
          if (osp >= olimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          let object: u32 = 0;
          if (opcode == 0x31) object = load<u32>(obase - 4);
          else if (opcode == 0x30) object = load<u32>(record, T_OBJECT);
          else if (opcode == 0x38) object = internalClass(K_CLASS);
          else if (opcode == 0x39) object = internalClass(K_INT);
          else if (opcode == 0x3a) object = internalClass(K_STRING);
          else if (opcode == 0x3b) object = internalClass(K_INTERFACE);
          else if (opcode == 0x3c) object = internalClass(K_CODE);
          else if (opcode == 0x3d) object = internalClass(K_ARRAY);
          store<u32>(osp, object);
          osp += 4;
          store<u32>(record, osp, T_OSP);
          ip++;
          continue;
        }

        case 0x3f: {
          // summon_by_name
          const bytes = be32(ip + 1);
          if (bytes > length || ip + 5 - start + bytes > length) {
            malformed(record, 'class name runs out of the code');
            break;
          }
          if (osp >= olimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          const outcome = summon(record, ip, bytes);
          const found = out;
          if (outcome == DONE) {
            store<u32>(osp, found);
            osp += 4;
            store<u32>(record, osp, T_OSP);
            ip += 5 + bytes;
            continue;
          }
          if (outcome == THROW) unwind(record, found);
          break;
        }

        case 0x40: {
          // i2o
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          if (osp >= olimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          const value = load<i32>(isp - 4);
          let box = ((<u32>value) << 1) | 1;
          if (((value << 1) >> 1) != value) {
            box = makeInt(value);
            if (!box) {
              throwHere(record, 'out of memory');
              break;
            }
          }
          store<u32>(osp, box);
          osp += 4;
          store<u32>(record, osp, T_OSP);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        }
        case 0x41: {
          // o2i
          if (osp <= obase) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          if (isp >= ilimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          const box = load<u32>(osp - 4);
          if (box & 1) {
            store<i32>(isp, <i32>box >> 1);
          } else {
            if (box == 0) {
              throwHere(record, 'null object');
              break;
            }
            if (!isInt(box)) {
              throwHere(record, 'type assert failed');
              break;
            }
            store<i32>(isp, intValue(box));
          }
          osp -= 4;
          store<u32>(record, osp, T_OSP);
          isp += 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        }

        case 0x42: // isum
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<u32>(isp - 8) + load<u32>(isp - 4));
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x43: // imul
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<u32>(isp - 8) * load<u32>(isp - 4));
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x44: // isubul: upper - lower
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<u32>(isp - 4) - load<u32>(isp - 8));
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x45: // isublu: lower - upper
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<u32>(isp - 8) - load<u32>(isp - 4));
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;

        case 0x46: // idivul
        case 0x47: // idivlu
        case 0x56: // iremul
        case 0x57: {
          // iremlu
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          let dividend = load<i32>(isp - 8);
          let divisor = load<i32>(isp - 4);
          if (opcode == 0x46 || opcode == 0x56) {
            const swap = dividend;
            dividend = divisor;
            divisor = swap;
          }
          if (divisor == 0) {
            throwHere(record, 'division by zero');
            break;
          }
          let result: i32;
          if (divisor == -1) result = opcode < 0x50 ? 0 - dividend : 0;
          else result = opcode < 0x50 ? dividend / divisor : dividend % divisor;
          store<i32>(isp - 8, result);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        }

        case 0x48: // ior
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<u32>(isp - 8) | load<u32>(isp - 4));
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x49: // iand
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<u32>(isp - 8) & load<u32>(isp - 4));
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x4a: // ixor
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<u32>(isp - 8) ^ load<u32>(isp - 4));
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x4b: // inot
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 4, ~load<u32>(isp - 4));
          ip++;
          continue;
        case 0x4c: // log_or
        case 0x4d: // log_and
        case 0x4e: {
          // log_xor
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          const a: u32 = load<u32>(isp - 8) != 0 ? 1 : 0;
          const b: u32 = load<u32>(isp - 4) != 0 ? 1 : 0;
          store<u32>(isp - 8, opcode == 0x4c ? a | b : opcode == 0x4d ? a & b : a ^ b);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        }
        case 0x4f: // log_not
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 4, load<u32>(isp - 4) == 0 ? 1 : 0);
          ip++;
          continue;

        case 0x50: {
          // is_load8
          const field = <u32>load<u8>(ip, 1);
          const self = load<u32>(obase - 4);
          if (self & 1 || self == 0 || <i32>(field << 2) >= load<i32>(self, O_SIZE)) {
            if (!slowLoad(record, self, field)) break;
          }
          if (isp >= ilimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          const box = load<u32>(self + (field << 2), O_DATA);
          if (box == 0) {
            throwHere(record, 'null object');
            break;
          }
          if (!isInt(box)) {
            throwHere(record, 'type assert failed');
            break;
          }
          store<i32>(isp, intValue(box));
          isp += 4;
          store<u32>(record, isp, T_ISP);
          ip += 2;
          continue;
        }
        case 0x51: {
          // is_save8
          const field = <u32>load<u8>(ip, 1);
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          const self = load<u32>(obase - 4);
          if (self & 1 || self == 0 || <i32>(field << 2) >= load<i32>(self, O_SIZE)) {
            malformed(record, 'field number out of bounds, or an immutable object');
            break;
          }
          const box = makeInt(load<i32>(isp - 4));
          if (!box) {
            throwHere(record, 'out of memory');
            break;
          }
          store<u32>(self + (field << 2), box, O_DATA);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip += 2;
          continue;
        }

        case 0x52: // ige
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<i32>(isp - 8) >= load<i32>(isp - 4) ? 1 : 0);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x53: // ile
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<i32>(isp - 8) <= load<i32>(isp - 4) ? 1 : 0);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x54: // igt
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<i32>(isp - 8) > load<i32>(isp - 4) ? 1 : 0);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        case 0x55: // ilt
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          store<u32>(isp - 8, load<i32>(isp - 8) < load<i32>(isp - 4) ? 1 : 0);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;

        case 0x58: // os_eq
        case 0x59: {
          // os_neq
          if (osp - obase < 8) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          if (isp >= ilimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          const a = load<u32>(osp - 8);
          const b = load<u32>(osp - 4);
          // Ints have no identity: two boxes of one value are the same int, as two small ones are.
          let same: u32 = a == b ? 1 : 0;
          if (!same && !((a | b) & 1) && isInt(a) && isInt(b) && intValue(a) == intValue(b)) same = 1;
          store<u32>(isp, opcode == 0x58 ? same : 1 - same);
          osp -= 8;
          store<u32>(record, osp, T_OSP);
          isp += 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        }
        case 0x5a: {
          // os_isnull
          if (osp <= obase) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          if (isp >= ilimit) {
            throwHere(record, OVERFLOW);
            break;
          }
          store<u32>(isp, load<u32>(osp - 4) == 0 ? 1 : 0);
          osp -= 4;
          store<u32>(record, osp, T_OSP);
          isp += 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        }

        case 0x25: // iconst_64bit
        case 0x5c: // prefix_long
        case 0x5d: // prefix_float
        case 0x5e: // prefix_double
        case 0x74: // fromi
        case 0x75: // froml
        case 0x76: // fromf
        case 0x77: // fromd
          wide(record, ip);
          break;

        case 0x62: // general_lock
        case 0x63: {
          // general_unlock
          if (osp <= obase) {
            malformed(record, UNDERFLOW_OBJECT);
            break;
          }
          const object = load<u32>(osp - 4);
          const outcome = opcode == 0x62 ? lock(record, object) : unlock(record, object);
          const thrown = out;
          if (outcome == DONE) {
            osp -= 4;
            store<u32>(record, osp, T_OSP);
            ip++;
            continue;
          }
          if (outcome == THROW) unwind(record, thrown);
          break;
        }

        case 0x6e: // static_invoke
          callStatic(record, be32(ip + 1), be32(ip + 5), ip + 9);
          break;
        case 0x6f: // dynamic_invoke
          callByName(record, ip + 1);
          break;

        case 0x70: {
          // ishl
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          const shift = load<u32>(isp - 8) & 31;
          store<u32>(isp - 8, load<u32>(isp - 4) << shift);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        }
        case 0x71: {
          // ishr
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          const shift = load<i32>(isp - 8) & 31;
          store<i32>(isp - 8, load<i32>(isp - 4) >> shift);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        }
        case 0x72: {
          // ushr
          if (isp < ibase2) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          const shift = load<u32>(isp - 8) & 31;
          store<u32>(isp - 8, load<u32>(isp - 4) >> shift);
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip++;
          continue;
        }

        case 0x73: // arg_count, where it does not open the method
          if (isp <= ibase) {
            malformed(record, UNDERFLOW_INT);
            break;
          }
          if (load<u32>(isp - 4) != <u32>load<u8>(ip, 1)) {
            throwHere(record, 'invalid arg count');
            break;
          }
          isp -= 4;
          store<u32>(record, isp, T_ISP);
          ip += 2;
          continue;

        default:
          if ((opcode & 0xe0) == 0xa0) {
            // call_00..1F
            call(record, opcode & 0x1f, <u32>load<u8>(ip, 1), ip + 2);
            break;
          }
          malformed(record, ip - start >= length ? 'ran off the end of the code' : 'unknown opcode');
          break;
      }
      break;
    }
  }
}
