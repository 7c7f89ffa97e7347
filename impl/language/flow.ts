/**
 * Which statements are reached, and which variables have a value there.
 *
 * Warnings, no errors: the original accepts such programs, and the machine gives them a meaning (a number never assigned
 * is 0, an object null; a method that ends without return returns null).
 *
 * A state is the set of variables that have a value on every path, one bit each; undefined where no path leads.
 */

import type { Bound, BoundMethod, BoundStatement } from './bound.js';
import type { Span } from './source.js';

export interface FlowReport {
  unreachable(span: Span): void;
  unassigned(name: string, isNumber: boolean, span: Span): void;
}

type State = bigint | undefined;

function join(a: State, b: State): State {
  if (a === undefined) return b;
  return b === undefined ? a : a & b;
}

interface Exits {
  /** Of breaks, and of continues, to the innermost place. */
  breaks: State;
  continues: State;
}

class Flow {
  private exits: Exits = { breaks: undefined, continues: undefined };

  constructor(private readonly report: FlowReport) {}

  // Expressions: the state after, given the one before. In conditions, one each for true and for false.

  private value(bound: Bound, state: bigint): bigint {
    switch (bound.op) {
      case 'constant':
      case 'null':
      case 'this':
      case 'field':
      case 'static':
      case 'class':
        return state;
      case 'variable': {
        const { bit, name, numeric } = bound.variable;
        if (bit === undefined || (state >> BigInt(bit)) & 1n) return state;
        this.report.unassigned(name, numeric !== undefined, bound);
        // Told once.
        return state | (1n << BigInt(bit));
      }
      case 'box':
      case 'unbox':
      case 'convert':
      case 'cast':
      case 'negate':
      case 'complement':
      case 'isNull':
        return this.value(bound.value, state);
      case 'element':
        return this.value(bound.index, this.value(bound.array, state));
      case 'arithmetic':
      case 'compare':
      case 'same':
        return this.value(bound.right, this.value(bound.left, state));
      case 'not':
      case 'and':
      case 'or': {
        const { whenTrue, whenFalse } = this.condition(bound, state);
        return join(whenTrue, whenFalse) ?? state;
      }
      case 'call':
        return bound.args.reduce((now, arg) => this.value(arg, now), this.value(bound.object, state));
      case 'new':
        return bound.args.reduce((now, arg) => this.value(arg, now), this.value(bound.cls, state));
      case 'assign':
        return this.assign(bound, state);
      case 'sequence': {
        const before = bound.before.reduce((now, one) => this.value(one, now), state);
        return this.value(bound.value, before);
      }
    }
  }

  private assign(bound: Extract<Bound, { op: 'assign' }>, state: bigint): bigint {
    const { target } = bound;
    let now = state;
    if (target.kind === 'element') now = this.value(target.index, this.value(target.array, now));
    now = this.value(bound.value, now);
    if (target.kind !== 'variable' || target.variable.bit === undefined) return now;
    return now | (1n << BigInt(target.variable.bit));
  }

  private condition(bound: Bound, state: bigint): { whenTrue: State; whenFalse: State } {
    if (bound.op === 'not') {
      const { whenTrue, whenFalse } = this.condition(bound.value, state);
      return { whenTrue: whenFalse, whenFalse: whenTrue };
    }
    if (bound.op === 'and' || bound.op === 'or') {
      const left = this.condition(bound.left, state);
      const on = bound.op === 'and' ? left.whenTrue : left.whenFalse;
      const right = on === undefined ? { whenTrue: undefined, whenFalse: undefined } : this.condition(bound.right, on);
      if (bound.op === 'and') return { whenTrue: right.whenTrue, whenFalse: join(left.whenFalse, right.whenFalse) };
      return { whenTrue: join(left.whenTrue, right.whenTrue), whenFalse: right.whenFalse };
    }
    const after = this.value(bound, state);
    const known =
      bound.op === 'constant' && bound.value.kind !== 'string' ? Number(bound.value.value) !== 0 : undefined;
    return { whenTrue: known === false ? undefined : after, whenFalse: known === true ? undefined : after };
  }

