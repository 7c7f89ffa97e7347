/**
 * Intermediate code: a control-flow graph of basic blocks whose statements assign trees of 32-bit operations to variables.
 *
 * The rule that makes it right: a tree is pure. It reads variables, globals and memory but changes nothing, so a statement may
 * evaluate its trees in any order. Everything with an effect, or that needs particular machine registers (calls, division, shifts
 * by a variable amount, 64-bit carries), is a statement of its own. wasm's 64-bit and floating-point values are already pairs of
 * variables or single ones holding bit patterns.
 */

export type Variable = number;

export type BinaryOperator = 'add' | 'sub' | 'mul' | 'and' | 'or' | 'xor';
export type ShiftOperator = 'shl' | 'shr_s' | 'shr_u' | 'rotl';
export type Comparison = 'eq' | 'ne' | 'lt_s' | 'lt_u' | 'gt_s' | 'gt_u' | 'le_s' | 'le_u' | 'ge_s' | 'ge_u';
/** The order of two 64-bit values, as a comparison of low words followed by a subtraction of the high ones with borrow. */
export type WideComparison = 'lt_s' | 'lt_u' | 'ge_s' | 'ge_u';

export type Expression =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'global'; readonly address: number }
  | {
      readonly kind: 'load';
      readonly size: 1 | 2 | 4;
      readonly signed: boolean;
      readonly address: Expression;
      readonly offset: number;
      /** Neither moved, merged nor left out. */
      readonly volatile?: true;
    }
  | { readonly kind: 'binary'; readonly op: BinaryOperator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'shift'; readonly op: ShiftOperator; readonly left: Expression; readonly count: number }
  | { readonly kind: 'extend'; readonly bits: 8 | 16; readonly value: Expression }
  /** The four bytes in reverse order. */
  | { readonly kind: 'swap'; readonly value: Expression }
  | { readonly kind: 'compare'; readonly op: Comparison; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'compareWide';
      readonly op: WideComparison;
      /** All four are leaves: constants or variables. */
      readonly leftLow: Expression;
      readonly leftHigh: Expression;
      readonly rightLow: Expression;
      readonly rightHigh: Expression;
    };

export type CallTarget =
  | { readonly kind: 'function'; readonly index: number }
  | { readonly kind: 'routine'; readonly name: string }
  /** `signature`: as `signatureOf` writes it. */
  | { readonly kind: 'table'; entry: Expression; readonly signature: string };

export type DivideOperator = 'div_s' | 'div_u' | 'rem_s' | 'rem_u';
export type CountOperator = 'clz' | 'ctz';

export type Statement = {
  readonly offset: number;
} /** `apart`: target and source are meant to have different places. */ & (
  | { readonly kind: 'set'; target: Variable; value: Expression; readonly apart?: true }
  | { readonly kind: 'setGlobal'; readonly address: number; value: Expression }
  | {
      readonly kind: 'store';
      readonly size: 1 | 2 | 4;
      address: Expression;
      readonly displacement: number;
      value: Expression;
    }
  /** Evaluates a tree for the faults its loads may raise. */
  | { readonly kind: 'evaluate'; value: Expression }
  | { readonly kind: 'call'; readonly target: CallTarget; args: Expression[]; results: Variable[] }
  | { readonly kind: 'intrinsic'; readonly name: string; args: Expression[]; results: Variable[] }
  | { readonly kind: 'divide'; readonly op: DivideOperator; target: Variable; left: Expression; right: Expression }
  | {
      readonly kind: 'shiftBy';
      readonly op: ShiftOperator | 'rotr';
      target: Variable;
      left: Expression;
      count: Expression;
    }
  | { readonly kind: 'count'; readonly op: CountOperator; target: Variable; value: Expression }
  /** Full product of two 32-bit values. */
  | {
      readonly kind: 'multiplyWide';
      readonly signed: boolean;
      low: Variable;
      high: Variable;
      left: Expression;
      right: Expression;
    }
  /** Sum or difference of 64-bit values; the right-hand words are leaves. */
  | {
      readonly kind: 'addWide';
      readonly op: 'add' | 'sub';
      low: Variable;
      high: Variable;
      leftLow: Expression;
      leftHigh: Expression;
      rightLow: Expression;
      rightHigh: Expression;
    }
  /** `target` = the upper (left) or lower (right) word of `high:low` shifted by 1 to 31. */
  | {
      readonly kind: 'shiftDouble';
      readonly op: 'left' | 'right';
      target: Variable;
      into: Expression;
      from: Expression;
      readonly count: number;
    }
);

