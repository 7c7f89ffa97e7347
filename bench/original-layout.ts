/**
 * The pages that the original would dirty: its object layout, allocator and reference counts, driven by an execution on
 * the reference machine.
 *
 * Rule: for each instruction that is executed the words are written that the original writes (phantom-os reference,
 * 1.3, 1.5, 3.1 to 3.4, 5.1, 5.2): stack cells and their pointers, reference counts of what is copied and dropped,
 * headers and data of what is allocated, headers of what is freed, the thread's copies of the current frame at a call and a
 * return. Objects have their sizes of the original and lie in its five arenas, where its allocator puts them: next fit,
 * with merging of free neighbours up to 32 times the size asked for. Where the facts leave a choice, the original
 * gets the better one: classes, constants and the null object are never counted, registers are not written back between calls,
 * and what lies beside the program (thread list, root object) is never written.
 *
 * Pages dirtied are counted as for ours: at a demarcation, the distinct pages written since the last one. Only what the benchmark
 * programs execute between their first and last repetition is modelled; any other instruction throws.
 */
import type { Frame } from '../model/vm/index.js';

const PAGE_BYTES = 4096;
const HEADER_BYTES = 32;
const BASE = 0x80000000;
/** 32 MiB of objects. A surplus below the least fragment stays in its block. */
const SPACE_BYTES = 8192 * PAGE_BYTES;
const FRAGMENT_LEAST = 36;
const MERGE_TIMES = 32;
const ARENA_PERCENT = { static: 15, stack: 15, int: 2, small: 28, large: 40 } as const;
type ArenaName = keyof typeof ARENA_PERCENT;

/** Data areas (3.3). */
const CALL_FRAME_BYTES = 36;
const THREAD_BYTES = 76;
const STACK_BYTES = 284;
const EXCEPTION_STACK_BYTES = 540;
const INT_BYTES = 4;
const STACK_POINTER_AT = HEADER_BYTES + 16;
const CELLS_AT = HEADER_BYTES + 28;
const INSTRUCTION_POINTER_AT = HEADER_BYTES + 20;
/** Of code, IP, stacks and `this` in the thread. */
const THREAD_COPIES = [0, 4, 12, 56, 60, 64, 68];
const REFERENCE_COUNT_AT = 4;
const SIZE_AT = 12;

interface Block {
  size: number;
  isFree: boolean;
}

class Arena {
  private readonly blocks = new Map<number, Block>();
  private current: number;

  constructor(
    private readonly start: number,
    private readonly end: number,
    private readonly write: (address: number, bytes: number) => void,
  ) {
    this.blocks.set(start, { size: end - start, isFree: true });
    this.current = start;
  }

  private at(address: number): Block {
    const block = this.blocks.get(address);
    if (block === undefined) throw new Error(`no block of the arena begins at 0x${address.toString(16)}`);
    return block;
  }

  /** Joins free neighbours behind, as far as the original does. */
  private merge(address: number, block: Block, needed: number): void {
    let merged = false;
    while (block.size < MERGE_TIMES * needed && address + block.size < this.end) {
      const behind = this.at(address + block.size);
      if (!behind.isFree) break;
      this.blocks.delete(address + block.size);
      block.size += behind.size;
      merged = true;
    }
    if (merged) this.write(address + SIZE_AT, 4);
  }

  allocate(needed: number): number {
    let wrapped = false;
    for (let address = this.current; ; ) {
      if (address >= this.end) {
        if (wrapped) throw new Error('an arena of the original is full');
        wrapped = true;
        address = this.start;
      }
      const block = this.at(address);
      if (block.isFree) {
        this.merge(address, block, needed);
        if (block.size >= needed) return this.take(address, block, needed);
      }
      address += block.size;
    }
  }

  private take(address: number, block: Block, needed: number): number {
    const rest = block.size - needed;
    if (rest >= FRAGMENT_LEAST) {
      this.blocks.set(address + needed, { size: rest, isFree: true });
      this.write(address + needed, HEADER_BYTES);
      block.size = needed;
    }
    block.isFree = false;
    // Header, and data set to zero.
    this.write(address, needed);
    this.current = address + block.size;
    return address;
  }

  free(address: number): void {
    this.at(address).isFree = true;
    this.write(address, HEADER_BYTES);
  }
}

interface Thing {
  readonly address: number;
  readonly arena: ArenaName;
  count: number;
  readonly fields: (Thing | null)[];
}

/** A call in progress; the three stacks are objects, and so is the frame. */
interface Call {
  readonly frame: Frame;
  readonly object: Thing;
  readonly objects: Thing;
  readonly ints: Thing;
  readonly exceptions: Thing;
  readonly self: Thing | null;
  readonly cells: (Thing | null)[];
}

