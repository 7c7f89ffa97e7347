/**
 * `.internal.weakref`: 8 gives the object referred to, null when a collector has found it garbage; 9 (object) refers to
 * another.
 *
 * Rule: the reference is one word, so a collector clears it in the same step as it decides to free the object, and a
 * `get` gives the object or null.
 */

import { settle } from '../objects/heap';
import { W_TARGET } from '../objects/layout';
import { done } from '../vm/outcome';
import { argument, INHERITED, throwFewArguments } from './arguments';

export function weakrefMethod(self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  if (ordinal == 8) return done(load<u32>(self, W_TARGET));
  if (ordinal != 9) return INHERITED;
  if (count < 1) return throwFewArguments();
  const target = argument(args, 0);
  settle(self + W_TARGET, cell, 0);
  store<u32>(self, target, W_TARGET);
  return done(0);
}
