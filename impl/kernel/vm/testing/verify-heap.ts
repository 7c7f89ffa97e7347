/**
 * Walks persistent memory from outside and says what is wrong with it. Written from the layout's description
 * (`objects/layout.ts`), sharing no code with the kernel.
 */

const BASE = 0x80000000;
const WIRED_BYTES = 16 * 4096;
const HEADER = 16;
const KIND_CLASS = 1;
const KIND_PAGE = 8;
const USER = 64;

interface Heap {
  readonly word: (address: number) => number;
  readonly starts: ReadonlySet<number>;
}

function isReference({ word: _word, starts }: Heap, value: number): boolean {
  return value === 0 || (value & 1) === 1 || starts.has(value);
}

/** Problems found, none when the heap is sound. */
export function verifyHeap(memory: Uint8Array): string[] {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  const word = (address: number): number => view.getUint32(address, true);
  const problems: string[] = [];
  const next = word(BASE + 16);
  const starts = new Set<number>();
  for (let at = BASE + WIRED_BYTES; at < next; ) {
    starts.add(at);
    at += (HEADER + (word(at + 4) & 0x0fffffff) + 7) & ~7;
    at >>>= 0;
    if (at > next) problems.push(`object at ${(at >>> 0).toString(16)} goes beyond the heap`);
  }
  const heap = { word, starts };
  const classOfClasses = word(BASE + 0x100 + 4 * KIND_CLASS);
  for (const object of starts) {
    const cls = word(object);
    if (!starts.has(cls) || word(cls) !== classOfClasses) {
      problems.push(`object ${object.toString(16)} has no class`);
      continue;
    }
    const kind = word(cls + 16);
    const size = word(object + 4) & 0x0fffffff;
    if (kind !== USER && kind !== KIND_PAGE) continue;
    for (let at = object + HEADER; at < object + HEADER + size; at += 4) {
      if (!isReference(heap, word(at))) {
        problems.push(`slot ${at.toString(16)} of ${object.toString(16)} holds ${word(at).toString(16)}`);
      }
    }
  }
  for (let record = BASE + 4096; record < BASE + 4096 + 128 * 128; record += 128) {
    if (word(record) !== 1) continue;
    const base = word(record + 52) + HEADER;
    for (let cell = base; cell < word(record + 8); cell += 4) {
      if (!isReference(heap, word(cell)))
        problems.push(`stack cell ${cell.toString(16)} holds ${word(cell).toString(16)}`);
    }
  }
  return problems;
}
