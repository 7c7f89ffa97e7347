/** Control-flow clean-up between lowering and allocation: unreachable blocks go, jumps through empty blocks are shortened. */

import { type Block, type IrFunction, successors, type Terminator } from './ir.js';

/** The block control really goes to when it goes to `block`. */
function destination(block: Block): Block {
  let at = block;
  for (let hops = 0; hops < 64; hops++) {
    if (at.statements.length > 0 || at.end.kind !== 'jump' || at.end.to === at) return at;
    at = at.end.to;
  }
  return at;
}

function thread(end: Terminator): void {
  if (end.kind === 'jump') end.to = destination(end.to);
  else if (end.kind === 'branch') {
    end.yes = destination(end.yes);
    end.no = destination(end.no);
  } else if (end.kind === 'switch') {
    end.targets = end.targets.map(destination);
    end.otherwise = destination(end.otherwise);
  }
}

export function cleanUp(f: IrFunction): void {
  for (const block of f.blocks) thread(block.end);
  const reached = new Set<Block>();
  const work = [f.blocks[0]];
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    if (reached.has(block)) continue;
    reached.add(block);
    work.push(...successors(block.end));
  }
  f.blocks = f.blocks.filter((b) => reached.has(b));
  f.blocks.forEach((b, i) => {
    b.id = i;
  });
}
