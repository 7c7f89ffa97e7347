/**
 * The device guest on QEMU, where QEMU is installed: the transcript that machine.test.ts compares with is still what QEMU says.
 */

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { GUEST_DISK_SECTORS, GUEST_EXIT_STATUS, QEMU_TRANSCRIPT } from './testing/device-guest.js';

const QEMU = 'qemu-system-i386';
const isInstalled = spawnSync(QEMU, ['--version']).status === 0;
if (!isInstalled) console.log(`skipped: the device guest on QEMU (${QEMU} is not installed)`);

test.skipIf(!isInstalled)('the recorded transcript is what QEMU says', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'device-guest-'));
  try {
    const file = (name: string, content: string): string => {
      fs.writeFileSync(path.join(folder, name), content);
      return path.join(folder, name);
    };
    const disk = file('disk.img', '');
    fs.truncateSync(disk, GUEST_DISK_SECTORS * 512);
    const modules = [`${file('first', 'first module')} a`, `${file('second', 'the second module, a little longer')} b`];
    const result = spawnSync(
      QEMU,
      [
        ...['-m', '16', '-kernel', fileURLToPath(new URL('testing/device-guest/guest.elf', import.meta.url))],
        ...['-append', 'one two=2 three', '-initrd', modules.join(',')],
        ...['-drive', `file=${disk},format=raw,if=ide,cache=writeback`, '-rtc', 'base=2001-02-03T04:05:06'],
        ...['-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-no-reboot'],
        ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=4'],
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );
    expect(result.stdout).toBe(QEMU_TRANSCRIPT);
    expect(result.status).toBe(GUEST_EXIT_STATUS);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
