import { expect, test } from 'vitest';
import type { PortDevice } from './devices/device.js';
import { byteWide } from './devices/device.js';
import { PortMap } from './port-map.js';

test('ports without a device read as all ones', () => {
  const ports = new PortMap();
  ports.write(0x80, 1, 5);
  expect([ports.read(0x64, 1), ports.read(0x64, 2), ports.read(0x64, 4)]).toEqual([0xff, 0xffff, 0xffffffff]);
});

test('a device of bytes sees wide accesses as bytes, low port first', () => {
  const log: string[] = [];
  const device = byteWide({
    readByte: (port) => port & 0xff,
    writeByte: (port, value) => log.push(`${port.toString(16)}=${value.toString(16)}`),
  });
  const ports = new PortMap();
  ports.connect(0x40, 4, device);
  expect(ports.read(0x40, 4)).toBe(0x43424140);
  ports.write(0x41, 2, 0xbbaa);
  expect(log).toEqual(['41=aa', '42=bb']);
});

test('a port has one device, and can be given back', () => {
  const nobody: PortDevice = { portRead: () => 1, portWrite: () => {} };
  const other: PortDevice = { portRead: () => 2, portWrite: () => {} };
  const ports = new PortMap();
  ports.connect(0x100, 8, nobody);
  expect(() => ports.connect(0x107, 1, other)).toThrow(/0x107/);
  expect(ports.isTaken(0x0f8, 9)).toBe(true);
  ports.disconnect(nobody);
  expect(ports.isTaken(0x100, 8)).toBe(false);
  ports.connect(0x107, 1, other);
  expect(ports.read(0x107, 1)).toBe(2);
});
