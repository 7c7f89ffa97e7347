/**
 * What the world saw of the programs' output, and whether it may go on as it does after a power cut (P19).
 *
 * The kernel keeps a console position: bytes printed since the system was created. Recovering a generation takes the
 * output back to that generation's position, so the bytes between it and the cut come again. The output as a whole is right
 * when nothing between is missing (the world saw at least as many bytes as the recovered position) and what comes again
 * is what had come before.
 *
 * "What had come before" is judged by lines, for programs with several threads interleave differently the second time:
 * lines are sorted into kinds by their text with each run of digits replaced by `#`, and each kind's sequence of lines,
 * counted from the system's creation, must be the same in every life of the system as far as two lives both go. What is
 * typed may change everything that comes after it, and what was typed and not captured is lost with the power: once there was
 * input, nothing of what earlier lives printed after it is expected again. A program whose output depends on anything else but
 * its own state (the time of day) is outside this oracle.
 *
 * That is the policy *at least once*. Under the policy `held`, at most once, a byte comes only when a generation that contains it
 * is committed, and never again; a power cut may lose bytes that were free to leave and had not left, of one generation only: a
 * commit waits until all that the one before it set free has left.
 */
const NEWLINE = 10;

/** Output that can never come again is forgotten in pieces of this many bytes. */
const FORGET_BYTES = 1 << 20;

/** `held`: at most once; without it, at least once. */
export type ConsolePolicy = 'held' | undefined;

interface Line {
  /** Position after its newline, counted from `base`. */
  end: number;
  readonly kind: string;
}

export class ConsoleOracle {
  /** Bytes from `base` on; those from `end` to `known` were seen in an earlier life only. */
  private bytes = new Uint8Array(4096);
  private known = 0;
  private end = 0;
  private base = 0;
  /** The first line after an unknown beginning is not judged. */
  private unknownStart = false;
  private lineStart = 0;
  /** Finished lines of this life, in order. */
  private lines: Line[] = [];
  private readonly counts = new Map<string, number>();
  /** The longest known sequence of each kind, over all lives. */
  private readonly sequences = new Map<string, string[]>();
  private readonly problems: string[] = [];
  private judged = 0;
  /** Something was typed since the output was last taken back. */
  private influenced = false;
  /** Lines that came again, and lines that no life had printed before. */
  repeated = 0;
  fresh = 0;
  /** False once a life printed the same lines in another order. */
  exact = true;
  /** Of held output: up to where it may leave, and up to where that went before the newest commit. */
  private freed = 0;
  private freedBefore = 0;

  constructor(readonly policy?: ConsolePolicy) {}

  /** Bytes the world has seen of this life, counted from the system's creation. */
  get position(): number {
    return this.base + this.end;
  }

  fork(): ConsoleOracle {
    const copy = new ConsoleOracle(this.policy);
    copy.bytes = this.bytes.slice();
    copy.known = this.known;
    copy.end = this.end;
    copy.base = this.base;
    copy.unknownStart = this.unknownStart;
    copy.lineStart = this.lineStart;
    copy.lines = this.lines.map((line) => ({ ...line }));
    for (const [kind, count] of this.counts) copy.counts.set(kind, count);
    for (const [kind, texts] of this.sequences) copy.sequences.set(kind, texts.slice());
    copy.problems.push(...this.problems);
    copy.judged = this.judged;
    copy.influenced = this.influenced;
    copy.repeated = this.repeated;
    copy.fresh = this.fresh;
    copy.exact = this.exact;
    copy.freed = this.freed;
    copy.freedBefore = this.freedBefore;
    return copy;
  }

