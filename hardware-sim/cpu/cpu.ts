/**
 * The IA-32 processor: an i486 without x87, in protected mode. Intel 486 Programmer's Reference Manual.
 *
 * `run` alternates between what happens at instruction boundaries (due events, interrupts, HLT, traps) and `execute`, which runs
 * instructions until the cycle of the next event. The rule that makes slicing invisible: `execute` stops at the first instruction boundary at which
 * `clock.now` has reached the bound, and nothing at a boundary depends on whether it was reached because of an event or
 * because of the caller's limit.
 */
import type { Clock } from '../clock.js';
import { PAGE_MASK, PAGE_SHIFT } from '../memory/frame-pool.js';
import type { PhysicalMemory } from '../memory/physical-memory.js';
import type { Bus, CpuState, CpuStop, LinearWatchHooks, Processor } from './bus.js';
import { CodePage, INSTRUCTION_LENGTH_MAX } from './code-page.js';
import { Access, Core, CR0_AM, CR0_ET, CR0_PE, CR0_PG, CR0_WP, CS, EAX, EBX, ESP, LDTR, TR } from './core.js';
import { Decoder } from './decoder.js';
import { type ExecutionHost, execute } from './execute.js';
import { UnsupportedFeature, Vector } from './fault.js';
import { Flag } from './flags.js';
import { type Cause, deliver } from './interrupts.js';
import { Field, Op, RECORD } from './opcodes.js';
import { ARITHMETIC } from './operations/arithmetic.js';
import { MOVES } from './operations/moves.js';
import { STRINGS } from './operations/strings.js';
import { SYSTEM } from './operations/system.js';
import type { Operation } from './operations/table.js';
import { TRANSFERS } from './operations/transfers.js';
import type { CpuProfile } from './profiles/profile.js';
import { warmUp } from './warm-up.js';

const OPERATIONS: readonly (Operation | undefined)[] = operationArray();

function operationArray(): (Operation | undefined)[] {
  const all = { ...ARITHMETIC, ...MOVES, ...STRINGS, ...SYSTEM, ...TRANSFERS };
  return Array.from({ length: 256 }, (_, number) => all[number]);
}

/** Cycles given to `execute` at once; keeps its arithmetic in small integers. */
const SLICE_MAX = 1 << 28;
/** Instructions decoded ahead in one go. */
const ROW_MAX = 64;

/** Whether this process has run the warm-up. */
let warm = false;

const LIMIT: CpuStop = { kind: 'limit' };
const REQUESTED: CpuStop = { kind: 'requested' };

export class Cpu extends Core implements Processor, ExecutionHost {
  readonly codePages: (CodePage | undefined)[];
  readonly crossing = { ops: new Int32Array(3 * RECORD), table: new Int32Array(4096) };
  private readonly decoder: Decoder;
  private readonly codeKeys: readonly string[];
  /** Bytes of an instruction that crosses a page. */
  private readonly crossingBytes = new Uint8Array(2 * INSTRUCTION_LENGTH_MAX);

  constructor(memory: PhysicalMemory, bus: Bus, clock: Clock, profile: CpuProfile) {
    super(memory, bus, clock, profile);
    if (!warm) {
      warm = true;
      warmUp((...parts) => new Cpu(...parts), profile);
    }
    this.codePages = new Array<CodePage | undefined>(profile.codeTlbEntries).fill(undefined);
    this.decoder = new Decoder(profile.clocks);
    this.codeKeys = ['16 limited', '32 limited', '16 flat', '32 flat'].map((mode) => `${profile.name} ${mode}`);
    this.mmu.onCodeChanged = (physicalPage) => this.dropCodePages(physicalPage);
    this.enterProtectedMode({ eip: 0, eax: 0, ebx: 0 });
  }

  get cr3(): number {
    return this.mmu.cr3;
  }

  get eflags(): number {
    return this.getFlags();
  }

  set eflags(value: number) {
    this.setFlags(value);
  }

  // ---- Running ----