export type Terminator = { readonly offset: number } & (
  | { kind: 'jump'; to: Block }
  | { kind: 'branch'; condition: Expression; yes: Block; no: Block }
  | { kind: 'switch'; selector: Expression; targets: Block[]; otherwise: Block }
  | { kind: 'return'; values: Expression[] }
  | { kind: 'unreachable' }
);

export interface Block {
  /** Position in the function's layout; renumbered by passes that reorder. */
  id: number;
  readonly statements: Statement[];
  end: Terminator;
  loopDepth: number;
  /** Target of a backward branch. */
  loopHead: boolean;
}

export interface IrFunction {
  readonly name: string;
  readonly index: number;
  /** Variables that receive the argument words, in order. */
  readonly params: Variable[];
  readonly resultWords: number;
  variables: number;
  blocks: Block[];
}

export function constant(value: number): Expression {
  return { kind: 'constant', value: value | 0 };
}

export function variable(v: Variable): Expression {
  return { kind: 'variable', variable: v };
}

export function isLeaf(e: Expression): boolean {
  return e.kind === 'constant' || e.kind === 'variable';
}

export function isConstant(e: Expression, value: number): boolean {
  return e.kind === 'constant' && e.value === value;
}

/** The operands of a tree node. */
export function children(e: Expression): Expression[] {
  switch (e.kind) {
    case 'constant':
    case 'variable':
    case 'global':
      return [];
    case 'load':
      return [e.address];
    case 'binary':
    case 'compare':
      return [e.left, e.right];
    case 'shift':
      return [e.left];
    case 'extend':
    case 'swap':
      return [e.value];
    case 'compareWide':
      return [e.leftLow, e.leftHigh, e.rightLow, e.rightHigh];
  }
}

export function some(e: Expression, test: (e: Expression) => boolean): boolean {
  if (test(e)) return true;
  switch (e.kind) {
    case 'constant':
    case 'variable':
    case 'global':
      return false;
    case 'load':
      return some(e.address, test);
    case 'binary':
    case 'compare':
      return some(e.left, test) || some(e.right, test);
    case 'shift':
      return some(e.left, test);
    case 'extend':
    case 'swap':
      return some(e.value, test);
    default:
      return children(e).some((c) => some(c, test));
  }
}

export function readsVariable(e: Expression, v: Variable): boolean {
  return some(e, (x) => x.kind === 'variable' && x.variable === v);
}

export function readsMemory(e: Expression): boolean {
  return some(e, (x) => x.kind === 'load');
}

export function forEachVariable(e: Expression, visit: (v: Variable) => void): void {
  some(e, (x) => {
    if (x.kind === 'variable') visit(x.variable);
    return false;
  });
}

/** The tree with its leaves replaced. */
export function mapLeaves(e: Expression, leaf: (e: Expression) => Expression): Expression {
  switch (e.kind) {
    case 'constant':
    case 'variable':
    case 'global':
      return leaf(e);
    case 'load': {
      const address = mapLeaves(e.address, leaf);
      return address === e.address ? e : { ...e, address };
    }
    case 'binary':
    case 'compare': {
      const left = mapLeaves(e.left, leaf);
      const right = mapLeaves(e.right, leaf);
      return left === e.left && right === e.right ? e : { ...e, left, right };
    }
    case 'shift': {
      const left = mapLeaves(e.left, leaf);
      return left === e.left ? e : { ...e, left };
    }
    case 'extend':
    case 'swap': {
      const value = mapLeaves(e.value, leaf);
      return value === e.value ? e : { ...e, value };
    }
    case 'compareWide':
      return {
        ...e,
        leftLow: leaf(e.leftLow),
        leftHigh: leaf(e.leftHigh),
        rightLow: leaf(e.rightLow),
        rightHigh: leaf(e.rightHigh),
      };
  }
}

