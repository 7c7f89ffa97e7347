/**
 * What distinguishes one processor from another: its costs in cycles and the sizes of its translation caches.
 *
 * The timing is called 'table': every instruction costs the figure of its form, plus variable parts (branch taken, iterations,
 * page walks, misaligned accesses). Caches, prefetch and pipeline stalls (AGI) are not modelled, so the figures are those of an
 * instruction that hits the cache.
 */

/** Cycles of each instruction form. Names follow the manual; `Mem` is the form with a memory operand. */
export interface Clocks {
  readonly move: number;
  readonly moveSegment: number;
  readonly moveSegmentRead: number;
  readonly moveExtend: number;
  readonly alu: number;
  /** Register destination, memory source. */
  readonly aluLoad: number;
  /** Memory destination. */
  readonly aluModify: number;
  readonly compareMemory: number;
  readonly unary: number;
  readonly unaryModify: number;
  readonly lea: number;
  readonly push: number;
  readonly pushMemory: number;
  readonly pushSegment: number;
  readonly pop: number;
  readonly popMemory: number;
  readonly popSegment: number;
  readonly pusha: number;
  readonly popa: number;
  readonly pushf: number;
  readonly popf: number;
  readonly exchange: number;
  readonly exchangeMemory: number;
  readonly shiftImmediate: number;
  readonly shiftOne: number;
  readonly shiftCl: number;
  readonly shiftMemory: number;
  readonly rotateCarry: number;
  readonly doubleShift: number;
  readonly multiply8: number;
  readonly multiply16: number;
  readonly multiply32: number;
  readonly divide8: number;
  readonly divide16: number;
  readonly divide32: number;
  readonly signedDivide8: number;
  readonly signedDivide16: number;
  readonly signedDivide32: number;
  readonly byteSwap: number;
  readonly bitScan: number;
  readonly bitTest: number;
  readonly bitTestMemory: number;
  readonly bitModify: number;
  readonly bitModifyMemory: number;
  readonly compareExchange: number;
  readonly compareExchangeMemory: number;
  readonly exchangeAdd: number;
  readonly exchangeAddMemory: number;
  readonly setCondition: number;
  readonly jccTaken: number;
  readonly jccNotTaken: number;
  readonly jump: number;
  readonly jumpIndirect: number;
  readonly call: number;
  readonly callIndirect: number;
  readonly ret: number;
  readonly loopTaken: number;
  readonly loopNotTaken: number;
  readonly farCall: number;
  readonly farCallGate: number;
  readonly farCallInner: number;
  readonly farJump: number;
  readonly farJumpGate: number;
  readonly farReturn: number;
  readonly farReturnOuter: number;
  readonly interrupt: number;
  readonly interruptInner: number;
  readonly iret: number;
  readonly iretOuter: number;
  readonly enter: number;
  readonly leave: number;
  readonly bound: number;
  readonly movs: number;
  readonly stos: number;
  readonly lods: number;
  readonly scas: number;
  readonly cmps: number;
  /** With REP: set-up, then this much an iteration. */
  readonly repeat: number;
  readonly movsRepeated: number;
  readonly stosRepeated: number;
  readonly lodsRepeated: number;
  readonly scasRepeated: number;
  readonly cmpsRepeated: number;
  readonly portIn: number;
  readonly portOut: number;
  readonly flag: number;
  readonly interruptFlag: number;
  readonly halt: number;
  readonly nop: number;
  readonly convert: number;
  readonly decimal: number;
  readonly decimalMultiply: number;
  readonly decimalDivide: number;
  readonly translate: number;
  readonly loadTable: number;
  readonly storeTable: number;
  readonly loadTask: number;
  readonly machineStatus: number;
  readonly clearTaskSwitched: number;
  readonly moveToCr0: number;
  readonly moveControl: number;
  readonly moveDebug: number;
  readonly invalidatePage: number;
  readonly invalidateCache: number;
  readonly verify: number;
  readonly loadFarPointer: number;
  /** Each 66, 67, segment or LOCK prefix. */
  readonly prefix: number;
  readonly misaligned: number;
  /** Page walk after a TLB miss, and the walk that sets the dirty bit. */
  readonly pageWalk: number;
}

export interface CpuProfile {
  readonly name: string;
  readonly clockHz: number;
  readonly timing: 'table';
  readonly cachesModelled: false;
  /** Whether an x87 is fitted; none is modelled. */
  readonly fpu: false;
  /** Direct-mapped; powers of two. */
  readonly dataTlbEntries: number;
  readonly codeTlbEntries: number;
  readonly clocks: Clocks;
}
