/**
 * Disk profiles: how long a disk takes. Times are in microseconds, the machine turns them into cycles of its own clock.
 *
 * The mechanical model: a linear seek-time law with a settling time, a platter that turns with the simulated clock (its angle is a function
 * of the cycle alone), and read-ahead to the end of the buffer. A profile without rotation (`rotationMicroseconds` 0) has neither seek nor rotation.
 */

export interface DiskProfile {
  readonly name: string;
  /** From the command register's write to the start of the work. */
  readonly commandMicroseconds: number;
  /** Time on the bus for one 512-byte sector. */
  readonly transferMicroseconds: number;
  /** Seek to the next track, settling included. */
  readonly trackSeekMicroseconds: number;
  /** Seek over the whole disk. */
  readonly fullSeekMicroseconds: number;
  /** One revolution; 0 for a disk without moving parts. */
  readonly rotationMicroseconds: number;
  /** Sectors that pass the heads in one revolution. All zones are taken as equal. */
  readonly sectorsPerTrack: number;
  /** Time at the medium for one sector of a disk without moving parts: a read. */
  readonly mediumReadMicroseconds: number;
  /** The same for a write. */
  readonly mediumWriteMicroseconds: number;
  /** Time of a FLUSH CACHE beside the time of the writes. */
  readonly flushMicroseconds: number;
  /** Sectors the drive reads ahead into its buffer. */
  readonly readAheadSectors: number;
  /** Unflushed sector writes the cache holds; when it is full, the oldest are written back, in order, before the next is taken. */
  readonly cacheSectors: number;
}

/**
 * An IDE hard disk of the middle of the nineties: 5400 rpm, 128 KiB buffer's worth of read-ahead, multiword DMA mode 2 (16.7 MB/s on the bus),
 * seeks of 2 ms to the next track and 20 ms over all. Round figures typical of the class, not those of one model.
 * The write cache is larger than it was then, so that power cuts have more to choose from.
 */
export const HARD_DISK_1996: DiskProfile = {
  name: 'hard-disk-1996',
  commandMicroseconds: 200,
  transferMicroseconds: 31,
  trackSeekMicroseconds: 2000,
  fullSeekMicroseconds: 20000,
  rotationMicroseconds: 11111,
  sectorsPerTrack: 128,
  mediumReadMicroseconds: 0,
  mediumWriteMicroseconds: 0,
  flushMicroseconds: 100,
  readAheadSectors: 128,
  cacheSectors: 4096,
};

/** A flash module on the IDE bus: no moving parts, reads of 0.1 ms and programs of 0.25 ms a sector group, spread over a sector. Round figures. */
export const FLASH_MODULE: DiskProfile = {
  name: 'flash-module',
  commandMicroseconds: 60,
  transferMicroseconds: 31,
  trackSeekMicroseconds: 0,
  fullSeekMicroseconds: 0,
  rotationMicroseconds: 0,
  sectorsPerTrack: 128,
  mediumReadMicroseconds: 15,
  mediumWriteMicroseconds: 35,
  flushMicroseconds: 100,
  readAheadSectors: 0,
  cacheSectors: 4096,
};
