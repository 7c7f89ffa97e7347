// Operators of the language itself, on values.
import { setOf } from '../semantics/standard.js';
import { EvaluationError, type Span } from '../syntax/source.js';
import { show } from '../values/print.js';
import { difference, intersection, isSubset, PowerSet, union } from '../values/sets.js';
import { equal, FunctionBase, makeSet, type SetBase, type Value } from '../values/value.js';
import { asTest, type Code } from './code.js';
import type { Run } from './context.js';

interface CoreOperator {
  readonly truth: boolean;
  make(parts: readonly Code[], span: Span): Run;
}

export function located<T>(span: Span, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof EvaluationError ? error.at(span) : error;
  }
}

function equality(wanted: boolean): CoreOperator {
  return {
    truth: true,
    make: ([left, right], span) => {
      const { run: a } = left;
      const { run: b } = right;
      return (c) => {
        const x = a(c);
        const y = b(c);
        if (x === y) return wanted;
        if (typeof x === 'number' && typeof y === 'number') return !wanted;
        return located(span, () => equal(x, y)) === wanted;
      };
    },
  };
}

function membership(wanted: boolean): CoreOperator {
  return {
    truth: true,
    make: ([left, right], span) => {
      const { run: a } = left;
      const { run: b } = right;
      return (c) => {
        const x = a(c);
        const set = b(c);
        return located(span, () => setOf(set, '\\in').contains(x)) === wanted;
      };
    },
  };
}

const sets = (name: string, operation: (a: SetBase, b: SetBase) => Value, truth = false): CoreOperator => ({
  truth,
  make: ([left, right], span) => {
    const { run: a } = left;
    const { run: b } = right;
    return (c) => {
      const x = a(c);
      const y = b(c);
      return located(span, () => operation(setOf(x, name), setOf(y, name)));
    };
  },
});

export const CORE: Readonly<Record<string, CoreOperator>> = {
  '=': equality(true),
  '#': equality(false),
  '\\in': membership(true),
  '\\notin': membership(false),
  '\\subseteq': sets('\\subseteq', isSubset, true),
  '\\cup': sets('\\cup', union),
  '\\cap': sets('\\cap', intersection),
  '\\': sets('\\', difference),
  '~': {
    truth: true,
    make: ([part], span) => {
      const test = asTest(part, span, 'The operand of ~');
      return (c) => !test(c);
    },
  },
  '=>': {
    truth: true,
    make: ([left, right], span) => {
      const a = asTest(left, span, 'The left side of =>');
      const b = asTest(right, span, 'The right side of =>');
      return (c) => !a(c) || b(c);
    },
  },
  '<=>': {
    truth: true,
    make: ([left, right], span) => {
      const a = asTest(left, span, 'The left side of <=>');
      const b = asTest(right, span, 'The right side of <=>');
      return (c) => a(c) === b(c);
    },
  },
  SUBSET: {
    truth: false,
    make:
      ([part], span) =>
      (c) =>
        located(span, () => new PowerSet(setOf(part.run(c), 'SUBSET'))),
  },
  UNION: {
    truth: false,
    make:
      ([part], span) =>
      (c) =>
        located(span, () => {
          const members: Value[] = [];
          for (const set of setOf(part.run(c), 'UNION').elements()) members.push(...setOf(set, 'UNION').elements());
          return makeSet(members);
        }),
  },
  DOMAIN: {
    truth: false,
    make:
      ([part], span) =>
      (c) => {
        const f = part.run(c);
        if (f instanceof FunctionBase) return f.domain();
        throw new EvaluationError(`DOMAIN needs a function, found ${show(f)}.`).at(span);
      },
  },
};
