/**
 * What a run failed by.
 *
 * The rule: a run fails by the first property that did not hold, since what comes after says little. Two runs fail the same way when one property
 * does, and where it is liveness (P14), which every crash of the kernel breaks too, in the same words but for numbers.
 */
import type { RunResult } from '../reports/schema.js';

/** A plan that fails, and the run of it. */
export interface Failure {
  readonly property: string;
  readonly message: string;
  readonly result: RunResult;
}

/** The failure of a run that failed. */
export function failureOf(result: RunResult): Failure {
  const [first] = result.findings;
  const vacuous = result.properties.find(({ claimed, witnesses }) => claimed && witnesses === 0);
  const property = first?.property ?? vacuous?.id ?? 'P14';
  return { property, message: first?.message ?? result.verdict.text, result };
}

/** The message with which the run fails in the way of `failure`; undefined: it does not. */
export function failsAs(
  result: RunResult,
  { property, message }: Pick<Failure, 'property' | 'message'>,
): string | undefined {
  if (result.verdict.outcome !== 'failed') return undefined;
  const all = result.findings.length > 0 ? result.findings : [failureOf(result)];
  const same = all.filter((one) => one.property === property);
  if (property !== 'P14') return same[0]?.message;
  return same.find((one) => wording(one.message) === wording(message))?.message;
}

/** What stays of a message when numbers, addresses and hashes go. */
export function wording(message: string): string {
  return message.replace(/\b(0x)?[0-9a-f]*\d[0-9a-f]*\b/g, '#');
}
