// A simulated disk that holds values of a specification: what stands at a place of the model are two sectors here.
//
// Every write has a number of its own, its stamp, in both sectors. Where the two stamps differ the write was torn: the place
// holds rubbish, as it does where nothing was ever written. So any mixture that a power cut leaves is told from any content.
import { Disk } from '../../../hardware-sim/disk/disk.js';
import { MemoryMedium, SECTOR_BYTES } from '../../../hardware-sim/disk/durable-medium.js';
import { HARD_DISK_1996 } from '../../../hardware-sim/disk/profile.js';
import type { UnflushedWrite } from '../../../hardware-sim/disk/volatile-cache.js';
import type { Value } from '../../../specs/tla-ts/runtime/index.js';

const SECTORS_PER_PLACE = 2;
const SECTORS = 256;
const CLOCK_HZ = 66_000_000;

export class StampedDisk {
  private disk: Disk;
  private readonly contents: Value[] = [];
  private cycle = 0;

  /** @param formatted what the medium holds from the beginning @param cacheSectors the drive writes back by itself when it has more */
  constructor(
    formatted: ReadonlyMap<number, Value>,
    private readonly cacheSectors: number,
  ) {
    this.disk = this.powered(new MemoryMedium(SECTORS));
    for (const [place, value] of formatted) this.write(place, value);
    this.flush();
  }

  private powered(medium: ConstructorParameters<typeof Disk>[0]): Disk {
    return new Disk(medium, { ...HARD_DISK_1996, cacheSectors: this.cacheSectors }, CLOCK_HZ);
  }

  write(place: number, value: Value): void {
    const stamp = this.contents.push(value);
    const sector = new Uint8Array(SECTOR_BYTES);
    new DataView(sector.buffer).setUint32(0, stamp, true);
    for (let i = 0; i < SECTORS_PER_PLACE; i++) this.disk.write(place * SECTORS_PER_PLACE + i, this.cycle++, sector);
  }

  flush(): void {
    this.disk.flush(this.cycle++);
  }

  private value(place: number, read: (lba: number, target: Uint8Array) => void): Value | undefined {
    const stamps = new Set<number>();
    for (let i = 0; i < SECTORS_PER_PLACE; i++) {
      const sector = new Uint8Array(SECTOR_BYTES);
      read(place * SECTORS_PER_PLACE + i, sector);
      stamps.add(new DataView(sector.buffer).getUint32(0, true));
    }
    const [stamp] = stamps;
    return stamps.size === 1 ? this.contents[stamp - 1] : undefined;
  }

  /** What a read gives; undefined: rubbish. */
  read(place: number): Value | undefined {
    return this.value(place, (lba, target) => {
      if (!this.disk.read(lba, this.cycle++, target)) throw new Error(`sector ${lba} cannot be read`);
    });
  }

  /** What the medium holds, whatever the cache has; undefined: rubbish. */
  onMedium(place: number): Value | undefined {
    return this.value(place, (lba, target) => this.disk.medium.readSector(lba, target));
  }

  /** The power goes and comes back; of the unflushed sector writes these survive. */
  cut(survives: (write: UnflushedWrite, i: number) => boolean): void {
    const sequences = this.disk
      .unflushed()
      .filter(survives)
      .map((write) => write.sequence);
    this.disk = this.powered(this.disk.cutPower({ survive: { sequences } }, this.cycle++));
  }
}
