/**
 * The instruction set (phantom-os 1.3; numbers and operands in `model/classfile/opcodes.ts`), one instruction at a time.
 *
 * Rules. An instruction that throws or is malformed has changed nothing: stack pointers move back to where they were. A
 * long or double takes two cells of the integer stack, high word below; a float one, its bits. A prefix and its
 * instruction are one; what has no form of its own under a prefix runs as if there were none; of several prefixes the
 * last counts.
 */

import { Arithmetic } from './arithmetic.js';
import { AGAIN } from './call.js';
import { PREFIX_DOUBLE, PREFIX_FLOAT, PREFIX_LONG, type Type, underflow } from './cells.js';
import { type Frame, LIMITS, Malformed, type Thread, Thrown } from './frames.js';
import type { Machine } from './machine.js';
import { ordinary } from './methods.js';
import { ArrayObject, type Method, PhantomClass, type Reference, StringObject, USER } from './objects.js';

/** The instructions of one frame. */
class Step extends Arithmetic {
  /** A method of the kernel came back: `cells` of the stack are replaced by its result. */
  private conclude(result: Reference | typeof AGAIN, osp: number, isp: number): void {
    if (result === AGAIN) return;
    this.frame.osp = osp;
    this.frame.isp = isp;
    this.push(result);
    this.next();
  }

  /**
   * Calls a method as `cls` has it. The arguments begin at cell `from`; the result goes to cell `result`. `base`: where
   * the first cell of the method's frame is; the caller's integer stack is then `isp` high.
   */
  private callAs(
    cls: PhantomClass,
    self: Reference,
    ordinal: number,
    from: number,
    count: number,
    result: number,
    base: number,
    isp: number,
  ): void {
    const { machine, thread, frame } = this;
    const args = frame.objects.slice(from, from + count);
    const method: Method | undefined = cls.methods[ordinal];
    if (method === undefined) {
      const root = ordinal < 16;
      if (cls.extended !== undefined && (!root || (ordinal >= 8 && ordinal < 14))) {
        const core = machine.coreOf(self, cls.extended) ?? machine.throwText('type assert failed');
        const { kind } = cls.extended;
        this.conclude(ordinary({ machine, thread, frame, self: core, kind, ordinal, args }), result, isp);
        return;
      }
      if (cls.kind === USER && !root) machine.throwText(`no method ${ordinal} in ${cls.name}`);
      if (self === null && (!root || (ordinal >= 8 && ordinal < 14))) machine.throwText('null object');
      const { kind } = cls;
      this.conclude(ordinary({ machine, thread, frame, self, kind, ordinal, args }), result, isp);
      return;
    }
    const back = this.at;
    const before = frame.isp;
    frame.isp = isp;
    try {
      machine.enter(thread, method, self, args, base, (value) => {
        frame.osp = result;
        frame.objects[frame.osp++] = value;
        frame.ip = back;
      });
    } catch (error) {
      frame.isp = before;
      throw error;
    }
  }

  /** this, arguments. */
  private call(ordinal: number, count: number): void {
    const { frame } = this;
    if (frame.osp <= count) throw new Malformed('object stack underflow in a call');
    const from = frame.osp - count;
    const self = frame.objects[from - 1];
    this.callAs(this.machine.classOf(self), self, ordinal, from, count, from - 1, from, frame.isp);
  }

  /** Arguments, this, class. */
  private callStatic(ordinal: number, count: number): void {
    const { frame, machine } = this;
    if (frame.osp < 2 || frame.osp - 2 < count) throw new Malformed('object stack underflow in static_invoke');
    const given = frame.objects[frame.osp - 1];
    const cls = given instanceof PhantomClass ? given : machine.throwText('type assert failed');
    const self = frame.objects[frame.osp - 2];
    if (!machine.classOf(self).descendsFrom(cls)) machine.throwText('not a parent class');
    const ofKernel = cls.kind !== USER && cls.kind !== '.internal.void' && machine.classOf(self).kind === USER;
    const target = ofKernel ? (machine.coreOf(self, cls) ?? machine.throwText('type assert failed')) : self;
    const from = frame.osp - 2 - count;
    this.callAs(cls, target, ordinal, from, count, from, frame.osp + 1, frame.isp);
  }

