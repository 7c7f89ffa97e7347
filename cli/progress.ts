/** How far something is: a bar at the foot of a terminal, nothing in a pipe or a file; what is said stands above it. */
import { MultiBar, type SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.js';

/** What the words of the bar's format in braces stand for. */
export type Figures = Readonly<Record<string, string>>;

const REDRAWS_A_SECOND = 4;

export class Progress {
  private readonly bars: MultiBar | undefined;
  private readonly bar: SingleBar | undefined;

  /** `format`: of cli-progress; `total`: what `update` counts up to. */
  constructor(
    private readonly terminal: Terminal,
    format: string,
    total: number,
    figures: Figures,
  ) {
    if (!process.stderr.isTTY) return;
    this.bars = new MultiBar({
      stream: process.stderr,
      format,
      clearOnComplete: true,
      hideCursor: null,
      noTTYOutput: false,
      // Where a line was said there is no bar any more, though it has not changed.
      forceRedraw: true,
      fps: REDRAWS_A_SECOND,
    });
    this.bar = this.bars.create(total, 0, figures);
  }

  update(done: number, figures: Figures): void {
    this.bar?.update(done, figures);
  }

  say(line: string): void {
    if (this.bars === undefined) this.terminal.say(line);
    else this.bars.log(`${line}\n`);
  }

  stop(): void {
    this.bars?.stop();
  }
}
