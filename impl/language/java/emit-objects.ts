/**
 * Objects and arrays: making them, asking what they are.
 *
 * Arrays are objects of `phantom.jvm.IntArray` and its kin (`impl/library/java`), which check their bounds. The machine knows
 * classes and no interfaces: a class says which it implements in a text, `;a/B;a/C;` (`phantom$interfaces`).
 */

import { Label } from '../assembler.js';
import type { CodeEmitter } from './emit-code.js';
import { JavaError } from './errors.js';
import type { Instruction } from './instructions.js';
import { BINDINGS } from './machine.js';
import { type ClassInfo, phantomName } from './world.js';

/** `newarray`'s element types, JVMS table 6.5.newarray-A. */
const NEWARRAY: Record<number, string> = {
  4: 'Boolean',
  5: 'Char',
  6: 'Float',
  7: 'Double',
  8: 'Byte',
  9: 'Short',
  10: 'Int',
  11: 'Long',
};
const BY_DESCRIPTOR: Record<string, string> = {
  Z: 'Boolean',
  C: 'Char',
  F: 'Float',
  D: 'Double',
  B: 'Byte',
  S: 'Short',
  I: 'Int',
  J: 'Long',
};
const ARRAY = 'phantom/jvm/Array';
const CLASS_INSTANCE_OF = 14;

/** Class of arrays of that descriptor. */
function arrayClass(descriptor: string): string {
  return `phantom/jvm/${BY_DESCRIPTOR[descriptor.slice(1)] ?? 'Object'}Array`;
}

function summon(emitter: CodeEmitter, name: string): void {
  emitter.out.withText('summon_by_name', phantomName(name));
}

/** What every object's `phantom$is` and `phantom$as` look for. */
function markOf(name: string): string {
  return `;${name};`;
}

/** Whether instances are told by the machine's own classes. */
function isMachineClass(emitter: CodeEmitter, name: string): string | undefined {
  if (name.startsWith('[')) return arrayClass(name) === 'phantom/jvm/ObjectArray' ? undefined : arrayClass(name);
  if (BINDINGS.has(name)) return name;
  return emitter.context.output.world.get(name).java.isInterface ? undefined : name;
}

/** Object on the object stack to 0 or 1 on the integer stack. */
export function emitInstanceOf(emitter: CodeEmitter, name: string): void {
  const { out } = emitter;
  const { output } = emitter.context;
  const cls = isMachineClass(emitter, name);
  if (cls !== undefined) {
    emitter.save('A', 0);
    summon(emitter, cls);
    emitter.restore('A', 0);
    out.call(CLASS_INSTANCE_OF, 1);
    out.plain('o2i');
    return;
  }
  const isNull = new Label();
  const end = new Label();
  out.plain('os_dup');
  out.plain('os_isnull');
  out.plain('log_not');
  out.jump('jz', isNull);
  output.pushText(out, markOf(name));
  out.call(output.objectMethod('phantom$is(Lphantom/jvm/Text;)Z'), 1);
  out.plain('o2i');
  out.jump('jmp', end);
  out.place(isNull);
  out.plain('os_drop');
  out.plain('iconst_0');
  out.place(end);
}

export function emitCheckCast(emitter: CodeEmitter, name: string): void {
  const { out } = emitter;
  const { output } = emitter.context;
  if (name === 'java/lang/Object') return;
  // Which class the elements of an array of objects have is not looked at.
  const cls = name.startsWith('[') ? arrayClass(name) : isMachineClass(emitter, name);
  if (cls !== undefined) {
    summon(emitter, cls);
    out.plain('cast');
    return;
  }
  const end = new Label();
  out.plain('os_dup');
  out.plain('os_isnull');
  out.plain('log_not');
  out.jump('jz', end);
  output.pushText(out, markOf(name));
  out.call(output.objectMethod('phantom$as(Lphantom/jvm/Text;)Ljava/lang/Object;'), 1);
  out.place(end);
}

/** `Foo.class` */
export function emitLoadClass(emitter: CodeEmitter, name: string): void {
  const { output } = emitter.context;
  output.pushText(emitter.out, name);
  output.callLibrary(emitter.out, 'java/lang/Class', 'named(Lphantom/jvm/Text;)Ljava/lang/Class;', 1);
}

