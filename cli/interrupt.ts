/**
 * What ends a verb in order: Ctrl-C, `kill`, and the terminal that is closed.
 *
 * The rule: the first asks, and who works ends in order when it next looks; the next ends the process at once, as somebody whose wish was not heard
 * wants it.
 */
import { EXIT_STOPPED } from './exit-codes.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** npm passes on a signal that the terminal has sent to its whole group: what comes so soon is the same Ctrl-C. */
const SAME_INTERRUPT_MS = 1000;

export class Interrupt {
  private askedAt: number | undefined;

  /** Listens to signals until `close`. `atExit` puts in order what a process leaves behind that ends at once. */
  constructor(private readonly atExit: () => void = () => {}) {
    for (const signal of SIGNALS) process.on(signal, this.ask);
  }

  /** Whether somebody wants it to end. */
  get isAsked(): boolean {
    return this.askedAt !== undefined;
  }

  /** What a signal does; a key may do the same. */
  readonly ask = (): void => {
    const now = performance.now();
    if (this.askedAt !== undefined && now - this.askedAt > SAME_INTERRUPT_MS) {
      this.atExit();
      process.exit(EXIT_STOPPED);
    }
    this.askedAt ??= now;
  };

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.ask);
  }
}