  // Statements: the state behind.

  statement(bound: BoundStatement, state: State): State {
    if (bound.op === 'at') return this.placed(bound, state);
    if (bound.op === 'block') return this.block(bound.body, state);
    if (state === undefined) return undefined;
    switch (bound.op) {
      case 'evaluate':
        return this.value(bound.value, state);
      case 'if': {
        const { whenTrue, whenFalse } = this.condition(bound.condition, state);
        // A branch that a constant rules out is meant so.
        const consequent = this.statement(bound.consequent, whenTrue ?? state);
        const otherwise =
          bound.otherwise === undefined ? whenFalse : this.statement(bound.otherwise, whenFalse ?? state);
        return join(whenTrue === undefined ? undefined : consequent, whenFalse === undefined ? undefined : otherwise);
      }
      case 'loop':
        return this.loop(bound, state);
      case 'switch':
        return this.switch(bound, state);
      case 'break':
        this.exits.breaks = join(this.exits.breaks, state);
        return undefined;
      case 'continue':
        this.exits.continues = join(this.exits.continues, state);
        return undefined;
      case 'return':
        if (bound.value !== undefined) this.value(bound.value, state);
        return undefined;
      case 'throw':
        this.value(bound.value, state);
        return undefined;
      case 'try': {
        const after = this.statement(bound.body, state);
        // The exception may come before anything was assigned.
        return bound.catches.reduce((now, { body }) => join(now, this.statement(body, state)), after);
      }
    }
  }

  private placed(bound: Extract<BoundStatement, { op: 'at' }>, state: State): State {
    return this.statement(bound.statement, state);
  }

  private block(body: readonly BoundStatement[], state: State): State {
    let now = state;
    let told = state === undefined;
    for (const statement of body) {
      if (now === undefined && !told && statement.op === 'at' && !isEmpty(statement)) {
        this.report.unreachable(statement);
        told = true;
      }
      now = this.statement(statement, now);
    }
    return now;
  }

  private loop(bound: Extract<BoundStatement, { op: 'loop' }>, state: bigint): State {
    const outer = this.exits;
    this.exits = { breaks: undefined, continues: undefined };
    let after: State;
    if (bound.testFirst) {
      const { condition } = bound;
      const first =
        condition === undefined ? { whenTrue: state, whenFalse: undefined } : this.condition(condition, state);
      const end = join(this.statement(bound.body, first.whenTrue ?? state), this.exits.continues);
      if (bound.step !== undefined && end !== undefined) this.value(bound.step, end);
      after = first.whenFalse;
    } else {
      const end = join(this.statement(bound.body, state), this.exits.continues);
      after = undefined;
      if (end !== undefined && bound.condition !== undefined) after = this.condition(bound.condition, end).whenFalse;
    }
    after = join(after, this.exits.breaks);
    this.exits = outer;
    return after;
  }

  private switch(bound: Extract<BoundStatement, { op: 'switch' }>, state: bigint): State {
    const start = this.value(bound.value, state);
    const outer = this.exits;
    this.exits = { breaks: undefined, continues: outer.continues };
    let now: State;
    for (const part of bound.parts) {
      const entered = part.labels.length > 0 || part.isDefault;
      now = this.block(part.body, join(now, entered ? start : undefined));
    }
    if (!bound.parts.some(({ isDefault }) => isDefault)) now = join(now, start);
    const after = join(now, this.exits.breaks);
    outer.continues = this.exits.continues;
    this.exits = outer;
    return after;
  }
}

function isEmpty(statement: BoundStatement): boolean {
  if (statement.op === 'at') return isEmpty(statement.statement);
  return statement.op === 'block' && statement.body.every(isEmpty);
}

/** Reports what is never reached or read too early; whether the end of the method is reached. */
export function checkFlow(method: BoundMethod, report: FlowReport): boolean {
  return new Flow(report).statement(method.body, 0n) !== undefined;
}
