/**
 * The program with meaning: names resolved, every conversion written out.
 *
 * Rule: an expression leaves exactly one value, on the stack `stackOf` says; a number on the integer stack has the type
 * its node names. `line` is the line of the source that is reported when the instruction fails.
 */

import type { ConstantValue } from './symbols.js';
import type { NumericKind } from './types.js';

/** A parameter or local. Slots count from the frame's bottom of the stack it lives on. */
export interface Variable {
  readonly name: string;
  /** Undefined: an object. Parameters are always objects. */
  readonly numeric?: NumericKind;
  readonly slot: number;
  /** Bit of the definite-assignment set; undefined of what always has a value. */
  readonly bit?: number;
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '|' | '&' | '^' | '<<' | '>>' | '>>>';
export type Comparison = '==' | '!=' | '<' | '>' | '<=' | '>=';

export type BoundTarget =
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'field'; readonly ordinal: number }
  | { readonly kind: 'static'; readonly cls: string; readonly slot: number }
  | { readonly kind: 'element'; readonly array: Bound; readonly index: Bound };

/** How a call finds its method. */
export type BoundCallee =
  | { readonly kind: 'ordinal'; readonly ordinal: number }
  | { readonly kind: 'super'; readonly ordinal: number; readonly cls: string }
  | { readonly kind: 'name'; readonly name: string };

export type Bound = { readonly line: number } & (
  | { readonly op: 'constant'; readonly value: ConstantValue }
  | { readonly op: 'null' | 'this' }
  | { readonly op: 'variable'; readonly variable: Variable; readonly start: number; readonly end: number }
  | { readonly op: 'field'; readonly ordinal: number }
  | { readonly op: 'static'; readonly cls: string; readonly slot: number; readonly initial?: ConstantValue }
  | { readonly op: 'element'; readonly array: Bound; readonly index: Bound }
  | { readonly op: 'class'; readonly cls: string }
  | { readonly op: 'box'; readonly type: NumericKind; readonly value: Bound }
  | { readonly op: 'unbox'; readonly type: NumericKind; readonly value: Bound }
  | { readonly op: 'convert'; readonly from: NumericKind; readonly to: NumericKind; readonly value: Bound }
  /** Checked when it runs. */
  | { readonly op: 'cast'; readonly cls: string; readonly value: Bound }
  | {
      readonly op: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly type: NumericKind;
      readonly left: Bound;
      readonly right: Bound;
    }
  | { readonly op: 'negate'; readonly type: NumericKind; readonly value: Bound }
  | { readonly op: 'complement'; readonly type: NumericKind; readonly value: Bound }
  | {
      readonly op: 'compare';
      readonly comparison: Comparison;
      readonly type: NumericKind;
      readonly left: Bound;
      readonly right: Bound;
      /** Places for both sides, where equality needs them twice. */
      readonly temporaries?: readonly [Variable, Variable];
    }
  | { readonly op: 'same'; readonly not: boolean; readonly left: Bound; readonly right: Bound }
  | { readonly op: 'isNull'; readonly value: Bound }
  | { readonly op: 'not'; readonly value: Bound }
  | { readonly op: 'and' | 'or'; readonly left: Bound; readonly right: Bound }
  | { readonly op: 'call'; readonly object: Bound; readonly callee: BoundCallee; readonly args: readonly Bound[] }
  /** A new object and, when there is one to call, its constructor. */
  | {
      readonly op: 'new';
      readonly cls: Bound;
      readonly constructorOrdinal?: number;
      readonly args: readonly Bound[];
    }
  /** The value is what was assigned, on the stack where the target keeps it. */
  | { readonly op: 'assign'; readonly target: BoundTarget; readonly numeric?: NumericKind; readonly value: Bound }
  | { readonly op: 'sequence'; readonly before: readonly Bound[]; readonly value: Bound }
);

export interface BoundCatch {
  readonly cls: string;
  readonly variable: Variable;
  readonly body: BoundStatement;
}

export type BoundStatement =
  | { readonly op: 'block'; readonly body: readonly BoundStatement[] }
  | { readonly op: 'evaluate'; readonly value: Bound; readonly start: number; readonly end: number }
  | {
      readonly op: 'if';
      readonly condition: Bound;
      readonly consequent: BoundStatement;
      readonly otherwise?: BoundStatement;
    }
  | {
      readonly op: 'loop';
      /** Undefined: for ever. */
      readonly condition?: Bound;
      readonly testFirst: boolean;
      readonly step?: Bound;
      readonly body: BoundStatement;
    }
  | {
      readonly op: 'switch';
      readonly value: Bound;
      readonly temporary: Variable;
      /** Values of the labels in front of each part; a part runs on into the next. */
      readonly parts: readonly {
        readonly labels: readonly bigint[];
        readonly isDefault: boolean;
        readonly body: readonly BoundStatement[];
      }[];
    }
  | { readonly op: 'break' | 'continue' }
  | { readonly op: 'return'; readonly value?: Bound; readonly line: number }
  | { readonly op: 'throw'; readonly value: Bound; readonly line: number }
  | {
      readonly op: 'try';
      readonly body: BoundStatement;
      readonly catches: readonly BoundCatch[];
      readonly line: number;
    }
  /** The place of a statement, for messages about what never runs. */
  | { readonly op: 'at'; readonly start: number; readonly end: number; readonly statement: BoundStatement };

export interface BoundMethod {
  readonly parameterCount: number;
  readonly objectSlots: number;
  readonly intSlots: number;
  readonly body: BoundStatement;
  /** Line of the closing brace. */
  readonly lastLine: number;
}

/** The type of the number an expression leaves on the integer stack; undefined when it leaves an object. */
export function numericOf(bound: Bound): NumericKind | undefined {
  switch (bound.op) {
    case 'constant':
      return bound.value.kind === 'string' ? undefined : bound.value.kind;
    case 'variable':
      return bound.variable.numeric;
    case 'unbox':
    case 'arithmetic':
    case 'negate':
    case 'complement':
      return bound.type;
    case 'convert':
      return bound.to;
    case 'compare':
    case 'same':
    case 'isNull':
    case 'not':
    case 'and':
    case 'or':
      return 'int';
    case 'assign':
      return bound.numeric;
    case 'sequence':
      return numericOf(bound.value);
    default:
      return undefined;
  }
}
