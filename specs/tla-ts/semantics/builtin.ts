// What a standard module gives: operators implemented here instead of in TLA+.
import type { Value } from '../values/value.js';

/** An operator as an argument: `SelectSeq(s, Test)`. */
export interface OperatorValue {
  readonly operator: true;
  call(args: readonly Value[]): Value;
}

/** What a builtin may ask of the run that it is evaluated in. */
export interface Host {
  print(text: string): void;
  /** TLCGet and TLCSet. */
  register(key: Value): Value;
  setRegister(key: Value, value: Value): void;
}

export interface Builtin {
  /** Arity of each argument; 0 for a value. */
  readonly params: readonly number[];
  /** Evaluated anew each time: it prints, stops, or reads registers. */
  readonly impure?: boolean;
  run(args: readonly Value[], operators: readonly OperatorValue[], host: Host): Value;
}
