/**
 * Register allocation: a place for each variable, by colouring the interference graph (Chaitin; Briggs, Cooper and Torczon 1994).
 *
 * Variables joined by copies are merged where that cannot make colouring harder (Briggs' test), then variables with fewer neighbours
 * than registers are set aside one by one, the cheapest to keep in memory when none is left, and coloured in reverse order. A
 * variable may live in a scratch register if no instruction over its life may use that register; what gets no register gets a
 * frame slot, shared where lives do not overlap.
 */

import { cleanUp } from './cleanup.js';
import { buildInterference, type Interference } from './interference.js';
import {
  type Expression,
  type IrFunction,
  mapLeaves,
  mapTargets,
  mapTerminatorTrees,
  mapTrees,
  type Variable,
  variable,
} from './ir.js';
import { layOut } from './layout.js';
import { analyseLiveness, BitSet, required, stepBackward, terminatorUses } from './liveness.js';
import { EAX, EBP, EBX, ECX, EDI, EDX, ESI } from './x86.js';

/** Places. Variables are renumbered by it so that each has a place of its own. */
export interface Allocation {
  /** Register of each variable, -1 for none. */
  readonly registers: Int8Array;
  /** Frame slot of each variable without a register; -1 - i: incoming argument word i stays in place. */
  readonly slotOf: Int32Array;
  readonly slots: number;
  /** Whether each parameter's value is wanted. */
  readonly enters: readonly boolean[];
  /** For each block, the scratch registers that hold a live variable when statement i is evaluated; the last is the terminator. */
  readonly occupied: readonly Uint8Array[];
}

const scratchMask = (1 << EAX) | (1 << ECX) | (1 << EDX);
/** In order of preference: scratch registers cost no saving. */
const colours = [EDX, ECX, EAX, EBX, ESI, EDI, EBP] as const;
const calleeSaved = [EBX, ESI, EDI, EBP] as const;
const allColours = colours.reduce<number>((mask, r) => mask | (1 << r), 0);
/** A saved register costs a push and a pop. */
const savingCost = 2;

/**
 * Allocates, and rewrites the function so that a variable stands for a place; copies that came to nothing are gone, and blocks that
 * became empty with them. `hope`: as for `buildInterference`.
 */
export function allocate(f: IrFunction, hope: boolean): Allocation {
  const graph = buildInterference(f, analyseLiveness(f), hope);
  const colouring = new Colouring(f, graph);
  colouring.run();
  const enters = f.params.map((v) => graph.enters[v] !== 0);
  const places = renumber(f, colouring, enters);
  removeEmptyCopies(f);
  cleanUp(f);
  layOut(f);
  return { ...places, slots: colouring.slots, enters, occupied: occupiedRegisters(f, places.registers) };
}

/** Gives all variables of one place one number. */
function renumber(
  f: IrFunction,
  colouring: Colouring,
  enters: readonly boolean[],
): Pick<Allocation, 'registers' | 'slotOf'> {
  const numbers = new Map<number, Variable>();
  const registers: number[] = [];
  const slotOf: number[] = [];
  const map = (v: Variable): Variable => {
    const register = colouring.registers[v];
    const slot = register >= 0 ? 0 : colouring.slotOf[v];
    const place = register >= 0 ? register : slot >= 0 ? 8 + slot * 2 : 7 - slot * 2;
    const known = numbers.get(place);
    if (known !== undefined) return known;
    numbers.set(place, registers.length);
    registers.push(register);
    slotOf.push(slot);
    return registers.length - 1;
  };
  const leaf = (e: Expression): Expression => (e.kind === 'variable' ? variable(map(e.variable)) : e);
  const tree = (e: Expression): Expression => mapLeaves(e, leaf);
  for (const block of f.blocks) {
    for (const s of block.statements) {
      mapTrees(s, tree);
      mapTargets(s, map);
    }
    mapTerminatorTrees(block.end, tree);
  }
  // A parameter that is not wanted has no place, whatever its number.
  f.params.forEach((v, i) => {
    f.params[i] = enters[i] ? map(v) : -1;
  });
  f.variables = registers.length;
  return { registers: Int8Array.from(registers), slotOf: Int32Array.from(slotOf) };
}

function removeEmptyCopies(f: IrFunction): void {
  for (const block of f.blocks) {
    const kept = block.statements.filter(
      (s) => !(s.kind === 'set' && s.value.kind === 'variable' && s.value.variable === s.target),
    );
    block.statements.splice(0, block.statements.length, ...kept);
  }
}

