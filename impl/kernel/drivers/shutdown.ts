/**
 * The orderly ends: when all that was printed and logged has left, the machine is told to stop; a real PC stays halted; or the machine is started again.
 */

import { consoleWaitIdle } from './console';
import { log, logFlush } from '../arch/log';
import { cli, hlt, outb } from '../arch/hw';
import { EXIT_RESTART, exitMachine } from '../arch/exit';

/** Command port of the keyboard controller, and its command that pulses the processor's reset line (IBM PC AT, 8042). */
const KEYBOARD_COMMAND: u32 = 0x64;
const PULSE_RESET: u32 = 0xfe;

function stop(status: u32): void {
  exitMachine(status);
  for (;;) {
    cli();
    hlt();
  }
}

/** `status`: EXIT_DONE or EXIT_THREAD_FAILED. From a kernel thread. */
export function shutdown(status: u32): void {
  consoleWaitIdle();
  log('phantom: stopped; it is safe to switch the power off');
  logFlush();
  stop(status);
}

/** Starts the machine again, as its reset button does. From a kernel thread. */
export function restart(): void {
  consoleWaitIdle();
  log('phantom: restarts');
  logFlush();
  outb(KEYBOARD_COMMAND, PULSE_RESET);
  stop(EXIT_RESTART);
}
