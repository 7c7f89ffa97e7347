/** A checked trace in words. */
import type { TraceCheck, TraceRejection } from './check.js';
import { describeTraceEvent } from './events.js';

/** The rejection in one line: where, what, and why not. */
export function summariseRejection({ level, accepted, event, tried, why }: TraceRejection): string {
  const reason = tried.length === 0 ? why : tried[tried.length - 1];
  const by = level === 'references' ? 'the rule for blocks that generations refer to' : level;
  return `${by} does not allow event ${accepted + 1} of the trace, ${describeTraceEvent(event)}: ${reason}`;
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
