/**
 * The two 8259A programmable interrupt controllers of a PC: master at 0x20, slave at 0xA0, the slave's INT on the master's IR2.
 * Source: Intel 8259A data sheet (order 231468) and the PIIX3 data sheet for the ELCR, which is not modelled: all inputs are edge-triggered.
 *
 * Rules of the chip that matter here:
 *  - a rising edge of an input sets its request; the input must stay high until the acknowledge, else the request is gone again;
 *  - an acknowledge without a request answers with IR7 and sets no in-service bit (the spurious interrupt 7, or 15 on the slave);
 *  - fully nested: a request is forwarded only above the highest in-service level (special mask mode and special fully nested mode excepted).
 */

import type { ByteDevice } from './device.js';

interface ChipState {
  /** Input levels. */
  lines: number;
  /** Requests: edges seen whose input is still high. */
  irr: number;
  /** In service. */
  isr: number;
  /** Mask. */
  imr: number;
  /** Vector of IR0. */
  vectorBase: number;
  /** Which initialisation word comes next at the odd port: 0 none (it is the mask), else 2, 3 or 4. */
  expecting: number;
  /** ICW1 asked for ICW4. */
  needsIcw4: boolean;
  /** ICW1: no slave, ICW3 is skipped. */
  single: boolean;
  autoEoi: boolean;
  rotateOnAutoEoi: boolean;
  specialFullyNested: boolean;
  specialMask: boolean;
  /** OCW3: the next read of the even port is a poll. */
  poll: boolean;
  /** OCW3: the even port reads ISR, not IRR. */
  readIsr: boolean;
  /** The input with the lowest priority. */
  lowest: number;
}

export interface PicState {
  readonly master: ChipState;
  readonly slave: ChipState;
}

const CASCADE = 2;
const NO_LEVEL = 8;

function resetChip(): ChipState {
  return {
    lines: 0,
    irr: 0,
    isr: 0,
    imr: 0,
    vectorBase: 0,
    expecting: 0,
    needsIcw4: false,
    single: false,
    autoEoi: false,
    rotateOnAutoEoi: false,
    specialFullyNested: false,
    specialMask: false,
    poll: false,
    readIsr: false,
    lowest: 7,
  };
}

export class Pic implements ByteDevice {
  private master = resetChip();
  private slave = resetChip();
  /** Level of the INTR line to the processor. */
  interruptPending = false;

  /** Sets the level of an interrupt request, 0 to 15. IRQ 2 is the cascade and cannot be driven. */
  setIrq(irq: number, level: boolean): void {
    if (irq === CASCADE || irq < 0 || irq > 15) throw new RangeError(`PIC: no device can be connected to IRQ ${irq}`);
    const chip = irq < 8 ? this.master : this.slave;
    const isHigh = (chip.lines & (1 << (irq & 7))) !== 0;
    if (isHigh === level) return;
    setLine(chip, irq & 7, level);
    this.update();
  }

  /** The INTA cycle: the vector of the request with the highest priority. */
  acknowledge(): number {
    const input = acknowledgeChip(this.master, this.nestedSlave());
    let vector = this.master.vectorBase + input;
    if (input === CASCADE && !this.master.single) {
      vector = this.slave.vectorBase + acknowledgeChip(this.slave, false);
      // The slave drops INT with the acknowledge; a further request of it is a new edge.
      setLine(this.master, CASCADE, false);
    }
    this.update();
    return vector;
  }

  readByte(port: number): number {
    const chip = this.chipAt(port);
    if (port & 1) return chip.imr;
    if (chip.poll) {
      chip.poll = false;
      const requested = highestRequest(chip, chip === this.master && this.nestedSlave());
      if (requested === NO_LEVEL) return 0;
      const input = acknowledgeChip(chip, chip === this.master && this.nestedSlave());
      this.update();
      return 0x80 | input;
    }
    return chip.readIsr ? chip.isr : chip.irr;
  }

  writeByte(port: number, value: number): void {
    const chip = this.chipAt(port);
    if (port & 1) writeOdd(chip, value);
    else if (value & 0x10) startInitialisation(chip, value);
    else if (value & 0x08) writeOcw3(chip, value);
    else writeOcw2(chip, value);
    this.update();
  }

  saveState(): PicState {
    return { master: { ...this.master }, slave: { ...this.slave } };
  }

  restoreState(state: PicState): void {
    this.master = { ...state.master };
    this.slave = { ...state.slave };
    this.interruptPending = highestRequest(this.master, this.nestedSlave()) !== NO_LEVEL;
  }

