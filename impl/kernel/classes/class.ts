/**
 * `.internal.class`.
 */

import { settle } from '../objects/heap';
import { A_USED, C_STATICS } from '../objects/layout';
import { classOf, descends, intValue, isInt } from '../objects/objects';
import { done, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, throwFewArguments, throwWrongType } from './arguments';
import { arrayGet, arraySet, makeArray } from './array';

export function classMethod(self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
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
