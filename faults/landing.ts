/**
 * Where the unflushed writes of a drive land when the power goes: a fault of a write strikes when the write leaves the cache, and a cut makes survivors leave it.
 *
 * The rule: what is judged of a cut is what the drive would leave, not what it was told to write. A fault that strikes once and finds several writes of
 * its sector in the cache strikes the first that survives: that depends on which do, and is left to the runs.
 */
import { type DiskFault, type DurableMedium, SECTOR_BYTES, type UnflushedWrite } from '../hardware-sim/index.js';

type WriteFault = Extract<DiskFault, { readonly kind: 'write-error' | 'lost-write' | 'misdirected-write' }>;

/** Whether it strikes a write that leaves the cache. */
export function isWriteFault(fault: DiskFault): fault is WriteFault {
  return fault.kind === 'write-error' || fault.kind === 'lost-write' || fault.kind === 'misdirected-write';
}

/**
 * The writes in their order, each with the sector it reaches; one that reaches none has what the medium has. Undefined: which write a fault strikes
 * depends on which survive.
 */
export function landingOf(
  unflushed: readonly UnflushedWrite[],
  faults: readonly DiskFault[],
  medium: DurableMedium,
): readonly UnflushedWrite[] | undefined {
  const waiting = faults.filter(isWriteFault).filter(({ lba }) => unflushed.some((write) => write.lba === lba));
  if (waiting.length === 0) return unflushed;
  for (const { lba } of waiting) if (unflushed.filter((write) => write.lba === lba).length > 1) return undefined;
  return unflushed.map((write) => {
    // Of several faults of a sector the first on the drive's list happens.
    const fault = waiting.find(({ lba }) => lba === write.lba);
    if (fault === undefined) return write;
    if (fault.kind === 'misdirected-write') return { ...write, lba: fault.to };
    const data = new Uint8Array(SECTOR_BYTES);
    medium.readSector(write.lba, data, 0);
    return { ...write, data };
  });
}