  run(untilCycle: number, untilInstruction = Infinity): CpuStop {
    const { clock } = this;
    for (;;) {
      if (this.stopped !== null) return this.stopped;
      if (this.stopRequested) {
        this.stopRequested = false;
        return REQUESTED;
      }
      if (clock.now >= untilCycle || this.instructions >= untilInstruction) return LIMIT;
      if (clock.nextCycle <= clock.now) {
        clock.fireDue();
        continue;
      }
      if (this.bus.interruptPending && this.interruptsEnabled && !this.interruptShadow) {
        this.halted = false;
        this.interrupt(this.bus.acknowledgeInterrupt(), 'hardware', -1);
        continue;
      }
      if (this.halted) {
        if (!this.interruptsEnabled || clock.nextCycle === Infinity) return { kind: 'halted-forever', eip: this.eip };
        clock.now = Math.min(clock.nextCycle, untilCycle);
        continue;
      }
      const cycles = Math.min(clock.nextCycle, untilCycle) - clock.now;
      // Every instruction takes a cycle at least, so this many cycles are not more than that many instructions.
      this.slice(Math.min(cycles, untilInstruction - this.instructions, SLICE_MAX));
    }
  }

  requestStop(): void {
    this.stopRequested = true;
    this.leave = true;
  }

  /** Executes up to `cycles`; one instruction when the boundary after it matters. */
  private slice(cycles: number): void {
    const shadow = this.interruptShadow;
    const trap = (this.systemFlags & Flag.TF) !== 0;
    const single = shadow || trap || !this.codeFlat;
    if (this.cpl === 3 && (this.cr0 & CR0_AM) !== 0 && (this.systemFlags & Flag.AC) !== 0) {
      this.stopped = {
        kind: 'unsupported',
        eip: this.eip,
        feature: 'alignment checks (CR0.AM and EFLAGS.AC at privilege 3)',
      };
      return;
    }
    if (shadow) this.interruptShadow = false;
    const before = this.instructions;
    try {
      if (!this.codeFlat) this.checkFetch();
      execute(this, single ? 1 : cycles);
      if (trap && this.instructions !== before) this.interrupt(Vector.DB, 'exception', -1);
    } catch (error) {
      this.repeating = false;
      if (error === this.fault) this.exception();
      else if (error instanceof UnsupportedFeature) {
        this.stopped = { kind: 'unsupported', eip: this.eip, feature: error.feature };
      } else throw error;
    }
  }

  /** Delivers the exception in `fault`, and what its delivery causes. */
  private exception(): void {
    const { vector, errorCode } = this.fault;
    if (vector === Vector.PF) this.cr2 = this.fault.linear;
    this.interrupt(vector, 'exception', errorCode);
  }

  /** Delivery with double and triple faults: a second fault of the contributory kind becomes #DF, a fault during #DF stops the processor. */
  private interrupt(vector: number, cause: Cause, errorCode: number): void {
    let current = vector;
    let code = errorCode;
    let kind = cause;
    this.repeating = false;
    for (;;) {
      this.extraCycles = 0;
      this.mmu.penalty = 0;
      try {
        deliver(this, current, kind, code);
        this.clock.now += this.extraCycles + this.mmu.penalty;
        this.mmu.penalty = 0;
        return;
      } catch (error) {
        this.clock.now += this.mmu.penalty;
        this.mmu.penalty = 0;
        if (error instanceof UnsupportedFeature) {
          this.stopped = { kind: 'unsupported', eip: this.eip, feature: error.feature };
          return;
        }
        if (error !== this.fault) throw error;
        if (current === Vector.DF && kind === 'exception') {
          this.stopped = { kind: 'triple-fault', eip: this.eip, vector };
          return;
        }
        const second = this.fault.vector;
        if (second === Vector.PF) this.cr2 = this.fault.linear;
        const first = kind === 'exception' ? current : -1;
        const isDouble =
          (isContributory(first) && isContributory(second)) ||
          (first === Vector.PF && (second === Vector.PF || isContributory(second)));
        code = isDouble ? 0 : this.fault.errorCode;
        current = isDouble ? Vector.DF : second;
        kind = 'exception';
      }
    }
  }

  general(ops: Int32Array, p: number): void {
    const operation = OPERATIONS[ops[p]];
    if (operation === undefined) throw new Error(`cpu: no operation ${ops[p]} at eip ${this.instructionEip}`);
    operation(this, ops, p);
  }

  // ---- Code ----

  fetchCode(linear: number): CodePage {
    const physicalPage = this.mmu.resolveCode(linear);
    const frame = this.memory.frameOf(physicalPage);
    if (frame < 0) throw new UnsupportedFeature(`execution outside RAM (physical page ${physicalPage})`);
    const { pool } = this.memory;
    let code = pool.code[frame];
    if (!(code instanceof CodePage) || code.voided || code.key !== this.codeKey()) {
      // Nobody may go on with code decoded for another mode that writes would no longer reach.
      code?.onWrite(0, 4096);
      code = new CodePage(this.codeKey());
      pool.code[frame] = code;
    }
    this.mmu.onCodeAttached(physicalPage);
    const page = code as CodePage;
    this.codePages[(linear >>> PAGE_SHIFT) & (this.codePages.length - 1)] = page;
    return page;
  }

