/**
 * Guest RAM: a map from physical page to host frame, copy-on-write.
 *
 * Policy for addresses outside RAM: reads return all ones, writes are dropped (no device here is memory mapped). Accesses may be misaligned and may
 * cross pages. Every write, the CPU's and a device's, first makes the frame private and voids code decoded from the bytes
 * written, so self-modifying code and DMA into code work.
 */
import { createHash } from 'node:crypto';
import { FramePool, PAGE_MASK, PAGE_SHIFT, PAGE_SIZE } from './frame-pool.js';

/** What a cache of host addresses (the CPU's TLB) must hear about. */
export interface MappingListener {
  /** The physical page is now held by another frame. */
  onFrameChanged(physicalPage: number): void;
  /** All frames became shared: nothing may be written without asking again. */
  onShared(): void;
}

export class PhysicalMemory {
  readonly pool: FramePool;
  /** Bytes of RAM, a multiple of 4096. */
  readonly size: number;
  /** Frame of each physical page. */
  readonly frames: Int32Array;
  private listener: MappingListener | undefined;
  private disposed = false;

  constructor(size: number, pool: FramePool = new FramePool(), frames?: Int32Array) {
    if (!Number.isInteger(size) || size <= 0 || size % PAGE_SIZE !== 0 || size > 0x80000000) {
      throw new Error(`physical memory: ${size} bytes of RAM; expected a multiple of 4096 up to 2 GiB`);
    }
    this.size = size;
    this.pool = pool;
    this.frames = frames ?? new Int32Array(size / PAGE_SIZE);
  }

  /** The one cache of host addresses over this memory. */
  setListener(listener: MappingListener): void {
    this.listener = listener;
  }

  /** Frame of a page for reading, or -1 outside RAM. */
  frameOf(physicalPage: number): number {
    return physicalPage < this.frames.length ? this.frames[physicalPage] : -1;
  }

  /** Frame of a page, made private for writing, or -1 outside RAM. The caller still voids decoded code. */
  writableFrame(physicalPage: number): number {
    if (physicalPage >= this.frames.length) return -1;
    const frame = this.frames[physicalPage];
    if (!this.pool.isShared(frame)) return frame;
    const copy = this.pool.allocate();
    this.pool.bytes.copyWithin(copy << PAGE_SHIFT, frame << PAGE_SHIFT, (frame + 1) << PAGE_SHIFT);
    this.pool.release(frame);
    this.frames[physicalPage] = copy;
    this.listener?.onFrameChanged(physicalPage);
    return copy;
  }

  read8(address: number): number {
    const page = address >>> PAGE_SHIFT;
    if (page >= this.frames.length) return 0xff;
    return this.pool.bytes[(this.frames[page] << PAGE_SHIFT) | (address & PAGE_MASK)];
  }

  read16(address: number): number {
    const page = address >>> PAGE_SHIFT;
    const offset = address & PAGE_MASK;
    if (offset === PAGE_MASK || page >= this.frames.length) {
      return this.read8(address) | (this.read8((address + 1) >>> 0) << 8);
    }
    const at = (this.frames[page] << PAGE_SHIFT) | offset;
    const { bytes } = this.pool;
    return bytes[at] | (bytes[at + 1] << 8);
  }

  /** Unsigned. */
  read32(address: number): number {
    const page = address >>> PAGE_SHIFT;
    if ((address & 3) === 0) {
      if (page >= this.frames.length) return 0xffffffff;
      return this.pool.words[((this.frames[page] << PAGE_SHIFT) | (address & PAGE_MASK)) >> 2] >>> 0;
    }
    return (this.read16(address) | (this.read16((address + 2) >>> 0) << 16)) >>> 0;
  }

  write8(address: number, value: number): void {
    const page = address >>> PAGE_SHIFT;
    const frame = this.writableFrame(page);
    if (frame < 0) return;
    const offset = address & PAGE_MASK;
    this.invalidateCode(frame, offset, 1);
    this.pool.bytes[(frame << PAGE_SHIFT) | offset] = value;
  }

