/**
 * `.internal.closure`: an object and the ordinal of one of its methods.
 */

import { settle } from '../objects/heap';
import { L_OBJECT, L_ORDINAL } from '../objects/layout';
import { intValue, isInt, makeInt } from '../objects/objects';
import { done, doneOrNoMemory } from '../vm/outcome';
import { argument, INHERITED, throwFewArguments, throwWrongType } from './arguments';

export function closureMethod(self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 9:
      return doneOrNoMemory(makeInt(load<i32>(self, L_ORDINAL)));
    case 10: {
      if (count < 1) return throwFewArguments();
      const number = argument(args, 0);
      if (!isInt(number)) return throwWrongType();
      const ordinalNow = intValue(number);
      settle(self + L_ORDINAL, cell, 0);
      store<i32>(self, ordinalNow, L_ORDINAL);
      return done(0);
    }
    case 11: {
      if (count < 1) return throwFewArguments();
      const object = argument(args, 0);
      settle(self + L_OBJECT, cell, 0);
      store<u32>(self, object, L_OBJECT);
      return done(0);
    }
  }
  return INHERITED;
}
