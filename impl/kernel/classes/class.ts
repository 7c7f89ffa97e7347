/**
 * `.internal.class`.
 */

import { settle } from '../objects/heap';
import { A_USED, C_CONSTANTS, C_KIND, C_METHODS, C_STATICS, K_USER, K_VOID } from '../objects/layout';
import { classOf, descends, internalClass, intValue, isClassObject, isInt } from '../objects/objects';
import { makeClass } from '../vm/loader';
import { done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, isString, throwFewArguments, throwNotString, throwWrongType } from './arguments';
import { arrayGet, arraySet, makeArray } from './array';

const SLOTS_MAX: i32 = 65535;

/**
 * Method 8: a class that has the methods of `parent` and at least `slots` fields. It is known to who holds it, by its
 * name to nobody.
 */
function newClass(name: u32, slots: i32, parent: u32): u32 {
  if (slots < 0 || slots > SLOTS_MAX) return throwText('class newClass - slots are out of bounds');
  if (load<u32>(parent, C_KIND) != K_USER && parent != internalClass(K_VOID)) return throwText('not a parent class');
  const made = makeClass(name, parent, <u32>slots, load<u32>(parent, C_METHODS), load<u32>(parent, C_CONSTANTS));
  return doneOrNoMemory(made);
}

export function classMethod(self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 8: {
      if (count < 3) return throwFewArguments();
      const slots = argument(args, 1);
      const parent = argument(args, 2);
      if (!isString(argument(args, 0))) return throwNotString();
      if (!isInt(slots) || !(parent == 0 || isClassObject(parent))) return throwWrongType();
      return newClass(argument(args, 0), intValue(slots), parent ? parent : internalClass(K_VOID));
    }
    case 10: {
      if (count < 2) return throwFewArguments();
      const slot = argument(args, 0);
      if (!isInt(slot)) return throwWrongType();
      if (intValue(slot) < 0) return throwText('static slot is out of bounds');
      if (load<u32>(self, C_STATICS) == 0) {
        const made = makeArray();
        if (!made) return throwNoMemory();
        settle(self + C_STATICS, 0, 0);
        if (load<u32>(self, C_STATICS) == 0) store<u32>(self, made, C_STATICS);
      }
      const statics = load<u32>(self, C_STATICS);
      return arraySet(statics, <u32>intValue(slot), argument(args, 1), cell) ? done(0) : throwNoMemory();
    }
    case 11: {
      if (count < 1) return throwFewArguments();
      const slot = argument(args, 0);
      if (!isInt(slot)) return throwWrongType();
      const statics = load<u32>(self, C_STATICS);
      const at = <u32>intValue(slot);
      if (intValue(slot) < 0) return throwText('static slot is out of bounds');
      // Never set, it is null, as a field is.
      if (statics == 0 || at >= load<u32>(statics, A_USED)) return done(0);
      return done(arrayGet(statics, at));
    }
    case 14: {
      if (count < 1) return throwFewArguments();
      const object = argument(args, 0);
      return done(object != 0 && descends(classOf(object), self) ? 3 : 1);
    }
  }
  return INHERITED;
}