  /** Key of code pages decoded for the present code segment. */
  private codeKey(): string {
    return this.codeKeys[(this.code32 ? 1 : 0) | (this.codeFlat ? 2 : 0)];
  }

  decodeAt(code: CodePage, linear: number): number {
    const physicalPage = this.mmu.resolveCode(linear);
    const { pool } = this.memory;
    const page = this.memory.frameOf(physicalPage) << PAGE_SHIFT;
    const mode = { code32: this.code32, flat: this.codeFlat };
    let offset = linear & PAGE_MASK;
    let first = 0;
    for (let count = 0; count < ROW_MAX && offset < 4096; count++) {
      if (code.table[offset] !== 0) {
        code.ops[code.end + Field.OP] = Op.LINK;
        code.ops[code.end + Field.LINK] = code.table[offset];
        code.ops[code.end + Field.OFF] = offset;
        code.end += RECORD;
        return first;
      }
      code.reserve();
      const record = code.end;
      const length = this.decoder.decode(pool.bytes, page + offset, page + 4096, offset, mode, code.ops, record);
      if (length === 0) {
        if (first === 0) {
          this.decodeCrossing(linear);
          return 0;
        }
        break;
      }
      if (first === 0) first = record;
      code.table[offset] = record;
      code.end += RECORD;
      offset += length;
      if (endsRow(code.ops[record])) break;
    }
    code.ops.fill(0, code.end, code.end + RECORD);
    code.ops[code.end + Field.OP] = Op.RESYNC;
    code.ops[code.end + Field.OFF] = offset;
    code.end += RECORD;
    return first;
  }

  /** Decodes the instruction that crosses the end of a page into `crossing`; raises #PF for the second page. */
  private decodeCrossing(linear: number): void {
    const { pool } = this.memory;
    const inFirst = 4096 - (linear & PAGE_MASK);
    const first = (this.memory.frameOf(this.mmu.resolveCode(linear)) << PAGE_SHIFT) | (linear & PAGE_MASK);
    const secondPage = this.mmu.resolveCode((linear + inFirst) | 0);
    const secondFrame = this.memory.frameOf(secondPage);
    if (secondFrame < 0) throw new UnsupportedFeature(`execution outside RAM (physical page ${secondPage})`);
    const bytes = this.crossingBytes;
    bytes.set(pool.bytes.subarray(first, first + inFirst));
    const second = secondFrame << PAGE_SHIFT;
    bytes.set(pool.bytes.subarray(second, second + INSTRUCTION_LENGTH_MAX), inFirst);
    const mode = { code32: this.code32, flat: this.codeFlat };
    const { ops } = this.crossing;
    const offset = linear & PAGE_MASK;
    const length = this.decoder.decode(bytes, 0, bytes.length, offset, mode, ops, RECORD);
    ops.fill(0, 2 * RECORD);
    ops[2 * RECORD + Field.OP] = Op.RESYNC;
    ops[2 * RECORD + Field.OFF] = offset + length;
  }

  /** With a limited code segment: every byte of the instruction must lie inside. */
  private checkFetch(): void {
    const first = this.eip >>> 0;
    const limit = this.segmentLimit[CS];
    if (first > limit) this.fault.raise(Vector.GP, 0);
    if (first + INSTRUCTION_LENGTH_MAX - 1 <= limit) return;
    const linear = (this.eip + this.base[CS]) | 0;
    const code = this.fetchCode(linear);
    const record = code.table[linear & PAGE_MASK] || this.decodeAt(code, linear);
    const length = record === 0 ? this.crossing.ops[RECORD + Field.LEN] : code.ops[record + Field.LEN];
    if (first + length - 1 > limit) this.fault.raise(Vector.GP, 0);
  }

  private dropCodePages(physicalPage: number): void {
    const { linear, physical } = this.mmu.code;
    for (let index = 0; index < this.codePages.length; index++) {
      if (physicalPage === -1) this.codePages[index] = undefined;
      else if (this.mmu.paging ? linear[index] >= 0 && physical[index] === physicalPage : true) {
        // The page goes on in another frame. Someone may be executing the records of the old one: make him look again.
        this.codePages[index]?.void();
        this.codePages[index] = undefined;
      }
    }
  }

  // ---- Set-up, state, observation ----

