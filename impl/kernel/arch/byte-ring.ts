/**
 * Bytes that a device received and nobody has read yet, in a ring that the interrupt handler fills. A full ring drops
 * what comes, as a chip with a full FIFO does.
 *
 * Rule: the counters change only with interrupts off. `received` and `taken` count bytes modulo 2^32.
 */

import { restoreFlags, saveFlagsCli } from './hw';

@unmanaged
export class ByteRing {
  /** A power of two of bytes. */
  bytes: usize;
  size: u32;
  received: u32;
  taken: u32;

  init(bytes: usize, size: u32): void {
    assert(popcnt(size) == 1, 'byte ring: its size is not a power of two');
    this.bytes = bytes;
    this.size = size;
  }

  /** A byte came. Interrupts are off. */
  put(byte: u32): void {
    if (this.received - this.taken == this.size) return;
    store<u8>(this.bytes + (this.received & (this.size - 1)), <u8>byte);
    this.received++;
  }

  /** Drops all that nobody has read. Interrupts are off. */
  drop(): void {
    this.taken = this.received;
  }

  /** Next byte, or -1. */
  take(): i32 {
    const flags = saveFlagsCli();
    let byte: i32 = -1;
    if (this.taken != this.received) {
      byte = <i32>load<u8>(this.bytes + (this.taken & (this.size - 1)));
      this.taken++;
    }
    restoreFlags(flags);
    return byte;
  }

  /** Bytes that nobody has read. */
  waiting(): u32 {
    const flags = saveFlagsCli();
    const count = this.received - this.taken;
    restoreFlags(flags);
    return count;
  }

  /** Drops what came up to and with the first `byte`; false, and nothing dropped, when there is none. */
  dropThrough(byte: u32): bool {
    const flags = saveFlagsCli();
    let found = false;
    for (let at = this.taken; at != this.received && !found; at++) {
      if (<u32>load<u8>(this.bytes + (at & (this.size - 1))) != byte) continue;
      this.taken = at + 1;
      found = true;
    }
    restoreFlags(flags);
    return found;
  }
}
