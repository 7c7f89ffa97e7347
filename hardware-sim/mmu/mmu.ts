/**
 * Paging: TLBs, the page walk, and every access to linear memory that the hot loop does not do itself.
 * Intel 386/486 Programmer's Reference Manual, chapter 5; error codes: chapter 9.
 *
 * There are two layers.
 *  - The architectural TLBs (data and code, direct-mapped): linear page, physical page, flags. Entries persist until INVLPG, a CR3 load or a
 *    conflict, also when the page tables change meanwhile; a page fault drops the entry of its address. Misses cost a page walk. This is
 *    state of the machine.
 *  - The host TLB `tlb`, one entry of four numbers per data entry: tag for reading, tag for writing, byte offset of the frame in the pool,
 *    physical page. A tag is the linear address of the page, or NO_TAG. It is a cache of what needs no further check at the
 *    present privilege level and may be dropped at any time without effect on cycles or results: it is dropped for writing when the frame is
 *    shared, holds decoded code, is not dirty yet, or is watched and must report.
 * With paging off only the host TLB is used.
 */
import type { LinearWatchHooks } from '../cpu/bus.js';
import type { GuestFault } from '../cpu/fault.js';
import type { Clocks } from '../cpu/profiles/profile.js';
import { PAGE_MASK, PAGE_SHIFT } from '../memory/frame-pool.js';
import type { MappingListener, PhysicalMemory } from '../memory/physical-memory.js';

/** Never equal to an address masked to its page and the alignment bits. */
export const NO_TAG = 0x800;
/** Numbers per host TLB entry. */
export const TLB_ENTRY = 4;

const WRITABLE = 1;
const USER = 2;
const DIRTY = 4;

const PTE_PRESENT = 0x01;
const PTE_WRITABLE = 0x02;
const PTE_USER = 0x04;
const PTE_ACCESSED = 0x20;
const PTE_DIRTY = 0x40;

export interface TlbArrays {
  /** Linear page or -1. */
  readonly linear: Int32Array;
  readonly physical: Int32Array;
  readonly flags: Uint8Array;
}

function tlbArrays(entries: number): TlbArrays {
  if (entries < 2 || (entries & (entries - 1)) !== 0)
    throw new Error(`mmu: ${entries} TLB entries; expected a power of two`);
  return {
    linear: new Int32Array(entries).fill(-1),
    physical: new Int32Array(entries),
    flags: new Uint8Array(entries),
  };
}

export class Mmu implements MappingListener {
  /** Host TLB, see above. */
  readonly tlb: Int32Array;
  /** `(linear >>> 10) & tlbMask` is the index of an entry in `tlb`. */
  readonly tlbMask: number;
  readonly data: TlbArrays;
  readonly code: TlbArrays;
  paging = false;
  writeProtect = false;
  /** Current privilege level is 3. */
  user = false;
  cr3 = 0;
  /** Cycles spent in walks and misaligned accesses since the CPU last took them. */
  penalty = 0;
  /** Called when translations of code pages are dropped: the frame of a page changed, or all of them were flushed (-1). */
  onCodeChanged: (physicalPage: number) => void = () => {};
  /** Voids code decoded from a frame's bytes; see `attachCode`. */
  private readonly pool: PhysicalMemory['pool'];
  private watchFirst = 0;
  private watchPages = 0;
  private watchHooks: LinearWatchHooks | undefined;
  /** Per data entry: the watch was told of a write. */
  private readonly reported: Uint8Array;

  constructor(
    readonly memory: PhysicalMemory,
    private readonly fault: GuestFault,
    private readonly clocks: Clocks,
    dataEntries: number,
    codeEntries: number,
  ) {
    this.data = tlbArrays(dataEntries);
    this.code = tlbArrays(codeEntries);
    this.reported = new Uint8Array(dataEntries);
    this.tlb = new Int32Array(dataEntries * TLB_ENTRY);
    this.tlbMask = (dataEntries - 1) * TLB_ENTRY;
    this.pool = memory.pool;
    this.dropHostEntries();
    memory.setListener(this);
  }

  // ---- Control ----

  /** Drops every cached host address. */
  dropHostEntries(): void {
    const tlb = this.tlb;
    for (let entry = 0; entry < tlb.length; entry += TLB_ENTRY) {
      tlb[entry] = NO_TAG;
      tlb[entry + 1] = NO_TAG;
      tlb[entry + 3] = -1;
    }
  }

  /** CR3 load, or paging switched. */
  flush(): void {
    this.data.linear.fill(-1);
    this.code.linear.fill(-1);
    this.dropHostEntries();
    this.onCodeChanged(-1);
    this.watchHooks?.onFlush();
  }

  invalidatePage(linear: number): void {
    const page = linear >>> PAGE_SHIFT;
    this.dropPage(page);
    if (this.isWatched(page)) this.watchHooks?.onInvalidate(page);
  }

