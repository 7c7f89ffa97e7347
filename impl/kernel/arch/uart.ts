/**
 * 16550A serial port (National Semiconductor PC16550D): 115,200 baud, 8N1, FIFOs on; both directions buffered in rings
 * that the interrupt handler drains and fills; the one of what is received belongs to the caller.
 *
 * Positions count bytes modulo 2^32: `enqueued` were put in the ring, `sent` of them given to the chip, `left` of them
 * are known to be on the wire (the chip says when its FIFO, and when its shift register too, is empty). A port that is `held`
 * sends only what is before `released`.
 * Rule: the counters change only with interrupts off.
 */

import { ByteRing } from './byte-ring';
import { inb, outb, restoreFlags, saveFlagsCli } from './hw';

const THR: u32 = 0;
const RBR: u32 = 0;
const IER: u32 = 1;
const IIR: u32 = 2;
const FCR: u32 = 2;
const LCR: u32 = 3;
const MCR: u32 = 4;
const LSR: u32 = 5;
const MSR: u32 = 6;
const SCR: u32 = 7;

const IER_RECEIVED: u32 = 1;
const IER_THR_EMPTY: u32 = 2;
const IIR_NONE: u32 = 1;
const LSR_DATA: u32 = 0x01;
const LSR_THR_EMPTY: u32 = 0x20;
const LSR_ALL_EMPTY: u32 = 0x40;
const LCR_DIVISOR: u32 = 0x80;
const LCR_8N1: u32 = 0x03;
const MCR_DTR_RTS_OUT2: u32 = 0x0b;
/** Enable and clear both FIFOs; receive interrupt at one byte. */
const FCR_ENABLE: u32 = 0x07;
const DIVISOR_115200: u32 = 1;
const FIFO_BYTES: u32 = 16;
/** A byte takes 87 us; the longest wait here is for a FIFO of 16. A port read takes at least 0.1 us. */
const POLLS_MAX: u32 = 1000000;

@unmanaged
export class Uart {
  port: u32;
  present: bool;
  /** Transmit ring of a power of two of bytes. */
  ring: usize;
  ringBytes: u32;
  enqueued: u32;
  sent: u32;
  left: u32;
  receive: ByteRing;
  held: bool;
  released: u32;

  /** Sets the chip up; a port where none answers is remembered as absent, and swallows what is written. */
  init(port: u32, ring: usize, ringBytes: u32, receive: ByteRing): void {
    assert(popcnt(ringBytes) == 1, 'uart: the ring is not a power of two');
    this.port = port;
    this.ring = ring;
    this.ringBytes = ringBytes;
    this.receive = receive;
    outb(port + SCR, 0x5a);
    this.present = inb(port + SCR) == 0x5a;
    if (!this.present) return;
    outb(port + IER, 0);
    outb(port + LCR, LCR_DIVISOR);
    outb(port + THR, DIVISOR_115200 & 0xff);
    outb(port + IER, DIVISOR_115200 >> 8);
    outb(port + LCR, LCR_8N1);
    outb(port + FCR, FCR_ENABLE);
    outb(port + MCR, MCR_DTR_RTS_OUT2);
    outb(port + IER, IER_RECEIVED | IER_THR_EMPTY);
  }

  /** Bytes the transmit ring can take now. */
  @inline
  space(): u32 {
    return this.ringBytes - (this.enqueued - this.sent);
  }

  /** Up to where bytes may be sent. */
  @inline
  end(): u32 {
    return this.held ? this.released : this.enqueued;
  }

  /** Refills the chip's FIFO when it is empty. Interrupts are off. */
  pump(): void {
    const status = inb(this.port + LSR);
    if (!(status & LSR_THR_EMPTY)) return;
    // With the FIFO empty, at most the byte in the shift register has not left.
    this.left = status & LSR_ALL_EMPTY ? this.sent : this.sent - 1;
    const end = this.end();
    for (let i: u32 = 0; i < FIFO_BYTES && this.sent != end; i++) {
      outb(this.port + THR, <u32>load<u8>(this.ring + (this.sent & (this.ringBytes - 1))));
      this.sent++;
    }
  }

  /** Puts a byte in the ring, which has space for it. Interrupts are off. */
  @inline
  put(byte: u32): void {
    store<u8>(this.ring + (this.enqueued & (this.ringBytes - 1)), <u8>byte);
    this.enqueued++;
  }

  /** Starts sending what is in the ring. Interrupts are off. */
  start(): void {
    if (this.present) {
      this.pump();
    } else {
      this.sent = this.end();
      this.left = this.sent;
    }
  }

  /** Puts `length` bytes, at most `space()`, in the ring and starts sending. */
  enqueue(bytes: usize, length: u32): void {
    const flags = saveFlagsCli();
    assert(length <= this.space(), 'uart: the transmit ring is full');
    for (let i: u32 = 0; i < length; i++) this.put(load<u8>(bytes + i));
    this.start();
    restoreFlags(flags);
  }

  /** What is before `position`, all of it enqueued, may be sent. */
  release(position: u32): void {
    const flags = saveFlagsCli();
    assert(<i32>(this.enqueued - position) >= 0, 'uart: releasing what was not enqueued');
    this.released = position;
    this.start();
    restoreFlags(flags);
  }

  /** Whether every byte before `position` is on the wire. */
  hasLeft(position: u32): bool {
    const flags = saveFlagsCli();
    if (this.present) this.pump();
    const done = <i32>(this.left - position) >= 0;
    restoreFlags(flags);
    return done;
  }

  /** Sends all that is in the ring by polling, and waits for the last byte: for panics and for a full log. */
  flush(): void {
    const end = this.enqueued;
    for (let poll: u32 = 0; poll < POLLS_MAX && !this.hasLeft(end); poll++) {}
  }

  /** The chip's interrupt: reads what came, refills what is empty. Returns whether any byte was received. */
  interrupt(): bool {
    let any = false;
    while (!(inb(this.port + IIR) & IIR_NONE)) {
      while (inb(this.port + LSR) & LSR_DATA) {
        this.receive.put(inb(this.port + RBR));
        any = true;
      }
      inb(this.port + MSR);
      this.pump();
    }
    return any;
  }
}
