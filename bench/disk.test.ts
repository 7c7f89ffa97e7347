import { expect, test } from 'vitest';
import { HARD_DISK_1996 } from '../hardware-sim/index.js';
import { measureDisk } from './disk.js';

test('threads that wait for pages wait less where the controller takes many requests at once', async () => {
  const question = { disk: HARD_DISK_1996, pages: 150, stride: 16, threads: 8 };
  const ide = await measureDisk('ide', question);
  const virtio = await measureDisk('virtio', question);
  expect([ide.snapshotRequests, ide.pageInRequests]).toEqual([1, 1]);
  expect(virtio.snapshotRequests).toBeGreaterThan(1);
  // As many as threads, and one of the kernel's own.
  expect(virtio.pageInRequests).toBeGreaterThanOrEqual(8);
  expect(virtio.pageIn).toBeLessThan(0.8 * ide.pageIn);
  expect(virtio.snapshot).toBeLessThan(1.02 * ide.snapshot);
});
