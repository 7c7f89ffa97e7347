/**
 * `.internal.weakref`: 8 gives the object referred to, null when a collector has found it garbage; 9 (object) refers to
 * another.
 *
 * Rule: the reference is one word, so a collector clears it in the same step as it decides to free the object, and a
 * `get` gives the object or null.
 */

import { settle } from '../objects/heap';
import { W_TARGET } from '../objects/layout';
import { emptyWeak, weakTaken } from '../objects/phase';
import { done } from '../vm/outcome';
import { argument, INHERITED, throwFewArguments } from './arguments';

/** What a collector has doomed is gone for a program before it is freed, and the word says so from then on. */
function target(self: u32): u32 {
  while (!weakTaken(load<u32>(self, W_TARGET))) emptyWeak(self);
  return done(load<u32>(self, W_TARGET));
}

export function weakrefMethod(self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  if (ordinal == 8) return target(self);
  if (ordinal != 9) return INHERITED;
  if (count < 1) return throwFewArguments();
  settle(self + W_TARGET, cell, 0);
  store<u32>(self, argument(args, 0), W_TARGET);
  return done(0);
}
