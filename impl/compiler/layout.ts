/**
 * The order of blocks in memory: each block is followed, where possible, by the successor most likely to run, so that it needs
 * no jump and the common path is straight.
 *
 * Likely, in this order: not a block that only leads to an end, deeper in loops, without calls.
 */

import { type Block, type IrFunction, successors } from './ir.js';

function isCold(block: Block): boolean {
  return block.end.kind === 'unreachable';
}

function calls(block: Block): number {
  return block.statements.filter((s) => s.kind === 'call').length;
}

/** Whether `a` is the better one to come next. */
function better(a: Block, b: Block): boolean {
  if (isCold(a) !== isCold(b)) return isCold(b);
  if (a.loopDepth !== b.loopDepth) return a.loopDepth > b.loopDepth;
  return calls(a) === 0 && calls(b) > 0;
}

export function layOut(f: IrFunction): void {
  const placed = new Set<Block>();
  const order: Block[] = [];
  const place = (block: Block): void => {
    placed.add(block);
    order.push(block);
  };
  const waiting = [...f.blocks.filter((b) => !isCold(b)), ...f.blocks.filter(isCold)];
  for (const start of [f.blocks[0], ...waiting]) {
    let at: Block | undefined = placed.has(start) ? undefined : start;
    while (at !== undefined) {
      place(at);
      let next: Block | undefined;
      const { end } = at;
      // Of two equal successors the one for a false condition comes next: that is how compilers to wasm write loops and ifs.
      const candidates = end.kind === 'branch' ? [end.no, end.yes] : end.kind === 'switch' ? [] : successors(end);
      for (const candidate of candidates) {
        if (placed.has(candidate)) continue;
        if (next === undefined || better(candidate, next)) next = candidate;
      }
      at = next;
    }
  }
  f.blocks = order;
  order.forEach((b, i) => {
    b.id = i;
  });
}