  /** One byte left the console port. */
  byte(value: number): void {
    if (this.policy === 'held' && this.position === this.freed) {
      this.problems.push(`byte ${this.freed} of the output left before a generation that contains it was committed`);
    }
    if (this.end < this.known && this.bytes[this.end] !== value) {
      this.exact = false;
      this.known = this.end;
    }
    if (this.end === this.bytes.length) {
      const larger = new Uint8Array(this.bytes.length * 2);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes[this.end++] = value;
    if (this.end > this.known) this.known = this.end;
    if (value === NEWLINE) this.finishLine();
  }

  /** A system that lived before this bed saw it comes up at this position; what it printed until then is not known. */
  begin(position: number): void {
    this.base = position;
    this.known = 0;
    this.end = 0;
    this.lineStart = 0;
    this.lines = [];
    this.counts.clear();
    this.sequences.clear();
    this.unknownStart = position > 0;
    this.freed = position;
    this.freedBefore = position;
  }

  /** A generation with this console position is announced as committed. */
  committed(generation: number, position: number): void {
    const due = this.policy === 'held' ? this.freed : position;
    if (this.position < due) {
      const missing = due - this.position;
      const whose = this.policy === 'held' ? 'what the generation before it set free' : 'its output';
      this.problems.push(`generation ${generation} was committed with ${missing} bytes of ${whose} still unseen`);
    }
    this.freedBefore = this.freed;
    this.freed = position;
    this.forget(position);
  }

  /** Something is typed: from here on the program may go another way than in the lives before. */
  typed(): void {
    this.influenced = true;
    this.forgetFuture();
  }

  /** The system came up again with this console position: the output goes on from there. */
  recovered(position: number): void {
    if (this.policy === 'held') {
      this.recoveredHeld(position);
      return;
    }
    if (position >= this.base && position <= this.position) {
      this.end = position - this.base;
      while (this.lastLineEnd() > this.end) this.forgetLastLine();
      this.lineStart = this.lastLineEnd();
      if (this.influenced) this.forgetFuture();
      this.influenced = false;
      return;
    }
    this.problems.push(
      position > this.position
        ? `the system came up at console position ${position}, but the world saw ${this.position} bytes: ` +
            `${position - this.position} bytes are missing`
        : `the system came up at console position ${position}, before ${this.base}, from where its output is known`,
    );
    this.begin(position);
  }

  private recoveredHeld(position: number): void {
    const seen = this.position;
    // A commit that was not announced any more had waited for all that the announced one set free.
    const due = position > this.freed ? this.freed : this.freedBefore;
    if (position < seen) {
      this.problems.push(`the system came up at console position ${position}: ${seen - position} bytes come again`);
    } else if (seen < due) {
      this.problems.push(
        `the system came up at console position ${position} and the world saw ${seen} bytes: ${due - seen} bytes that ` +
          'a commit had waited for are missing',
      );
    }
    if (position !== seen) this.begin(position);
    this.freed = position;
    this.freedBefore = position;
    this.influenced = false;
  }

  /** The system will not come up before this position again: what was printed until then need not be kept. */
  private forget(position: number): void {
    let count = 0;
    while (count < this.lines.length && this.lines[count].end <= position - this.base) count++;
    if (count === 0) return;
    const dropped = this.lines[count - 1].end;
    if (dropped < FORGET_BYTES) return;
    const kinds = new Map<string, number>();
    for (const { kind } of this.lines.splice(0, count)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    for (const [kind, times] of kinds) {
      this.sequences.get(kind)?.splice(0, times);
      this.counts.set(kind, (this.counts.get(kind) ?? times) - times);
    }
    for (const line of this.lines) line.end -= dropped;
    this.bytes.copyWithin(0, dropped, this.known);
    this.known -= dropped;
    this.end -= dropped;
    this.lineStart -= dropped;
    this.base += dropped;
    this.unknownStart = false;
  }

  /** Takes the number of whole lines seen since the last call. */
  takeJudged(): number {
    const { judged } = this;
    this.judged = 0;
    return judged;
  }

  takeProblems(): string[] {
    return this.problems.splice(0);
  }

  private finishLine(): void {
    const start = this.lineStart;
    this.lineStart = this.end;
    const text = decodeConsole(this.bytes.subarray(start, this.end - 1));
    const kind = this.unknownStart && start === 0 ? '' : lineKind(text);
    this.lines.push({ end: this.end, kind });
    if (kind === '') return;
    this.judged++;
    const index = this.counts.get(kind) ?? 0;
    this.counts.set(kind, index + 1);
    let sequence = this.sequences.get(kind);
    if (sequence === undefined) {
      sequence = [];
      this.sequences.set(kind, sequence);
    }
    if (index === sequence.length) {
      sequence.push(text);
      this.fresh++;
      return;
    }
    this.repeated++;
    if (sequence[index] === text) return;
    this.problems.push(`expected the line "${sequence[index]}" again, found "${text}"`);
    sequence.splice(index, sequence.length - index, text);
  }

  private forgetFuture(): void {
    this.known = this.end;
    for (const [kind, texts] of this.sequences) texts.length = Math.min(texts.length, this.counts.get(kind) ?? 0);
  }

  private lastLineEnd(): number {
    return this.lines.length === 0 ? 0 : this.lines[this.lines.length - 1].end;
  }

  private forgetLastLine(): void {
    const line = this.lines.pop();
    if (line === undefined || line.kind === '') return;
    this.counts.set(line.kind, (this.counts.get(line.kind) ?? 1) - 1);
  }
}

/** Console bytes as text: UTF-8, or Latin-1 where they are not. */
export function decodeConsole(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString('latin1');
  }
}

/** The kind of a line: its text, digits apart. */
export function lineKind(text: string): string {
  return text.replace(/[0-9]+/g, '#');
}
