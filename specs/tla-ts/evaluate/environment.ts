// What symbols mean at one place of the compilation: cells, arguments by name, operators handed on, substitutions of instances.
import type { InstanceSymbol, Symbol as TlaSymbol } from '../semantics/symbols.js';
import type { Expression } from '../syntax/ast.js';
import type { Value } from '../values/value.js';
import type { Code } from './code.js';

export type Binding =
  /** A bound variable: its value lies in a cell and is the same under a prime. */
  | { readonly kind: 'slot'; readonly slot: number }
  /** A parameter of a recursive operator, computed when the operator was called, under so many primes. */
  | { readonly kind: 'parameter'; readonly slot: number; readonly depth: number }
  /** An argument or a LET definition: computed when first needed, then kept in the cell. */
  | {
      readonly kind: 'lazy';
      readonly slot: number;
      readonly code: Code;
      readonly depth: number;
      readonly expression: Expression;
      readonly environment: Environment;
    }
  /** An argument that is compiled anew wherever it stands. */
  | { readonly kind: 'name'; readonly expression: Expression; readonly environment: Environment }
  /** An operator: a LAMBDA, or the name or symbol of one. */
  | { readonly kind: 'operator'; readonly expression: Expression; readonly environment: Environment }
  /** An operator in a cell: a parameter of a recursive operator. */
  | { readonly kind: 'runtime-operator'; readonly slot: number }
  /** A definition of a LET; it is read in this environment. */
  | { readonly kind: 'definition'; readonly environment: Environment }
  | { readonly kind: 'value'; readonly value: Value };

/** What every symbol means in a scope and the scopes around it. */
export class Environment<B = Binding> {
  private readonly bindings = new Map<TlaSymbol, B>();
  private readonly instances = new Map<InstanceSymbol, Environment<B>>();

  private constructor(
    private readonly parent: Environment<B> | undefined,
    /** The environment of the definitions of the module: no parameters, no bound variables. */
    private readonly moduleOwn: Environment<B> | undefined,
  ) {}

  static root<B = Binding>(): Environment<B> {
    return new Environment<B>(undefined, undefined);
  }

  get module(): Environment<B> {
    return this.moduleOwn ?? this;
  }

  /** A scope for bound variables and parameters. */
  local(): Environment<B> {
    return new Environment<B>(this, this.module);
  }

  /** A scope in which a module's constants and variables have a meaning. */
  instance(): Environment<B> {
    return new Environment<B>(this, undefined);
  }

  bind(symbol: TlaSymbol, binding: B): void {
    this.bindings.set(symbol, binding);
  }

  find(symbol: TlaSymbol): B | undefined {
    for (let e: Environment<B> | undefined = this; e; e = e.parent) {
      const binding = e.bindings.get(symbol);
      if (binding) return binding;
    }
    return undefined;
  }

  /** Instances without parameters are entered once. */
  known(instance: InstanceSymbol): Environment<B> | undefined {
    return this.instances.get(instance);
  }

  remember(instance: InstanceSymbol, environment: Environment<B>): void {
    this.instances.set(instance, environment);
  }
}
