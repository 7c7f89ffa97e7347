/**
 * Native methods of the Java library, in bytecode of the machine. Arguments are objects in slots 0, 1, ..., `this` is
 * `this`; `arg_count` is there already.
 */

import { type Assembler, Label } from '../assembler.js';
import type { ClassInfo } from './world.js';

/** Methods of the kernel's arrays. */
const ELEMENT_GET = 10;
const ELEMENT_SET = 11;

function fieldSlot(cls: ClassInfo, key: string): number {
  const place = cls.fields.get(key);
  if (place === undefined) throw new Error(`${cls.name} has no field ${key}`);
  return place.slot;
}

function methodOrdinal(cls: ClassInfo, key: string): number {
  const slot = cls.virtual.get(key);
  if (slot === undefined) throw new Error(`${cls.name} has no method ${key}`);
  return slot.ordinal;
}

/**
 * The element that argument 0 names, or null where none was stored. The kernel's array is exactly as long as the Java
 * one, so its check of the index is Java's; what it throws becomes Java's exception.
 */
function checkedGet(out: Assembler, cls: ClassInfo, failed: Label): void {
  out.plain('summon_string_class');
  out.jump('push_catcher', failed);
  out.withByte('os_load8', fieldSlot(cls, 'items:Lphantom/jvm/Items;'));
  out.withWord('os_get32', 0);
  out.call(ELEMENT_GET, 1);
}

function outOfBounds(out: Assembler, cls: ClassInfo, failed: Label): void {
  out.place(failed);
  out.plain('summon_this');
  out.withWord('os_get32', 0);
  out.call(methodOrdinal(cls, 'fail(I)V'), 1);
  out.plain('ret');
}

/** By class, name and descriptor. */
export const NATIVES: ReadonlyMap<string, (out: Assembler, cls: ClassInfo) => void> = new Map([
  [
    'phantom/jvm/Array.get(I)Ljava/lang/Object;',
    (out: Assembler, cls: ClassInfo): void => {
      const failed = new Label();
      const stored = new Label();
      checkedGet(out, cls, failed);
      out.plain('os_dup');
      out.plain('os_isnull');
      out.jump('jz', stored);
      out.plain('os_drop');
      out.withByte('os_load8', fieldSlot(cls, 'zero:Ljava/lang/Object;'));
      out.place(stored);
      out.plain('ret');
      outOfBounds(out, cls, failed);
    },
  ],
  [
    'phantom/jvm/Array.set(ILjava/lang/Object;)V',
    (out: Assembler, cls: ClassInfo): void => {
      const failed = new Label();
      checkedGet(out, cls, failed);
      out.plain('os_drop');
      out.plain('pop_catcher');
      out.withByte('os_load8', fieldSlot(cls, 'items:Lphantom/jvm/Items;'));
      out.withWord('os_get32', 1);
      out.withWord('os_get32', 0);
      out.call(ELEMENT_SET, 2);
      out.plain('ret');
      outOfBounds(out, cls, failed);
    },
  ],
]);