  private dropPage(page: number): void {
    const index = page & (this.data.linear.length - 1);
    if (this.data.linear[index] === page) this.data.linear[index] = -1;
    const codeIndex = page & (this.code.linear.length - 1);
    if (this.code.linear[codeIndex] === page) {
      this.code.linear[codeIndex] = -1;
      this.onCodeChanged(-1);
    }
    const entry = index * TLB_ENTRY;
    this.tlb[entry] = NO_TAG;
    this.tlb[entry + 1] = NO_TAG;
    this.tlb[entry + 3] = -1;
  }

  watch(linearBase: number, pages: number, hooks: LinearWatchHooks): void {
    if ((linearBase & PAGE_MASK) !== 0) throw new Error(`mmu: watch base ${linearBase} is not page-aligned`);
    this.watchFirst = linearBase >>> PAGE_SHIFT;
    this.watchPages = pages;
    this.watchHooks = hooks;
    this.dropHostEntries();
    this.reported.fill(0);
  }

  rearmWrites(): void {
    this.reported.fill(0);
    for (let index = 0; index < this.data.linear.length; index++) {
      if (this.isWatched(this.tlb[index * TLB_ENTRY] >>> PAGE_SHIFT)) this.tlb[index * TLB_ENTRY + 1] = NO_TAG;
    }
  }

  private isWatched(page: number): boolean {
    return page - this.watchFirst >= 0 && page - this.watchFirst < this.watchPages;
  }

  onFrameChanged(physicalPage: number): void {
    const tlb = this.tlb;
    for (let entry = 0; entry < tlb.length; entry += TLB_ENTRY) {
      if (tlb[entry + 3] === physicalPage) {
        tlb[entry] = NO_TAG;
        tlb[entry + 1] = NO_TAG;
        tlb[entry + 3] = -1;
      }
    }
    this.onCodeChanged(physicalPage);
  }

  onShared(): void {
    for (let entry = 0; entry < this.tlb.length; entry += TLB_ENTRY) this.tlb[entry + 1] = NO_TAG;
  }

  /** The page now holds decoded code: writes to it must be seen. */
  onCodeAttached(physicalPage: number): void {
    for (let entry = 0; entry < this.tlb.length; entry += TLB_ENTRY) {
      if (this.tlb[entry + 3] === physicalPage) this.tlb[entry + 1] = NO_TAG;
    }
  }

  /** Valid entries as [TLB (0 data, 1 code), index, linear page, physical page, flags]. */
  saveTlb(): number[][] {
    const saved: number[][] = [];
    [this.data, this.code].forEach((tlb, which) => {
      for (let index = 0; index < tlb.linear.length; index++) {
        if (tlb.linear[index] < 0) continue;
        saved.push([which, index, tlb.linear[index], tlb.physical[index], tlb.flags[index]]);
      }
    });
    return saved;
  }

  restoreTlb(saved: readonly (readonly number[])[]): void {
    this.data.linear.fill(-1);
    this.code.linear.fill(-1);
    this.reported.fill(0);
    this.dropHostEntries();
    this.onCodeChanged(-1);
    for (const [which, index, linear, physical, flags] of saved) {
      const tlb = which === 0 ? this.data : this.code;
      if (index >= tlb.linear.length)
        throw new Error(`mmu: saved TLB entry ${index} does not fit ${tlb.linear.length} entries`);
      tlb.linear[index] = linear;
      tlb.physical[index] = physical;
      tlb.flags[index] = flags;
    }
  }

  // ---- Translation ----

  /** Physical page of a data access; raises #PF. Fills the TLB, sets accessed and dirty bits. */
  resolve(linear: number, write: boolean, user: boolean): number {
    const page = linear >>> PAGE_SHIFT;
    if (!this.paging) return page;
    const data = this.data;
    const index = page & (data.linear.length - 1);
    const hit = data.linear[index] === page;
    if (hit) {
      const flags = data.flags[index];
      const protectedPage =
        (user && (flags & USER) === 0) || (write && (flags & WRITABLE) === 0 && (user || this.writeProtect));
      if (protectedPage) {
        this.dropPage(page);
        this.fault.raisePageFault(1 | (write ? 2 : 0) | (user ? 4 : 0), linear);
      }
      if (!write || (flags & DIRTY) !== 0) return data.physical[index];
    }
    const entry = this.walk(linear, write, user);
    const physical = entry >>> PAGE_SHIFT;
    data.physical[index] = physical;
    data.flags[index] = entry & 7;
    if (!hit) {
      data.linear[index] = page;
      this.reported[index] = 0;
      const host = index * TLB_ENTRY;
      this.tlb[host] = NO_TAG;
      this.tlb[host + 1] = NO_TAG;
      this.tlb[host + 3] = -1;
      if (this.isWatched(page)) this.watchHooks?.onMap(page, physical, false);
    }
    return physical;
  }

