/**
 * Which device answers at which I/O port. Nobody: reads give all ones, writes go nowhere.
 */

import type { PortSize } from './cpu/bus.js';
import type { PortDevice } from './devices/device.js';

export class PortMap {
  private readonly devices = new Map<number, PortDevice>();

  /** Connects `count` ports from `first` on. A port has one device. */
  connect(first: number, count: number, device: PortDevice): void {
    for (let port = first; port < first + count; port++) {
      if (this.devices.has(port)) throw new Error(`I/O port 0x${port.toString(16)}: two devices want it`);
      this.devices.set(port, device);
    }
  }

  disconnect(device: PortDevice): void {
    for (const [port, connected] of this.devices) if (connected === device) this.devices.delete(port);
  }

  /** Whether any of the ports has a device. */
  isTaken(first: number, count: number): boolean {
    for (let port = first; port < first + count; port++) if (this.devices.has(port)) return true;
    return false;
  }

  read(port: number, size: PortSize): number {
    const device = this.devices.get(port);
    if (device !== undefined) return device.portRead(port, size);
    return size === 4 ? 0xffffffff : size === 2 ? 0xffff : 0xff;
  }

  write(port: number, size: PortSize, value: number): void {
    this.devices.get(port)?.portWrite(port, size, value);
  }
}
