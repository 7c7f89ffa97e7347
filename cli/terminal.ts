/**
 * Where words go: the program's own output to stdout, the bed's words to stderr, a progress line only where somebody looks.
 *
 * Program output is written line by line, or, `unbuffered`, byte by byte before the machine runs on: with --disk a snapshot that
 * counts a byte as printed must not become durable before the byte is.
 */
import { grouped } from '../reports/facts.js';
import { throwStreamFailure, writeTo } from './streams.js';

const NEWLINE = 10;

export class Terminal {
  private readonly progressShown = process.stderr.isTTY === true;
  private readonly sameScreen = process.stdout.isTTY === true && process.stderr.isTTY === true;
  private progressLength = 0;
  /** Of the program's current line. */
  private pending: number[] = [];
  private readonly underWay = new Set<Promise<void>>();
  /** The last program byte written was no newline. */
  private midLine = false;

  constructor(private readonly program: 'hidden' | 'by line' | 'unbuffered') {}

  /** A byte of the program's output. */
  programByte(byte: number): void {
    if (this.program === 'hidden') return;
    this.pending.push(byte);
    if (byte === NEWLINE || this.program === 'unbuffered') this.writePending();
  }

  /** A line of the bed's. */
  say(line: string): void {
    this.writePending();
    this.clearProgress();
    this.write(process.stderr, `${this.midLine && this.sameScreen ? '\n' : ''}${line}\n`);
    this.midLine = false;
  }

  /** `text` to stdout: the one object of --json. */
  output(text: string): void {
    this.write(process.stdout, text);
  }

  progress(boot: number, cycle: number): void {
    if (!this.progressShown || this.midLine) return;
    const text = `boot ${boot}, cycle ${grouped(cycle)}`;
    this.write(process.stderr, `\r${text.padEnd(this.progressLength)}`);
    this.progressLength = text.length;
  }

  /** Writes a line begun too; resolves when the readers have taken everything. Throws UserError when they could not. */
  async flush(): Promise<void> {
    this.writePending();
    await Promise.all(this.underWay);
    throwStreamFailure();
  }

  private writePending(): void {
    if (this.pending.length === 0) return;
    this.clearProgress();
    this.midLine = this.pending[this.pending.length - 1] !== NEWLINE;
    this.write(process.stdout, Uint8Array.from(this.pending));
    this.pending = [];
  }

  private clearProgress(): void {
    if (this.progressLength === 0) return;
    this.write(process.stderr, `\r${' '.repeat(this.progressLength)}\r`);
    this.progressLength = 0;
  }

  private write(stream: NodeJS.WriteStream, data: string | Uint8Array): void {
    const written = writeTo(stream, data);
    this.underWay.add(written);
    written.then(() => this.underWay.delete(written));
  }
}
