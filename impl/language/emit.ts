/**
 * From bound methods to bytecode.
 *
 * Rules: between statements both stacks of a frame are as deep as its variables; wherever paths of code meet, the stacks
 * are equally deep; no jump goes behind the last instruction. A catcher is dropped on every way out of its `try` but
 * `ret`; the machine drops the one it entered a handler by, and those above it.
 */

import type { LineEntry } from '../../model/classfile/index.js';
import { Assembler, Label } from './assembler.js';
import type { BoundMethod, BoundStatement, Variable } from './bound.js';
import { type ConstantPool, ValueEmitter } from './emit-values.js';

type Statement<Name> = Extract<BoundStatement, { op: Name }>;

/** Labels that lie this close together share a table: at most so many entries for so many labels. */
const TABLE_LABELS_MIN = 4;
const tableIsDense = (entries: bigint, labels: number): boolean => entries <= BigInt(3 * labels);

interface Loop {
  readonly breakTo: Label;
  /** Undefined: a switch. */
  readonly continueTo?: Label;
  readonly catchers: number;
}

class MethodEmitter extends ValueEmitter {
  private readonly loops: Loop[] = [];
  private catchers = 0;

  constructor(
    private readonly method: BoundMethod,
    pool: ConstantPool,
    private readonly returnsNull: boolean,
  ) {
    super(method.parameterCount + method.objectSlots, pool);
  }

  emit(endIsReached: boolean): { code: Uint8Array; lines: LineEntry[] } {
    this.statement(this.method.body);
    const end = this.out;
    if (endIsReached || end.labelAtEnd || end.isEmpty) {
      end.line = this.method.lastLine;
      if (this.returnsNull) end.plain('summon_null');
      end.plain('ret');
    }
    const prologue = new Assembler();
    prologue.withByte('arg_count', this.method.parameterCount);
    let objects = this.method.objectSlots + this.temporaryCount;
    let ints = this.method.intSlots;
    while (objects > 0 || ints > 0) {
      prologue.withByte('stack_reserve', Math.min(objects, 255), Math.min(ints, 255));
      objects -= Math.min(objects, 255);
      ints -= Math.min(ints, 255);
    }
    return end.finish(prologue);
  }

  private statement(bound: BoundStatement): void {
    switch (bound.op) {
      case 'at':
        this.statement(bound.statement);
        return;
      case 'block':
        for (const statement of bound.body) this.statement(statement);
        return;
      case 'evaluate':
        this.dropped(bound.value);
        return;
      case 'if':
        this.ifStatement(bound);
        return;
      case 'loop':
        this.loop(bound);
        return;
      case 'switch':
        this.switchStatement(bound);
        return;
      case 'break':
        this.leave(this.loops[this.loops.length - 1], (loop) => loop.breakTo);
        return;
      case 'continue':
        this.leave(
          this.loops.findLast(({ continueTo }) => continueTo !== undefined),
          (loop) => loop.continueTo ?? loop.breakTo,
        );
        return;
      case 'return':
        if (bound.value !== undefined) this.value(bound.value);
        else if (this.returnsNull) this.at(bound.line).plain('summon_null');
        this.at(bound.line).plain('ret');
        return;
      case 'throw':
        this.value(bound.value);
        this.at(bound.line).plain('throw');
        return;
      case 'try':
        this.tryStatement(bound);
        return;
    }
  }

  private leave(loop: Loop | undefined, to: (loop: Loop) => Label): void {
    // Outside a loop it has been reported.
    if (loop === undefined) return;
    for (let i = this.catchers; i > loop.catchers; i--) this.out.plain('pop_catcher');
    this.out.jump('jmp', to(loop));
  }

  private ifStatement({ condition, consequent, otherwise }: Statement<'if'>): void {
    const no = new Label();
    this.branch(condition, no, false);
    this.statement(consequent);
    if (otherwise !== undefined) {
      const end = new Label();
      this.out.jump('jmp', end);
      this.out.place(no);
      this.statement(otherwise);
      this.out.place(end);
    } else {
      this.out.place(no);
    }
  }