  /** Physical page of an instruction fetch; raises #PF. */
  resolveCode(linear: number): number {
    const page = linear >>> PAGE_SHIFT;
    if (!this.paging) return page;
    const code = this.code;
    const index = page & (code.linear.length - 1);
    if (code.linear[index] === page) {
      if (this.user && (code.flags[index] & USER) === 0) {
        this.dropPage(page);
        this.fault.raisePageFault(5, linear);
      }
      return code.physical[index];
    }
    const entry = this.walk(linear, false, this.user);
    code.linear[index] = page;
    code.physical[index] = entry >>> PAGE_SHIFT;
    code.flags[index] = entry & 7;
    return entry >>> PAGE_SHIFT;
  }

  /** Walks the tables: page-aligned physical address plus WRITABLE, USER, DIRTY. */
  private walk(linear: number, write: boolean, user: boolean): number {
    this.penalty += this.clocks.pageWalk;
    const memory = this.memory;
    const errorCode = (write ? 2 : 0) | (user ? 4 : 0);
    const directoryAddress = ((this.cr3 & ~PAGE_MASK) >>> 0) + (linear >>> 22) * 4;
    const directory = memory.read32(directoryAddress);
    if ((directory & PTE_PRESENT) === 0) {
      this.dropPage(linear >>> PAGE_SHIFT);
      this.fault.raisePageFault(errorCode, linear);
    }
    const tableAddress = ((directory & ~PAGE_MASK) >>> 0) + ((linear >>> 12) & 0x3ff) * 4;
    const table = memory.read32(tableAddress);
    if ((table & PTE_PRESENT) === 0) {
      this.dropPage(linear >>> PAGE_SHIFT);
      this.fault.raisePageFault(errorCode, linear);
    }
    const both = directory & table;
    if ((user && (both & PTE_USER) === 0) || (write && (both & PTE_WRITABLE) === 0 && (user || this.writeProtect))) {
      this.dropPage(linear >>> PAGE_SHIFT);
      this.fault.raisePageFault(errorCode | 1, linear);
    }
    if ((directory & PTE_ACCESSED) === 0) memory.write32(directoryAddress, directory | PTE_ACCESSED);
    const wanted = table | PTE_ACCESSED | (write ? PTE_DIRTY : 0);
    if (wanted !== (table | 0)) memory.write32(tableAddress, wanted);
    return (
      ((table & ~PAGE_MASK) |
        ((both & PTE_WRITABLE) !== 0 ? WRITABLE : 0) |
        ((both & PTE_USER) !== 0 ? USER : 0) |
        ((wanted & PTE_DIRTY) !== 0 ? DIRTY : 0)) >>>
      0
    );
  }

  /** Physical address of a linear one without any side effect, or -1. */
  translate(linear: number): number {
    if (!this.paging) return linear >>> 0;
    const directory = this.memory.read32(((this.cr3 & ~PAGE_MASK) >>> 0) + (linear >>> 22) * 4);
    if ((directory & PTE_PRESENT) === 0) return -1;
    const table = this.memory.read32(((directory & ~PAGE_MASK) >>> 0) + ((linear >>> 12) & 0x3ff) * 4);
    if ((table & PTE_PRESENT) === 0) return -1;
    return ((table & ~PAGE_MASK) | (linear & PAGE_MASK)) >>> 0;
  }

  /** Lets the hot loop reach the page without asking, as far as that is allowed. */
  private fillHost(linear: number, physicalPage: number): void {
    const page = linear >>> PAGE_SHIFT;
    const index = page & (this.data.linear.length - 1);
    const frame = this.memory.frameOf(physicalPage);
    if (frame < 0) return;
    const flags = this.paging ? this.data.flags[index] : WRITABLE | USER | DIRTY;
    const entry = index * TLB_ENTRY;
    const tag = linear & ~PAGE_MASK;
    this.tlb[entry + 2] = frame << PAGE_SHIFT;
    this.tlb[entry + 3] = physicalPage;
    this.tlb[entry] = !this.user || (flags & USER) !== 0 ? tag : NO_TAG;
    const writable =
      (flags & DIRTY) !== 0 &&
      (this.user
        ? (flags & (USER | WRITABLE)) === (USER | WRITABLE)
        : (flags & WRITABLE) !== 0 || !this.writeProtect) &&
      !this.pool.isShared(frame) &&
      this.pool.code[frame] === undefined &&
      (!this.isWatched(page) || this.reported[index] !== 0);
    this.tlb[entry + 1] = writable ? tag : NO_TAG;
  }

  // ---- Accesses at the current privilege level ----

