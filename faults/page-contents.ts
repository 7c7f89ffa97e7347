/**
 * What the pages of a finding hold and must hold, byte by byte.
 *
 * The rule: the evidence of a run is hashes, of every page in every generation. Of a run that is gone through once more only the contents that have
 * one of the hashes wanted are kept, wherever they turn up: in a frame at a demarcation or as a page comes and goes, or on the disk that is
 * recovered from. So what is shown is what was judged, and nothing needs to be kept in case it matters.
 */
import { type BlockSource, findGeneration, readDisk, readPage } from '../model/disk-reader.js';
import type { PageDifference } from '../reports/campaign.js';
import { PAGE_BYTES, pageHashText, pageWords } from './page-hash.js';

/** Pages whose content is looked for, and lines shown of each. */
const PAGES_MAX = 8;
const LINES_MAX = 16;
const LINE_BYTES = 16;

export class PageContents {
  private readonly wanted = new Set<string>();
  private readonly known = new Map<string, Uint8Array>();
  private readonly pages: readonly number[];

  constructor(differences: readonly PageDifference[]) {
    // Without a content on one side there is nothing to compare.
    const both = differences.filter(({ expected, found }) => expected !== null && found !== null).slice(0, PAGES_MAX);
    this.pages = both.map(({ page }) => page);
    for (const { expected, found } of both)
      for (const hash of [expected, found]) if (hash !== null) this.wanted.add(hash);
    // A page that was never written is nowhere seen.
    const zeros = new Uint8Array(PAGE_BYTES);
    this.take(pageHashText(pageWords(zeros)), zeros);
  }

  get isWanted(): boolean {
    return this.wanted.size > 0;
  }

  /** Keeps a copy of the page's bytes if it is one of those wanted. */
  take(hash: string, bytes: Uint8Array): void {
    if (this.wanted.has(hash) && !this.known.has(hash)) this.known.set(hash, bytes.slice());
  }

  /** The pages as a generation on the disk has them. */
  takeFromDisk(source: BlockSource, generation: number): void {
    const found = findGeneration(source, readDisk(source), generation);
    if (found === undefined) return;
    for (const page of this.pages) {
      const bytes = readPage(source, found, page);
      if (bytes !== undefined) this.take(pageHashText(pageWords(bytes)), bytes);
    }
  }

  /** The difference, with the bytes where both contents were seen. */
  compare(difference: PageDifference): PageDifference {
    const [expected, found] = [difference.expected, difference.found].map((hash) => this.known.get(hash ?? ''));
    if (expected === undefined || found === undefined) return difference;
    let bytes = 0;
    const offsets = new Set<number>();
    for (let i = 0; i < PAGE_BYTES; i++) {
      if (expected[i] === found[i]) continue;
      bytes++;
      offsets.add(i - (i % LINE_BYTES));
    }
    const hex = (page: Uint8Array, offset: number): string =>
      Buffer.from(page.subarray(offset, offset + LINE_BYTES)).toString('hex');
    const lines = [...offsets]
      .slice(0, LINES_MAX)
      .map((offset) => ({ offset, expected: hex(expected, offset), found: hex(found, offset) }));
    return { ...difference, content: { bytes, lines } };
  }
}
