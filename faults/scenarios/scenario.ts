/**
 * A scenario: a short judged set-up on the simulated machine, for what no drawn plan reaches.
 *
 * The rule: its verdict is a property's number and what was seen, never an exception; the kernel as it is passes for every seed. Which kernel it
 * boots is its own affair: the system, or a self-test whose log and disk are judged from outside.
 */
import type { KernelImage } from '../../impl/image/index.js';

/** What a kernel was caught at. `property`: its number, P1 to P26; of those that only scenarios put at stake: P7 nothing leaks, no block and no memory,
 * P11 rot is detected, of the disk and of memory, P12 errors of the disk are survived, P13 lost and misdirected writes are detected, P17 a collection leaves what can be
 * reached, P18 what a program has of the kernel is there again after a power cut, P20 time goes on, P21 a disk of another version is refused, P25 a full disk. */
export interface Caught {
  readonly property: string;
  readonly message: string;
}

/** The kernel's entries that are examined: undefined is the system itself. */
export const ENTRIES = {
  system: undefined,
  pressure: 'impl/kernel/persist/selftest/pressure.ts',
  queue: 'impl/kernel/drivers/selftest/queue.ts',
  'half-cleared': 'impl/kernel/objects/selftest/half-cleared.ts',
} as const;
export type Entry = keyof typeof ENTRIES;

export interface Scenario {
  readonly entry: Entry;
  /** Seeded beside the mutant: what makes the kernel need the rule that is at stake. The kernel with these alone passes. */
  readonly with?: readonly string[];
  /** Undefined: nothing was wrong. `seed` decides everything that is drawn. */
  judge(kernel: Pick<KernelImage, 'elf'>, seed: number): Caught | undefined;
}

export function caught(property: string, message: string): Caught {
  return { property, message };
}
