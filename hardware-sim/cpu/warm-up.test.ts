import { describe, expect, it } from 'vitest';
import { Decoder } from './decoder.js';
import { Fetch, Field, Op } from './opcodes.js';
import { I486DX_66 } from './profiles/i486dx-66.js';
import { warmUpProgram } from './warm-up.js';

describe('the warm-up guest', () => {
  it('uses every operation and every operand fetch of the hot loop', () => {
    const code = Uint8Array.from(warmUpProgram());
    const decoder = new Decoder(I486DX_66.clocks);
    const ops = new Int32Array(16);
    const operations = new Set<number>([Op.RESYNC, Op.LINK]); // the ends of rows, not instructions
    const fetches = new Set<number>();
    for (let at = 0; at < code.length; at += ops[Field.LEN]) {
      const length = decoder.decode(code, at, code.length, 0, { code32: true, flat: true }, ops, 0);
      expect(length).toBeGreaterThan(0);
      operations.add(ops[Field.OP]);
      fetches.add(ops[Field.FETCH]);
    }
    const missing = Object.entries(Op).filter(([, number]) => number < Op.FIRST_GENERAL && !operations.has(number));
    expect(missing.map(([name]) => name)).toEqual(['RET']); // RET ends the routine it calls
    expect([...fetches].sort((a, b) => a - b)).toEqual(Object.values(Fetch));
    expect(operations).not.toContain(Op.INVALID_LENGTH);
  });
});
