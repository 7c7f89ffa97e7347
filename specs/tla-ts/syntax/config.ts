// The configuration of a check (.cfg): what is checked, and what the constants are.
//
// Statements: SPECIFICATION, INIT, NEXT, CONSTANT(S), INVARIANT(S), PROPERTY/PROPERTIES, CONSTRAINT(S), ACTION_CONSTRAINT(S),
// SYMMETRY, VIEW, ALIAS, CHECK_DEADLOCK. Values: integers >= 0, strings, TRUE, FALSE, model values, sets of values.
import { readFileSync } from 'node:fs';
import { habitHint, spellingHint } from './hints.js';
import { Lexer, type Token } from './lexer.js';
import { type Span, SpecError } from './source.js';

export type ConfigValue =
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'model'; readonly name: string }
  | { readonly kind: 'set'; readonly items: readonly ConfigValue[] };

export interface Named {
  readonly name: string;
  readonly span: Span;
}

export type ConstantAssignment = Named &
  ({ readonly value: ConfigValue } | { readonly replacement: string; readonly module: string | undefined });

export interface Config {
  specification: Named | undefined;
  init: Named | undefined;
  next: Named | undefined;
  readonly constants: ConstantAssignment[];
  readonly invariants: Named[];
  readonly properties: Named[];
  readonly constraints: Named[];
  readonly actionConstraints: Named[];
  symmetry: Named | undefined;
  view: Named | undefined;
  alias: Named | undefined;
  checkDeadlock: boolean;
}

const STATEMENTS = new Set(
  (
    'SPECIFICATION INIT NEXT CONSTANT CONSTANTS INVARIANT INVARIANTS PROPERTY PROPERTIES CONSTRAINT CONSTRAINTS ACTION_CONSTRAINT ' +
    'ACTION_CONSTRAINTS SYMMETRY VIEW ALIAS CHECK_DEADLOCK POSTCONDITION'
  ).split(' '),
);

/** The text of a configuration. @throws SpecError where there is no such file */
export function readConfig(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new SpecError('config', `The configuration ${path} cannot be read. Give one with --config.`);
  }
}

export function parseConfig(text: string, file: string): Config {
  const config: Config = {
    specification: undefined,
    init: undefined,
    next: undefined,
    constants: [],
    invariants: [],
    properties: [],
    constraints: [],
    actionConstraints: [],
    symmetry: undefined,
    view: undefined,
    alias: undefined,
    checkDeadlock: true,
  };
  const tokens = lex(text, file);
  let at = 0;
  const fail = (expected: string): never => {
    const token = tokens[at];
    const hint = habitHint(token.text) || spellingHint(token.text, STATEMENTS);
    throw new SpecError('config', `Expected ${expected}, found ${token.text}.${hint}`, token.span);
  };
  const isStatement = (): boolean => STATEMENTS.has(tokens[at].text) && tokens[at].kind !== 'string';
  const atEnd = (): boolean => tokens[at].kind === 'eof';
  const name = (what: string): Named => {
    const token = tokens[at];
    if (token.kind === 'string' || token.kind === 'number' || atEnd()) return fail(what);
    at++;
    return { name: token.text, span: token.span };
  };
  const names = (list: Named[], what: string): void => {
    while (!atEnd() && !isStatement()) {
      list.push(name(what));
      if (tokens[at].text === ',') at++;
    }
  };
  const value = (): ConfigValue => {
    const token = tokens[at];
    if (token.kind === 'number') {
      at++;
      return { kind: 'integer', value: Number(token.text) };
    }
    if (token.kind === 'string') {
      at++;
      return { kind: 'string', value: token.text };
    }
    if (token.text === '{') {
      at++;
      const items: ConfigValue[] = [];
      while (tokens[at].text !== '}') {
        items.push(value());
        if (tokens[at].text === ',') at++;
        else if (tokens[at].text !== '}') fail(', or } in a set');
      }
      at++;
      return { kind: 'set', items };
    }
    if (token.kind !== 'name')
      return fail('a value: an integer, a string, TRUE, FALSE, a model value or a set of these');
    at++;
    if (token.text === 'TRUE' || token.text === 'FALSE') return { kind: 'boolean', value: token.text === 'TRUE' };
    return { kind: 'model', name: token.text };
  };
  while (!atEnd()) {
    const statement = tokens[at];
    if (!isStatement()) fail(`a statement (${[...STATEMENTS].join(', ')})`);
    at++;
    switch (statement.text) {
      case 'SPECIFICATION':
        config.specification = name('the name of the specification');
        break;
      case 'INIT':
        config.init = name('the name of the initial predicate');
        break;
      case 'NEXT':
        config.next = name('the name of the next-state relation');
        break;
      case 'INVARIANT':
      case 'INVARIANTS':
        names(config.invariants, 'the name of an invariant');
        break;
      case 'PROPERTY':
      case 'PROPERTIES':
        names(config.properties, 'the name of a property');
        break;
      case 'CONSTRAINT':
      case 'CONSTRAINTS':
        names(config.constraints, 'the name of a constraint');
        break;
      case 'ACTION_CONSTRAINT':
      case 'ACTION_CONSTRAINTS':
        names(config.actionConstraints, 'the name of an action constraint');
        break;
      case 'SYMMETRY':
        config.symmetry = name('the name of a set of permutations');
        break;
      case 'VIEW':
        config.view = name('the name of a view');
        break;
      case 'ALIAS':
        config.alias = name('the name of an alias');
        break;
      case 'CHECK_DEADLOCK': {
        const token = tokens[at];
        if (token.text !== 'TRUE' && token.text !== 'FALSE') fail('TRUE or FALSE');
        config.checkDeadlock = token.text === 'TRUE';
        at++;
        break;
      }
      case 'POSTCONDITION':
        throw new SpecError(
          'config',
          'POSTCONDITION is not supported: use an INVARIANT, or look at --json.',
          statement.span,
        );
      default:
        while (!atEnd() && !isStatement()) {
          const constant = name('the name of a constant');
          if (tokens[at].text === '=') {
            at++;
            config.constants.push({ ...constant, value: value() });
          } else if (tokens[at].text === '<-') {
            at++;
            let module: string | undefined;
            if (tokens[at].text === '[') {
              at++;
              module = name('the name of a module').name;
              if (tokens[at].text !== ']') fail(']');
              at++;
            }
            config.constants.push({ ...constant, replacement: name('the name of a definition').name, module });
          } else {
            fail(
              `= and a value (a number, a string, a model value, a set of these), or <- and a definition, after ${constant.name}`,
            );
          }
          if (tokens[at].text === ',') at++;
        }
    }
  }
  return config;
}

function lex(text: string, file: string): Token[] {
  try {
    return Lexer.formula(text, file);
  } catch (error) {
    if (error instanceof SpecError) throw new SpecError('config', error.message, error.span);
    throw error;
  }
}
