/**
 * What every interrupt and exception comes to (ARCHITECTURE.md, C2): device interrupts go to the handler registered for
 * their line, page faults to the persistent memory, anything else ends the kernel with the registers on the log.
 *
 * Frame, upwards from its address: edi, esi, ebp, esp, ebx, edx, ecx, eax, vector, error code, eip, cs, eflags.
 */

import { readCr2, sti } from './hw';
import { panicValue } from './panic';
import { logHexadecimal, logNewline, logText } from './log';
import { IRQ_VECTOR_BASE, picAcknowledge, picIsSpurious } from './pic';
import { stackCheck, stackEnd } from './stack';

const FRAME_EAX: usize = 28;
const FRAME_VECTOR: usize = 32;
const FRAME_ERROR: usize = 36;
const FRAME_EIP: usize = 40;
const FRAME_EFLAGS: usize = 48;

export const FAULT_PRESENT: u32 = 1;
export const FAULT_WRITE: u32 = 2;

const FRAME_BYTES: usize = 52;
/** Kernel text lies here (ARCHITECTURE.md, C1). */
const TEXT_FROM: u32 = 0x100000;
const TEXT_END: u32 = 0x200000;
const TRACE_BYTES: usize = 512;

const PAGE_FAULT: u32 = 14;
const IRQ_LINES: u32 = 16;
const EFLAGS_IF: u32 = 0x200;
/** Divide error: what wasm calls a trap on integer division. */
const DIVIDE_ERROR: u32 = 0;

/** Function-table index of each line's handler, 0 for none. */
const handlers: usize = memory.data(64, 4);
let faultHandler: u32 = 0;

/** `handler`: table index (`f.index`) of a `() => void`, run with interrupts off. */
export function setInterruptHandler(line: u32, handler: u32): void {
  assert(line < IRQ_LINES, 'trap: there are 16 interrupt lines');
  store<u32>(handlers + line * 4, handler);
}

/**
 * `handler`: table index of a `(address: usize, errorCode: u32, frame: usize) => bool` that returns true when the
 * access may be tried again. It runs on the faulting thread's stack, with interrupts as that thread had them, and may
 * block.
 */
export function setPageFaultHandler(handler: u32): void {
  faultHandler = handler;
}

function showRegister(name: string, value: u32): void {
  logText(name);
  logHexadecimal(value);
}

/** What looks like return addresses above the frame, innermost first: the image's symbols make a call chain of them. */
function showReturnAddresses(frame: usize): void {
  const from = frame + FRAME_BYTES;
  const end = min<usize>(from + TRACE_BYTES, stackEnd());
  logNewline();
  logText('stack');
  for (let at = from; at < end; at += 4) {
    const value = load<u32>(at);
    if (value >= TEXT_FROM && value < TEXT_END) showRegister(' ', value);
  }
}

function die(frame: usize, vector: u32, address: u32): void {
  logNewline();
  showRegister('eax ', load<u32>(frame + FRAME_EAX));
  showRegister(' ebx ', load<u32>(frame + 16));
  showRegister(' ecx ', load<u32>(frame + 24));
  showRegister(' edx ', load<u32>(frame + 20));
  showRegister(' esi ', load<u32>(frame + 4));
  showRegister(' edi ', load<u32>(frame));
  showRegister(' ebp ', load<u32>(frame + 8));
  showRegister(' esp ', load<u32>(frame + 12));
  logNewline();
  showRegister('eip ', load<u32>(frame + FRAME_EIP));
  showRegister(' eflags ', load<u32>(frame + FRAME_EFLAGS));
  showRegister(' error ', load<u32>(frame + FRAME_ERROR));
  if (vector == PAGE_FAULT) showRegister(' address ', address);
  showReturnAddresses(frame);
  if (vector == PAGE_FAULT) panicValue('page fault at instruction', load<u32>(frame + FRAME_EIP));
  if (vector == DIVIDE_ERROR) panicValue('division error at instruction', load<u32>(frame + FRAME_EIP));
  panicValue('unexpected exception', vector);
}

function interrupt(line: u32): void {
  if (picIsSpurious(line)) return;
  picAcknowledge(line);
  const handler = load<u32>(handlers + line * 4);
  if (handler != 0) call_indirect(handler);
}

export function trap(frame: usize): void {
  const vector = load<u32>(frame + FRAME_VECTOR);
  // CR2 first: a fault taken by an interrupt handler would overwrite it.
  const address = vector == PAGE_FAULT ? readCr2() : 0;
  stackCheck(frame);
  if (vector - IRQ_VECTOR_BASE < IRQ_LINES) {
    interrupt(vector - IRQ_VECTOR_BASE);
    return;
  }
  if (vector == PAGE_FAULT && faultHandler != 0) {
    if (load<u32>(frame + FRAME_EFLAGS) & EFLAGS_IF) sti();
    if (call_indirect<bool>(faultHandler, <usize>address, load<u32>(frame + FRAME_ERROR), frame)) return;
  }
  die(frame, vector, address);
}
