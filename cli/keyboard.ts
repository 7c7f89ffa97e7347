/**
 * The terminal as the machine's keyboard: what is typed goes to the program, but for Ctrl-C, which stops the run, and Ctrl-P, which pulls
 * the plug.
 *
 * The rule: the terminal is left as it was found, whatever ends the run.
 */
import type { Operator } from '../faults/index.js';
import { INPUT_BYTES_MAX } from '../reports/index.js';

const CTRL_C = 0x03;
const CTRL_P = 0x10;
const CARRIAGE_RETURN = 0x0d;
const NEWLINE = 0x0a;

type KeyboardStream = Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;

export class Keyboard implements Operator {
  private waiting: number[] = [];
  private pulled = false;
  private readonly listen = (data: Uint8Array): void => this.take(data);

  /** `interrupt` is called for each Ctrl-C. */
  constructor(
    private readonly stream: KeyboardStream,
    private readonly interrupt: () => void,
  ) {
    stream.setRawMode(true);
    stream.on('data', this.listen);
    stream.resume();
  }

  typed(): readonly number[] {
    return this.waiting.splice(0, INPUT_BYTES_MAX);
  }

  plugPulled(): boolean {
    const { pulled } = this;
    this.pulled = false;
    return pulled;
  }

  close(): void {
    this.stream.off('data', this.listen);
    this.stream.setRawMode(false);
    this.stream.pause();
  }

  private take(data: Uint8Array): void {
    for (const byte of data) {
      if (byte === CTRL_C) this.interrupt();
      else if (byte === CTRL_P) this.pulled = true;
      // As a terminal in its usual mode does with the Enter key.
      else this.waiting.push(byte === CARRIAGE_RETURN ? NEWLINE : byte);
    }
  }
}
