/**
 * A 64-bit hash of one 4 KiB page, fast enough to be taken of every page written in every generation.
 *
 * Two 32-bit lanes; each step is a bijection of the lane for a given word and of the word for a given lane, so pages
 * that differ in one word differ in both lanes, whatever follows. It defends against errors, not against an adversary.
 * The multipliers are those of xxHash32 (Y. Collet).
 *
 * `PageHashes` keeps one hash a page: lane 0 and lane 1 of page p at words 2p and 2p + 1.
 */
import { createHash } from 'node:crypto';

export const PAGE_BYTES = 4096;
const PAGE_WORDS = PAGE_BYTES / 4;

/** The words of a page's bytes, without a copy where the bytes are aligned. */
export function pageWords(bytes: Uint8Array): Int32Array {
  if (bytes.length !== PAGE_BYTES) throw new RangeError(`a page is ${PAGE_BYTES} bytes, found ${bytes.length}`);
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, PAGE_WORDS);
}

const lanes = new Int32Array(2);

/** Hashes `words` (1024 of them) into `lanes`. */
function hashInto(words: Int32Array): void {
  let a = 0x165667b1;
  let b = 0x27d4eb2f;
  for (let i = 0; i < PAGE_WORDS; i++) {
    const word = words[i];
    a = Math.imul(a ^ word, 0x9e3779b1);
    a ^= a >>> 15;
    b = Math.imul((b + word) | 0, 0x85ebca77);
    b = (b << 13) | (b >>> 19);
  }
  lanes[0] = a;
  lanes[1] = b;
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0');
}

/** The hash of a page's content as text. */
export function pageHashText(content: Int32Array): string {
  hashInto(content);
  return hex(lanes[0]) + hex(lanes[1]);
}

/** The table of the memory of zeros that was asked for last. */
let zeros = new Int32Array(0);

export class PageHashes {
  private constructor(private readonly words: Int32Array) {}

  /** The hashes of `pages` pages of zeros. */
  static zero(pages: number): PageHashes {
    // Asked for at each boot of the same memory, thousands of times a minute.
    if (zeros.length !== pages * 2) {
      hashInto(new Int32Array(PAGE_WORDS));
      zeros = Int32Array.from({ length: pages * 2 }, (_, i) => lanes[i & 1]);
    }
    return new PageHashes(zeros.slice());
  }

  get pages(): number {
    return this.words.length / 2;
  }

  copy(): PageHashes {
    return new PageHashes(this.words.slice());
  }

  /** Records the hash of a page's content. */
  set(page: number, content: Int32Array): void {
    hashInto(content);
    this.words[page * 2] = lanes[0];
    this.words[page * 2 + 1] = lanes[1];
  }

  /** Takes over the hash of one page of another table. */
  take(page: number, from: PageHashes): void {
    this.words[page * 2] = from.words[page * 2];
    this.words[page * 2 + 1] = from.words[page * 2 + 1];
  }

  /** Whether `content` has the recorded hash. */
  matches(page: number, content: Int32Array): boolean {
    hashInto(content);
    return this.words[page * 2] === lanes[0] && this.words[page * 2 + 1] === lanes[1];
  }

  /** Pages whose hash is not that of `other`, ascending. */
  differences(other: PageHashes): number[] {
    const pages: number[] = [];
    for (let i = 0; i < this.words.length; i += 2) {
      if (this.words[i] !== other.words[i] || this.words[i + 1] !== other.words[i + 1]) pages.push(i / 2);
    }
    return pages;
  }

  /** The recorded hash of one page as text. */
  text(page: number): string {
    return hex(this.words[page * 2]) + hex(this.words[page * 2 + 1]);
  }

  /** One digest of all pages and of `label`, the same on any host. */
  digest(label: string): string {
    const bytes = new DataView(new ArrayBuffer(this.words.length * 4));
    for (let i = 0; i < this.words.length; i++) bytes.setInt32(i * 4, this.words[i], true);
    return createHash('sha256').update(label).update('\0').update(new Uint8Array(bytes.buffer)).digest('hex');
  }
}
