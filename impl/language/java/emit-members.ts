/**
 * Fields and calls.
 *
 * The machine loads and stores fields of `this` alone; those of other objects go through accessor methods, which every
 * field has. A call wants `this` and its arguments, all objects, one above the other: numbers are boxed where they are
 * the last argument, else they and what lies above them pass through temporaries.
 */

import { ACC_STATIC, methodType } from './class-reader.js';
import type { CodeEmitter } from './emit-code.js';
import { JavaError } from './errors.js';
import type { Instruction } from './instructions.js';
import { BINDINGS, INSTRUCTIONS, MACHINE, TEXT_LITERAL } from './machine.js';
import { kindOf } from './stack-flow.js';
import { type ClassInfo, keyOf } from './world.js';

function loadField(emitter: CodeEmitter, slot: number, descriptor: string): void {
  const { out } = emitter;
  const isInt = kindOf(descriptor) === 'I';
  if (slot < 256) out.withByte(isInt ? 'is_load8' : 'os_load8', slot);
  else out.withWord('os_load32', slot);
  if (!isInt || slot >= 256) unboxed(emitter, descriptor);
}

function unboxed(emitter: CodeEmitter, descriptor: string): void {
  if (kindOf(descriptor) !== 'A') emitter.result(descriptor);
}

function storeField(emitter: CodeEmitter, slot: number, descriptor: string): void {
  const { out } = emitter;
  if (kindOf(descriptor) === 'I' && slot < 256) {
    out.withByte('is_save8', slot);
    return;
  }
  emitter.box(kindOf(descriptor));
  if (slot < 256) out.withByte('os_save8', slot);
  else out.withWord('os_save32', slot);
}

/**
 * Emits an access to a field. `stack`: 'this' asks whether `instruction` reads a field of `this`, which is not on the
 * stack; else the kinds on the stack, where T is `this`. False when it did not.
 */
export function emitField(emitter: CodeEmitter, instruction: Instruction | undefined, stack: string): boolean {
  if (instruction === undefined) return false;
  const { out } = emitter;
  const { cls, output, isStatic } = emitter.context;
  const { name, operand } = instruction;
  if (stack === 'this' && name !== 'getfield') return false;
  const { owner, name: fieldName, descriptor } = cls.java.member(operand);
  const kind = kindOf(descriptor);
  if (BINDINGS.has(owner)) throw new JavaError(`${owner} has no fields`);
  if (name === 'getstatic' || name === 'putstatic') {
    const place = output.world.staticField(owner, fieldName, descriptor);
    if (isStatic && place.owner === cls) {
      if (name === 'getstatic') loadField(emitter, place.slot, descriptor);
      else storeField(emitter, place.slot, descriptor);
      return true;
    }
    const slot = name === 'getstatic' ? place.accessors.get : place.accessors.set;
    if (name === 'putstatic') {
      emitter.box(kind);
      callHolder(emitter, place.owner, slot, 1);
      out.plain('os_drop');
    } else {
      holder(emitter, place.owner);
      out.call(slot, 0);
      unboxed(emitter, descriptor);
    }
    return true;
  }
  const { slot, accessors } = output.world.instanceField(owner, fieldName, descriptor);
  if (stack === 'this') {
    loadField(emitter, slot, descriptor);
    return true;
  }
  if (name === 'getfield') {
    if (stack.endsWith('T')) {
      out.plain('os_drop');
      loadField(emitter, slot, descriptor);
      return true;
    }
    out.call(accessors.get, 0);
    unboxed(emitter, descriptor);
    return true;
  }
  if (stack[stack.length - 2] === 'T') {
    storeField(emitter, slot, descriptor);
    out.plain('os_drop');
    return true;
  }
  emitter.box(kind);
  out.call(accessors.set, 1);
  out.plain('os_drop');
  return true;
}

/** Pushes the object of a class's static members. */
function holder(emitter: CodeEmitter, cls: ClassInfo): void {
  const { isStatic, cls: own, output } = emitter.context;
  if (isStatic && own === cls) emitter.out.plain('summon_this');
  else output.holder(emitter.out, cls);
}

