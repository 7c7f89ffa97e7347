/**
 * Classes of class files that extend a class of the kernel's.
 *
 * Rule (delegation): an object of such a class is an ordinary user object whose last field, behind those the class file
 * counts, holds its core, an object of the kernel's class made together with it. A method of the kernel's class that
 * the class file does not override works on the core; what every object has (0 to 7, 14, 15) is the object's own. So
 * nothing below the calls knows of this: layout, fields and marking are those of any user object.
 *
 * That makes sense for classes whose objects have a state and an identity. Values (numbers, strings), memory of variable
 * size, what the machine is made of (classes, code, threads, stacks) and the boot object count as the root class when a
 * class file names them as its parent, as in the original all do.
 */

import {
  C_INSTANCE,
  C_KIND,
  C_PARENT,
  K_ARRAY,
  K_BITMAP,
  K_CLOSURE,
  K_COND,
  K_CONNECTION,
  K_DIRECTORY,
  K_IO,
  K_MUTEX,
  K_SEMA,
  K_TTY,
  K_USER,
  K_VOID,
  K_WEAKREF,
  O_DATA,
} from './layout';
import { isKind, kindOf, sizeOf } from './objects';

export function canBeExtended(kind: u32): bool {
  switch (kind) {
    case K_ARRAY:
    case K_DIRECTORY:
    case K_CLOSURE:
    case K_MUTEX:
    case K_COND:
    case K_SEMA:
    case K_BITMAP:
    case K_CONNECTION:
    case K_TTY:
    case K_IO:
    case K_WEAKREF:
      return true;
    default:
      return false;
  }
}

/** Kind of the kernel's class that a user class extends; K_VOID when it extends none. */
export function extendedKind(cls: u32): u32 {
  let at = load<u32>(cls, C_PARENT);
  while (load<u32>(at, C_KIND) == K_USER) at = load<u32>(at, C_PARENT);
  return load<u32>(at, C_KIND);
}

/** Bytes of the fields that class files count in an object of a class, which may be one of the kernel's. */
export function fieldBytes(cls: u32): u32 {
  if (load<u32>(cls, C_KIND) != K_USER) return 0;
  const bytes = load<u32>(cls, C_INSTANCE);
  return extendedKind(cls) == K_VOID ? bytes : bytes - 4;
}

/** Whether a class's object has method `ordinal` from the kernel's class it extends, not from the root class. */
export function isOfCore(ordinal: u32): bool {
  return ordinal > 15 || (ordinal > 7 && ordinal < 14);
}

/**
 * The core of a user object whose class extends the kernel's class `kind`; 0 when the program has put something else
 * in its place.
 */
export function coreOf(object: u32, kind: u32): u32 {
  const size = sizeOf(object);
  if (size == 0) return 0;
  const core = load<u32>(object + O_DATA + size - 4);
  return isKind(core, kind) ? core : 0;
}

/** An object of the kernel's class `kind` itself, or the core of one that extends it; 0 when it is neither. */
export function asKind(object: u32, kind: u32): u32 {
  if (isKind(object, kind)) return object;
  return object != 0 && kindOf(object) == K_USER ? coreOf(object, kind) : 0;
}