function occupiedRegisters(f: IrFunction, registers: Int8Array): Uint8Array[] {
  const liveness = analyseLiveness(f);
  return f.blocks.map((block) => {
    const masks = new Uint8Array(block.statements.length + 1);
    const live = new BitSet(f.variables);
    const held = (): number => {
      let mask = 0;
      live.forEach((v) => {
        if (registers[v] >= 0) mask |= 1 << registers[v];
      });
      return mask & scratchMask;
    };
    live.copyFrom(required(liveness.liveOut, block));
    terminatorUses(block, live);
    masks[block.statements.length] = held();
    for (let i = block.statements.length - 1; i >= 0; i--) {
      stepBackward(block.statements[i], live);
      masks[i] = held();
    }
    return masks;
  });
}

class Colouring {
  readonly registers: Int8Array;
  readonly slotOf: Int32Array;
  slots = 0;
  /** Merged variables: union by pointing to a representative. */
  private readonly parent: Int32Array;
  private readonly used: Uint8Array;
  private readonly incomingWord: Int32Array;

  constructor(
    private readonly f: IrFunction,
    private readonly graph: Interference,
  ) {
    const n = f.variables;
    this.registers = new Int8Array(n).fill(-1);
    this.slotOf = new Int32Array(n);
    this.parent = Int32Array.from({ length: n }, (_, i) => i);
    this.used = new Uint8Array(n);
    this.incomingWord = new Int32Array(n).fill(-1);
  }

  run(): void {
    const { f, graph } = this;
    for (let v = 0; v < f.variables; v++) this.used[v] = graph.weight[v] > 0 ? 1 : 0;
    f.params.forEach((v, i) => {
      if (i >= 3 && graph.enters[v] !== 0) this.incomingWord[v] = i;
    });
    this.merge();
    this.colour(this.simplify());
    this.dropCheapRegisters();
    this.mergeSlots();
    this.assignSlots();
    for (let v = 0; v < f.variables; v++) {
      const node = this.find(v);
      this.registers[v] = this.registers[node];
      this.slotOf[v] = this.slotOf[node];
    }
  }

  private find(v: Variable): Variable {
    let at = v;
    while (this.parent[at] !== at) at = this.parent[at];
    return at;
  }

  private allowed(node: Variable): number {
    return countBits(allColours & ~this.graph.forbidden[node]);
  }

  private neighbours(node: Variable, visit: (other: Variable) => void): void {
    this.graph.rows[node].forEach((other) => {
      if (this.parent[other] === other && this.used[other] !== 0) visit(other);
    });
  }

  private degree(node: Variable): number {
    let n = 0;
    this.neighbours(node, () => n++);
    return n;
  }

  /** Merges the two ends of copies. */
  private merge(): void {
    const { graph } = this;
    const copies = [...graph.copies].sort((a, b) => b.weight - a.weight || a.to - b.to);
    for (const { to, from } of copies) {
      const a = this.find(to);
      const b = this.find(from);
      if (a === b || graph.rows[a].has(b)) continue;
      if (this.incomingWord[a] >= 0 && this.incomingWord[b] >= 0) continue;
      if (this.mergeable(a, b)) this.unite(a, b);
    }
  }

  /** Briggs: the merged node stays colourable if it has fewer neighbours of significant degree than colours. */
  private mergeable(a: Variable, b: Variable): boolean {
    const { graph } = this;
    const colourCount = countBits(allColours & ~(graph.forbidden[a] | graph.forbidden[b]));
    if (colourCount < Math.min(this.allowed(a), this.allowed(b))) return false;
    const union = new BitSet(this.f.variables);
    union.copyFrom(graph.rows[a]);
    union.unite(graph.rows[b]);
    let significant = 0;
    union.forEach((other) => {
      if (this.parent[other] === other && this.degree(other) >= this.allowed(other)) significant++;
    });
    return significant < colourCount;
  }

  private unite(a: Variable, b: Variable): void {
    const { graph } = this;
    graph.rows[b].forEach((other) => {
      graph.rows[a].add(other);
      graph.rows[other].add(a);
    });
    this.parent[b] = a;
    graph.weight[a] += graph.weight[b];
    graph.forbidden[a] |= graph.forbidden[b];
    this.incomingWord[a] = Math.max(this.incomingWord[a], this.incomingWord[b]);
  }

