/**
 * The PCI bus by configuration mechanism 1 (address at 0xCF8, data at 0xCFC) with what a PC of the PIIX3 kind has on it:
 * 00:00.0 host bridge 8086:1237, 00:01.0 PCI-to-ISA bridge 8086:7000, 00:01.1 IDE controller 8086:7010; where the disk is one,
 * 00:04.0 legacy virtio block device 1AF4:1001.
 * Sources: PCI Local Bus Specification 2.1; Intel 82440FX (290549) and 82371SB PIIX3 (290550) data sheets; Virtio 1.0, 4.1.2.
 *
 * Each function is 256 bytes of configuration space with a mask of the bits that software may write. The machine starts as the BIOS leaves it: the bus
 * master registers and the virtio device are assigned addresses and I/O decoding is on, bus mastering is off. The virtio device's INTA is PIRQD, which the
 * ISA bridge routes (PIRQRCD, 0x63); the BIOS has routed it to IRQ 11 and says so in the device's interrupt line register.
 */

import type { PortSize } from '../cpu/bus.js';
import type { PortDevice } from './device.js';

export const BUS_MASTER_BASE = 0xc000;
export const VIRTIO_BASE = 0xc040;
/** I/O ports of the virtio device. */
export const VIRTIO_PORTS = 64;

const COMMAND = 0x04;
const BAR0 = 0x10;
const BAR4 = 0x20;
const INTERRUPT_LINE = 0x3c;
/** The ISA bridge's routing of PIRQD: an IRQ, or bit 7 for none. */
const PIRQ_D = 0x63;
const VIRTIO_IRQ = 11;
/** IRQs that PIIX3 routes to; to the others it sends nothing. */
const ROUTABLE = new Set([3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15]);
const COMMAND_IO = 0x01;
const COMMAND_BUS_MASTER = 0x04;

/** Indices of functions. */
const ISA_BRIDGE = 1;
const IDE = 2;
const VIRTIO = 3;

export interface PciState {
  readonly address: number;
  /** Configuration spaces in the order of the head comment. */
  readonly spaces: readonly Uint8Array[];
}

interface PciFunction {
  readonly device: number;
  readonly function: number;
  readonly writable: Uint8Array;
}

const FUNCTIONS: readonly PciFunction[] = [
  { device: 0, function: 0, writable: writableBits([[COMMAND, [0x06, 0x01]]]) },
  { device: 1, function: 0, writable: writableBits([[0x60, [0x8f, 0x8f, 0x8f, 0x8f]]]) },
  {
    device: 1,
    function: 1,
    writable: writableBits([
      [COMMAND, [COMMAND_IO | COMMAND_BUS_MASTER, 0]],
      [0x0d, [0xf0]],
      [BAR4, [0xf0, 0xff, 0, 0]],
      [0x40, [0xff, 0xff, 0xff, 0xff, 0xff]],
    ]),
  },
  {
    device: 4,
    function: 0,
    writable: writableBits([
      [COMMAND, [COMMAND_IO | COMMAND_BUS_MASTER, 0]],
      [BAR0, [0x100 - VIRTIO_PORTS, 0xff, 0, 0]],
      [INTERRUPT_LINE, [0xff]],
    ]),
  },
];

export class Pci implements PortDevice {
  private address = 0;
  private spaces: Uint8Array[];

  /** `onChange` is called when decoding, address, bus mastering or interrupt routing of a disk controller may have changed. */
  constructor(
    private readonly onChange: () => void,
    hasVirtio = false,
  ) {
    this.spaces = [hostBridgeSpace(), isaBridgeSpace(hasVirtio), ideSpace(), ...(hasVirtio ? [virtioSpace()] : [])];
  }

  /** First of the 16 bus master ports, or 0 while they are not decoded. */
  get busMasterBase(): number {
    const space = this.spaces[IDE];
    if (!(space[COMMAND] & COMMAND_IO)) return 0;
    return (space[BAR4] & 0xf0) | (space[BAR4 + 1] << 8);
  }

  /** Whether the IDE function may access memory. */
  get busMasterEnabled(): boolean {
    return (this.spaces[IDE][COMMAND] & COMMAND_BUS_MASTER) !== 0;
  }

  /** First port of the virtio device, or 0 while they are not decoded. */
  get virtioBase(): number {
    const space = this.spaces.at(VIRTIO);
    if (space === undefined || !(space[COMMAND] & COMMAND_IO)) return 0;
    return (space[BAR0] & (0x100 - VIRTIO_PORTS)) | (space[BAR0 + 1] << 8);
  }

