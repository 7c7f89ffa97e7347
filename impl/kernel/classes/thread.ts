/**
 * `.internal.thread` and `.internal.world`.
 */

import { logNewline } from '../objects/below';
import { R_OS_INTERFACE, ROOT, T_OBJECT, X_ENVIRONMENT, X_OWNER } from '../objects/layout';
import { done, DONE, throwText } from '../vm/outcome';
import { logString } from '../vm/report';
import { startThread } from '../vm/threads';
import { argument, INHERITED, isString, throwFewArguments, throwNotString } from './arguments';

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

/** 8: the thread that asks. 9 (object, argument): runs method 8 of the object in a new thread. 10 (text): to the log. */
export function worldMethod(record: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 8:
      return done(load<u32>(record, T_OBJECT));
    case 9: {
      if (count < 2) return throwFewArguments();
      const outcome = startThread(argument(args, 0), argument(args, 1), cell);
      return outcome == DONE ? done(1) : outcome;
    }
    case 10: {
      if (count < 1) return throwFewArguments();
      const text = argument(args, 0);
      if (!isString(text)) return throwNotString();
      logString(text);
      logNewline();
      return done(0);
    }
  }
  return INHERITED;
}
