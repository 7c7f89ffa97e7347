// The recorder looks and changes nothing; and what it writes down agrees with itself wherever two watchers saw one thing.
import { beforeAll, describe, expect, test } from 'vitest';
import type { TraceEvent, TraceEventOf } from '../model/trace/events.js';
import { parseTrace, renderTrace } from '../model/trace/events.js';
import type { RunResult } from '../reports/index.js';
import { drawPlan } from './plan.js';
import { runPlan } from './run.js';
import { planShape, type RunSetup } from './setup.js';
import { tornCommit } from './testing/torn-commit.js';
import { workload } from './testing/workload.js';
import { TraceRecorder } from './trace-recorder.js';

function ofKind<K extends TraceEvent['kind']>(events: readonly TraceEvent[], kind: K): TraceEventOf<K>[] {
  return events.filter((event): event is TraceEventOf<K> => event.kind === kind);
}

describe('a recorded run', () => {
  let setup: RunSetup;
  let events: TraceEvent[];
  beforeAll(async () => {
    setup = await workload('ticker', { snapshotIntervalMs: 60 });
    const plan = tornCommit(setup, 14, 3);
    const trace = new TraceRecorder();
    const recorded = runPlan(setup, plan, { trace });
    // The same run; only that its trace was judged is more.
    const withoutP24 = (result: RunResult) => ({
      ...result,
      properties: result.properties.filter(({ id }) => id !== 'P24'),
    });
    expect(withoutP24(runPlan(setup, plan))).toEqual(withoutP24(recorded));
    events = trace.events;
    expect(ofKind(events, 'cut')).toHaveLength(recorded.cuts.length);
    expect(ofKind(events, 'commit')).toHaveLength(recorded.events.filter(({ kind }) => kind === 'commit').length);
  });

  test('is data that can be written and read', () => {
    expect(parseTrace(renderTrace(events))).toEqual(events);
  });

  test('has in the blocks of a generation what its pages held at the demarcation', () => {
    const held = new Map<number, string>();
    const stored = new Map<number, string>();
    let compared = 0;
    for (const event of events) {
      if (event.boot > 0) break;
      if (event.kind === 'block-write') stored.set(event.block, event.content);
      if (event.kind === 'demarcation') for (const [page, content] of event.pages) held.set(page, content);
      if (event.kind !== 'generation') continue;
      for (const [page, block] of event.pages) expect(stored.get(block)).toBe(held.get(page));
      for (const block of event.index) expect(stored.has(block)).toBe(true);
      compared += event.pages.length;
    }
    expect(compared).toBeGreaterThan(20);
  });

  test('says which superblock copies a cut left', () => {
    const written = ofKind(events, 'superblock-write');
    expect(written.map(({ copy }) => copy % 2)).toEqual(written.map(({ sequence }) => ((sequence ?? 0) + 1) % 2));
    const doubtful = ofKind(events, 'cut').flatMap(({ superblocks }) => superblocks);
    expect(doubtful.length).toBeGreaterThan(0);
    for (const [copy, sequence] of doubtful) {
      expect(written.some((event) => event.copy === copy && event.sequence === sequence)).toBe(true);
    }
  });
});

test('a life that is lived again is in the trace once', async () => {
  const setup = await workload('ticker', { snapshotIntervalMs: 60 });
  const plan = drawPlan(2, planShape(setup.options, 1));
  const plain = new TraceRecorder();
  runPlan(setup, plan, { trace: plain });
  const rehearsed = new TraceRecorder();
  runPlan(setup, plan, { trace: rehearsed, rehearse: true });
  expect(rehearsed.events).toEqual(plain.events);
});