const OPCODE_CALL_SHORT = 0xa0;
const INT_CELL_OPCODES: ReadonlySet<number> = new Set([
  0x20, 0x21, 0x22, 0x23, 0x26, 0x27, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x52, 0x53, 0x54, 0x55, 0x05, 0x73,
]);
const NO_WRITES: ReadonlySet<number> = new Set([0x00, 0x06]);

/** Feed it to the reference machine as `observe`. */
export class OriginalLayout {
  /** Pages dirtied, summed over the demarcations so far and the time since. */
  private demarcated = 0;
  private readonly dirty = new Set<number>();
  private readonly arenas: Readonly<Record<ArenaName, Arena>>;
  private readonly thread: Thing;
  private readonly calls: Call[] = [];
  private readonly known = new Map<unknown, Thing>();
  private sinceDemarcation = 0;
  /** A call whose frame has not been seen yet: with so many arguments, of a class pushed last or not. */
  private pending: { readonly args: number; readonly hasClass: boolean } | undefined;

  /** A demarcation comes after each `interval` instructions. */
  constructor(private readonly interval: number) {
    const write = (address: number, bytes: number): void => this.write(address, bytes);
    let start = BASE;
    const arena = (name: ArenaName): Arena => {
      const size =
        name === 'large' ? BASE + SPACE_BYTES - start : Math.floor(SPACE_BYTES / 400) * ARENA_PERCENT[name] * 4;
      const made = new Arena(start, start + size, write);
      start += size;
      return made;
    };
    this.arenas = {
      static: arena('static'),
      stack: arena('stack'),
      int: arena('int'),
      small: arena('small'),
      large: arena('large'),
    };
    this.thread = this.allocate('small', THREAD_BYTES, 0);
  }

  get pages(): number {
    return this.demarcated + this.dirty.size;
  }

  readonly observe = (frame: Frame): void => {
    this.settleCall(frame);
    if (this.sinceDemarcation++ === this.interval) {
      this.sinceDemarcation = 1;
      this.demarcated += this.dirty.size;
      this.dirty.clear();
    }
    this.execute(this.calls[this.calls.length - 1], frame);
  };

  private write(address: number, bytes: number): void {
    for (let page = Math.floor(address / PAGE_BYTES); page * PAGE_BYTES < address + bytes; page++) this.dirty.add(page);
  }

  private allocate(arena: ArenaName, bytes: number, fields: number): Thing {
    const needed = (HEADER_BYTES + bytes + 3) & ~3;
    const address = this.arenas[arena].allocate(needed);
    return { address, arena, count: 1, fields: Array.from({ length: fields }, () => null) };
  }

  private retain(thing: Thing | null): void {
    if (thing === null) return;
    thing.count++;
    this.write(thing.address + REFERENCE_COUNT_AT, 4);
  }

  private release(thing: Thing | null): void {
    const dying = thing === null ? [] : [thing];
    for (let one = dying.pop(); one !== undefined; one = dying.pop()) {
      one.count--;
      this.write(one.address + REFERENCE_COUNT_AT, 4);
      if (one.count > 0) continue;
      this.arenas[one.arena].free(one.address);
      for (const field of one.fields) if (field !== null) dying.push(field);
    }
  }

  /** An object that was there before: `this` of the first frames. Never freed. */
  private knownThing(key: unknown, fields: number): Thing {
    const found = this.known.get(key) ?? this.allocate('small', 4 * fields, fields);
    found.count++;
    this.known.set(key, found);
    return found;
  }

  private begin(frame: Frame, self: Thing | null, args: readonly (Thing | null)[]): void {
    const call: Call = {
      frame,
      object: this.allocate('stack', CALL_FRAME_BYTES, 0),
      objects: this.allocate('stack', STACK_BYTES, 0),
      ints: this.allocate('stack', STACK_BYTES, 0),
      exceptions: this.allocate('stack', EXCEPTION_STACK_BYTES, 0),
      self,
      cells: [],
    };
    for (const value of args) this.push(call, value);
    this.intCell(call, 0);
    this.registers();
    this.calls.push(call);
  }

  private registers(): void {
    for (const at of THREAD_COPIES) this.write(this.thread.address + HEADER_BYTES + at, 4);
  }

  private push(call: Call, value: Thing | null): void {
    this.write(call.objects.address + CELLS_AT + 4 * call.cells.length, 4);
    this.write(call.objects.address + STACK_POINTER_AT, 4);
    call.cells.push(value);
  }

  private pop(call: Call): Thing | null {
    const value = call.cells.pop();
    if (value === undefined) throw new Error('the object stack of the original layout is empty');
    this.write(call.objects.address + STACK_POINTER_AT, 4);
    return value;
  }

  private intCell(call: Call, depth: number): void {
    this.write(call.ints.address + CELLS_AT + 4 * depth, 4);
    this.write(call.ints.address + STACK_POINTER_AT, 4);
  }

