/**
 * Methods 0 to 15 that every object has: those of `.internal.void`, on null and on objects of user classes too.
 */

import {
  C_NAME,
  K_ARRAY,
  K_BINARY,
  K_BITMAP,
  K_BOOT,
  K_CALL_FRAME,
  K_CLASS,
  K_CLOSURE,
  K_CODE,
  K_COND,
  K_CONNECTION,
  K_DIRECTORY,
  K_DOUBLE,
  K_ESTACK,
  K_FLOAT,
  K_INT,
  K_INTERFACE,
  K_ISTACK,
  K_LONG,
  K_MUTEX,
  K_OSTACK,
  K_PAGE,
  K_SEMA,
  K_STRING,
  K_STAT,
  K_THREAD,
  K_TIME,
  K_TTY,
  K_VOID,
  K_WORLD,
  O_DATA,
} from '../objects/layout';
import {
  classOf,
  freeze,
  hashBytes,
  hashWord,
  identityOf,
  intValue,
  isInt,
  makeInt,
  makeString,
  makeText,
  sizeOf,
} from '../objects/objects';
import { decimalDigits, putBytes, putNumber, putText } from '../objects/text';
import { done, doneOrNoMemory, throwNoMemory, throwObject, throwText } from '../vm/outcome';
import { argument, throwFewArguments, throwInvalidSyscall } from './arguments';
import { intMethod } from './numbers';

/**
 * Ordinals of a class's method table in the original: below it an empty place is an invalid call, above there is no
 * method.
 */
function tableSize(kind: u32): u32 {
  if (kind == K_STRING) return 21;
  if (kind == K_BOOT) return 25;
  if (kind == K_TTY) return 32;
  if (kind == K_TIME || kind == K_STAT) return 18;
  return 16;
}

function throwNoMethod(self: u32, ordinal: u32): u32 {
  const name = load<u32>(classOf(self), C_NAME);
  const made = makeString(14 + decimalDigits(ordinal) + sizeOf(name));
  if (!made) return throwNoMemory();
  let at = putNumber(putText(made + O_DATA, 'no method '), ordinal);
  at = putText(at, ' in ');
  putBytes(at, name + O_DATA, sizeOf(name));
  return throwObject(made);
}

/** `CLASS@N`: the name of the class and the object's number. */
function identityText(self: u32, cell: u32): u32 {
  const number = identityOf(self, cell);
  const name = load<u32>(classOf(self), C_NAME);
  const made = makeString(sizeOf(name) + 1 + decimalDigits(number));
  if (!made) return throwNoMemory();
  const at = putBytes(made + O_DATA, name + O_DATA, sizeOf(name));
  putNumber(putText(at, '@'), number);
  return done(made);
}

function rootText(kind: u32, self: u32, cell: u32): u32 {
  if (self == 0) return doneOrNoMemory(makeText('(void)'));
  // Whatever class's method is called on it, an int has a value and no identity.
  if (isInt(self)) return intMethod(self, 5, 0, 0);
  switch (kind) {
    case K_CLASS:
      return doneOrNoMemory(makeText('class'));
    case K_INTERFACE:
      return doneOrNoMemory(makeText('interface'));
    case K_CODE:
      return doneOrNoMemory(makeText('code'));
    case K_PAGE:
      return doneOrNoMemory(makeText('page'));
    case K_ARRAY:
      return doneOrNoMemory(makeText('array'));
    case K_THREAD:
      return doneOrNoMemory(makeText('thread'));
    case K_CALL_FRAME:
      return doneOrNoMemory(makeText('call_frame'));
    case K_ISTACK:
      return doneOrNoMemory(makeText('istack'));
    case K_OSTACK:
      return doneOrNoMemory(makeText('ostack'));
    case K_ESTACK:
      return doneOrNoMemory(makeText('estack'));
    case K_BOOT:
      return doneOrNoMemory(makeText('bootstrap'));
    case K_MUTEX:
      return doneOrNoMemory(makeText('mutex'));
    case K_COND:
      return doneOrNoMemory(makeText('cond'));
    case K_SEMA:
      return doneOrNoMemory(makeText('sema'));
    case K_BINARY:
      return doneOrNoMemory(makeText('(binary)'));
    case K_CLOSURE:
      return doneOrNoMemory(makeText('(closure)'));
    case K_BITMAP:
      return doneOrNoMemory(makeText('(bitmap)'));
    case K_WORLD:
      return doneOrNoMemory(makeText('(world)'));
    case K_DIRECTORY:
      return doneOrNoMemory(makeText('(directory)'));
    case K_CONNECTION:
      return doneOrNoMemory(makeText('(connection)'));
    default:
      return identityText(self, cell);
  }
}

/** Values hash by their bytes as the original lays them out, everything else by its number. */
function rootHash(kind: u32, self: u32, cell: u32): u32 {
  if (self == 0) return done(1);
  let hash: u32 = 0;
  if (isInt(self)) {
    hash = hashWord(0, <u32>intValue(self));
  } else if (kind == K_FLOAT) {
    hash = hashWord(0, load<u32>(self, O_DATA));
  } else if (kind == K_LONG || kind == K_DOUBLE) {
    hash = hashWord(hashWord(0, load<u32>(self, O_DATA)), load<u32>(self + 4, O_DATA));
  } else if (kind == K_STRING || kind == K_BINARY) {
    hash = hashBytes(hashWord(0, sizeOf(self)), self + O_DATA, sizeOf(self));
  } else {
    hash = identityOf(self, cell);
  }
  return doneOrNoMemory(makeInt(<i32>hash));
}

function canFreeze(kind: u32): bool {
  return kind == K_VOID || kind == K_STRING || kind == K_INT || kind == K_LONG || kind == K_FLOAT || kind == K_DOUBLE;
}

/** Whether two references are the same object, or ints of one value. */
function same(a: u32, b: u32): bool {
  return a == b || (isInt(a) && isInt(b) && intValue(a) == intValue(b));
}

/** `kind`: the class whose methods were searched first; void for user classes. */
export function rootMethod(kind: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 0: // construct
    case 1: // destruct
      return done(0);
    case 2: // getClass
      return done(classOf(self));
    case 3: // clone
      return throwText('void clone called');
    case 4: // equals
      if (count < 1) return throwFewArguments();
      return same(self, argument(args, 0)) ? done(3) : done(1);
    case 5: // toString
      return rootText(kind, self, cell);
    case 6: // toXML
      return doneOrNoMemory(makeText('<void>'));
    case 7: // fromXML
      return doneOrNoMemory(makeText('(void)'));
    case 14: // setImmutable
      if (!canFreeze(kind)) return throwInvalidSyscall();
      if ((self & 1) == 0 && self != 0) freeze(self, cell);
      return done(1);
    case 15: // hashCode
      return rootHash(kind, self, cell);
    default:
      return ordinal < tableSize(kind) ? throwInvalidSyscall() : throwNoMethod(self, ordinal);
  }
}
