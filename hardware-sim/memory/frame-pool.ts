/**
 * Host frames of 4 KiB that hold guest memory, shared by every machine of the process that was forked from the same one.
 *
 * Invariants:
 *  - frame 0 is all zeros, is never written and never freed: untouched RAM costs nothing;
 *  - a frame with more than one reference is never written; its owner copies it first (`PhysicalMemory.writableFrame`);
 *  - `code[frame]`, what an execution engine derived from the frame's bytes, is valid as long as the bytes are: whoever writes
 *    a frame calls `code[frame].onWrite` first.
 * Growing replaces the typed arrays; users read them again after anything that may allocate (`generation` tells).
 */

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 4096;
export const PAGE_MASK = 0xfff;

/** Data an execution engine keeps beside a frame. */
export interface CodeAttachment {
  /** Bytes [offset, offset + length) of the frame are about to change. Returns true when the attachment is void from now on. */
  onWrite(offset: number, length: number): boolean;
}

/** Frames at start: 1 MiB; doubled when full. */
const INITIAL_FRAMES = 256;
/** 2 GiB less one frame: byte offsets stay below 2^31, so that they are small integers to the host's compiler. */
const FRAMES_MAX = (1 << 19) - 1;

export class FramePool {
  bytes: Uint8Array;
  halves: Uint16Array;
  words: Int32Array;
  /** Rises when the arrays above are replaced. */
  generation = 0;
  readonly code: (CodeAttachment | undefined)[] = [];
  private references: Uint32Array;
  private readonly free: number[] = [];
  private used = 1;

  constructor() {
    const buffer = new ArrayBuffer(INITIAL_FRAMES * PAGE_SIZE);
    this.bytes = new Uint8Array(buffer);
    this.halves = new Uint16Array(buffer);
    this.words = new Int32Array(buffer);
    this.references = new Uint32Array(INITIAL_FRAMES);
    this.references[0] = 1;
    this.code[0] = undefined;
  }

  /** Frames in use, the zero frame not counted. */
  get framesUsed(): number {
    return this.used - 1 - this.free.length;
  }

  /** A frame with one reference whose content is undefined. */
  allocate(): number {
    let frame = this.free.pop();
    if (frame === undefined) {
      if (this.used === this.references.length) this.grow();
      frame = this.used++;
      this.code[frame] = undefined;
    }
    this.references[frame] = 1;
    return frame;
  }

  retain(frame: number): void {
    if (frame !== 0) this.references[frame]++;
  }

  release(frame: number): void {
    if (frame === 0) return;
    if (this.references[frame] === 0) throw new Error(`frame pool: frame ${frame} released more often than retained`);
    if (--this.references[frame] === 0) {
      this.code[frame]?.onWrite(0, PAGE_SIZE);
      this.code[frame] = undefined;
      this.free.push(frame);
    }
  }

  isShared(frame: number): boolean {
    return frame === 0 || this.references[frame] > 1;
  }

  private grow(): void {
    const frames = Math.min(this.references.length * 2, FRAMES_MAX);
    if (frames === this.references.length) {
      throw new Error(
        `frame pool: ${frames} frames (2 GiB) of guest memory are in use; dispose of machines no longer needed`,
      );
    }
    const bytes = new Uint8Array(frames * PAGE_SIZE);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.halves = new Uint16Array(bytes.buffer);
    this.words = new Int32Array(bytes.buffer);
    const references = new Uint32Array(frames);
    references.set(this.references);
    this.references = references;
    this.generation++;
  }
}
