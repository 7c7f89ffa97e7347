import { describe, expect, test } from 'vitest';
import { Pci } from './pci.js';

const IDE = 0x80000900;

const VIRTIO = 0x80002000;

function setUp(hasVirtio = false) {
  let changes = 0;
  const pci = new Pci(() => {
    changes++;
  }, hasVirtio);
  const read = (address: number): number => {
    pci.portWrite(0xcf8, 4, address);
    return pci.portRead(0xcfc, 4);
  };
  const write = (address: number, value: number): void => {
    pci.portWrite(0xcf8, 4, address);
    pci.portWrite(0xcfc, 4, value);
  };
  return { pci, read, write, changes: () => changes };
}

describe('PCI configuration', () => {
  test('the functions of the bus, and nothing else', () => {
    const { read } = setUp();
    const found: [number, number, number][] = [];
    for (let device = 0; device < 32; device++) {
      for (let fn = 0; fn < 8; fn++) {
        const identification = read(0x80000000 | (device << 11) | (fn << 8));
        if (identification !== 0xffffffff) found.push([device, fn, identification]);
      }
    }
    expect(found).toEqual([
      [0, 0, 0x12378086],
      [1, 0, 0x70008086],
      [1, 1, 0x70108086],
    ]);
    expect(read(0x80010000)).toBe(0xffffffff);
    expect(read(IDE & 0x7fffffff)).toBe(0xffffffff);
  });

  test('the IDE function says class 01-01-80 and decodes the bus master where the BIOS put it', () => {
    const { pci, read } = setUp();
    expect(read(IDE + 0x08) >>> 8).toBe(0x010180);
    expect(read(IDE + 0x20)).toBe(0xc001);
    expect(pci.busMasterBase).toBe(0xc000);
    expect(pci.busMasterEnabled).toBe(false);
  });

  test('BAR4 is sized and moved; the command register switches decoding and mastering', () => {
    const { pci, read, write, changes } = setUp();
    write(IDE + 0x20, 0xffffffff);
    expect(read(IDE + 0x20)).toBe(0xfff1);
    write(IDE + 0x20, 0x1230);
    expect(pci.busMasterBase).toBe(0x1230);
    write(IDE + 4, 0xffff0005);
    expect(read(IDE + 4)).toBe(0x02800005);
    expect(pci.busMasterEnabled).toBe(true);
    write(IDE + 4, 0);
    expect(pci.busMasterBase).toBe(0);
    expect(changes()).toBe(4);
  });

  test('narrow accesses reach their byte lane', () => {
    const { pci } = setUp();
    pci.portWrite(0xcf8, 4, IDE);
    expect(pci.portRead(0xcfe, 2)).toBe(0x7010);
    expect(pci.portRead(0xcfd, 1)).toBe(0x80);
    pci.portWrite(0xcf8, 4, IDE + 4);
    pci.portWrite(0xcfc, 1, 0x04);
    expect(pci.busMasterEnabled).toBe(true);
  });

  test('identification cannot be written', () => {
    const { read, write } = setUp();
    write(IDE, 0);
    write(IDE + 8, 0);
    expect(read(IDE)).toBe(0x70108086);
    expect(read(IDE + 8)).toBe(0x01018000);
  });

  test('a virtio disk is a function of its own: legacy block device, class 01-00, ports and IRQ 11 assigned', () => {
    const { pci, read, write, changes } = setUp(true);
    expect([read(VIRTIO), read(VIRTIO + 8), read(VIRTIO + 0x2c)]).toEqual([0x10011af4, 0x01000000, 0x00021af4]);
    expect([read(VIRTIO + 0x10), read(VIRTIO + 0x3c)]).toEqual([0xc041, 0x010b]);
    expect([pci.virtioBase, pci.virtioIrq, pci.virtioBusMasterEnabled]).toEqual([0xc040, 11, false]);
    write(VIRTIO + 0x10, 0xffffffff);
    expect(read(VIRTIO + 0x10)).toBe(0xffc1);
    write(VIRTIO + 0x10, 0x2340);
    write(VIRTIO + 4, 5);
    expect([pci.virtioBase, pci.virtioBusMasterEnabled]).toEqual([0x2340, true]);
    // PIRQD of the ISA bridge: to IRQ 5, to a timer's, to none.
    const routed = [0x05, 0x08, 0x8b].map((route) => {
      write(0x80000860, 0x00808080 | (route << 24));
      return pci.virtioIrq;
    });
    expect(routed).toEqual([5, undefined, undefined]);
    expect(changes()).toBe(6);
    expect(setUp().pci.virtioIrq).toBeUndefined();
  });
});
