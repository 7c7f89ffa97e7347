/** A checked trace in words. */
import type { TraceCheck, TraceRejection } from './check.js';
import { describeTraceEvent } from './events.js';

/** The rejection in one line: where, what, and why not. */
export function summariseRejection({ level, accepted, event, tried, why }: TraceRejection): string {
  const reason = tried.length === 0 ? why : tried[tried.length - 1];
  const by = level === 'references' ? 'the rule for blocks that generations refer to' : level;
  return `${by} does not allow event ${accepted + 1} of the trace, ${describeTraceEvent(event)}: ${reason}`;
}

/**
 * The behaviour up to the rejection, with what changed from state to state; last the event that is no part of it, with the state in which it came. A
 * specification's variable stands on a line of its own, as `name = value`.
 */
export function behaviourOf({ behaviour, event, why, state }: TraceRejection): TraceStep[] {
  const rejected = { action: `REJECTED: ${describeTraceEvent(event)}: ${why}`, state };
  const last = behaviour[behaviour.length - 1]?.state === state;
  // Where the step itself was possible and an invariant is broken, the behaviour ends with that step.
  const steps = [...behaviour, last ? rejected : { ...rejected, state: behaviour[behaviour.length - 1].state }];
  return steps.map(({ action, state }, i) => {
    const before = new Map(i === 0 ? [] : variablesOf(steps[i - 1].state));
    const variables = variablesOf(state).map(([name, value]) => ({
      name,
      value,
      changed: i > 0 && before.get(name) !== value,
    }));
    return { action, variables };
  });
}

/** One step of a behaviour: what led to the state, and its variables. */
export interface TraceStep {
  readonly action: string;
  readonly variables: { readonly name: string; readonly value: string; readonly changed: boolean }[];
}

function variablesOf(state: string): [string, string][] {
  return state.split('\n').map((line): [string, string] => {
    const at = line.indexOf(' = ');
    return [line.slice(0, at), line.slice(at + ' = '.length)];
  });
}

/** Several lines, without an end of the last. */
export function describeCheck(check: TraceCheck): string {
  const { rejection, events, parts, steps } = check;
  if (rejection === undefined) {
    return `accepted: ${events} events are a behaviour of SnapshotCow and Superblock (${steps} steps, ${parts} parts)`;
  }
  const { level, pages, accepted, event, why, state, states, tried, possible } = rejection;
  return [
    level === 'references'
      ? `REJECTED by the rule for blocks that generations refer to: ${why}`
      : `REJECTED by ${level}, for pages ${pages.join(', ')}: ${why}`,
    `accepted: the first ${accepted} of ${events} events`,
    `then, in boot ${event.boot} at cycle ${event.cycle}: ${describeTraceEvent(event)}`,
    `the state there${states > 1 ? `, one of ${states} that the trace leaves open` : ''}:`,
    ...state.split('\n').map((line) => `  ${line}`),
    'what the event could have been:',
    ...tried.map((line) => `  ${line}`),
    'actions that were possible:',
    ...possible.map((line) => `  ${line}`),
  ].join('\n');
}
