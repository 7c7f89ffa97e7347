/**
 * `new`: an object of a class, with the kernel's own initialisation for internal classes. Constructors are called by
 * code, not here.
 */

import { extendedKind } from '../objects/extension';
import { allocate } from '../objects/heap';
import {
  ARRAY_BYTES,
  BITMAP_BYTES,
  CLOSURE_BYTES,
  CONNECTION_BYTES,
  C_INSTANCE,
  C_KIND,
  DIRECTORY_BYTES,
  IO_BYTES,
  K_ARRAY,
  K_BINARY,
  K_BITMAP,
  K_BOOT,
  K_CLOSURE,
  K_COND,
  K_CONNECTION,
  K_DIRECTORY,
  K_DOUBLE,
  K_FLOAT,
  K_HTTP,
  K_INT,
  K_IO,
  K_LONG,
  K_MUTEX,
  K_NET,
  K_PORT,
  K_SEMA,
  K_STAT,
  K_STRING,
  K_TCP,
  K_TIME,
  K_TTY,
  K_UDP,
  K_UI_CONTROL,
  K_UI_FONT,
  K_USER,
  K_VOID,
  K_WEAKREF,
  K_WINDOW,
  K_WORLD,
  O_DATA,
  OPAQUE,
  SYNC_BYTES,
  TTY_BYTES,
  WEAKREF_BYTES,
} from '../objects/layout';
import { internalClass, isClassObject, makeInt, makeString } from '../objects/objects';
import { DONE, doneOrNoMemory, out, throwText } from '../vm/outcome';

/** A new object of a class. May block. */
export function createObject(cls: u32): u32 {
  if (!isClassObject(cls)) return throwText('type assert failed');
  const kind = load<u32>(cls, C_KIND);
  if (kind != K_USER) return createInternal(cls, kind);
  const bytes = load<u32>(cls, C_INSTANCE);
  const extended = extendedKind(cls);
  if (extended == K_VOID) return doneOrNoMemory(allocate(cls, bytes));
  const outcome = createInternal(internalClass(extended), extended);
  const core = out;
  if (outcome != DONE) return outcome;
  const made = allocate(cls, bytes);
  if (made) store<u32>(made + bytes - 4, core, O_DATA);
  return doneOrNoMemory(made);
}

function createInternal(cls: u32, kind: u32): u32 {
  switch (kind) {
    case K_VOID:
    case K_WORLD:
    case K_TIME:
    case K_STAT:
    case K_BINARY:
      return doneOrNoMemory(allocate(cls, OPAQUE));
    case K_BOOT:
      // The right to threads, classes, restarts and the console comes from who has it, never from a name.
      return throwText('the boot object cannot be made');
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
    case K_CONNECTION:
      return doneOrNoMemory(allocate(cls, CONNECTION_BYTES | OPAQUE));
    case K_BITMAP:
      return doneOrNoMemory(allocate(cls, BITMAP_BYTES | OPAQUE));
    case K_IO:
      return doneOrNoMemory(allocate(cls, IO_BYTES | OPAQUE));
    case K_WEAKREF:
      return doneOrNoMemory(allocate(cls, WEAKREF_BYTES | OPAQUE));
    case K_WINDOW:
    case K_UI_CONTROL:
    case K_UI_FONT:
      return throwText('no screen');
    case K_UDP:
    case K_TCP:
    case K_NET:
    case K_HTTP:
    case K_PORT:
      return throwText('no network');
    case K_TTY:
      return doneOrNoMemory(allocate(cls, TTY_BYTES | OPAQUE));
    case K_MUTEX:
    case K_COND:
    case K_SEMA:
      return doneOrNoMemory(allocate(cls, SYNC_BYTES | OPAQUE));
    default:
      return throwText('type assert failed');
  }
}
