/**
 * The digest of persistent memory, taken from outside the kernel.
 *
 * The bed keeps a hash per persistent page. A page's content can change only by a write through its persistent address,
 * and the MMU reports the first such write after each demarcation (`onMap` with `write`), so only written pages are hashed:
 *  - at a demarcation, the frames of the pages written since the last one;
 *  - at an INVLPG of a written page, its frame, since the page may be leaving RAM.
 * A page that comes back, or turns up in another frame, must have the content it was recorded with.
 *
 * The rule that makes recovery's verdict sound: after `recovered`, the table of the generation the kernel claims is the
 * only truth, and each page is compared with it when it is first mapped, before the write that maps it.
 *
 * Rules for the kernel that follow (ARCHITECTURE, C6): INVLPG comes before a frame is used for anything else, and no
 * persistent page is written before *recovered* when there was something to recover.
 */
import { PageHashes, pageHashText, pageWords } from './page-hash.js';

/** A persistent page whose content is not what it must be. */
export interface PageProblem {
  readonly page: number;
  readonly message: string;
  /** Hashes of what it must hold and of what it holds; null: that is not what is wrong. */
  readonly expected: string | null;
  readonly found: string | null;
}

/** What the watch needs of the machine: the 4096 bytes of a physical page, without side effects; read at once. */
export type FrameReader = (physicalPage: number) => Uint8Array;

const NO_FRAME = -1;

export class PersistentWatch {
  private hashes: PageHashes;
  private readonly frame: Int32Array;
  private readonly isWritten: Uint8Array;
  private written: number[] = [];
  /** Pages mapped before the kernel said what it recovered, with the hash they had then. */
  private early: Map<number, string> | undefined = new Map();
  private readonly problems: PageProblem[] = [];
  private compared = 0;

  constructor(
    /** Linear page number of the first persistent page. */
    readonly firstPage: number,
    readonly pages: number,
    private readonly readFrame: FrameReader,
  ) {
    this.hashes = PageHashes.zero(pages);
    this.frame = new Int32Array(pages).fill(NO_FRAME);
    this.isWritten = new Uint8Array(pages);
  }

  /** An independent watch in the same state, over another machine. */
  fork(readFrame: FrameReader): PersistentWatch {
    const copy = new PersistentWatch(this.firstPage, this.pages, readFrame);
    copy.hashes = this.hashes.copy();
    copy.frame.set(this.frame);
    copy.isWritten.set(this.isWritten);
    copy.written = this.written.slice();
    copy.early = this.early === undefined ? undefined : new Map(this.early);
    copy.problems.push(...this.problems);
    copy.compared = this.compared;
    return copy;
  }

  onMap(linearPage: number, physicalPage: number, write: boolean): void {
    const page = linearPage - this.firstPage;
    if (this.frame[page] !== physicalPage) {
      if (this.isWritten[page] !== 0) this.hashes.set(page, this.content(this.frame[page]));
      const content = this.content(physicalPage);
      if (this.early === undefined) this.compare(page, content);
      else this.rememberEarly(page, content);
      this.frame[page] = physicalPage;
    }
    if (write && this.isWritten[page] === 0) {
      this.isWritten[page] = 1;
      this.written.push(page);
    }
  }

  onInvalidate(linearPage: number): void {
    const page = linearPage - this.firstPage;
    if (this.isWritten[page] !== 0) {
      this.hashes.set(page, this.content(this.frame[page]));
      this.isWritten[page] = 0;
    }
    this.frame[page] = NO_FRAME;
  }

  /** Whether the page was written since the last demarcation and is mapped since. */
  knowsWritten(page: number): boolean {
    return this.isWritten[page] !== 0;
  }

  /** Whether no page was written since the last demarcation. */
  get unwritten(): boolean {
    return this.written.length === 0;
  }

  /** Pages that are mapped, or hold more than zeros. */
  get inUse(): number {
    const used = new Set(this.hashes.differences(PageHashes.zero(this.pages)));
    for (const [page, frame] of this.frame.entries()) if (frame !== NO_FRAME) used.add(page);
    return used.size;
  }

  /** Nothing to do: a page that comes back in another frame is noticed when it is mapped. */
  onFlush(): void {}

  /** The hashes of all pages at this instant. The caller re-arms the machine's write watch. */
  demarcate(): PageHashes {
    for (const page of this.written) {
      if (this.isWritten[page] === 0) continue;
      this.hashes.set(page, this.content(this.frame[page]));
      this.isWritten[page] = 0;
    }
    this.written = [];
    return this.hashes.copy();
  }

  /** From here on the memory must be what `table` says. Pages seen before are judged now. Undefined: nothing was recovered. */
  recovered(table: PageHashes | undefined): void {
    const early = this.early;
    if (early === undefined) throw new Error('persistent watch: recovered twice in one boot');
    this.early = undefined;
    const expected = table?.copy() ?? PageHashes.zero(this.pages);
    for (const [page, first] of early) {
      this.compared++;
      if (first !== expected.text(page)) this.report(page, expected.text(page), first);
    }
    if (table === undefined) {
      for (const page of early.keys()) expected.take(page, this.hashes);
    } else {
      for (const page of this.written) {
        const message = `persistent page ${page} was written before recovery was announced`;
        this.problems.push({ page, message, expected: null, found: null });
      }
    }
    this.hashes = expected;
  }

  /** Takes the number of pages compared with their recorded hash since the last call. */
  takeCompared(): number {
    const { compared } = this;
    this.compared = 0;
    return compared;
  }

  /** Takes the problems found since the last call. */
  takeProblems(): PageProblem[] {
    return this.problems.splice(0);
  }

  private content(physicalPage: number): Int32Array {
    return pageWords(this.readFrame(physicalPage));
  }

  private compare(page: number, content: Int32Array): void {
    this.compared++;
    if (this.hashes.matches(page, content)) return;
    this.report(page, this.hashes.text(page), pageHashText(content));
    this.hashes.set(page, content);
  }

  private rememberEarly(page: number, content: Int32Array): void {
    if (this.early?.has(page)) {
      this.compare(page, content);
      return;
    }
    this.hashes.set(page, content);
    this.early?.set(page, this.hashes.text(page));
  }

  private report(page: number, expected: string, found: string): void {
    const message = `persistent page ${page}: expected content ${expected}, found ${found}`;
    this.problems.push({ page, message, expected, found });
  }
}