  read8(linear: number): number {
    const page = this.resolve(linear, false, this.user);
    this.fillHost(linear, page);
    return this.memory.read8(page * 4096 + (linear & PAGE_MASK));
  }

  read16(linear: number): number {
    if ((linear & 1) !== 0) this.penalty += this.clocks.misaligned;
    return this.readUnchecked(linear, 2, this.user);
  }

  /** Signed. */
  read32(linear: number): number {
    if ((linear & 3) !== 0) this.penalty += this.clocks.misaligned;
    return this.readUnchecked(linear, 4, this.user);
  }

  write8(linear: number, value: number): void {
    const page = this.resolve(linear, true, this.user);
    this.store(linear, page, 1, value);
  }

  write16(linear: number, value: number): void {
    if ((linear & 1) !== 0) this.penalty += this.clocks.misaligned;
    this.writeChecked(linear, 2, value, this.user);
  }

  write32(linear: number, value: number): void {
    if ((linear & 3) !== 0) this.penalty += this.clocks.misaligned;
    this.writeChecked(linear, 4, value, this.user);
  }

  /** Raises what a write of `size` bytes would raise, and changes nothing but the TLB and the accessed and dirty bits. */
  checkWrite(linear: number, size: number): void {
    this.resolve(linear, true, this.user);
    if ((linear & PAGE_MASK) + size > 4096) this.resolve((linear + size - 1) | 0, true, this.user);
  }

  checkRead(linear: number, size: number): void {
    this.resolve(linear, false, this.user);
    if ((linear & PAGE_MASK) + size > 4096) this.resolve((linear + size - 1) | 0, false, this.user);
  }

  // ---- Accesses of the processor itself (descriptor tables, TSS), at supervisor privilege ----

  readSystem8(linear: number): number {
    return this.readUnchecked(linear, 1, false);
  }

  readSystem16(linear: number): number {
    return this.readUnchecked(linear, 2, false);
  }

  readSystem32(linear: number): number {
    return this.readUnchecked(linear, 4, false);
  }

  writeSystem8(linear: number, value: number): void {
    this.writeChecked(linear, 1, value, false);
  }

  writeSystem16(linear: number, value: number): void {
    this.writeChecked(linear, 2, value, false);
  }

  writeSystem32(linear: number, value: number): void {
    this.writeChecked(linear, 4, value, false);
  }

  private readUnchecked(linear: number, size: number, user: boolean): number {
    const offset = linear & PAGE_MASK;
    const page = this.resolve(linear, false, user);
    if (offset + size > 4096) {
      const second = this.resolve((linear + size - 1) | 0, false, user);
      const first = 4096 - offset;
      let value = 0;
      for (let at = 0; at < size; at++) {
        const byte =
          at < first ? this.memory.read8(page * 4096 + offset + at) : this.memory.read8(second * 4096 + at - first);
        value |= byte << (8 * at);
      }
      return value;
    }
    if (user === this.user) this.fillHost(linear, page);
    const address = page * 4096 + offset;
    if (size === 4) return this.memory.read32(address) | 0;
    return size === 2 ? this.memory.read16(address) : this.memory.read8(address);
  }

  private writeChecked(linear: number, size: number, value: number, user: boolean): void {
    const offset = linear & PAGE_MASK;
    if (offset + size > 4096) {
      // Both pages are checked before either is written; the second resolve may evict the first from the TLB, not its translation.
      const page = this.resolve(linear, true, user);
      const second = this.resolve((linear + size - 1) | 0, true, user);
      const first = 4096 - offset;
      this.reportWrite(linear, page);
      this.reportWrite((linear + size - 1) | 0, second);
      for (let at = 0; at < size; at++) {
        const address = at < first ? page * 4096 + offset + at : second * 4096 + at - first;
        this.memory.write8(address, (value >>> (8 * at)) & 0xff);
      }
      return;
    }
    const page = this.resolve(linear, true, user);
    this.store(linear, page, size, value);
  }

  private reportWrite(linear: number, physicalPage: number): void {
    const page = linear >>> PAGE_SHIFT;
    if (!this.isWatched(page)) return;
    const index = page & (this.data.linear.length - 1);
    const tracked = this.data.linear[index] === page;
    if (tracked && this.reported[index] !== 0) return;
    if (tracked) this.reported[index] = 1;
    this.watchHooks?.onMap(page, physicalPage, true);
  }

  private store(linear: number, physicalPage: number, size: number, value: number): void {
    this.reportWrite(linear, physicalPage);
    const address = physicalPage * 4096 + (linear & PAGE_MASK);
    if (size === 4) this.memory.write32(address, value);
    else if (size === 2) this.memory.write16(address, value);
    else this.memory.write8(address, value & 0xff);
    this.fillHost(linear, physicalPage);
  }
}