  /** Arguments, this, name; their number on the integer stack. */
  private callByName(): void {
    const { frame, machine } = this;
    if (frame.isp === 0) underflow();
    const count = (frame.ints[frame.isp - 1] ?? 0) >>> 0;
    if (frame.osp < 2 || frame.osp - 2 < count) throw new Malformed('object stack underflow in dynamic_invoke');
    const given = frame.objects[frame.osp - 1];
    const name = given instanceof StringObject ? given : machine.throwText('not a string arg');
    const self = frame.objects[frame.osp - 2];
    if (self === null) machine.throwText('null object');
    const cls = machine.classOf(self);
    const ordinal = cls.methods.findIndex((method) => method?.name === name.text);
    if (ordinal < 0) machine.throwText(`no method ${name.text} in ${cls.name}`);
    const from = frame.osp - 2 - count;
    this.callAs(cls, self, ordinal, from, count, from, frame.osp + 1, frame.isp - 1);
  }

  /** Arguments; their number on the integer stack. */
  private callSystem(ordinal: number): void {
    const { frame, machine, thread } = this;
    if (frame.isp === 0) underflow();
    const count = (frame.ints[frame.isp - 1] ?? 0) >>> 0;
    if (frame.osp < count || !frame.hasObjectRoom(1)) throw new Malformed('object stack underflow in sys');
    const { self } = frame;
    if (self.cls.kind === USER && ordinal !== 0) throw new Malformed('sys in a class that is not internal');
    const args = frame.objects.slice(frame.osp - count, frame.osp);
    const { kind } = self.cls;
    const result = ordinary({ machine, thread, frame, self, kind, ordinal, args });
    this.conclude(result, frame.osp - count, frame.isp - 1);
  }

  private switchTable(): void {
    const entries = this.count();
    const shift = this.word();
    const divisor = this.count();
    const table = this.at;
    if (entries > (this.code.length - table) / 4) throw new Malformed('table of switch runs out of the code');
    const value = this.popInt();
    if (divisor === 0) this.machine.throwText('division by zero');
    const index = Math.floor(((value + shift) >>> 0) / divisor);
    this.at = table + 4 * Math.min(index, entries);
    const target = index < entries ? this.target() : this.at;
    this.frame.ip = this.inside(target);
  }

  private pushCatcher(): void {
    const { frame } = this;
    const handler = this.inside(this.target());
    if (frame.osp > 0 && frame.controlBase + frame.controlBytes + LIMITS.catcherBytes > LIMITS.controlBytes) {
      this.overflow();
    }
    const cls = this.popClass();
    frame.catchers.push({ cls, handler, osp: frame.osp, isp: frame.isp });
    this.next();
  }

  private conclusion(result: Reference | typeof AGAIN): void {
    if (result === AGAIN) return;
    this.push(result);
    this.next();
  }

