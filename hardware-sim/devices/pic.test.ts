import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pic } from './pic.js';

/** A pair initialised as an AT does: vectors 0x20 and 0x28, all inputs open. */
function initialised(icw4 = 0x01): Pic {
  const pic = new Pic();
  for (const [port, value] of [
    [0x20, 0x11],
    [0x21, 0x20],
    [0x21, 0x04],
    [0x21, icw4],
    [0xa0, 0x11],
    [0xa1, 0x28],
    [0xa1, 0x02],
    [0xa1, icw4],
  ]) {
    pic.writeByte(port, value);
  }
  return pic;
}

function pulse(pic: Pic, irq: number): void {
  pic.setIrq(irq, false);
  pic.setIrq(irq, true);
}

describe('8259 pair', () => {
  test('a request is acknowledged once, with the vector of its input', () => {
    const pic = initialised();
    pic.setIrq(4, true);
    expect(pic.interruptPending).toBe(true);
    expect(pic.acknowledge()).toBe(0x24);
    expect(pic.interruptPending).toBe(false);
    pic.writeByte(0x20, 0x20);
    // Edge-triggered: the level alone is no new request.
    expect(pic.interruptPending).toBe(false);
    pulse(pic, 4);
    expect(pic.acknowledge()).toBe(0x24);
  });

  test('the lower number goes first and interrupts the higher, not the other way round', () => {
    const pic = initialised();
    pic.setIrq(5, true);
    pic.setIrq(1, true);
    expect(pic.acknowledge()).toBe(0x21);
    expect(pic.interruptPending).toBe(false);
    pic.writeByte(0x20, 0x20);
    expect(pic.acknowledge()).toBe(0x25);
    pic.setIrq(0, true);
    expect(pic.interruptPending).toBe(true);
    pic.setIrq(7, true);
    expect(pic.acknowledge()).toBe(0x20);
    pic.writeByte(0x20, 0x0b);
    expect(pic.readByte(0x20)).toBe(0x21);
  });

  test('the slave comes through IR2, between IRQ 1 and IRQ 3, and needs two EOIs', () => {
    const pic = initialised();
    pic.setIrq(14, true);
    pic.setIrq(3, true);
    expect(pic.acknowledge()).toBe(0x2e);
    pic.writeByte(0x20, 0x20);
    expect(pic.acknowledge()).toBe(0x23);
    pic.writeByte(0x20, 0x20);
    pulse(pic, 14);
    expect(pic.interruptPending).toBe(false);
    pic.writeByte(0xa0, 0x20);
    expect(pic.acknowledge()).toBe(0x2e);
  });

  test('a masked request waits', () => {
    const pic = initialised();
    pic.writeByte(0x21, 0x10);
    expect(pic.readByte(0x21)).toBe(0x10);
    pic.setIrq(4, true);
    expect(pic.interruptPending).toBe(false);
    pic.writeByte(0x20, 0x0a);
    expect(pic.readByte(0x20)).toBe(0x10);
    pic.writeByte(0x21, 0x00);
    expect(pic.acknowledge()).toBe(0x24);
  });

  test('a request whose line falls is gone; an acknowledge without a request is interrupt 7, not in service', () => {
    const pic = initialised();
    pic.setIrq(4, true);
    pic.setIrq(4, false);
    expect(pic.interruptPending).toBe(false);
    expect(pic.acknowledge()).toBe(0x27);
    pic.writeByte(0x20, 0x0b);
    expect(pic.readByte(0x20)).toBe(0);
  });

  test('a request of the slave that is gone is gone at the master too', () => {
    const pic = initialised();
    pic.setIrq(14, true);
    expect(pic.interruptPending).toBe(true);
    pic.setIrq(14, false);
    expect(pic.interruptPending).toBe(false);
    pic.setIrq(14, true);
    pic.writeByte(0xa1, 0x40);
    expect(pic.interruptPending).toBe(false);
  });

  test('a specific EOI ends the level it names', () => {
    const pic = initialised();
    pic.setIrq(5, true);
    pic.acknowledge();
    pic.setIrq(1, true);
    pic.acknowledge();
    pic.writeByte(0x20, 0x65);
    pic.writeByte(0x20, 0x0b);
    expect(pic.readByte(0x20)).toBe(0x02);
  });

  test('automatic EOI leaves nothing in service, on the slave too', () => {
    const pic = initialised(0x03);
    pic.setIrq(10, true);
    pic.setIrq(11, true);
    expect(pic.acknowledge()).toBe(0x2a);
    expect(pic.interruptPending).toBe(true);
    expect(pic.acknowledge()).toBe(0x2b);
    expect(pic.interruptPending).toBe(false);
  });

  test('a poll acknowledges', () => {
    const pic = initialised();
    pic.setIrq(6, true);
    pic.writeByte(0x20, 0x0c);
    expect(pic.readByte(0x20)).toBe(0x86);
    expect(pic.interruptPending).toBe(false);
    pic.writeByte(0x20, 0x0c);
    expect(pic.readByte(0x20)).toBe(0);
  });

  test('rotation on EOI puts the ended level last', () => {
    const pic = initialised();
    pic.setIrq(3, true);
    pic.acknowledge();
    pic.writeByte(0x20, 0xa0);
    pulse(pic, 3);
    pic.setIrq(4, true);
    expect(pic.acknowledge()).toBe(0x24);
  });

  test('special mask mode lets lower levels through a masked one in service', () => {
    const pic = initialised();
    pic.setIrq(1, true);
    pic.acknowledge();
    pic.setIrq(5, true);
    expect(pic.interruptPending).toBe(false);
    pic.writeByte(0x21, 0x02);
    pic.writeByte(0x20, 0x68);
    expect(pic.interruptPending).toBe(true);
  });

  test('IRQ 2 has no device', () => {
    expect(() => new Pic().setIrq(2, true)).toThrow(/IRQ 2/);
  });
});

