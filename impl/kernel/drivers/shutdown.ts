/**
 * The orderly end: when all that was printed and logged has left, the machine is told to stop; a real PC stays halted.
 */

import { consolePosition, consoleWaitDrained } from './console';
import { log, logFlush } from '../arch/log';
import { cli, hlt } from '../arch/hw';
import { exitMachine } from '../arch/exit';

/** `status`: EXIT_DONE or EXIT_THREAD_FAILED. From a kernel thread. */
export function shutdown(status: u32): void {
  consoleWaitDrained(consolePosition());
  log('phantom: stopped; it is safe to switch the power off');
  logFlush();
  exitMachine(status);
  for (;;) {
    cli();
    hlt();
  }
}