  enterProtectedMode(entry: { eip: number; eax: number; ebx: number; esp?: number }): void {
    this.registers.fill(0);
    this.registers[EAX] = entry.eax;
    this.registers[EBX] = entry.ebx;
    this.registers[ESP] = entry.esp ?? 0;
    this.eip = entry.eip | 0;
    this.setFlags(0);
    const data = Access.SEGMENT | Access.PRESENT | Access.BIG | Access.GRANULAR | Access.READ_WRITE | Access.ACCESSED;
    for (let segment = 0; segment < 6; segment++) {
      this.selector[segment] = segment === CS ? 0x08 : 0x10;
      this.base[segment] = 0;
      this.segmentLimit[segment] = 0xffffffff;
      this.access[segment] = segment === CS ? data | Access.CODE : data;
    }
    for (const segment of [LDTR, TR]) {
      this.selector[segment] = 0;
      this.base[segment] = 0;
      this.segmentLimit[segment] = 0xffff;
      this.access[segment] = segment === LDTR ? 0x82 : 0x8b;
    }
    this.gdtBase = 0;
    this.gdtLimit = 0;
    this.idtBase = 0;
    this.idtLimit = 0x3ff;
    this.cr0 = CR0_ET | CR0_PE;
    this.cr2 = 0;
    this.debug.fill(0);
    this.cpl = 0;
    this.halted = false;
    this.interruptShadow = false;
    this.repeating = false;
    this.stopped = null;
    this.mmu.cr3 = 0;
    this.mmu.paging = false;
    this.mmu.writeProtect = false;
    this.mmu.flush();
    this.updateSegments();
  }

  watch(linearBase: number, pages: number, hooks: LinearWatchHooks): void {
    this.mmu.watch(linearBase, pages, hooks);
  }

  rearmWrites(): void {
    this.mmu.rearmWrites();
  }

  translate(linear: number): number {
    return this.mmu.translate(linear);
  }

  saveState(): CpuState {
    return {
      registers: Array.from(this.registers.subarray(0, 8)),
      eip: this.eip,
      eflags: this.getFlags(),
      segments: Array.from({ length: 8 }, (_, segment) => ({
        selector: this.selector[segment],
        base: this.base[segment],
        limit: this.segmentLimit[segment],
        access: this.access[segment],
      })),
      gdtr: { base: this.gdtBase, limit: this.gdtLimit },
      idtr: { base: this.idtBase, limit: this.idtLimit },
      control: [this.cr0, this.cr2, this.mmu.cr3],
      debug: Array.from(this.debug),
      cpl: this.cpl,
      instructions: this.instructions,
      halted: this.halted,
      interruptShadow: this.interruptShadow,
      repeating: this.repeating,
      tlb: this.mmu.saveTlb(),
      stopped: this.stopped,
    };
  }

  restoreState(state: CpuState): void {
    this.registers.set(state.registers);
    this.eip = state.eip;
    this.setFlags(state.eflags);
    state.segments.forEach((saved, segment) => {
      this.selector[segment] = saved.selector;
      this.base[segment] = saved.base;
      this.segmentLimit[segment] = saved.limit;
      this.access[segment] = saved.access;
    });
    this.gdtBase = state.gdtr.base;
    this.gdtLimit = state.gdtr.limit;
    this.idtBase = state.idtr.base;
    this.idtLimit = state.idtr.limit;
    this.cr0 = state.control[0];
    this.cr2 = state.control[1];
    this.debug.set(state.debug);
    this.cpl = state.cpl;
    this.instructions = state.instructions;
    this.halted = state.halted;
    this.interruptShadow = state.interruptShadow;
    this.repeating = state.repeating;
    this.stopped = state.stopped;
    this.stopRequested = false;
    this.mmu.cr3 = state.control[2];
    this.mmu.paging = (this.cr0 & CR0_PG) !== 0;
    this.mmu.writeProtect = (this.cr0 & CR0_WP) !== 0;
    this.mmu.user = this.cpl === 3;
    this.mmu.restoreTlb(state.tlb);
    this.updateSegments();
  }
}

function isContributory(vector: number): boolean {
  return vector === Vector.DE || (vector >= Vector.TS && vector <= Vector.GP);
}

/** After these the next instruction in memory is rarely executed next. */
function endsRow(op: number): boolean {
  return (
    op === Op.JMP ||
    op === Op.JMP_INDIRECT ||
    op === Op.RET ||
    op === Op.IRET ||
    op === Op.JMP_FAR ||
    op === Op.RET_FAR ||
    op === Op.UNDEFINED ||
    op === Op.INVALID_LENGTH
  );
}