  /** The instruction before was a call, or is the first. Its method has begun, or was one of the kernel's and is over. */
  private settleCall(frame: Frame): void {
    const caller = this.calls[this.calls.length - 1];
    if (caller === undefined) {
      this.begin(frame, this.knownThing(frame.self, 0), [null]);
      return;
    }
    const { pending } = this;
    this.pending = undefined;
    if (pending === undefined) return;
    if (pending.hasClass) this.pop(caller);
    const own = pending.hasClass ? this.pop(caller) : undefined;
    const args = Array.from({ length: pending.args }, () => this.pop(caller)).reverse();
    const self = own === undefined ? this.pop(caller) : own;
    this.write(caller.object.address + INSTRUCTION_POINTER_AT, 4);
    if (caller.frame !== frame) {
      const slots = frame.self.cls.slots;
      this.begin(frame, self ?? this.knownThing(frame.self, slots), args);
      return;
    }
    for (const value of [...args, self]) this.release(value);
    this.push(caller, null);
  }

  private leave(call: Call): void {
    const value = call.cells.length > 0 ? this.pop(call) : null;
    this.calls.pop();
    for (const cell of call.cells) this.release(cell);
    this.release(call.self);
    for (const object of [call.exceptions, call.ints, call.objects, call.object]) this.release(object);
    this.registers();
    const caller = this.calls[this.calls.length - 1];
    if (caller !== undefined) this.push(caller, value);
  }

  private execute(call: Call, frame: Frame): void {
    const { code } = frame.method;
    const at = frame.ip;
    const opcode = code[at];
    const field = (index: number): number => (call.self?.address ?? 0) + HEADER_BYTES + 4 * index;
    if (NO_WRITES.has(opcode)) return;
    if (INT_CELL_OPCODES.has(opcode)) {
      this.intCell(call, frame.isp);
      return;
    }
    if ((opcode & 0xe0) === OPCODE_CALL_SHORT) {
      this.pending = { args: code[at + 1], hasClass: false };
      return;
    }
    switch (opcode) {
      case 0x08:
        this.leave(call);
        return;
      case 0x12: // os_dup
      case 0x1c: {
        // os_pull32
        const depth = opcode === 0x12 ? 0 : code.readInt32BE(at + 1);
        const value = call.cells[call.cells.length - 1 - depth];
        this.retain(value);
        this.push(call, value);
        return;
      }
      case 0x13: // os_drop
        this.release(this.pop(call));
        return;
      case 0x14: {
        // os_load8
        const value = call.self?.fields[code[at + 1]] ?? null;
        this.retain(value);
        this.push(call, value);
        return;
      }
      case 0x15: {
        // os_save8
        const index = code[at + 1];
        const value = this.pop(call);
        if (call.self === null) throw new Error('a field of null was set');
        const old = call.self.fields[index] ?? null;
        call.self.fields[index] = value;
        this.write(field(index), 4);
        this.release(old);
        return;
      }
      case 0x18: {
        // new: the class is on the stack
        this.pop(call);
        const cls = frame.objects[frame.osp - 1];
        if (cls === null || typeof cls === 'number' || !('slots' in cls)) throw new Error('new of what is no class');
        const slots = Number(cls.slots);
        this.push(call, this.allocate('small', 4 * slots, slots));
        return;
      }
      case 0x1e: {
        // os_get32
        const value = call.cells[code.readInt32BE(at + 1)];
        this.retain(value);
        this.push(call, value);
        return;
      }
      case 0x1f: {
        // os_set32
        const value = this.pop(call);
        const index = code.readInt32BE(at + 1);
        this.release(call.cells[index]);
        this.write(call.objects.address + CELLS_AT + 4 * index, 4);
        call.cells[index] = value;
        return;
      }
      case 0x28: // const_pool
      case 0x30: // summon_thread
      case 0x37: // summon_null
      case 0x38:
      case 0x39:
      case 0x3a:
      case 0x3f: // summon_by_name
        this.push(call, null);
        return;
      case 0x29: // stack_reserve
        for (let i = 0; i < code[at + 1]; i++) this.push(call, null);
        for (let i = 0; i < code[at + 2]; i++) this.intCell(call, frame.isp + i);
        return;
      case 0x2d: // push_catcher
      case 0x2e: // pop_catcher
        if (opcode === 0x2d) this.pop(call);
        this.write(call.exceptions.address + STACK_POINTER_AT, 12);
        return;
      case 0x31: // summon_this
        this.retain(call.self);
        this.push(call, call.self);
        return;
      case 0x40: // i2o
        this.intCell(call, frame.isp - 1);
        this.push(call, this.allocate('int', INT_BYTES, 0));
        return;
      case 0x41: // o2i
        this.release(this.pop(call));
        this.intCell(call, frame.isp);
        return;
      case 0x6e: // static_invoke
        this.pending = { args: code.readInt32BE(at + 5), hasClass: true };
        return;
      default:
        throw new Error(`opcode 0x${opcode.toString(16)} is not modelled in the original's layout`);
    }
  }
}
