/**
 * Where words go: the program's own output to stdout, the bed's words to stderr, a progress line only where somebody looks.
 *
 * What is said while the machine runs is queued and written in order between slices. A reader that goes away
 * (`phantom run | head`) ends the output, not the run.
 */
import { grouped } from '../reports/facts.js';

/** Program bytes, or a line of the bed's. */
type Piece = number[] | string;

const NEWLINE = 10;

export class Terminal {
  private readonly progressShown = process.stderr.isTTY === true;
  private progressLength = 0;
  private queue: Piece[] = [];
  private readonly closed = new Set<NodeJS.WriteStream>();
  /** The last program byte written was no newline. */
  private midLine = false;

  /** `programOutput`: whether the program's output is shown at all. */
  constructor(private readonly programOutput: boolean) {
    for (const stream of [process.stdout, process.stderr]) {
      stream.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EPIPE') throw error;
        this.closed.add(stream);
      });
    }
  }

  /** A byte of the program's output. */
  programByte(byte: number): void {
    if (!this.programOutput) return;
    const last = this.queue[this.queue.length - 1];
    if (typeof last === 'object') last.push(byte);
    else this.queue.push([byte]);
  }

  /** A line of the bed's. */
  say(line: string): void {
    this.queue.push(line);
  }

  /** Writes what was said; resolves when the readers have taken it. */
  async flush(): Promise<void> {
    if (this.queue.length === 0) return;
    const pieces = this.queue;
    this.queue = [];
    this.clearProgress();
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        const sameScreen = process.stdout.isTTY === true && process.stderr.isTTY === true;
        await this.write(process.stderr, `${this.midLine && sameScreen ? '\n' : ''}${piece}\n`);
        this.midLine = false;
      } else {
        await this.write(process.stdout, Uint8Array.from(piece));
        this.midLine = piece[piece.length - 1] !== NEWLINE;
      }
    }
  }

  /** Writes `text` to stdout: the one object of --json. */
  async output(text: string): Promise<void> {
    await this.write(process.stdout, text);
  }

  progress(boot: number, cycle: number): void {
    if (!this.progressShown || this.midLine) return;
    const text = `boot ${boot}, cycle ${grouped(cycle)}`;
    process.stderr.write(`\r${text.padEnd(this.progressLength)}`);
    this.progressLength = text.length;
  }

  private clearProgress(): void {
    if (this.progressLength === 0) return;
    process.stderr.write(`\r${' '.repeat(this.progressLength)}\r`);
    this.progressLength = 0;
  }

  private write(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
    if (this.closed.has(stream)) return Promise.resolve();
    return new Promise((resolve) => {
      stream.write(data, () => resolve());
    });
  }
}
