/**
 * What the processor and the rest of the machine say to each other.
 *
 * The CPU knows no device: it drives ports through `Bus`, samples one interrupt line, and shares a `Clock` with
 * whatever schedules events. The rules that keep the machine deterministic:
 *  - `Clock.now` is exact whenever a port is accessed and whenever an event handler runs;
 *  - `interruptPending` changes only inside `portRead`, `portWrite`, `acknowledgeInterrupt`, an event handler, or between
 *    two calls of `Cpu.run`; the CPU samples it at the instruction boundary after each of these;
 *  - devices reach guest memory through `PhysicalMemory`, never through the CPU.
 */

/** Width of a port access in bytes. */
export type PortSize = 1 | 2 | 4;

export interface Bus {
  /** Returns the value in the low `size` bytes; all ones where nobody listens. */
  portRead(port: number, size: PortSize): number;
  /** `value` is an unsigned number below 2^(8*size). */
  portWrite(port: number, size: PortSize, value: number): void;
  /** Level of the INTR line. */
  readonly interruptPending: boolean;
  /** The INTA cycle: returns the vector, 0 to 255. Called only while `interruptPending`. */
  acknowledgeInterrupt(): number;
}

/** Why `Cpu.run` returned. After 'triple-fault' and 'unsupported' the processor stays stopped until `reset`. */
export type CpuStop =
  /** `untilCycle` (or `untilInstruction`) was reached. */
  | { readonly kind: 'limit' }
  /** HLT that nothing can end: interrupts are off, or no event is scheduled and the interrupt line is low. */
  | { readonly kind: 'halted-forever'; readonly eip: number }
  /** `requestStop()` was called; the instruction or event that did so has completed. */
  | { readonly kind: 'requested' }
  | { readonly kind: 'triple-fault'; readonly eip: number; readonly vector: number }
  /** The guest used a processor feature that is not modelled; `feature` names it. */
  | { readonly kind: 'unsupported'; readonly eip: number; readonly feature: string };

/**
 * Observer of a range of linear addresses. Observing never changes cycles, digests or anything a guest can see.
 * Pages are linear page numbers and physical page numbers (address >>> 12).
 */
export interface LinearWatchHooks {
  /**
   * The page's translation entered the TLB (`write` false), or the page is about to be written for the first time since its
   * translation was filled or `rearmWrites` was called (`write` true; called before the write happens).
   */
  onMap(linearPage: number, physicalPage: number, write: boolean): void;
  /** INVLPG of a page of the range. */
  onInvalidate(linearPage: number): void;
  /** The whole TLB was flushed (CR3 load, or paging switched on or off). */
  onFlush(): void;
}

/** Plain data: everything of the processor that a guest can observe, now or later. Compare and hash it as JSON. */
export interface CpuState {
  /** EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI. */
  readonly registers: readonly number[];
  readonly eip: number;
  readonly eflags: number;
  /** ES, CS, SS, DS, FS, GS, LDTR, TR: selector and descriptor cache. */
  readonly segments: readonly SegmentState[];
  readonly gdtr: { readonly base: number; readonly limit: number };
  readonly idtr: { readonly base: number; readonly limit: number };
  /** CR0, CR2, CR3. */
  readonly control: readonly number[];
  /** DR0 to DR7; DR4 and DR5 are unused. */
  readonly debug: readonly number[];
  readonly cpl: number;
  readonly instructions: number;
  readonly halted: boolean;
  /** One instruction without interrupts (after STI, MOV SS, POP SS). */
  readonly interruptShadow: boolean;
  /** A string instruction with REP was left between two iterations: going on is neither a new instruction nor a new set-up cost. */
  readonly repeating: boolean;
  /** TLB entries that are valid, [TLB (0 data, 1 code), index, linear page, physical page, flags] each. */
  readonly tlb: readonly (readonly number[])[];
  /** Set after a triple fault or an unsupported feature; cleared by reset. */
  readonly stopped: CpuStop | null;
}

export interface SegmentState {
  readonly selector: number;
  readonly base: number;
  /** In bytes, inclusive, granularity applied. */
  readonly limit: number;
  /** Descriptor bits 40 to 55 (type, S, DPL, P, limit 19:16 ignored, AVL, D/B, G); 0: the segment is unusable. */
  readonly access: number;
}

/** The processor as the machine sees it; `Cpu` in cpu.ts, constructed with (memory, bus, clock, profile). */
export interface Processor {
  /** Completed instructions; a repeated string instruction counts once. */
  readonly instructions: number;
  /** EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI as signed 32-bit numbers; element 8 is always zero. */
  readonly registers: Int32Array;
  eip: number;
  /** Writing sets all flags the processor has. */
  eflags: number;
  readonly cr0: number;
  readonly cr2: number;
  readonly cr3: number;
  /**
   * Runs until `clock.now >= untilCycle` (or `instructions >= untilInstruction`), firing due events and delivering interrupts.
   * How a run is sliced into calls changes nothing that a guest or a digest can see.
   */
  run(untilCycle: number, untilInstruction?: number): CpuStop;
  /** Makes `run` return at the next instruction boundary; may be called from port accesses, event handlers and watch hooks. */
  requestStop(): void;
  /** The state a multiboot loader hands over: flat 4 GiB segments, paging and interrupts off, A20 on. */
  enterProtectedMode(entry: { eip: number; eax: number; ebx: number; esp?: number }): void;
  /** Observes `pages` pages from the page-aligned linear address on. One range at a time; a second call replaces the first. */
  watch(linearBase: number, pages: number, hooks: LinearWatchHooks): void;
  /** Makes the next write to each page of the watched range report again. */
  rearmWrites(): void;
  /** Translates without side effects (no TLB, no accessed bits): the physical address, or -1 where nothing is mapped. */
  translate(linear: number): number;
  saveState(): CpuState;
  restoreState(state: CpuState): void;
}
