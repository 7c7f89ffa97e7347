// The lanes of a timeline, from events that are made up; and as text.
import { expect, test } from 'vitest';
import type { TraceEvent } from '../model/trace/events.js';
import { renderBehaviour, renderLanes } from '../reports/lanes.js';
import { sampleResult } from '../reports/testing/sample-result.js';
import { timelineOf } from './timeline.js';

const trace: TraceEvent[] = [
  { boot: 0, cycle: 1200, kind: 'block-write', block: 20, content: '00'.repeat(8) },
  { boot: 0, cycle: 1300, kind: 'block-write', block: 21, content: '00'.repeat(8) },
  { boot: 0, cycle: 1500, kind: 'flush' },
  { boot: 0, cycle: 1600, kind: 'superblock-write', copy: 0, sequence: 2, keep: 2, generations: [1] },
  { boot: 0, cycle: 1_234_567, kind: 'cut', blocks: [], superblocks: [] },
];

const timeline = timelineOf(sampleResult(), trace);
const lane = (name: string) =>
  timeline.filter((span) => span.lane === name).map(({ boot, from, to, label }) => [boot, from, to, label]);

test('a snapshot lasts from its demarcation to its commit, writes to the flush that saves them', () => {
  expect(lane('snapshot')).toEqual([[0, 1000, 2000, 'generation 1, 3 pages written: committed']]);
  expect(lane('disk')).toEqual([
    [0, 1200, 1500, '2 blocks written, flushed'],
    [0, 1600, 1_234_567, '1 superblock copy written, not flushed'],
  ]);
});

test('threads, faults and power have their lanes, and every boot its own', () => {
  expect(lane('power')).toContainEqual([0, 1_234_567, 1_234_567, 'power cut: 6 of 10 unflushed sectors lost']);
  expect(lane('faults')).toEqual([[1, 42, 42, 'FAILED P2: page 3 differs <&>']]);
  expect(lane('threads')).toContainEqual([0, 900, 900, 'prints "tick = 1"']);
  expect(new Set(timeline.map(({ boot }) => boot))).toEqual(new Set([0, 1]));
  for (const { from, to } of timeline) expect(from).toBeLessThanOrEqual(to);
});

test('as text each boot has its five lanes, a mark where something is, and every span a line', () => {
  const lines = renderLanes(timeline);
  const first = lines.indexOf('boot 0, 1 234 567 cycles:');
  expect(first).toBe(0);
  const [threads, snapshot, disk, faults, power] = lines.slice(1, 6);
  expect(threads).toMatch(/^ {2}threads {2}\|.*o/);
  expect(snapshot).toMatch(/^ {2}snapshot \|#+ *\|$/);
  expect(disk).toMatch(/^ {2}disk {5}\|=+\|$/);
  expect(faults).toMatch(/^ {2}faults {3}\| +\|$/);
  expect(power).toMatch(/^ {2}power {4}\|_+X\|$/);
  expect(lines.filter((line) => / {2}(threads|snapshot|disk|faults|power) /.test(line.slice(2)))).not.toHaveLength(0);
  expect(lines).toHaveLength(2 * 6 + timeline.length);
});

test('of a behaviour the first state is told whole, then what changes', () => {
  const variable = (name: string, value: string, changed: boolean) => ({ name, value, changed });
  expect(
    renderBehaviour([
      { action: 'Init', variables: [variable('n', '1', false), variable('m', '2', false)] },
      { action: 'Add', variables: [variable('n', '1', false), variable('m', '3', true)] },
    ]),
  ).toEqual(['   1 Init', '        n = 1', '        m = 2', '   2 Add', '     -> m = 3']);
});

test('of a function that changes only the places that do are told, whatever is nested in it', () => {
  const state = (kept: string, last: string) =>
    `(16 :> [kept |-> <<[generation |-> ${kept}, table |-> (0 :> None @@ 1 :> 5)]>>, sequence |-> 1] @@ 18 :> ${last})`;
  const step = (value: string, changed: boolean) => ({ action: 'A', variables: [{ name: 'disk', value, changed }] });
  const [, , , told] = renderBehaviour([step(state('0', '{}'), false), step(state('0', '{7}'), true)]);
  expect(told).toBe('     -> disk = 18 :> {7} (and 1 as before)');
  const [, , , all] = renderBehaviour([step(state('0', '{}'), false), step(state('1', '{7}'), true)]);
  expect(all).toBe(`     -> disk = ${state('1', '{7}')}`);
});
