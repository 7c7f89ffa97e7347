/**
 * `new`: an object of a class, with the kernel's own initialisation for internal classes. Constructors are called by
 * code, not here.
 */

import { allocate } from '../objects/heap';
import {
  C_INSTANCE,
  C_KIND,
  CLOSURE_BYTES,
  DEVICE_BYTES,
  DIRECTORY_BYTES,
  ARRAY_BYTES,
  K_ARRAY,
  K_BINARY,
  K_BOOT,
  K_CLOSURE,
  K_COND,
  K_DIRECTORY,
  K_DOUBLE,
  K_FLOAT,
  K_INT,
  K_LONG,
  K_MUTEX,
  K_SEMA,
  K_STRING,
  K_TTY,
  K_USER,
  K_VOID,
  K_WORLD,
  OPAQUE,
  R_BOOT_OBJECT,
  ROOT,
  SYNC_BYTES,
} from '../objects/layout';
import { isClassObject, makeInt, makeString } from '../objects/objects';
import { done, doneOrNoMemory, throwText } from '../vm/outcome';

/** A new object of a class. May block. */
export function createObject(cls: u32): u32 {
  if (!isClassObject(cls)) return throwText('type assert failed');
  switch (load<u32>(cls, C_KIND)) {
    case K_USER:
      return doneOrNoMemory(allocate(cls, load<u32>(cls, C_INSTANCE)));
    case K_VOID:
    case K_WORLD:
    case K_BINARY:
      return doneOrNoMemory(allocate(cls, OPAQUE));
    case K_BOOT:
      return done(load<u32>(ROOT + R_BOOT_OBJECT));
    case K_INT:
      return doneOrNoMemory(makeInt(0));
    case K_FLOAT:
      return doneOrNoMemory(allocate(cls, 4 | OPAQUE));
    case K_LONG:
    case K_DOUBLE:
      return doneOrNoMemory(allocate(cls, 8 | OPAQUE));
    case K_STRING:
      return doneOrNoMemory(makeString(0));
    case K_ARRAY:
      return doneOrNoMemory(allocate(cls, ARRAY_BYTES | OPAQUE));
    case K_DIRECTORY:
      return doneOrNoMemory(allocate(cls, DIRECTORY_BYTES | OPAQUE));
    case K_CLOSURE:
      return doneOrNoMemory(allocate(cls, CLOSURE_BYTES | OPAQUE));
    case K_TTY:
      return doneOrNoMemory(allocate(cls, DEVICE_BYTES | OPAQUE));
    case K_MUTEX:
    case K_COND:
    case K_SEMA:
      return doneOrNoMemory(allocate(cls, SYNC_BYTES | OPAQUE));
    default:
      return throwText('type assert failed');
  }
}
