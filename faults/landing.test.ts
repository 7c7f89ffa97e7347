import { expect, test } from 'vitest';
import { type DiskFault, MemoryMedium, SECTOR_BYTES, type UnflushedWrite } from '../hardware-sim/index.js';
import { landingOf } from './landing.js';

const sector = (value: number): Uint8Array => new Uint8Array(SECTOR_BYTES).fill(value);
const write = (sequence: number, lba: number): UnflushedWrite => ({ sequence, lba, data: sector(sequence), cycle: 0 });

function medium(): MemoryMedium {
  const made = new MemoryMedium(64);
  for (let lba = 0; lba < 64; lba++) made.writeSector(lba, sector(100 + lba));
  return made;
}

/** What lands where: sector and what is in it. */
function lands(unflushed: readonly UnflushedWrite[], faults: readonly DiskFault[]): string[] | undefined {
  return landingOf(unflushed, faults, medium())?.map(({ lba, data }) => `${lba}: ${data[0]}`);
}

test('a write that waits for its fault goes where the drive puts it, the others where they were to go', () => {
  const unflushed = [write(1, 8), write(2, 9), write(3, 10)];
  expect(lands(unflushed, [])).toEqual(['8: 1', '9: 2', '10: 3']);
  expect(lands(unflushed, [{ kind: 'lost-write', lba: 9 }])).toEqual(['8: 1', '9: 109', '10: 3']);
  expect(lands(unflushed, [{ kind: 'write-error', lba: 8 }])).toEqual(['8: 108', '9: 2', '10: 3']);
  expect(lands(unflushed, [{ kind: 'misdirected-write', lba: 10, to: 20 }])).toEqual(['8: 1', '9: 2', '20: 3']);
  expect(
    lands(unflushed, [
      { kind: 'misdirected-write', lba: 10, to: 20 },
      { kind: 'lost-write', lba: 10 },
    ]),
  ).toEqual(['8: 1', '9: 2', '20: 3']);
  expect(lands(unflushed, [{ kind: 'lost-write', lba: 30 }])).toEqual(['8: 1', '9: 2', '10: 3']);
});

test('a fault that has two writes to choose from is not decided here', () => {
  expect(lands([write(1, 8), write(2, 8)], [{ kind: 'lost-write', lba: 8 }])).toBeUndefined();
});
