/**
 * `.internal.io`: the original's prototype of input and output by name, without anything behind it yet: what is written
 * goes nowhere, reading gives an empty string. Its variables are kept.
 *
 *     8 open (name), 9 close, 10 read (bytes), 11 write (text), 12 setVar (name, value), 13 getVar (name), 14 reset
 */

import { settle } from '../objects/heap';
import { R_EMPTY, ROOT, U_NAME, U_VARIABLES } from '../objects/layout';
import { done, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, isString, throwFewArguments, throwNotString } from './arguments';
import { directoryGet, directoryPut, directoryRemove, makeDirectory } from './directory';

function storeWord(at: u32, value: u32, cell: u32): u32 {
  settle(at, cell, 0);
  store<u32>(at, value);
  return done(0);
}

/** The old value goes first: a cut between the two leaves the variable without one, and the call is made again. */
function setVariable(self: u32, name: u32, value: u32, cell: u32): u32 {
  if (load<u32>(self, U_VARIABLES) == 0) {
    const made = makeDirectory();
    if (!made) return throwNoMemory();
    settle(self + U_VARIABLES, 0, 0);
    if (load<u32>(self, U_VARIABLES) == 0) store<u32>(self, made, U_VARIABLES);
  }
  const variables = load<u32>(self, U_VARIABLES);
  directoryRemove(variables, name, 0);
  return directoryPut(variables, name, value, cell) < 0 ? throwNoMemory() : done(0);
}

export function ioMethod(self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  if (ordinal < 8 || ordinal > 14) return INHERITED;
  if (ordinal == 9) return storeWord(self + U_NAME, 0, cell);
  if (ordinal == 14) {
    settle(self + U_NAME, self + U_VARIABLES, cell);
    store<u32>(self, 0, U_NAME);
    store<u32>(self, 0, U_VARIABLES);
    return done(0);
  }
  const wanted: u32 = ordinal == 12 ? 2 : 1;
  if (count < wanted) return throwFewArguments();
  const first = argument(args, 0);
  if (ordinal != 10 && !isString(first)) return throwNotString();
  if (ordinal == 8) return storeWord(self + U_NAME, first, cell);
  if (ordinal == 12) return setVariable(self, first, argument(args, 1), cell);
  if (ordinal == 13) {
    const variables = load<u32>(self, U_VARIABLES);
    return done(variables ? directoryGet(variables, first) : 0);
  }
  if (load<u32>(self, U_NAME) == 0) return throwText('io: not open');
  return done(ordinal == 10 ? load<u32>(ROOT + R_EMPTY) : 0);
}