function newObject(emitter: CodeEmitter, name: string): void {
  const { out } = emitter;
  const { output, cls: own } = emitter.context;
  const cls = BINDINGS.has(name) ? undefined : output.world.get(name);
  if (cls?.java.isInterface) throw new JavaError(`broken class file: an object of the interface ${name}`);
  if (cls !== undefined) output.initialise(out, cls, own);
  summon(emitter, name);
  out.plain('new');
  if (cls === undefined) return;
  if (cls.numericFields.length > 0) {
    out.plain('os_dup');
    out.call(output.objectMethod('phantom$defaults()V'), 0);
    out.plain('os_drop');
  }
  if (isThrowable(cls)) {
    out.plain('os_dup');
    output.pushText(out, emitter.placeText);
    const made = output.world.instanceMethod('java/lang/Throwable', 'phantom$made(Lphantom/jvm/Text;)V');
    if (made !== 'by name') out.call(made.ordinal, 1);
    out.plain('os_drop');
  }
}

function isThrowable(cls: ClassInfo): boolean {
  for (let at: ClassInfo | undefined = cls; at !== undefined; at = at.parent) {
    if (at.name === 'java/lang/Throwable') return true;
  }
  return false;
}

/** `new`, arrays, and what is left. */
export function emitArray(emitter: CodeEmitter, instruction: Instruction): void {
  const { out } = emitter;
  const { output, cls } = emitter.context;
  const { name, operand } = instruction;
  const arrayMethod = (key: string): number => {
    const slot = output.world.instanceMethod(ARRAY, key);
    if (slot === 'by name') throw output.world.missing(ARRAY, key);
    return slot.ordinal;
  };
  const load = /^([ilfdabcs])aload$/.exec(name)?.[1];
  if (load !== undefined) {
    emitter.box('I');
    out.call(arrayMethod('get(I)Ljava/lang/Object;'), 1);
    if (load !== 'a') emitter.result(ELEMENTS[load]);
    return;
  }
  const store = /^([ilfdabcs])astore$/.exec(name)?.[1];
  if (store !== undefined) {
    if (store === 'a') {
      emitter.save('A', 0);
      emitter.box('I');
      emitter.restore('A', 0);
    } else {
      emitter.box(ELEMENTS[store]);
      emitter.save('A', 0);
      emitter.box('I');
      emitter.restore('A', 0);
    }
    out.call(arrayMethod('set(ILjava/lang/Object;)V'), 2);
    out.plain('os_drop');
    return;
  }
  switch (name) {
    case 'new':
      newObject(emitter, cls.java.className(operand));
      return;
    case 'newarray': {
      const element = NEWARRAY[operand];
      if (element === undefined) throw new JavaError(`broken class file: newarray of type ${operand}`);
      makeArray(emitter, `phantom/jvm/${element}Array`);
      return;
    }
    case 'anewarray': {
      const element = cls.java.className(operand);
      makeArray(emitter, 'phantom/jvm/ObjectArray', element.startsWith('[') ? `[${element}` : `[L${element};`);
      return;
    }
    case 'arraylength': {
      const { accessors } = output.world.instanceField(ARRAY, 'length', 'I');
      out.call(accessors.get, 0);
      emitter.result('I');
      return;
    }
    case 'multianewarray':
      multiArray(emitter, instruction);
      return;
    default:
      throw new JavaError(`${name} is not supported`);
  }
}

const ELEMENTS: Record<string, string> = { i: 'I', l: 'J', f: 'F', d: 'D', b: 'I', c: 'I', s: 'I' };

/** The length is on the integer stack. */
function makeArray(emitter: CodeEmitter, name: string, descriptor?: string): void {
  const { out } = emitter;
  const { output } = emitter.context;
  const cls = output.world.get(name);
  const maker = cls.direct.get(descriptor === undefined ? '<init>(I)V' : '<init>(ILphantom/jvm/Text;)V');
  if (maker === undefined) throw output.world.missing(name, 'constructor');
  summon(emitter, name);
  out.plain('new');
  out.plain('os_dup');
  emitter.box('I');
  if (descriptor !== undefined) output.pushText(out, descriptor);
  out.call(maker.ordinal, descriptor === undefined ? 1 : 2);
  out.plain('os_drop');
}

function multiArray(emitter: CodeEmitter, { operand, second }: Instruction): void {
  const { out } = emitter;
  const { output, cls } = emitter.context;
  const descriptor = cls.java.className(operand);
  const dimensions = /^\[*/.exec(descriptor)?.[0].length ?? 0;
  if (second < 1 || second > dimensions) {
    throw new JavaError(`broken class file: multianewarray of ${second} dimensions of ${descriptor}`);
  }
  out.plain('summon_array_class');
  out.plain('new');
  // The last length is on top.
  for (let i = second - 1; i >= 0; i--) {
    out.plain('os_dup');
    emitter.box('I');
    emitter.number(i);
    emitter.box('I');
    out.call(11, 2);
    out.plain('os_drop');
  }
  output.pushText(out, descriptor);
  output.callLibrary(out, 'phantom/jvm/Arrays', 'make(Lphantom/jvm/Items;Lphantom/jvm/Text;)Ljava/lang/Object;', 2);
}
