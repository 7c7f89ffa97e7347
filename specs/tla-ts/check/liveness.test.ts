// Liveness against an oracle that shares nothing with it: on small random graphs every lasso is tried.
//
// The oracle walks all sequences of states up to a length that no shortest counterexample exceeds, closes each to a lasso, and
// evaluates fairness and property on the lasso directly.
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { checkTexts } from './check.js';

interface Graph {
  /** Edges of action A and of action B, as pairs of states. */
  readonly a: readonly (readonly [number, number])[];
  readonly b: readonly (readonly [number, number])[];
}

const STATES = 3;
/** A fair lasso needs no more: a path through all states, and a loop that visits each goal and returns. */
const STEPS_MAX = 8;

const edges = fc.uniqueArray(fc.tuple(fc.nat({ max: STATES - 1 }), fc.nat({ max: STATES - 1 })), {
  maxLength: 4,
  selector: ([from, to]) => from * STATES + to,
});
const graphs: fc.Arbitrary<Graph> = fc.record({ a: edges, b: edges });

const FAIRNESS = ['', ' /\\ WF_x(A)', ' /\\ SF_x(A)', ' /\\ WF_x(A) /\\ SF_x(B)', ' /\\ WF_x(A \\/ B)'] as const;
const PROPERTIES = [
  '<>(x = 2)',
  '[]<>(x = 1)',
  '<>[](x # 0)',
  '(x = 1) ~> (x = 2)',
  '[]<><<A>>_x',
  '[]<>(x = 1) => []<>(x = 2)',
] as const;

type Step = readonly [number, number];
const has = (list: readonly Step[], [from, to]: Step): boolean => list.some(([f, t]) => f === from && t === to);
/** <<A>>_x changes x, so a loop of A at one state is no such step. */
const moves = (list: readonly Step[]): Step[] => list.filter(([from, to]) => from !== to);

function fair(loop: readonly Step[], { a, b }: Graph, fairness: (typeof FAIRNESS)[number]): boolean {
  const weak = (action: readonly Step[]): boolean =>
    loop.some((step) => has(moves(action), step) || !moves(action).some(([from]) => from === step[0]));
  const strong = (action: readonly Step[]): boolean =>
    loop.some((step) => has(moves(action), step)) ||
    !loop.some(([state]) => moves(action).some(([from]) => from === state));
  switch (fairness) {
    case '':
      return true;
    case ' /\\ WF_x(A)':
      return weak(a);
    case ' /\\ SF_x(A)':
      return strong(a);
    case ' /\\ WF_x(A) /\\ SF_x(B)':
      return weak(a) && strong(b);
    case ' /\\ WF_x(A \\/ B)':
      return weak([...a, ...b]);
  }
}

function holds(
  prefix: readonly number[],
  loop: readonly Step[],
  { a }: Graph,
  wanted: (typeof PROPERTIES)[number],
): boolean {
  const recurring = loop.map(([state]) => state);
  const all = [...prefix, ...recurring];
  switch (wanted) {
    case '<>(x = 2)':
      return all.includes(2);
    case '[]<>(x = 1)':
      return recurring.includes(1);
    case '<>[](x # 0)':
      return !recurring.includes(0);
    case '(x = 1) ~> (x = 2)':
      return recurring.includes(2) || !all.slice(all.lastIndexOf(2) + 1).includes(1);
    case '[]<><<A>>_x':
      return loop.some((step) => has(moves(a), step));
    case '[]<>(x = 1) => []<>(x = 2)':
      return !recurring.includes(1) || recurring.includes(2);
  }
}

function counterexampleExists(
  graph: Graph,
  fairness: (typeof FAIRNESS)[number],
  wanted: (typeof PROPERTIES)[number],
): boolean {
  const successors = Array.from({ length: STATES }, (_, from) => [
    ...new Set([from, ...[...graph.a, ...graph.b].filter((edge) => edge[0] === from).map((edge) => edge[1])]),
  ]);
  const walk = (path: number[]): boolean => {
    const last = path[path.length - 1];
    for (let start = 0; start < path.length; start++) {
      if (!successors[last].includes(path[start])) continue;
      const states = path.slice(start);
      const loop = states.map((state, i): Step => [state, states[(i + 1) % states.length]]);
      if (fair(loop, graph, fairness) && !holds(path.slice(0, start), loop, graph, wanted)) return true;
    }
    if (path.length >= STEPS_MAX) return false;
    return successors[last].some((next) => walk([...path, next]));
  };
  return walk([0]);
}

function action(name: string, list: readonly Step[]): string {
  const pairs = list.map(([from, to]) => `<<${from}, ${to}>>`).join(', ');
  return `${name} == \\E e \\in {${pairs}} : x = e[1] /\\ x' = e[2]`;
}

function verdict(graph: Graph, fairness: string, wanted: string): string {
  const module = [
    '---- MODULE G ----',
    'EXTENDS Naturals',
    'VARIABLE x',
    action('A', graph.a),
    action('B', graph.b),
    `Spec == x = 0 /\\ [][A \\/ B]_x${fairness}`,
    `Property == ${wanted}`,
    '====',
  ].join('\n');
  const result = checkTexts({ module, config: 'SPECIFICATION Spec\nPROPERTY Property\nCHECK_DEADLOCK FALSE\n' });
  if (result.result === 'liveness') {
    // The lasso shown is one that the oracle accepts.
    const states = result.trace.map((state) => Number(state.values.x));
    const start = (result.loopTo ?? 0) - 1;
    const loopStates = states.slice(start);
    const loop = loopStates.map((state, i): Step => [state, loopStates[(i + 1) % loopStates.length]]);
    for (const step of [...states.slice(1).map((to, i): Step => [states[i], to]), ...loop]) {
      expect(step[0] === step[1] || has(graph.a, step) || has(graph.b, step)).toBe(true);
    }
    expect(states[0]).toBe(0);
    expect(fair(loop, graph, fairness as (typeof FAIRNESS)[number])).toBe(true);
    expect(holds(states.slice(0, start), loop, graph, wanted as (typeof PROPERTIES)[number])).toBe(false);
  }
  return result.result;
}

describe('on random graphs', () => {
  for (const fairness of FAIRNESS) {
    for (const wanted of PROPERTIES) {
      property.prop([graphs], { numRuns: 25 })(
        `L1 Spec${fairness} => ${wanted} is decided as by trying every lasso`,
        (graph) => {
          const wrong = counterexampleExists(graph, fairness, wanted);
          expect(verdict(graph, fairness, wanted)).toBe(wrong ? 'liveness' : 'ok');
        },
      );
    }
  }
});

test('both verdicts occur', () => {
  const graph: Graph = {
    a: [[0, 1]],
    b: [
      [1, 2],
      [2, 0],
    ],
  };
  expect(verdict(graph, ' /\\ WF_x(A \\/ B)', '[]<>(x = 1)')).toBe('ok');
  expect(verdict(graph, ' /\\ WF_x(A)', '[]<>(x = 1)')).toBe('liveness');
});
