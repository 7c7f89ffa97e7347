import { expect, test } from 'vitest';
import type { DiskEvent } from '../hardware-sim/index.js';
import { Strikes } from './strikes.js';

const event = (kind: DiskEvent['kind'], lba = 8): DiskEvent => ({ kind, lba, count: 1, cycle: 0, sequence: 0 });

test.each<[DiskEvent['kind'], string]>([
  ['read-error', 'P12'],
  ['write-refused', 'P12'],
  ['flush-failed', 'P12'],
  ['write-lost', 'P13'],
  ['write-misdirected', 'P13'],
  ['flush-lied', 'P13'],
])('%s counts for %s', (kind, which) => {
  const strikes = new Strikes();
  strikes.onDisk(event(kind));
  strikes.onDisk(event('read'));
  expect([...strikes.all]).toEqual([[which, 1]]);
});

test('P11 a sector that has gone bad counts each time it is read, until it is written; in the fork alone what happens there', () => {
  const strikes = new Strikes();
  strikes.rots(40);
  strikes.onDisk(event('read', 41));
  strikes.onDisk(event('read', 40));
  const fork = strikes.fork();
  fork.onDisk(event('read', 40));
  strikes.onDisk(event('write', 40));
  strikes.onDisk(event('read', 40));
  expect([[...strikes.all], [...fork.all]]).toEqual([[['P11', 1]], [['P11', 2]]]);
});

test('P25 the kernel says that its disk is full', () => {
  const strikes = new Strikes();
  strikes.onLog('persist: there is space on the disk again; snapshots go on');
  strikes.onLog('persist: the disk is full: 3 blocks are free, 90 pages are to be written');
  expect([...strikes.all]).toEqual([['P25', 1]]);
});

test('what stands still or is wrong was not survived; a line that comes twice says nothing of the disk', () => {
  expect(['P2', 'P14', 'P26', 'P19', 'P24'].filter((id) => Strikes.explains(id))).toEqual(['P2', 'P14', 'P26']);
});
