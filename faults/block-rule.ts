/**
 * P5: no block that a committed generation refers to is ever written, nor the superblock copies that name the newest one.
 *
 * What is protected is read from the disk by the independent reader at each announced commit; what is written comes from
 * the disk's own events. The kernel has no say in either.
 */
export const SECTORS_PER_BLOCK = 8;

export class BlockRule {
  private kept: ReadonlySet<number> = new Set();

  fork(): BlockRule {
    const copy = new BlockRule();
    copy.kept = this.kept;
    return copy;
  }

  /** From now on `blocks` may not be written. */
  protect(blocks: ReadonlySet<number>): void {
    this.kept = blocks;
  }

  get protects(): number {
    return this.kept.size;
  }

  /** The protected block that a write to sector `lba` hits, or undefined. */
  violated(lba: number): number | undefined {
    const block = Math.floor(lba / SECTORS_PER_BLOCK);
    return this.kept.has(block) ? block : undefined;
  }
}