  /** Runs the instruction at the instruction pointer. */
  run(): void {
    const { frame, machine } = this;
    this.at = frame.ip;
    if (this.at >= this.code.length) throw new Malformed('ran off the end of the code');
    let type: Type = 0;
    let opcode = this.byte();
    while (opcode === PREFIX_LONG || opcode === PREFIX_FLOAT || opcode === PREFIX_DOUBLE) {
      type = opcode;
      if (this.at >= this.code.length) {
        frame.ip = this.at;
        throw new Malformed('ran off the end of the code');
      }
      opcode = this.byte();
    }
    if (type !== 0 && !hasForm(opcode, type)) {
      frame.ip = this.at - 1;
      type = 0;
    }
    const wide = type === PREFIX_LONG || type === PREFIX_DOUBLE;
    switch (opcode) {
      case 0x00: // nop
        break;
      case 0x01: // debug
        if (this.byte() & 0x80) this.bytes('text of debug');
        break;
      case 0x04: {
        // djnz
        const target = this.target();
        const value = (this.popInt() - 1) | 0;
        if (value !== 0) this.at = this.inside(target);
        this.pushInt(value);
        break;
      }
      case 0x05: {
        // jz
        const target = this.target();
        if (this.popInt() === 0) this.at = this.inside(target);
        break;
      }
      case 0x06: // jmp
        this.at = this.inside(this.target());
        break;
      case 0x07:
        this.switchTable();
        return;
      case 0x08: // ret
        machine.leave(this.thread, frame.method.isVoid || frame.osp === 0 ? null : frame.objects[frame.osp - 1]);
        return;
      case 0x09:
      case 0x0a:
      case 0x0b:
      case 0x0c: // short_call_0..3
        this.call(opcode - 0x09, 0);
        return;
      case 0x0d: // call_8bit
        this.call(this.byte(), this.count());
        return;
      case 0x0e: // call_32bit
        this.call(this.count(), this.count());
        return;
      case 0x0f: // sys_8bit
        this.callSystem(this.byte());
        return;
      case 0x10: // is_dup
        if (wide) {
          const value = this.popLong();
          this.pushLong(value);
          this.pushLong(value);
        } else {
          const value = this.popInt();
          this.pushInt(value);
          this.pushInt(value);
        }
        break;
      case 0x11: // is_drop
        if (wide) this.popLong();
        else this.popInt();
        break;
      case 0x12: {
        // os_dup
        const value = this.pop();
        this.push(value);
        this.push(value);
        break;
      }
      case 0x13: // os_drop
        this.pop();
        break;
      case 0x14: // os_load8
      case 0x16: {
        // os_load32
        const field = opcode === 0x14 ? this.byte() : this.count();
        this.push(this.self(field, false).fields[field]);
        break;
      }
      case 0x15: // os_save8
      case 0x17: {
        // os_save32
        const field = opcode === 0x15 ? this.byte() : this.count();
        const value = this.pop();
        this.self(field, true).fields[field] = value;
        break;
      }
      case 0x18: // new
        this.push(machine.create(this.pop()));
        break;
      case 0x19: // copy
        this.conclude(machine.copy(this.thread, frame, this.pop()), frame.osp, frame.isp);
        return;
      case 0x1a: {
        // os_compose32: an array of the objects on top
        const count = this.count();
        if (count > frame.osp) throw new Malformed('object stack underflow');
        const array = machine.array();
        array.elements.push(...frame.objects.slice(frame.osp - count, frame.osp));
        frame.osp -= count;
        this.push(array);
        break;
      }
      case 0x1b: {
        // os_decompose: the elements and their number
        const array = this.pop();
        if (array === null) machine.throwText('null object');
        if (!(array instanceof ArrayObject)) machine.throwText('type assert failed');
        else {
          if (!frame.hasObjectRoom(array.elements.length)) this.overflow();
          for (const element of array.elements) this.push(element);
          this.pushInt(array.elements.length);
        }
        break;
      }
      case 0x1c: {
        // os_pull32
        const depth = this.count();
        if (depth >= frame.osp) throw new Malformed('object stack underflow');
        this.push(frame.objects[frame.osp - 1 - depth]);
        break;
      }
      case 0x1e: // os_get32
        this.push(frame.objects[this.objectSlot()]);
        break;
      case 0x1f: {
        // os_set32
        const slot = this.objectSlot();
        frame.objects[slot] = this.pop();
        break;
      }
      case 0x20: // iconst_0
      case 0x21: // iconst_1
        if (wide) this.pushLong(BigInt(opcode - 0x20));
        else this.pushInt(opcode - 0x20);
        break;
      case 0x22: // iconst_8bit
        if (wide) this.pushLong(BigInt(this.byte()));
        else this.pushInt(this.byte());
        break;
      case 0x23: // iconst_32bit
        if (wide) this.pushLong(BigInt(this.word()));
        else this.pushInt(this.word());
        break;
      case 0x24: // sconst_bin
        this.push(machine.stringOf(this.bytes('string')));
        break;
      case 0x25: {
        // iconst_64bit
        const high = this.word();
        this.pushLong((BigInt(high) << 32n) | BigInt(this.count()));
        break;
      }
      case 0x26: // is_get32
        this.getSlot(wide);
        break;
      case 0x27: // is_set32
        this.setSlot(wide);
        break;
      case 0x28: {
        // const_pool: of the class that defines the method (D6)
        const constant = frame.method.constants[this.count()];
        if (constant === undefined) throw new Malformed('no such constant');
        this.push(constant);
        break;
      }
      case 0x29: {
        // stack_reserve
        const objects = this.byte();
        const integers = this.byte();
        if (!frame.hasObjectRoom(objects) || !frame.hasIntegerRoom(integers)) this.overflow();
        for (let i = 0; i < objects; i++) this.push(null);
        for (let i = 0; i < integers; i++) this.pushInt(0);
        break;
      }
      case 0x2b: {
        // cast: null passes (D13)
        if (frame.osp < 2) throw new Malformed('object stack underflow');
        const cls = this.popClass();
        const object = this.pop();
        if (object !== null && !machine.classOf(object).descendsFrom(cls)) machine.throwText('cast to not parent');
        this.push(object);
        break;
      }
      case 0x2d:
        this.pushCatcher();
        return;
      case 0x2e: // pop_catcher
        if (frame.catchers.pop() === undefined) throw new Malformed('pop_catcher without a catcher');
        break;
      case 0x2f: // throw
        throw new Thrown(this.pop());
      case 0x30:
        this.push(this.thread.object);
        break;
      case 0x31:
        this.push(frame.self);
        break;
      case 0x37:
        this.push(null);
        break;
      case 0x38:
        this.push(machine.classes.of('.internal.class'));
        break;
      case 0x39:
        this.push(machine.classes.of('.internal.int'));
        break;
      case 0x3a:
        this.push(machine.classes.of('.internal.string'));
        break;
      case 0x3b:
        this.push(machine.classes.of('.internal.interface'));
        break;
      case 0x3c:
        this.push(machine.classes.of('.internal.code'));
        break;
      case 0x3d:
        this.push(machine.classes.of('.internal.container.array'));
        break;
      case 0x3f: {
        // summon_by_name
        const name = this.bytes('class name').toString('latin1');
        if (!frame.hasObjectRoom(1)) this.overflow();
        this.conclusion(machine.summon(this.thread, frame, name));
        return;
      }
      case 0x40: // i2o
        this.box(type);
        break;
      case 0x41: // o2i
        this.unbox(type);
        break;
      case 0x4b: // inot
      case 0x4f: // log_not
        this.unary(opcode, type);
        break;
      case 0x50: {
        // is_load8
        const field = this.byte();
        const box = this.self(field, false).fields[field];
        if (box === null) machine.throwText('null object');
        this.pushInt(typeof box === 'number' ? box : machine.throwText('type assert failed'));
        break;
      }
      case 0x51: {
        // is_save8
        const field = this.byte();
        const value = this.popInt();
        this.self(field, true).fields[field] = value;
        break;
      }
      case 0x52:
      case 0x53:
      case 0x54:
      case 0x55:
        this.compare(opcode, type);
        break;
      case 0x58: // os_eq
      case 0x59: {
        // os_neq
        if (frame.osp < 2) throw new Malformed('object stack underflow');
        const b = this.pop();
        const same = this.pop() === b;
        this.pushInt(same === (opcode === 0x58) ? 1 : 0);
        break;
      }
      case 0x5a: // os_isnull
        this.pushInt(this.pop() === null ? 1 : 0);
        break;
      case 0x62: // general_lock
        machine.lock(this.thread, this.pop());
        break;
      case 0x63: // general_unlock
        machine.unlock(this.thread, this.pop());
        break;
      case 0x6e: {
        // static_invoke
        const ordinal = this.count();
        this.callStatic(ordinal, this.count());
        return;
      }
      case 0x6f:
        this.callByName();
        return;
      case 0x70:
      case 0x71:
      case 0x72:
        this.shift(opcode, type);
        break;
      case 0x73: {
        // arg_count
        const wanted = this.byte();
        if (this.popInt() !== wanted) machine.throwText('invalid arg count');
        // What opens a method leaves no trace: a machine may count the arguments before it enters.
        if (frame.ip === 0) frame.ints.length = frame.isp;
        break;
      }
      case 0x74:
      case 0x75:
      case 0x76:
      case 0x77:
        this.convert(CONVERTED[opcode - 0x74], type);
        break;
      default:
        if ((opcode & 0xe0) === 0xa0) {
          this.call(opcode & 0x1f, this.byte());
          return;
        }
        if ((opcode >= 0x42 && opcode <= 0x4e) || opcode === 0x56 || opcode === 0x57) {
          this.binary(opcode, type);
          break;
        }
        throw new Malformed('unknown opcode');
    }
    this.next();
  }
}

