// Names in their scopes, and the small change of the analysis.
import { type Span, SpecError } from '../syntax/source.js';
import type { Level, Symbol as TlaSymbol } from './symbols.js';

export class Scope {
  private readonly names = new Map<string, TlaSymbol>();

  constructor(private readonly parent: Scope | Map<string, TlaSymbol>) {}

  find(name: string): TlaSymbol | undefined {
    return this.names.get(name) ?? (this.parent instanceof Scope ? this.parent.find(name) : this.parent.get(name));
  }

  /** All names that can be used here. */
  *all(): Generator<string> {
    yield* this.names.keys();
    yield* this.parent instanceof Scope ? this.parent.all() : this.parent.keys();
  }

  /** Whether a RECURSIVE of this very scope awaits its definition. */
  declared(name: string): TlaSymbol | undefined {
    return this.names.get(name);
  }

  add(symbol: TlaSymbol): void {
    this.names.set(symbol.name, symbol);
  }
}

/** What surrounds an expression: how its level counts, and how high it may be. */
export interface Context {
  readonly cap: Level;
  readonly max: Level;
}
export const OPEN: Context = { cap: 3, max: 3 };

export function fail(message: string, span: Span): never {
  throw new SpecError('parse', message, span);
}

export function max(...levels: readonly Level[]): Level {
  return Math.max(0, ...levels) as Level;
}

export const count = (n: number): string => (n === 1 ? '1 argument' : `${n} arguments`);
