/**
 * `.internal.thread` and `.internal.world`.
 */

import { R_OS_INTERFACE, ROOT, T_OBJECT, X_ENVIRONMENT, X_OWNER } from '../objects/layout';
import { done, throwText } from '../vm/outcome';
import { INHERITED } from './arguments';

export function threadMethod(self: u32, ordinal: u32): u32 {
  switch (ordinal) {
    case 10:
    case 11:
      return throwText('Not this way');
    case 12:
      return done(load<u32>(self, X_ENVIRONMENT));
    case 13:
      return done(load<u32>(self, X_OWNER));
    case 14:
      return done(load<u32>(ROOT + R_OS_INTERFACE));
  }
  return INHERITED;
}

export function worldMethod(record: u32, ordinal: u32): u32 {
  return ordinal == 8 ? done(load<u32>(record, T_OBJECT)) : INHERITED;
}