  /** The order in which nodes were set aside. */
  private simplify(): Variable[] {
    const { graph } = this;
    const n = this.f.variables;
    const degree = new Int32Array(n);
    const waiting = new Set<Variable>();
    for (let v = 0; v < n; v++) {
      if (this.parent[v] !== v || this.used[v] === 0) continue;
      waiting.add(v);
      degree[v] = this.degree(v);
    }
    const aside: Variable[] = [];
    const easy = [...waiting].filter((v) => degree[v] < this.allowed(v));
    const remove = (v: Variable): void => {
      waiting.delete(v);
      aside.push(v);
      this.neighbours(v, (other) => {
        if (!waiting.has(other)) return;
        degree[other]--;
        if (degree[other] === this.allowed(other) - 1) easy.push(other);
      });
    };
    while (waiting.size > 0) {
      const v = easy.pop();
      if (v !== undefined) {
        if (waiting.has(v)) remove(v);
        continue;
      }
      let cheapest = -1;
      let lowest = Infinity;
      for (const candidate of waiting) {
        const cost = graph.weight[candidate] / (degree[candidate] + 1);
        if (cost < lowest) {
          lowest = cost;
          cheapest = candidate;
        }
      }
      remove(cheapest);
    }
    return aside;
  }

  private colour(aside: readonly Variable[]): void {
    const { graph, registers } = this;
    const partners = this.partners();
    const wanted = new Map<Variable, number>();
    this.f.params.forEach((v, i) => {
      if (i < 3 && graph.enters[v] !== 0) wanted.set(this.find(v), [EAX, EDX, ECX][i]);
    });
    let saved = 0;
    for (const node of [...aside].reverse()) {
      let taken = graph.forbidden[node];
      this.neighbours(node, (other) => {
        if (registers[other] >= 0) taken |= 1 << registers[other];
      });
      const free = allColours & ~taken;
      if (free === 0) continue;
      const favourite = [wanted.get(node) ?? -1, ...(partners.get(node) ?? []).map((p) => registers[p])];
      let choice = favourite.find((r) => r >= 0 && (free & (1 << r)) !== 0);
      choice ??= colours.find((r) => (free & (1 << r)) !== 0 && ((scratchMask | saved) & (1 << r)) !== 0);
      choice ??= colours.find((r) => (free & (1 << r)) !== 0);
      if (choice === undefined) throw new Error('a free register was not found');
      registers[node] = choice;
      if ((scratchMask & (1 << choice)) === 0) saved |= 1 << choice;
    }
  }

  /** The nodes at the other end of copies that were not merged. */
  private partners(): Map<Variable, Variable[]> {
    const partners = new Map<Variable, Variable[]>();
    const add = (a: Variable, b: Variable): void => {
      partners.set(a, [...(partners.get(a) ?? []), b]);
    };
    for (const { to, from } of this.graph.copies) {
      const a = this.find(to);
      const b = this.find(from);
      if (a === b) continue;
      add(a, b);
      add(b, a);
    }
    return partners;
  }

  /** A saved register whose variables are used less than saving it costs is given up. */
  private dropCheapRegisters(): void {
    const { graph, registers } = this;
    for (const r of calleeSaved) {
      let benefit = 0;
      for (let v = 0; v < registers.length; v++)
        if (this.parent[v] === v && registers[v] === r) benefit += graph.weight[v];
      if (benefit > savingCost) continue;
      for (let v = 0; v < registers.length; v++) if (registers[v] === r) registers[v] = -1;
    }
  }

  /** Merges copies between slots: that takes no register from anyone. */
  private mergeSlots(): void {
    const { graph, registers } = this;
    for (const { to, from } of graph.copies) {
      const a = this.find(to);
      const b = this.find(from);
      if (a === b || registers[a] >= 0 || registers[b] >= 0 || graph.rows[a].has(b)) continue;
      if (this.incomingWord[a] >= 0 && this.incomingWord[b] >= 0) continue;
      this.unite(a, b);
    }
  }

  private assignSlots(): void {
    const { registers, slotOf } = this;
    for (let v = 0; v < registers.length; v++) {
      if (this.parent[v] !== v || this.used[v] === 0 || registers[v] >= 0) continue;
      if (this.incomingWord[v] >= 0) {
        slotOf[v] = -1 - this.incomingWord[v];
        continue;
      }
      const taken = new Set<number>();
      this.neighbours(v, (other) => {
        if (other < v && registers[other] < 0) taken.add(slotOf[other]);
      });
      let slot = 0;
      while (taken.has(slot)) slot++;
      slotOf[v] = slot;
      this.slots = Math.max(this.slots, slot + 1);
    }
  }
}

export function countBits(mask: number): number {
  let n = 0;
  for (let m = mask; m !== 0; m &= m - 1) n++;
  return n;
}