  private chipAt(port: number): ChipState {
    return port & 0x80 ? this.slave : this.master;
  }

  private nestedSlave(): boolean {
    return this.master.specialFullyNested;
  }

  /** Carries the slave's INT to the master and the master's to the processor. */
  private update(): void {
    const slaveInt = highestRequest(this.slave, false) !== NO_LEVEL;
    setLine(this.master, CASCADE, slaveInt);
    this.interruptPending = highestRequest(this.master, this.nestedSlave()) !== NO_LEVEL;
  }
}

function setLine(chip: ChipState, input: number, level: boolean): void {
  const bit = 1 << input;
  if (!level) {
    chip.lines &= ~bit;
    chip.irr &= ~bit;
  } else if (!(chip.lines & bit)) {
    chip.lines |= bit;
    chip.irr |= bit;
  }
}

/**
 * The request the chip would forward, or NO_LEVEL. With `nestedCascade` (special fully nested mode) a slave in service does not hold back
 * further requests of that slave.
 */
function highestRequest(chip: ChipState, nestedCascade: boolean): number {
  const requests = chip.irr & ~chip.imr;
  if (requests === 0) return NO_LEVEL;
  for (let rank = 1; rank <= 8; rank++) {
    const input = (chip.lowest + rank) & 7;
    const bit = 1 << input;
    const inService = (chip.isr & bit) !== 0;
    if (requests & bit && (!inService || (nestedCascade && input === CASCADE))) return input;
    if (inService && !(chip.specialMask && chip.imr & bit)) return NO_LEVEL;
  }
  return NO_LEVEL;
}

function acknowledgeChip(chip: ChipState, nestedCascade: boolean): number {
  const input = highestRequest(chip, nestedCascade);
  if (input === NO_LEVEL) return 7;
  chip.irr &= ~(1 << input);
  if (!chip.autoEoi) chip.isr |= 1 << input;
  else if (chip.rotateOnAutoEoi) chip.lowest = input;
  return input;
}

function startInitialisation(chip: ChipState, icw1: number): void {
  Object.assign(chip, resetChip(), { lines: chip.lines, vectorBase: chip.vectorBase });
  chip.needsIcw4 = (icw1 & 0x01) !== 0;
  chip.single = (icw1 & 0x02) !== 0;
  chip.expecting = 2;
}

function writeOdd(chip: ChipState, value: number): void {
  switch (chip.expecting) {
    case 2:
      chip.vectorBase = value & 0xf8;
      chip.expecting = chip.single ? (chip.needsIcw4 ? 4 : 0) : 3;
      break;
    case 3:
      chip.expecting = chip.needsIcw4 ? 4 : 0;
      break;
    case 4:
      chip.autoEoi = (value & 0x02) !== 0;
      chip.specialFullyNested = (value & 0x10) !== 0;
      chip.expecting = 0;
      break;
    default:
      chip.imr = value;
  }
}

function writeOcw2(chip: ChipState, value: number): void {
  const named = value & 7;
  switch (value >> 5) {
    case 0:
      chip.rotateOnAutoEoi = false;
      break;
    case 4:
      chip.rotateOnAutoEoi = true;
      break;
    case 1:
      endOfInterrupt(chip);
      break;
    case 5: {
      const ended = endOfInterrupt(chip);
      if (ended !== NO_LEVEL) chip.lowest = ended;
      break;
    }
    case 3:
      chip.isr &= ~(1 << named);
      break;
    case 7:
      chip.isr &= ~(1 << named);
      chip.lowest = named;
      break;
    case 6:
      chip.lowest = named;
      break;
  }
}

/** Non-specific EOI: ends the in-service level of the highest priority (in special mask mode, of those not masked). */
function endOfInterrupt(chip: ChipState): number {
  for (let rank = 1; rank <= 8; rank++) {
    const input = (chip.lowest + rank) & 7;
    const bit = 1 << input;
    if (!(chip.isr & bit) || (chip.specialMask && chip.imr & bit)) continue;
    chip.isr &= ~bit;
    return input;
  }
  return NO_LEVEL;
}

function writeOcw3(chip: ChipState, value: number): void {
  if (value & 0x04) chip.poll = true;
  if (value & 0x02) chip.readIsr = (value & 0x01) !== 0;
  if (value & 0x40) chip.specialMask = (value & 0x20) !== 0;
}
