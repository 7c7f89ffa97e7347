/** The syntax tree: what a source says, before names mean anything. Every node knows its place in the text. */

import type { Span } from './source.js';

/** A class name: `.a.b.c` is absolute, `b` and `b.c` are looked for. */
export interface NameSyntax extends Span {
  readonly absolute: boolean;
  readonly parts: readonly string[];
}

export type BasicType = 'void' | 'int' | 'long' | 'float' | 'double' | 'string';

export interface TypeSyntax extends Span {
  /** `dynamic`: `*(expression)`, a class known when the program runs. */
  readonly base: BasicType | NameSyntax | 'dynamic';
  readonly isArray: boolean;
  /** Class of the container when it is not the array. */
  readonly container?: NameSyntax;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '>>>'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | ':=='
  | ':!='
  | '&&'
  | '||';

/** `+` of `+=`; undefined for `=`. */
export type AssignOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '<<' | '>>' | '>>>';

export type ExpressionSyntax = Span &
  (
    | { readonly kind: 'int' | 'long'; readonly value: bigint }
    | { readonly kind: 'float' | 'double'; readonly value: number }
    | { readonly kind: 'string'; readonly text: string }
    /** A file whose bytes are a string. */
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'null' | 'this' | 'super' }
    | { readonly kind: 'name'; readonly name: string }
    /** `.a.b.c.member`, or `class.member`: a static field. */
    | { readonly kind: 'member'; readonly object: ExpressionSyntax; readonly name: string; readonly nameSpan: Span }
    | { readonly kind: 'class'; readonly name: NameSyntax }
    | { readonly kind: 'unary'; readonly operator: '!' | '-' | '~'; readonly operand: ExpressionSyntax }
    | {
        readonly kind: 'binary';
        readonly operator: BinaryOperator;
        readonly left: ExpressionSyntax;
        readonly right: ExpressionSyntax;
      }
    | { readonly kind: 'cast'; readonly type: TypeSyntax; readonly operand: ExpressionSyntax }
    | {
        readonly kind: 'call';
        /** Undefined: of this object. */
        readonly object?: ExpressionSyntax;
        readonly method: string | number;
        readonly nameSpan: Span;
        readonly args: readonly ExpressionSyntax[];
      }
    | { readonly kind: 'index'; readonly object: ExpressionSyntax; readonly index: ExpressionSyntax }
    | {
        readonly kind: 'assign';
        readonly target: ExpressionSyntax;
        readonly operator?: AssignOperator;
        readonly value: ExpressionSyntax;
      }
    | { readonly kind: 'new'; readonly type: TypeSyntax; readonly args: readonly ExpressionSyntax[] }
    | { readonly kind: 'newDynamic'; readonly cls: ExpressionSyntax; readonly args: readonly ExpressionSyntax[] }
  );

export interface CatchSyntax extends Span {
  readonly type: TypeSyntax;
  readonly name: string;
  readonly nameSpan: Span;
  readonly body: StatementSyntax;
}

export interface VariableSyntax extends Span {
  readonly kind: 'variable';
  readonly name: string;
  readonly nameSpan: Span;
  readonly type?: TypeSyntax;
  readonly value?: ExpressionSyntax;
}

export type SwitchItem = Span &
  (
    | { readonly kind: 'case'; readonly value: ExpressionSyntax }
    | { readonly kind: 'default' }
    | { readonly kind: 'statement'; readonly statement: StatementSyntax }
  );

export type StatementSyntax =
  | VariableSyntax
  | (Span &
      (
        | { readonly kind: 'block'; readonly body: readonly StatementSyntax[] }
        | { readonly kind: 'empty' | 'break' | 'continue' }
        | { readonly kind: 'expression'; readonly expression: ExpressionSyntax }
        | {
            readonly kind: 'if';
            readonly condition: ExpressionSyntax;
            readonly consequent: StatementSyntax;
            readonly otherwise?: StatementSyntax;
          }
        | { readonly kind: 'while'; readonly condition: ExpressionSyntax; readonly body: StatementSyntax }
        | { readonly kind: 'do'; readonly condition: ExpressionSyntax; readonly body: StatementSyntax }
        | {
            readonly kind: 'for';
            readonly before?: StatementSyntax;
            readonly condition?: ExpressionSyntax;
            readonly step?: ExpressionSyntax;
            readonly body: StatementSyntax;
          }
        | {
            readonly kind: 'foreach';
            readonly name: string;
            readonly nameSpan: Span;
            readonly collection: ExpressionSyntax;
            readonly body: StatementSyntax;
          }
        | { readonly kind: 'switch'; readonly value: ExpressionSyntax; readonly items: readonly SwitchItem[] }
        | { readonly kind: 'return'; readonly value?: ExpressionSyntax }
        | { readonly kind: 'throw'; readonly value: ExpressionSyntax }
        | { readonly kind: 'try'; readonly body: StatementSyntax; readonly catches: readonly CatchSyntax[] }
      ));

export interface ParameterSyntax extends Span {
  readonly name: string;
  readonly type?: TypeSyntax;
}

export interface FieldSyntax extends Span {
  readonly name: string;
  readonly nameSpan: Span;
  readonly type?: TypeSyntax;
  readonly isStatic: boolean;
  readonly value?: ExpressionSyntax;
}

export interface MethodSyntax extends Span {
  readonly name: string;
  readonly nameSpan: Span;
  readonly result: TypeSyntax;
  readonly isStatic: boolean;
  readonly isConstructor: boolean;
  readonly parameters: readonly ParameterSyntax[];
  /** `[8]` behind the parameters. */
  readonly ordinal?: number;
  /** Undefined in interfaces. */
  readonly body?: StatementSyntax;
  /** Parts of the body could not be read. */
  readonly damaged: boolean;
}

export interface ClassSyntax extends Span {
  readonly name: NameSyntax;
  readonly isInterface: boolean;
  /** Interfaces may extend several. */
  readonly parents: readonly NameSyntax[];
  readonly interfaces: readonly NameSyntax[];
  readonly fields: readonly FieldSyntax[];
  readonly methods: readonly MethodSyntax[];
  /** Some members could not be read. */
  readonly damaged: boolean;
}

export interface FileSyntax {
  readonly package?: NameSyntax;
  readonly imports: readonly { readonly name: NameSyntax; readonly all: boolean }[];
  readonly classes: readonly ClassSyntax[];
}