  write16(address: number, value: number): void {
    if ((address & PAGE_MASK) === PAGE_MASK) {
      this.write8(address, value & 0xff);
      this.write8((address + 1) >>> 0, (value >>> 8) & 0xff);
    } else this.writeInPage(address, 2, value);
  }

  write32(address: number, value: number): void {
    if ((address & PAGE_MASK) > PAGE_SIZE - 4) {
      this.write16(address, value & 0xffff);
      this.write16((address + 2) >>> 0, value >>> 16);
    } else this.writeInPage(address, 4, value);
  }

  /** Writes the low `size` bytes of `value`, which lie in one page. */
  private writeInPage(address: number, size: number, value: number): void {
    const frame = this.writableFrame(address >>> PAGE_SHIFT);
    if (frame < 0) return;
    const offset = address & PAGE_MASK;
    this.invalidateCode(frame, offset, size);
    const at = (frame << PAGE_SHIFT) | offset;
    if (size === 4 && (offset & 3) === 0) {
      this.pool.words[at >> 2] = value;
      return;
    }
    const { bytes } = this.pool;
    for (let byte = 0; byte < size; byte++) bytes[at + byte] = value >>> (8 * byte);
  }

  /** A copy of `length` bytes from `address`. */
  readBytes(address: number, length: number): Uint8Array {
    const result = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const at = address + done;
      const count = Math.min(length - done, PAGE_SIZE - (at & PAGE_MASK));
      const frame = this.frameOf(Math.floor(at / PAGE_SIZE));
      if (frame < 0) result.fill(0xff, done, done + count);
      else {
        const from = (frame << PAGE_SHIFT) | (at & PAGE_MASK);
        result.set(this.pool.bytes.subarray(from, from + count), done);
      }
      done += count;
    }
    return result;
  }

  writeBytes(address: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const at = address + done;
      const offset = at & PAGE_MASK;
      const count = Math.min(bytes.length - done, PAGE_SIZE - offset);
      const frame = this.writableFrame(Math.floor(at / PAGE_SIZE));
      if (frame >= 0) {
        this.invalidateCode(frame, offset, count);
        this.pool.bytes.set(bytes.subarray(done, done + count), (frame << PAGE_SHIFT) | offset);
      }
      done += count;
    }
  }

  /** An independent memory with the same content; pages are shared until either side writes them. */
  fork(): PhysicalMemory {
    const frames = this.frames.slice();
    for (let page = 0; page < frames.length; page++) this.pool.retain(frames[page]);
    this.listener?.onShared();
    return new PhysicalMemory(this.size, this.pool, frames);
  }

  /** Gives the frames back. The memory must not be used afterwards. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (let page = 0; page < this.frames.length; page++) this.pool.release(this.frames[page]);
    this.frames.fill(0);
  }

  /** The page's bytes, valid until the next write or allocation; for hashing and inspection. */
  viewPage(physicalPage: number): Uint8Array {
    const frame = this.frameOf(physicalPage);
    if (frame < 0)
      throw new Error(`physical memory: page ${physicalPage} is outside RAM (${this.frames.length} pages)`);
    return this.pool.bytes.subarray(frame << PAGE_SHIFT, (frame + 1) << PAGE_SHIFT);
  }

  /** SHA-256 over (page number, content) of every page that is not all zeros: the same for equal content, however it came about. */
  digest(): Uint8Array {
    const hash = createHash('sha256');
    const number = new Uint8Array(4);
    const view = new DataView(number.buffer);
    for (let page = 0; page < this.frames.length; page++) {
      if (this.frames[page] === 0 || this.isAllZero(this.frames[page])) continue;
      view.setUint32(0, page, true);
      hash.update(number).update(this.viewPage(page));
    }
    return hash.digest();
  }

  private isAllZero(frame: number): boolean {
    const words = this.pool.words;
    const start = frame << (PAGE_SHIFT - 2);
    for (let at = start; at < start + PAGE_SIZE / 4; at++) if (words[at] !== 0) return false;
    return true;
  }

  private invalidateCode(frame: number, offset: number, length: number): void {
    const code = this.pool.code[frame];
    if (code?.onWrite(offset, length)) this.pool.code[frame] = undefined;
  }
}
