// Applications of the operators of the standard modules; arithmetic without a detour.
import type { Builtin, OperatorValue } from '../semantics/builtin.js';
import type { Expression } from '../syntax/ast.js';
import { EvaluationError, type Span } from '../syntax/source.js';
import type { Value } from '../values/value.js';
import { type Code, combine, literal } from './code.js';
import type { Compiler } from './compiler.js';
import { type Context, type Run, runAll } from './context.js';
import type { Environment } from './environment.js';

export function builtin(
  compiler: Compiler,
  builtin: Builtin,
  name: string,
  args: readonly Expression[],
  env: Environment,
  depth: number,
  span: Span,
): Code {
  const values: Code[] = [];
  const operators: { readonly make: (c: Context) => OperatorValue; readonly code: Code }[] = [];
  args.forEach((arg, i) => {
    if (builtin.params[i] === 0) values.push(compiler.compile(arg, env, depth));
    else operators.push(compiler.recursion.operatorValue(arg, builtin.params[i], env, depth));
  });
  const parts = [...values, ...operators.map((operator) => operator.code)];
  const extra = { impure: builtin.impure === true };
  if (args.length === 0) {
    if (!builtin.impure) return literal(builtin.run([], [], NO_HOST));
  }
  const fast = operators.length === 0 && !builtin.impure ? fastArithmetic(name, values) : undefined;
  const runs = values.map((part) => part.run);
  const slow = (c: Context, given: readonly Value[]): Value => {
    try {
      return builtin.run(
        given,
        operators.map((operator) => operator.make(c)),
        c.host,
      );
    } catch (error) {
      throw error instanceof EvaluationError ? error.at(span) : error;
    }
  };
  if (fast) return combine(fast.make(slow), parts, { truth: fast.truth });
  return combine((c) => slow(c, runAll(runs, c)), parts, extra);
}

const NO_HOST = {
  print: () => undefined,
  register: (): Value => {
    throw new EvaluationError('There are no registers here.');
  },
  setRegister: () => undefined,
};

const LIMIT = 2 ** 31;

/** Arithmetic on two numbers without a detour; anything else goes the slow way, which knows the errors. */
function fastArithmetic(
  name: string,
  values: readonly Code[],
): { readonly truth: boolean; make(slow: (c: Context, given: readonly Value[]) => Value): Run } | undefined {
  if (values.length !== 2) return undefined;
  const [a, b] = values.map((value) => value.run);
  const number =
    (operation: (x: number, y: number) => number) =>
    (slow: (c: Context, given: readonly Value[]) => Value): Run =>
    (c) => {
      const x = a(c);
      const y = b(c);
      if (typeof x === 'number' && typeof y === 'number') {
        const result = operation(x, y);
        if (result < LIMIT && result >= -LIMIT) return result;
      }
      return slow(c, [x, y]);
    };
  const relation =
    (operation: (x: number, y: number) => boolean) =>
    (slow: (c: Context, given: readonly Value[]) => Value): Run =>
    (c) => {
      const x = a(c);
      const y = b(c);
      return typeof x === 'number' && typeof y === 'number' ? operation(x, y) : slow(c, [x, y]);
    };
  switch (name) {
    case '+':
      return { truth: false, make: number((x, y) => x + y) };
    case '-':
      return { truth: false, make: number((x, y) => x - y) };
    case '*':
      return { truth: false, make: number((x, y) => x * y) };
    case '%':
      return { truth: false, make: number((x, y) => (y > 0 ? ((x % y) + y) % y : Number.NaN)) };
    case '<':
      return { truth: true, make: relation((x, y) => x < y) };
    case '>':
      return { truth: true, make: relation((x, y) => x > y) };
    case '<=':
      return { truth: true, make: relation((x, y) => x <= y) };
    case '>=':
      return { truth: true, make: relation((x, y) => x >= y) };
    default:
      return undefined;
  }
}
