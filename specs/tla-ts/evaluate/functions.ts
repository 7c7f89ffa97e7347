// Application, EXCEPT, CASE, and sets listed by their elements.
import { functionOf } from '../semantics/standard.js';
import type { Expression, ExpressionOf } from '../syntax/ast.js';
import { EvaluationError } from '../syntax/source.js';
import { EMPTY_SET, FunctionBase, makeSet, SetValue, StringValue, TupleValue } from '../values/value.js';
import { asTest, type Code, combine, literal, without } from './code.js';
import type { Compiler } from './compiler.js';
import { type Run, runAll } from './context.js';
import type { Environment } from './environment.js';
import { changed } from './except.js';

export function application(compiler: Compiler, e: ExpressionOf<'apply'>, env: Environment, depth: number): Code {
  const fn = compiler.compile(e.fn, env, depth);
  const args = e.args.map((arg) => compiler.compile(arg, env, depth));
  const { run } = fn;
  const { span } = e;
  const whole = combine((c) => new TupleValue(args.map((arg) => arg.run(c))), args);
  const argument = args.length === 1 ? args[0].run : whole.run;
  return combine(
    (c) => {
      const f = run(c);
      const x = argument(c);
      if (f instanceof TupleValue && typeof x === 'number') {
        const item = f.items[x - 1];
        if (item !== undefined) return item;
      } else if (f instanceof FunctionBase) {
        const item = f.at(x);
        if (item !== undefined) return item;
      }
      try {
        return functionOf(f, 'f[x]').apply(x);
      } catch (error) {
        throw error instanceof EvaluationError ? error.at(span) : error;
      }
    },
    [fn, ...args],
  );
}

export function exceptUpdate(compiler: Compiler, e: ExpressionOf<'except'>, env: Environment, depth: number): Code {
  const base = compiler.compile(e.base, env, depth);
  const parts: Code[] = [base];
  const cells: number[] = [];
  const updates = e.updates.map((update) => {
    const path = update.path.map((step) => ('field' in step ? literal(StringValue.of(step.field)) : undefined));
    const outer = compiler.at;
    // In an index, @ would mean the EXCEPT further out.
    const keys = update.path.map(
      (step, i) => path[i] ?? compiler.compile((step as { index: Expression }).index, env, depth),
    );
    const slot = compiler.newSlot();
    cells.push(slot);
    compiler.at = { slot };
    const value = compiler.compile(update.value, env, depth);
    compiler.at = outer;
    parts.push(...keys, value);
    return { keys: keys.map((key) => key.run), slot, value: value.run };
  });
  const run: Run = (c) => {
    let result = base.run(c);
    for (const { keys, slot, value } of updates) {
      result = changed(c, result, keys, 0, (c2, old) => {
        c2.f[slot] = old;
        return value(c2);
      });
    }
    return result;
  };
  return without(combine(run, parts), cells);
}

export function caseOf(compiler: Compiler, e: ExpressionOf<'case'>, env: Environment, depth: number): Code {
  const guards = e.arms.map((arm) => compiler.compile(arm.guard, env, depth));
  const tests = guards.map((guard, i) => asTest(guard, e.arms[i].guard.span, 'A guard of CASE'));
  const values = e.arms.map((arm) => compiler.compile(arm.value, env, depth));
  const other = e.other && compiler.compile(e.other, env, depth);
  const run: Run = (c) => {
    for (let i = 0; i < tests.length; i++) if (tests[i](c)) return values[i].run(c);
    if (other) return other.run(c);
    throw new EvaluationError('No guard of this CASE is TRUE, and it has no OTHER.').at(e.span);
  };
  const parts = [...guards, ...values, ...(other ? [other] : [])];
  return combine(run, parts, { truth: values.every((value) => value.truth) && (other?.truth ?? true) });
}

export function setEnumeration(compiler: Compiler, e: ExpressionOf<'set'>, env: Environment, depth: number): Code {
  if (e.items.length === 0) return literal(EMPTY_SET);
  const parts = e.items.map((item) => compiler.compile(item, env, depth));
  const runs = parts.map((part) => part.run);
  if (runs.length === 1) {
    const [run] = runs;
    return combine((c) => new SetValue([run(c)]), parts);
  }
  return combine((c) => makeSet(runAll(runs, c)), parts);
}
