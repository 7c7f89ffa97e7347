/** Places of a function's variables: registers and frame slots. */

import { forEachVariable, type IrFunction, statementTargets, statementTrees, terminatorTrees } from './ir.js';

export interface Allocation {
  /** Register of each variable, -1 for none. */
  readonly registers: Int8Array;
  /** Frame slot of each variable without a register; -1 - i: incoming argument word i stays in place. */
  readonly slotOf: Int32Array;
  readonly slots: number;
  /** Whether the variable is used at all. */
  readonly live: Uint8Array;
}

export function allocate(f: IrFunction): Allocation {
  const registers = new Int8Array(f.variables).fill(-1);
  const slotOf = new Int32Array(f.variables);
  const live = new Uint8Array(f.variables);
  for (const block of f.blocks) {
    for (const s of block.statements) {
      for (const v of statementTargets(s)) live[v] = 1;
      for (const e of statementTrees(s)) forEachVariable(e, (v) => { live[v] = 1; });
    }
    for (const e of terminatorTrees(block.end)) forEachVariable(e, (v) => { live[v] = 1; });
  }
  let slots = 0;
  for (let v = 0; v < f.variables; v++) {
    const word = f.params.indexOf(v);
    if (word >= 3) slotOf[v] = -1 - word;
    else slotOf[v] = slots++;
  }
  return { registers, slotOf, slots, live };
}