  /** Whether the virtio device may access memory. */
  get virtioBusMasterEnabled(): boolean {
    return ((this.spaces.at(VIRTIO)?.[COMMAND] ?? 0) & COMMAND_BUS_MASTER) !== 0;
  }

  /** The IRQ that the virtio device's interrupt is routed to; undefined: to none. */
  get virtioIrq(): number | undefined {
    const route = this.spaces[ISA_BRIDGE][PIRQ_D];
    return route & 0x80 || !ROUTABLE.has(route & 15) ? undefined : route & 15;
  }

  portRead(port: number, size: PortSize): number {
    if (port < 0xcfc) return port === 0xcf8 && size === 4 ? this.address : allOnes(size);
    const space = this.selected();
    const at = (this.address & 0xfc) + (port & 3);
    if (space < 0 || (port & 3) + size > 4) return allOnes(size);
    let value = 0;
    for (let byte = 0; byte < size; byte++) value |= this.spaces[space][at + byte] << (8 * byte);
    return value >>> 0;
  }

  portWrite(port: number, size: PortSize, value: number): void {
    if (port < 0xcfc) {
      if (port === 0xcf8 && size === 4) this.address = (value & 0x80fffffc) >>> 0;
      return;
    }
    const space = this.selected();
    const at = (this.address & 0xfc) + (port & 3);
    if (space < 0 || (port & 3) + size > 4) return;
    const { writable } = FUNCTIONS[space];
    for (let byte = 0; byte < size; byte++) {
      const mask = writable[at + byte];
      const before = this.spaces[space][at + byte];
      this.spaces[space][at + byte] = (before & ~mask) | ((value >>> (8 * byte)) & mask);
    }
    if (space >= ISA_BRIDGE) this.onChange();
  }

  saveState(): PciState {
    return { address: this.address, spaces: this.spaces.map((space) => space.slice()) };
  }

  restoreState(state: PciState): void {
    this.address = state.address;
    this.spaces = state.spaces.map((space) => space.slice());
    this.onChange();
  }

  /** Index of the configuration space that the address register selects, or -1. */
  private selected(): number {
    if (!(this.address & 0x80000000) || (this.address & 0x00ff0000) !== 0) return -1;
    const device = (this.address >>> 11) & 31;
    const fn = (this.address >>> 8) & 7;
    const index = FUNCTIONS.findIndex((candidate) => candidate.device === device && candidate.function === fn);
    return index < this.spaces.length ? index : -1;
  }
}

function allOnes(size: PortSize): number {
  return size === 4 ? 0xffffffff : (1 << (8 * size)) - 1;
}

function writableBits(fields: readonly (readonly [number, readonly number[]])[]): Uint8Array {
  const mask = new Uint8Array(256);
  for (const [at, bytes] of fields) mask.set(bytes, at);
  return mask;
}

function space(
  vendorDevice: number,
  command: number,
  status: number,
  classRevision: number,
  headerType: number,
): Uint8Array {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, vendorDevice, true);
  view.setUint16(COMMAND, command, true);
  view.setUint16(0x06, status, true);
  view.setUint32(0x08, classRevision, true);
  bytes[0x0e] = headerType;
  return bytes;
}

function hostBridgeSpace(): Uint8Array {
  return space(0x12378086, 0x0006, 0x0280, 0x06000002, 0);
}

function isaBridgeSpace(hasVirtio: boolean): Uint8Array {
  const bytes = space(0x70008086, 0x0007, 0x0200, 0x06010000, 0x80);
  // PIRQ A to D: routing disabled, but of what is used.
  bytes.set([0x80, 0x80, 0x80, hasVirtio ? VIRTIO_IRQ : 0x80], 0x60);
  return bytes;
}

function virtioSpace(): Uint8Array {
  const bytes = space(0x10011af4, COMMAND_IO, 0, 0x01000000, 0);
  const view = new DataView(bytes.buffer);
  view.setUint32(BAR0, VIRTIO_BASE | 1, true);
  // Subsystem: a block device.
  view.setUint32(0x2c, 0x00021af4, true);
  // INTA.
  bytes.set([VIRTIO_IRQ, 1], INTERRUPT_LINE);
  return bytes;
}

function ideSpace(): Uint8Array {
  const bytes = space(0x70108086, COMMAND_IO, 0x0280, 0x01018000, 0);
  new DataView(bytes.buffer).setUint32(BAR4, BUS_MASTER_BASE | 1, true);
  // Both channels decode their ports (IDETIM bit 15).
  bytes[0x41] = 0x80;
  bytes[0x43] = 0x80;
  return bytes;
}
