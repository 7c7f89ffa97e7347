/**
 * What a run did, in lanes over the cycles of each boot: threads, snapshot, disk, faults, power.
 *
 * The rule: every span is made of what was seen from outside or announced; what began and was not seen to end ends with its boot.
 */
import type { TraceEvent } from '../model/trace/events.js';
import type { Span } from '../reports/campaign.js';
import { describeEvent, plural } from '../reports/facts.js';
import type { RunEvent, RunResult } from '../reports/schema.js';

/** Lines of each boot that a timeline tells: the last ones. */
const LINES_A_BOOT = 12;
const SPANS_MAX = 600;

/** In the order of time, and of lanes where that is the same. Without a trace (`trace` empty) the lane of the disk stays empty. */
export function timelineOf(result: RunResult, trace: readonly TraceEvent[]): Span[] {
  const spans: Span[] = [];
  for (let boot = 0; boot < result.boots; boot++) {
    const events = result.events.filter((one) => one.boot === boot);
    const observed = trace.filter((one) => one.boot === boot);
    const findings = result.findings.filter((one) => one.boot === boot);
    const lines = result.console.filter((one) => one.boot === boot);
    const end = Math.max(...[...events, ...observed, ...findings, ...lines].map(({ cycle }) => cycle), 1);
    const instant = (lane: Span['lane'], cycle: number, label: string): void => {
      spans.push({ lane, boot, from: cycle, to: cycle, label });
    };
    spans.push(
      ...powerSpans(boot, events, end),
      ...snapshotSpans(boot, events, end),
      ...diskSpans(boot, observed, end),
    );
    for (const event of events) {
      if (event.kind === 'fault' || event.kind === 'decayed') instant('faults', event.cycle, describeEvent(event));
      if (event.kind === 'typed' || event.kind === 'finished') instant('threads', event.cycle, describeEvent(event));
    }
    for (const { cycle, text, torn } of lines.slice(-LINES_A_BOOT)) {
      instant('threads', cycle, `prints ${JSON.stringify(text)}${torn ? ', torn' : ''}`);
    }
    for (const { cycle, property, message } of findings) instant('faults', cycle, `FAILED ${property}: ${message}`);
  }
  const order = ['power', 'threads', 'snapshot', 'disk', 'faults'];
  spans.sort((a, b) => a.boot - b.boot || a.from - b.from || order.indexOf(a.lane) - order.indexOf(b.lane));
  return spans.slice(-SPANS_MAX);
}

/** The power is on; booting, recovery and programs are what the threads do. */
function powerSpans(boot: number, events: readonly RunEvent[], end: number): Span[] {
  const booted = events.find(({ kind }) => kind === 'booted')?.cycle;
  const recovered = events.find(({ kind }) => kind === 'recovered');
  const spans: Span[] = [{ lane: 'power', boot, from: 0, to: end, label: 'on' }];
  const add = (from: number, to: number, label: string): void => {
    spans.push({ lane: 'threads', boot, from, to, label });
  };
  add(0, booted ?? end, 'the kernel boots');
  if (booted !== undefined) add(booted, recovered?.cycle ?? end, 'recovery');
  if (recovered !== undefined) add(recovered.cycle, end, `programs run; ${describeEvent(recovered)}`);
  for (const event of events) {
    const { kind, cycle } = event;
    if (kind !== 'cut' && kind !== 'restarted' && kind !== 'panic' && kind !== 'stopped') continue;
    spans.push({ lane: 'power', boot, from: cycle, to: cycle, label: describeEvent(event) });
  }
  return spans;
}

/** From a demarcation to its commit, or to where it was abandoned. */
function snapshotSpans(boot: number, events: readonly RunEvent[], end: number): Span[] {
  return events.flatMap((event): Span[] => {
    if (event.kind !== 'demarcation') return [];
    const { generation, cycle } = event;
    const done = events.find(
      (one) => one.generation === generation && (one.kind === 'commit' || one.kind === 'abandoned'),
    );
    const how = done === undefined ? 'not committed' : done.kind === 'commit' ? 'committed' : 'abandoned';
    const label = `generation ${generation}, ${plural(event.amount ?? 0, 'page')} written: ${how}`;
    return [{ lane: 'snapshot', boot, from: cycle, to: done?.cycle ?? end, label }];
  });
}

/** From the first write to the disk's cache to the flush that saves it. */
function diskSpans(boot: number, events: readonly TraceEvent[], end: number): Span[] {
  const spans: Span[] = [];
  let from: number | undefined;
  let [blocks, copies] = [0, 0];
  const close = (to: number, how: string): void => {
    if (from === undefined) return;
    const what = [
      ...(blocks === 0 ? [] : [plural(blocks, 'block')]),
      ...(copies === 0 ? [] : [plural(copies, 'superblock copy', 'superblock copies')]),
    ];
    spans.push({ lane: 'disk', boot, from, to, label: `${what.join(' and ')} written, ${how}` });
    from = undefined;
    [blocks, copies] = [0, 0];
  };
  for (const { kind, cycle } of events) {
    if (kind === 'block-write') blocks++;
    else if (kind === 'superblock-write') copies++;
    else {
      if (kind === 'flush') close(cycle, 'flushed');
      continue;
    }
    from ??= cycle;
  }
  close(end, 'not flushed');
  return spans;
}