  private loop({ condition, testFirst, step, body }: Statement<'loop'>): void {
    const start = new Label();
    const next = new Label();
    const end = new Label();
    this.out.place(start);
    if (testFirst && condition !== undefined) this.branch(condition, end, false);
    this.loops.push({ breakTo: end, continueTo: next, catchers: this.catchers });
    this.statement(body);
    this.loops.pop();
    this.out.place(next);
    if (step !== undefined) this.dropped(step);
    if (testFirst || condition === undefined) this.out.jump('jmp', start);
    else this.branch(condition, start, true);
    this.out.place(end);
  }

  private switchStatement({ value, temporary, parts }: Statement<'switch'>): void {
    const end = new Label();
    const labels = parts.map(() => new Label());
    const targets = new Map<bigint, Label>();
    for (const [i, part] of parts.entries()) for (const label of part.labels) targets.set(label, labels[i]);
    const otherwise = parts.findIndex(({ isDefault }) => isDefault);
    this.value(value);
    this.set(temporary, value.line);
    for (const group of this.groups([...targets.keys()])) this.dispatch(group, targets, temporary, value.line);
    this.out.jump('jmp', otherwise < 0 ? end : labels[otherwise]);
    this.loops.push({ breakTo: end, catchers: this.catchers });
    for (const [i, part] of parts.entries()) {
      this.out.place(labels[i]);
      for (const statement of part.body) this.statement(statement);
    }
    this.loops.pop();
    this.out.place(end);
  }

  /** Labels in groups dense enough for a table each. */
  private groups(labels: bigint[]): bigint[][] {
    const groups: bigint[][] = [];
    for (const label of labels.sort((a, b) => (a < b ? -1 : 1))) {
      const last = groups[groups.length - 1];
      if (last !== undefined && tableIsDense(label - last[0] + 1n, last.length + 1)) last.push(label);
      else groups.push([label]);
    }
    return groups;
  }

  private dispatch(group: readonly bigint[], targets: ReadonlyMap<bigint, Label>, value: Variable, line: number): void {
    const target = (label: bigint): Label | undefined => targets.get(label);
    if (group.length < TABLE_LABELS_MIN) {
      for (const label of group) {
        const to = target(label);
        if (to === undefined) continue;
        this.get(value, line);
        this.wholeConstant(label, 'int');
        this.out.plain('isublu');
        this.out.jump('jz', to);
      }
      return;
    }
    const past = new Label();
    const entries: Label[] = [];
    for (let label = group[0]; label <= group[group.length - 1]; label++) entries.push(target(label) ?? past);
    this.get(value, line);
    this.out.table(Number(BigInt.asIntN(32, -group[0])), entries);
    this.out.place(past);
  }

  private tryStatement({ body, catches, line }: Statement<'try'>): void {
    const end = new Label();
    const handlers = catches.map(() => new Label());
    for (const [i, { cls }] of [...catches.entries()].reverse()) {
      this.summon(cls, line);
      this.out.jump('push_catcher', handlers[i]);
    }
    this.catchers += catches.length;
    this.statement(body);
    this.catchers -= catches.length;
    for (let i = 0; i < catches.length; i++) this.out.plain('pop_catcher');
    this.out.jump('jmp', end);
    for (const [i, clause] of catches.entries()) {
      this.out.place(handlers[i]);
      this.out.withWord('os_set32', clause.variable.slot);
      // The catchers of the clauses behind are still there.
      for (let later = i + 1; later < catches.length; later++) this.out.plain('pop_catcher');
      this.statement(clause.body);
      if (i + 1 < catches.length) this.out.jump('jmp', end);
    }
    this.out.place(end);
  }
}

/** The code of a method and its line map; `returnsNull`: falling off its end returns null. */
export function emitMethod(
  method: BoundMethod,
  pool: ConstantPool,
  options: { readonly returnsNull: boolean; readonly endIsReached: boolean },
): { code: Uint8Array; lines: LineEntry[] } {
  return new MethodEmitter(method, pool, options.returnsNull).emit(options.endIsReached);
}
