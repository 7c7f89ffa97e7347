// The tree of a module as it is written. Names are strings here; semantics/ gives each its meaning (`ref`).
import type { DefinitionSymbol, InstanceSymbol, Symbol as TlaSymbol } from '../semantics/symbols.js';
import type { Span } from './source.js';

/** A bound: names in a set, `x, y \in S`, or one tuple of names, `<<x, y>> \in S`; no set: unbounded. */
export interface Bound {
  readonly names: readonly Identifier[];
  readonly tuple: boolean;
  readonly set: Expression | undefined;
}

export interface Identifier {
  readonly name: string;
  readonly span: Span;
  /** Filled in by the analysis: the symbol that the identifier declares. */
  symbol?: TlaSymbol;
}

export interface Parameter extends Identifier {
  /** Number of arguments; 0 for a value. */
  readonly arity: number;
}

/** One name of `A(x)!B(y)!C(z)`. */
export interface PathStep {
  readonly name: string;
  readonly args: readonly Expression[];
  readonly span: Span;
  /** Where the arguments stand, parentheses included. */
  readonly argsSpan?: Span;
}

export interface ExceptUpdate {
  readonly path: readonly ({ readonly field: string } | { readonly index: Expression })[];
  readonly value: Expression;
}

export type Expression = { readonly span: Span } & (
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | {
      readonly kind: 'name';
      readonly path: readonly PathStep[];
      /** The instances passed through, then the symbol itself. */
      ref?: {
        readonly instances: readonly InstanceStep[];
        readonly target: TlaSymbol;
        readonly args: readonly Expression[];
      };
    }
  | {
      /** Operators written as symbols; `args` is empty where the operator itself is handed on, as in Fold(+, 0, S). */
      readonly kind: 'operator';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly place: Span;
      ref?: TlaSymbol;
    }
  | { readonly kind: 'and' | 'or'; readonly items: readonly Expression[] }
  | { readonly kind: 'forall' | 'exists'; readonly bounds: readonly Bound[]; readonly body: Expression }
  | { readonly kind: 'temporal-quantifier'; readonly names: readonly Identifier[]; readonly body: Expression }
  | { readonly kind: 'choose'; readonly bound: Bound; readonly body: Expression }
  | { readonly kind: 'set'; readonly items: readonly Expression[] }
  | { readonly kind: 'filter'; readonly bound: Bound; readonly body: Expression }
  | { readonly kind: 'map'; readonly bounds: readonly Bound[]; readonly body: Expression }
  | { readonly kind: 'function'; readonly bounds: readonly Bound[]; readonly body: Expression }
  | { readonly kind: 'function-set'; readonly domain: Expression; readonly range: Expression }
  | {
      readonly kind: 'record' | 'record-set';
      readonly fields: readonly { readonly name: string; readonly value: Expression }[];
    }
  | { readonly kind: 'except'; readonly base: Expression; readonly updates: readonly ExceptUpdate[] }
  | { readonly kind: 'at' }
  | { readonly kind: 'apply'; readonly fn: Expression; readonly args: readonly Expression[] }
  | { readonly kind: 'field'; readonly record: Expression; readonly name: string }
  | { readonly kind: 'tuple' | 'product'; readonly items: readonly Expression[] }
  | { readonly kind: 'if'; readonly condition: Expression; readonly then: Expression; readonly else: Expression }
  | {
      readonly kind: 'case';
      readonly arms: readonly { readonly guard: Expression; readonly value: Expression }[];
      readonly other: Expression | undefined;
    }
  | {
      readonly kind: 'let';
      readonly units: readonly Unit[];
      readonly body: Expression;
      definitions?: readonly DefinitionSymbol[];
    }
  | { readonly kind: 'lambda'; readonly params: readonly Parameter[]; readonly body: Expression }
  | { readonly kind: 'box-action' | 'angle-action'; readonly action: Expression; readonly subscript: Expression }
  | { readonly kind: 'fairness'; readonly strong: boolean; readonly action: Expression; readonly subscript: Expression }
);

export type ExpressionOf<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

export interface InstanceStep {
  readonly instance: InstanceSymbol;
  readonly args: readonly Expression[];
}

export interface Substitution {
  readonly name: string;
  readonly value: Expression;
  readonly span: Span;
}

export type Unit = { readonly span: Span; readonly local: boolean } & (
  | { readonly kind: 'constants'; readonly params: readonly Parameter[] }
  | { readonly kind: 'variables'; readonly names: readonly Identifier[] }
  | { readonly kind: 'recursive'; readonly params: readonly Parameter[] }
  | {
      readonly kind: 'definition';
      readonly name: Identifier;
      readonly params: readonly Parameter[];
      readonly body: Expression;
    }
  | {
      readonly kind: 'function-definition';
      readonly name: Identifier;
      readonly bounds: readonly Bound[];
      readonly body: Expression;
    }
  | {
      readonly kind: 'instance';
      /** No name: the instance's definitions are taken over as they are. */
      readonly name: Identifier | undefined;
      readonly params: readonly Parameter[];
      readonly module: Identifier;
      readonly substitutions: readonly Substitution[];
    }
  | { readonly kind: 'assume'; readonly name: Identifier | undefined; readonly body: Expression }
  | { readonly kind: 'theorem'; readonly name: Identifier | undefined; readonly body: Expression | undefined }
  | { readonly kind: 'module'; readonly module: ModuleSyntax }
);

export type UnitOf<K extends Unit['kind']> = Extract<Unit, { kind: K }>;

export interface ModuleSyntax {
  readonly name: string;
  readonly span: Span;
  readonly extends: readonly Identifier[];
  readonly units: readonly Unit[];
}
