/**
 * The decoded instructions of one frame.
 *
 * `table[offset]` is the record of the instruction that starts there, or 0. Records of instructions that follow each other lie in a row
 * and end with a RESYNC or LINK record, so that the hot loop can always step to the next one.
 * When bytes of a decoded instruction change, the page is void: every record becomes RESYNC, so that an execution in the middle of
 * it looks its code up again at the next instruction boundary, and nobody finds it any more.
 */
import type { CodeAttachment } from '../memory/frame-pool.js';
import { Field, Op, RECORD } from './opcodes.js';

/** Longest instruction in bytes. */
export const INSTRUCTION_LENGTH_MAX = 15;
const INITIAL_RECORDS = 64;

export class CodePage implements CodeAttachment {
  ops = new Int32Array(INITIAL_RECORDS * RECORD);
  readonly table = new Int32Array(4096);
  /** First free record; record 0 is never used, so that 0 can mean none. */
  end = RECORD;
  voided = false;

  /** `key` names what besides the bytes decided the decoding: code size and profile. */
  constructor(readonly key: string) {}

  /** Makes room for one more instruction and the record that ends the row. */
  reserve(): void {
    if (this.end + 2 * RECORD <= this.ops.length) return;
    const larger = new Int32Array(this.ops.length * 2);
    larger.set(this.ops);
    this.ops = larger;
  }

  onWrite(offset: number, length: number): boolean {
    if (this.voided) return true;
    const last = Math.min(offset + length, 4096);
    for (let start = Math.max(0, offset - INSTRUCTION_LENGTH_MAX + 1); start < last; start++) {
      const record = this.table[start];
      if (record !== 0 && start + this.ops[record + Field.LEN] > offset) {
        this.void();
        return true;
      }
    }
    return false;
  }

  void(): void {
    for (let record = RECORD; record < this.end; record += RECORD) {
      this.ops[record + Field.OP] = Op.RESYNC;
      this.ops[record + Field.FETCH] = 0;
    }
    this.table.fill(0);
    this.voided = true;
  }
}
