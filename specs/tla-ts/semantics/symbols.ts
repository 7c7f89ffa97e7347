// What names stand for. One symbol is one object: two names mean the same thing exactly when they lead to the same symbol,
// which is how a module that is extended by two ways is still one module.
import type { Expression, ExpressionOf } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import type { Builtin } from './builtin.js';

/** 0 constant, 1 state, 2 action, 3 temporal. */
export type Level = 0 | 1 | 2 | 3;
export const LEVEL_NAMES = ['constant', 'state', 'action', 'temporal'] as const;

export interface ConstantSymbol {
  readonly kind: 'constant';
  readonly name: string;
  readonly arity: number;
  readonly span: Span;
}

export interface VariableSymbol {
  readonly kind: 'variable';
  readonly name: string;
  readonly span: Span;
}

/** A parameter of an operator, or a bound variable. */
export interface ParameterSymbol {
  readonly kind: 'parameter';
  readonly name: string;
  readonly arity: number;
  readonly span: Span;
  /** The highest level that an argument may have: 1 where the parameter stands under a prime. */
  levelMax: Level;
  /** The argument's level counts in the application up to this: 1 where it only stands under ENABLED. */
  levelCap: Level;
}

export interface DefinitionSymbol {
  readonly kind: 'definition';
  readonly name: string;
  readonly params: readonly ParameterSymbol[];
  readonly span: Span;
  readonly local: boolean;
  /** Defined in a LET. */
  readonly inner: boolean;
  /** Declared by RECURSIVE, or a function that is applied in its own body. */
  recursive: boolean;
  /** `f[x \in S] == e`; the body is the function. */
  readonly isFunction: boolean;
  /** Not known until the definition has been read. */
  body: Expression | undefined;
  level: Level;
}

export interface BuiltinSymbol {
  readonly kind: 'builtin';
  readonly name: string;
  readonly builtin: Builtin;
  readonly span: undefined;
}

export interface InstanceSymbol {
  readonly kind: 'instance';
  readonly name: string;
  readonly params: readonly ParameterSymbol[];
  readonly module: Module;
  readonly span: Span;
  readonly local: boolean;
  /** Stands in a LET. */
  readonly inner: boolean;
  /** What stands for the module's constants and variables, in the scope of the INSTANCE. */
  readonly substitutions: ReadonlyMap<ConstantSymbol | VariableSymbol, Expression>;
}

/** A definition taken over by an INSTANCE without a name. */
export interface ImportSymbol {
  readonly kind: 'import';
  readonly name: string;
  readonly instance: InstanceSymbol;
  readonly target: Symbol;
  readonly span: Span;
  readonly local: boolean;
}

export type Symbol =
  | ConstantSymbol
  | VariableSymbol
  | ParameterSymbol
  | DefinitionSymbol
  | BuiltinSymbol
  | InstanceSymbol
  | ImportSymbol;

export interface Assumption {
  readonly name: string | undefined;
  readonly body: Expression;
}

export interface Module {
  readonly name: string;
  /** Every name that can be used in the module. */
  readonly names: Map<string, Symbol>;
  /** The names that a module which extends or instantiates it may use. */
  readonly exported: Map<string, Symbol>;
  readonly constants: ConstantSymbol[];
  readonly variables: VariableSymbol[];
  readonly assumptions: Assumption[];
  readonly inner: Map<string, Module>;
}

export type OperatorArgument = ExpressionOf<'lambda'> | ExpressionOf<'name'> | ExpressionOf<'operator'>;

/** Numbers of arguments that a symbol takes, one entry an argument (0: a value, n: an operator of n arguments). */
export function parametersOf(symbol: Symbol): readonly number[] {
  switch (symbol.kind) {
    case 'constant':
    case 'parameter':
      return new Array<number>(symbol.arity).fill(0);
    case 'definition':
    case 'instance':
      return symbol.params.map((param) => param.arity);
    case 'builtin':
      return symbol.builtin.params;
    case 'import':
      return parametersOf(symbol.target);
    case 'variable':
      return [];
  }
}
