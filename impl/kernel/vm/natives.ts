/**
 * The kernel's methods as the interpreter sees them: two functions of the room above, `classes/`, which registers them
 * before any thread runs.
 */

let nativeEntry: u32 = 0;
let createEntry: u32 = 0;

/** Table indices of `native` and `createObject` of `classes/`. */
export function setNatives(native: u32, create: u32): void {
  nativeEntry = native;
  createEntry = create;
}

/**
 * Calls method `ordinal` of the kernel's class `kind` with `self` and the arguments at `args`; `cell` takes the result.
 * Ends as `outcome` says. May block.
 */
export function native(record: u32, kind: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  return call_indirect<u32>(nativeEntry, record, kind, self, ordinal, count, args, cell);
}

/** A new object of a class. Ends as `outcome` says. May block. */
export function createObject(cls: u32): u32 {
  return call_indirect<u32>(createEntry, cls);
}
