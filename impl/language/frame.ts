/**
 * The variables of a method: names in scope, slots, kinds.
 *
 * A name means the innermost variable of that name; as in the original, where none is in scope, it means the last one
 * declared before in the method.
 */

import type { Variable } from './bound.js';
import { cellsOf, isNumeric, type NumericKind, type Type } from './types.js';

export interface Local {
  readonly type: Type;
  readonly variable: Variable;
}

export class Frame {
  objectSlots = 0;
  intSlots = 0;
  private bits = 0;
  private readonly scopes: Map<string, Local>[] = [new Map()];
  private readonly everDeclared = new Map<string, Local>();

  parameter(name: string, type: Type): void {
    this.enter(name, { type, variable: { name, slot: this.objectSlots++ } });
  }

  /** `assigned`: it always has a value. */
  declare(name: string, type: Type, assigned: boolean): Local {
    const bit = assigned ? undefined : this.bits++;
    const local = { type, variable: this.allocate(name, isNumeric(type) ? type.kind : undefined, bit) };
    this.enter(name, local);
    return local;
  }

  /** A variable without a name in the language. */
  temporary(numeric?: NumericKind): Variable {
    return this.allocate('', numeric, undefined);
  }

  lookup(name: string): Local | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i].get(name);
      if (found !== undefined) return found;
    }
    return this.everDeclared.get(name);
  }

  inThisScope(name: string): Local | undefined {
    return this.scopes[this.scopes.length - 1].get(name);
  }

  names(): string[] {
    return this.scopes.flatMap((scope) => [...scope.keys()]);
  }

  scoped<T>(rule: () => T): T {
    this.scopes.push(new Map());
    try {
      return rule();
    } finally {
      this.scopes.pop();
    }
  }

  private enter(name: string, local: Local): void {
    this.scopes[this.scopes.length - 1].set(name, local);
    this.everDeclared.set(name, local);
  }

  private allocate(name: string, numeric: NumericKind | undefined, bit: number | undefined): Variable {
    if (numeric === undefined) return { name, slot: this.objectSlots++, bit };
    const slot = this.intSlots;
    this.intSlots += cellsOf(numeric);
    return { name, numeric, slot, bit };
  }
}
