// Where an expression stands while it is translated: what its names mean, how variables are read, which identifiers are taken.
import type { Environment } from '../evaluate/environment.js';
import type { DefinitionSymbol, ParameterSymbol } from '../semantics/symbols.js';
import type { Expression } from '../syntax/ast.js';
import { type Span, SpecError } from '../syntax/source.js';
import { type Code, literal } from './code.js';
import { type Layout, list } from './layout.js';
import { fresh } from './names.js';
import { propertyName, type Type } from './types.js';

export type Scope = Environment<Meaning>;

/** What a symbol stands for at one place. */
export type Meaning =
  | { readonly kind: 'code'; readonly code: Code }
  /** An expression that is translated anew wherever the symbol stands: what it says depends on the state there. */
  | {
      readonly kind: 'expression';
      readonly expression: Expression;
      readonly scope: Scope;
      readonly at: Code | undefined;
    }
  /** An operator that was handed over. */
  | { readonly kind: 'operator'; readonly expression: Expression; readonly scope: Scope }
  /** A parameter that is a function of the generated module. */
  | { readonly kind: 'function'; readonly name: string }
  /** A definition of LET with parameters or recursion: a local function. */
  | { readonly kind: 'local'; readonly definition: Definition }
  /** A definition of LET that is written out where it is used. */
  | { readonly kind: 'inline'; readonly scope: Scope };

/** How the variables of one state are read. */
export interface View {
  /** Undefined: the variable has no value yet. */
  read(variable: string): Code | undefined;
  /** The whole state, for a function that reads these variables. */
  whole(reads: ReadonlySet<string>, span: Span): Layout;
}

/** What a generated function needs from those who call it; found while its body is translated. */
export interface Needs {
  readonly reads: Set<string>;
  readonly readsNext: Set<string>;
  state: boolean;
  next: boolean;
  constants: boolean;
}

export function noNeeds(): Needs {
  return { reads: new Set(), readsNext: new Set(), state: false, next: false, constants: false };
}

/** A definition that became a function. Types and needs grow until they are right. */
export interface Definition {
  readonly name: string;
  readonly symbol: DefinitionSymbol;
  readonly scope: Scope;
  readonly parameters: Map<ParameterSymbol, Type>;
  /** Parameters that are handed over as functions without arguments, since the body may not ask for them. */
  readonly lazy: Set<ParameterSymbol>;
  result: Type;
  total: boolean;
  readonly needs: Needs;
}

export interface Place {
  readonly scope: Scope;
  readonly now: View;
  readonly next: View | undefined;
  /** The old value in EXCEPT. */
  readonly at: Code | undefined;
  /** Identifiers that mean something here. */
  readonly taken: ReadonlySet<string>;
  /** The function around. */
  readonly needs: Needs;
}

/** A place within, where one more identifier is taken. */
export function naming(place: Place, wanted: string, outer: ReadonlySet<string>): { name: string; place: Place } {
  const name = fresh(wanted, place.taken, outer);
  return { name, place: { ...place, taken: new Set([...place.taken, name]) } };
}

export function refuse(message: string, span: Span): never {
  throw new SpecError('config', message, span);
}

/** The state that is a parameter of the function: `state.x`. */
export function parameterView(name: 'state' | 'next', needs: Needs, typeOf: (variable: string) => Type): View {
  const reads = name === 'state' ? needs.reads : needs.readsNext;
  return {
    read: (variable) => {
      reads.add(variable);
      needs[name] = true;
      return literal(`${name}.${variable}`, typeOf(variable));
    },
    whole: (wanted) => {
      for (const variable of wanted) reads.add(variable);
      needs[name] = true;
      return name;
    },
  };
}

/** A state that is being made: some variables have values, in these pieces of code. */
export function partialView(
  assigned: ReadonlyMap<string, Code>,
  variables: readonly string[],
  hasState: boolean,
  complain: (variable: string, span: Span) => never,
): View {
  return {
    read: (variable) => assigned.get(variable),
    whole: (reads, span) => {
      for (const variable of reads) if (!assigned.has(variable)) complain(variable, span);
      const complete = variables.every((variable) => assigned.has(variable));
      const object = stateObject(assigned, variables, hasState);
      return complete || hasState ? object : [object, ' as State'];
    },
  };
}

/** `{ ...state, x: 1, y: nextY }` */
export function stateObject(
  assigned: ReadonlyMap<string, Code>,
  variables: readonly string[],
  hasState: boolean,
): Layout {
  const changed = variables.filter((variable) => {
    const now = assigned.get(variable);
    return now !== undefined && !(hasState && now.layout === `state.${variable}`);
  });
  const spread = hasState && changed.length < variables.length;
  if (spread && changed.length === 0) return 'state';
  const fields = changed.map((variable): Layout => {
    return [`${propertyName(variable)}: `, (assigned.get(variable) as Code).layout];
  });
  return list('{', spread ? ['...state', ...fields] : fields, '}', { kind: 'break', flat: ' ', hard: false });
}