/** Whether an instruction is another one under that prefix: values of two cells only have forms of dup, constants, slots. */
function hasForm(opcode: number, type: Type): boolean {
  const cells = opcode === 0x10 || opcode === 0x11 || (opcode >= 0x20 && opcode <= 0x23);
  if (cells || opcode === 0x26 || opcode === 0x27) return type !== PREFIX_FLOAT;
  if (opcode === 0x25 || opcode === 0x40 || opcode === 0x41) return true;
  const arithmetic = (opcode >= 0x42 && opcode <= 0x4f) || (opcode >= 0x52 && opcode <= 0x57);
  return arithmetic || (opcode >= 0x70 && opcode <= 0x72) || (opcode >= 0x74 && opcode <= 0x77);
}

/** fromi, froml, fromf, fromd. */
const CONVERTED: readonly Type[] = [0, PREFIX_LONG, PREFIX_FLOAT, PREFIX_DOUBLE];

/** Executes instructions of the frame on top until another one is. Throws Thrown, Malformed and Stopped. */
export function execute(machine: Machine, thread: Thread, frame: Frame): void {
  const step = new Step(machine, thread, frame);
  const { frames } = thread;
  let { osp, isp } = frame;
  try {
    do {
      osp = frame.osp;
      isp = frame.isp;
      machine.count(frame);
      step.run();
    } while (frames[frames.length - 1] === frame);
  } catch (error) {
    // The instruction has changed nothing.
    frame.osp = osp;
    frame.isp = isp;
    throw error;
  }
}
