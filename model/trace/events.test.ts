import { expect, test } from 'vitest';
import { describeTraceEvent, parseTrace, renderTrace, type TraceEvent } from './events.js';

const EVENTS: TraceEvent[] = [
  { boot: 0, cycle: 0, kind: 'power-on' },
  { boot: 0, cycle: 7, kind: 'demarcation', generation: 1, pages: [[3, '00112233445566ff']] },
  { boot: 0, cycle: 9, kind: 'superblock-write', copy: 1, sequence: 2, keep: 3, generations: [1] },
  { boot: 0, cycle: 9, kind: 'cut', blocks: [[40, '00112233445566ff']], superblocks: [[1, 0]] },
];

test('a trace is one event a line, and comes back as it was', () => {
  const text = renderTrace(EVENTS);
  expect(text.split('\n')).toHaveLength(EVENTS.length + 1);
  expect(parseTrace(text)).toEqual(EVENTS);
  expect(EVENTS.map(describeTraceEvent).join('\n')).toMatch(
    /power comes on\n.*generation 1.*\n.*copy 1.*\n.*power goes/,
  );
});

test.each([
  ['{"boot":0,"cycle":0,"kind":"power-on"}\nnonsense\n', /line 2 is not JSON/],
  ['{"boot":0,"cycle":0,"kind":"explosion"}', /line 1 is no event.*kind/],
  ['{"boot":0,"cycle":0,"kind":"commit"}', /line 1 is no event.*generation/],
  ['{"boot":0,"cycle":0,"kind":"page-in","page":1,"content":"xyz"}', /line 1 is no event.*content/],
])('%j is refused, and the message says where and why', (text, message) => {
  expect(() => parseTrace(text)).toThrow(message);
});