function callHolder(emitter: CodeEmitter, cls: ClassInfo, ordinal: number, args: number): void {
  const slot = { ordinal, owner: cls, method: cls.java.methods[0], isCopy: false };
  emitter.context.output.callStatic(emitter.out, slot, args, () => holder(emitter, cls));
}

/** Arguments of those kinds, the last on top, become objects one above the other. */
function boxArguments(emitter: CodeEmitter, kinds: readonly string[]): void {
  const first = kinds.findIndex((kind) => kind !== 'A');
  if (first < 0) return;
  for (let i = kinds.length - 1; i > first; i--) {
    emitter.box(kinds[i]);
    emitter.save('A', i);
  }
  emitter.box(kinds[first]);
  for (let i = first + 1; i < kinds.length; i++) emitter.restore('A', i);
}

/**
 * Emits a call. `literal`: the string constant in front of it, which is not on the stack; then only a call that takes it
 * as a text of the machine is emitted. False when it was not.
 */
export function emitCall(
  emitter: CodeEmitter,
  instruction: Instruction | undefined,
  _stack: string,
  literal?: string,
): boolean {
  if (instruction === undefined) return false;
  if (literal !== undefined && instruction.name !== 'invokestatic') return false;
  const { out } = emitter;
  const { cls, output, target } = emitter.context;
  const { world } = output;
  const { name, operand } = instruction;
  const member = cls.java.member(operand);
  const key = keyOf(member);
  if (literal !== undefined) {
    if (member.owner !== MACHINE || key !== TEXT_LITERAL) return false;
    output.pushText(out, literal);
    return true;
  }
  const { parameters, result } = methodType(member.descriptor);
  const kinds = parameters.map(kindOf);
  if (name === 'invokestatic' && member.owner === MACHINE) {
    const emit = INSTRUCTIONS.get(key);
    if (emit === undefined)
      throw new JavaError(`phantom.jvm.Machine has no method ${key}, or not with these arguments`);
    emit(out);
    return true;
  }
  const bound = BINDINGS.get(member.owner);
  if (bound !== undefined && name !== 'invokestatic') {
    boxArguments(emitter, kinds);
    const ordinal = key === '<init>()V' ? undefined : bound.methods.get(key);
    if (ordinal === undefined && key !== '<init>()V') throw new JavaError(`${member.owner} has no method ${key}`);
    if (ordinal === undefined) out.plain('os_drop');
    else {
      out.call(ordinal, kinds.length);
      emitter.result(result);
    }
    return true;
  }
  boxArguments(emitter, kinds);
  if (name === 'invokestatic') {
    const slot = world.staticMethod(member.owner, key);
    output.callStatic(out, slot, kinds.length, () => holder(emitter, slot.owner));
    emitter.result(result);
    return true;
  }
  const owner = member.owner.startsWith('[') ? 'phantom/jvm/Array' : member.owner;
  if (name === 'invokespecial' && member.name !== '<init>' && !target.direct.has(key)) {
    const ordinal = target.superCalls.get(`${member.owner}.${key}`);
    if (ordinal === undefined) throw new JavaError(`broken class file: invokespecial of ${member.owner}.${key}`);
    out.call(ordinal, kinds.length);
    emitter.result(result);
    return true;
  }
  if (name === 'invokespecial') {
    const slot = world.get(owner).direct.get(key);
    if (slot === undefined)
      throw world.missing(owner, member.name === '<init>' ? `constructor ${member.descriptor}` : key);
    out.call(slot.ordinal, kinds.length);
    emitter.result(result);
    return true;
  }
  const slot = world.instanceMethod(owner, key);
  if (slot !== 'by name') {
    if ((slot.method.flags & ACC_STATIC) !== 0) throw new JavaError(`broken class file: ${key} is static`);
    out.call(slot.ordinal, kinds.length);
  } else {
    byName(emitter, key, kinds.length);
  }
  emitter.result(result);
  return true;
}

/** The machine wants the object above the arguments. */
function byName(emitter: CodeEmitter, key: string, args: number): void {
  const { out } = emitter;
  if (args > 0) {
    for (let i = args - 1; i >= 0; i--) emitter.save('A', i);
    emitter.save('A', args);
    for (let i = 0; i <= args; i++) emitter.restore('A', i);
  }
  emitter.context.output.pushText(out, key);
  emitter.number(args);
  out.plain('dynamic_invoke');
}