const action = fc.oneof(
  fc.record({
    kind: fc.constant('line' as const),
    irq: fc.constantFrom(0, 1, 3, 4, 7, 8, 14, 15),
    level: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('acknowledge' as const) }),
  fc.record({ kind: fc.constant('eoi' as const), slave: fc.boolean() }),
  fc.record({ kind: fc.constant('mask' as const), port: fc.constantFrom(0x21, 0xa1), value: fc.nat(255) }),
);

property.prop([fc.array(action, { maxLength: 60 }), fc.nat(60)])(
  'a restored pair behaves as the original, and never has two equal levels in service',
  (actions, at) => {
    let pic = initialised();
    const copy = new Pic();
    copy.restoreState(pic.saveState());
    const run = (target: Pic, step: (typeof actions)[number]): number => {
      if (step.kind === 'line') target.setIrq(step.irq, step.level);
      else if (step.kind === 'mask') target.writeByte(step.port, step.value);
      else if (step.kind === 'eoi') target.writeByte(step.slave ? 0xa0 : 0x20, 0x20);
      else if (target.interruptPending) {
        const before = target.saveState();
        const vector = target.acknowledge();
        const chip = vector < 0x28 ? before.master : before.slave;
        // What is acknowledged was requested, open, and not yet in service.
        expect(chip.irr & ~chip.imr & ~chip.isr & (1 << (vector & 7))).not.toBe(0);
        return vector;
      }
      return -1;
    };
    actions.forEach((step, index) => {
      if (index === at) {
        const restored = new Pic();
        restored.restoreState(pic.saveState());
        pic = restored;
      }
      expect(run(pic, step)).toBe(run(copy, step));
      expect(pic.interruptPending).toBe(copy.interruptPending);
      expect(pic.saveState()).toEqual(copy.saveState());
    });
  },
);
