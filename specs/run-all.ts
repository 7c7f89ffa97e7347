// Runs every specification with every configuration, every mutant, and the original's protocol with its repairs, and says of
// each whether it came out as it must.
import { checkRepaired, checkWithout, REFUTATIONS, refute } from './original/refutations.js';
import { checkMutant, checkSpecification, isViolated, mutantsOf, neverTaken, SPECIFICATIONS } from './suite.js';
import type { CheckResult } from './tla-ts/index.js';

export interface Row {
  readonly specification: string;
  /** What it says, or the defect that it has. */
  readonly says: string;
  readonly generated: number;
  readonly distinct: number;
  readonly depth: number;
  readonly seconds: number;
  readonly verdict: string;
  /** False: something is wrong with the specification, or with the checker. */
  readonly asExpected: boolean;
}

function row(specification: string, says: string, result: CheckResult, verdict: string, asExpected: boolean): Row {
  const { generated, distinct, depth, seconds } = result;
  return { specification, says, generated, distinct, depth, seconds, verdict, asExpected };
}

/** What came out, in a word or two. */
function found({ result, violatedName, message }: CheckResult): string {
  if (result === 'ok') return 'holds';
  return violatedName === null ? `${result}: ${(message ?? '').split('\n')[0]}` : `violates ${violatedName}`;
}

/** The row of a check that must find nothing. */
export function holds(specification: string, says: string, result: CheckResult): Row {
  const ok = result.result === 'ok';
  return row(specification, says, result, ok ? 'holds' : `must hold, but: ${found(result)}`, ok);
}

/** The row of a check that must find this property violated. */
export function fails(specification: string, says: string, property: string, result: CheckResult): Row {
  const ok = isViolated(result, property);
  const verdict = `violates ${property}`;
  return row(specification, says, result, ok ? verdict : `must be one that ${verdict}, but: ${found(result)}`, ok);
}

function wrong(row: Row, verdict: string): Row {
  return { ...row, verdict, asExpected: false };
}

/** The rows one after the other, each when its check has ended. */
export function* runAll(): Generator<Row, void, undefined> {
  for (const specification of SPECIFICATIONS) {
    const results: CheckResult[] = [];
    for (const configuration of specification.configurations) {
      const result = checkSpecification(specification, configuration);
      results.push(result);
      const { name, about, distinct } = configuration;
      const made = holds(name, `${specification.says}: ${about}`, result);
      const last = results.length === specification.configurations.length;
      const never = last ? neverTaken(results) : [];
      if (!made.asExpected) yield made;
      else if (never.length > 0) yield wrong(made, `holds, but never taken: ${never.join(', ')}`);
      else if (result.distinct !== distinct) yield wrong(made, `holds, but the states were ${distinct}`);
      else yield made;
    }
    for (const mutant of mutantsOf(specification)) {
      yield fails(`${specification.name}, mutant`, mutant.name, mutant.violates, checkMutant(specification, mutant));
    }
  }
  for (const refutation of REFUTATIONS) {
    const { spec, repaired, violated, defect } = refutation;
    yield fails(`original/${spec}`, defect, violated, refute(refutation));
    yield holds(`original/${repaired}`, 'repaired', checkRepaired(refutation));
    for (const closing of refutation.closes) {
      yield fails(`original/${repaired}`, `without ${closing.line}`, violated, checkWithout(refutation, closing));
    }
  }
}