/** Replaces the trees of a statement. */
export function mapTrees(s: Statement, map: (e: Expression) => Expression): void {
  switch (s.kind) {
    case 'set':
    case 'setGlobal':
    case 'evaluate':
    case 'count':
      s.value = map(s.value);
      return;
    case 'store':
      s.address = map(s.address);
      s.value = map(s.value);
      return;
    case 'call':
      s.args = s.args.map(map);
      if (s.target.kind === 'table') s.target.entry = map(s.target.entry);
      return;
    case 'intrinsic':
      s.args = s.args.map(map);
      return;
    case 'divide':
    case 'multiplyWide':
      s.left = map(s.left);
      s.right = map(s.right);
      return;
    case 'shiftBy':
      s.left = map(s.left);
      s.count = map(s.count);
      return;
    case 'addWide':
      s.leftLow = map(s.leftLow);
      s.leftHigh = map(s.leftHigh);
      s.rightLow = map(s.rightLow);
      s.rightHigh = map(s.rightHigh);
      return;
    case 'shiftDouble':
      s.into = map(s.into);
      s.from = map(s.from);
      return;
  }
}

/** Replaces the variables a statement assigns. */
export function mapTargets(s: Statement, map: (v: Variable) => Variable): void {
  switch (s.kind) {
    case 'set':
    case 'divide':
    case 'shiftBy':
    case 'count':
    case 'shiftDouble':
      s.target = map(s.target);
      return;
    case 'call':
    case 'intrinsic':
      s.results = s.results.map(map);
      return;
    case 'multiplyWide':
    case 'addWide':
      s.low = map(s.low);
      s.high = map(s.high);
      return;
    default:
      return;
  }
}

export function mapTerminatorTrees(t: Terminator, map: (e: Expression) => Expression): void {
  if (t.kind === 'branch') t.condition = map(t.condition);
  else if (t.kind === 'switch') t.selector = map(t.selector);
  else if (t.kind === 'return') t.values = t.values.map(map);
}

/** A copy that shares only trees, which are never changed in place. */
export function cloneStatement(s: Statement): Statement {
  if (s.kind === 'call') return { ...s, args: [...s.args], results: [...s.results], target: { ...s.target } };
  if (s.kind === 'intrinsic') return { ...s, args: [...s.args], results: [...s.results] };
  return { ...s };
}

export function cloneTerminator(t: Terminator): Terminator {
  if (t.kind === 'switch') return { ...t, targets: [...t.targets] };
  if (t.kind === 'return') return { ...t, values: [...t.values] };
  return { ...t };
}

export function isVolatile(e: Expression): boolean {
  return some(e, (x) => x.kind === 'load' && x.volatile === true);
}

/** The trees a statement evaluates. */
export function statementTrees(s: Statement): Expression[] {
  switch (s.kind) {
    case 'set':
    case 'setGlobal':
    case 'evaluate':
    case 'count':
      return [s.value];
    case 'store':
      return [s.address, s.value];
    case 'call':
      return s.target.kind === 'table' ? [...s.args, s.target.entry] : s.args;
    case 'intrinsic':
      return s.args;
    case 'divide':
    case 'multiplyWide':
      return [s.left, s.right];
    case 'shiftBy':
      return [s.left, s.count];
    case 'addWide':
      return [s.leftLow, s.leftHigh, s.rightLow, s.rightHigh];
    case 'shiftDouble':
      return [s.into, s.from];
  }
}

/** The variables a statement assigns. */
export function statementTargets(s: Statement): Variable[] {
  switch (s.kind) {
    case 'set':
    case 'divide':
    case 'shiftBy':
    case 'count':
    case 'shiftDouble':
      return [s.target];
    case 'call':
    case 'intrinsic':
      return s.results;
    case 'multiplyWide':
    case 'addWide':
      return [s.low, s.high];
    case 'setGlobal':
    case 'store':
    case 'evaluate':
      return [];
  }
}

export function terminatorTrees(t: Terminator): Expression[] {
  switch (t.kind) {
    case 'jump':
    case 'unreachable':
      return [];
    case 'branch':
      return [t.condition];
    case 'switch':
      return [t.selector];
    case 'return':
      return t.values;
  }
}

export function successors(t: Terminator): Block[] {
  switch (t.kind) {
    case 'jump':
      return [t.to];
    case 'branch':
      return [t.yes, t.no];
    case 'switch':
      return [...t.targets, t.otherwise];
    case 'return':
    case 'unreachable':
      return [];
  }
}
