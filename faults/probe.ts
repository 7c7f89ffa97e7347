/**
 * The kernel's announcements (ARCHITECTURE.md, C4): the value written to the probe port is the physical address of a
 * record of four little-endian words, `kind, a, b, c`.
 */
export type Probe =
  | { readonly kind: 'booted'; readonly base: number; readonly pages: number; readonly wired: number }
  | {
      readonly kind: 'recovered';
      readonly generation: number;
      readonly consolePosition: number;
      readonly blocksRead: number;
    }
  | {
      readonly kind: 'demarcation';
      readonly generation: number;
      readonly consolePosition: number;
      readonly dirtied: number;
    }
  | { readonly kind: 'commit'; readonly generation: number }
  | { readonly kind: 'abandoned'; readonly generation: number; readonly reason: number }
  | { readonly kind: 'finished'; readonly failedThreads: number }
  | { readonly kind: 'panic'; readonly message: string }
  | {
      readonly kind: 'passed-over';
      readonly generation: number;
      /** The newest generation on the disk. */
      readonly newest: number;
      readonly why: 'asked' | 'panics';
    }
  | { readonly kind: 'invariant'; readonly answer: InvariantAnswer; readonly message: string }
  | { readonly kind: 'collection'; readonly step: CollectionStep; readonly b: number; readonly c: number };

/** How far a garbage collection is, in the order of the kernel's numbers from 1 on. */
export const COLLECTION_STEPS = ['stop', 'frozen', 'decided', 'over', 'given up'] as const;
export type CollectionStep = (typeof COLLECTION_STEPS)[number];

/** What came of asking a program for its invariant, in the order of the kernel's numbers. */
export const INVARIANT_ANSWERS = [
  'holds',
  'broken',
  'failed',
  'no string',
  'no object',
  'no method',
  'no thread',
] as const;
export type InvariantAnswer = (typeof INVARIANT_ANSWERS)[number];

/** The kernel announced what C4 does not allow. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
}

export type ReadPhysical = (address: number, bytes: number) => Uint8Array;

const RECORD_BYTES = 16;
const MESSAGE_MAX = 256;

/** Decodes the record at physical address `address`; throws ProbeError when it is none that C4 names. */
export function readProbe(address: number, read: ReadPhysical): Probe {
  const record = read(address, RECORD_BYTES);
  const view = new DataView(record.buffer, record.byteOffset, RECORD_BYTES);
  const [kind, a, b, c] = [0, 4, 8, 12].map((offset) => view.getUint32(offset, true));
  switch (kind) {
    case 1:
      return { kind: 'booted', base: a, pages: b, wired: c };
    case 2:
      return { kind: 'recovered', generation: a, consolePosition: b, blocksRead: c };
    case 3:
      return { kind: 'demarcation', generation: a, consolePosition: b, dirtied: c };
    case 4:
      return { kind: 'commit', generation: a };
    case 5:
      return { kind: 'abandoned', generation: a, reason: b };
    case 6:
      return { kind: 'finished', failedThreads: a };
    case 7:
      return { kind: 'panic', message: readMessage(a, read) };
    case 8:
      return readInvariant(a, b, read);
    case 9:
      return readPassedOver(a, b, c);
    case 10: {
      const step = COLLECTION_STEPS[a - 1];
      if (step === undefined) throw new ProbeError(`a collection announced step ${a}, expected 1 to 5`);
      return { kind: 'collection', step, b, c };
    }
    default:
      throw new ProbeError(`probe record at 0x${address.toString(16)}: kind ${kind}, expected 1 to 10`);
  }
}

function readPassedOver(generation: number, newest: number, why: number): Probe {
  if (why !== 1 && why !== 2) throw new ProbeError(`a generation was passed over for reason ${why}, expected 1 or 2`);
  return { kind: 'passed-over', generation, newest, why: why === 1 ? 'asked' : 'panics' };
}

function readInvariant(answer: number, message: number, read: ReadPhysical): Probe {
  const name = INVARIANT_ANSWERS[answer];
  if (name === undefined) throw new ProbeError(`an invariant was answered with ${answer}, expected 0 to 6`);
  return { kind: 'invariant', answer: name, message: message === 0 ? '' : readMessage(message, read) };
}

function readMessage(address: number, read: ReadPhysical): string {
  const bytes = read(address, MESSAGE_MAX);
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, end < 0 ? MESSAGE_MAX : end)).toString('latin1');
}
