// The real kernel on the simulated PC keeps the promise of SnapshotAtomic: every announcement is a step of the model, and what is
// recovered after a cut is the state that the model has then.
//
// All of the memory is one page of the model, and what it holds at a demarcation is called by the generation's number. What a
// cut leaves of a snapshot under way nobody can see before the recovery, so the model is in any of several states until then.
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { beforeAll, expect } from 'vitest';
import { type Life, Life as LifeOf } from '../../faults/life.js';
import { loadMachine } from '../../faults/load-machine.js';
import { bootOnce, cutLife } from '../../faults/run.js';
import type { RunSetup } from '../../faults/setup.js';
import { workload } from '../../faults/testing/workload.js';
import type { PlanEvent, Survivors } from '../../reports/plan.js';
import { field, interval, modelValue, type RecordOf, set, show } from '../../specs/tla-ts/runtime/index.js';
import * as atomic from './SnapshotAtomic.js';

const GENERATIONS = 60;
const PAGE = 1;
const constants: atomic.Constants = {
  ...atomic.configured,
  Page: set<1>(PAGE),
  Value: interval(0, GENERATIONS),
  Zero: 0,
  None: modelValue('None', 0),
  MaxGeneration: GENERATIONS,
};

const taken = new Set<string>();

/** The states after an action from any of these, those that fit what was seen. */
function after(
  states: readonly atomic.State[],
  name: string,
  fits: (state: atomic.State) => boolean = () => true,
): atomic.State[] {
  const action = atomic.actions.find((one) => one.name === name);
  if (!action) throw new Error(`the model has no action ${name}`);
  const found = states.flatMap((state) => [...action.next(state, constants)].map((step) => step.state)).filter(fits);
  if (found.length === 0) {
    throw new Error(
      `${name} is no step of the model from ${states.map((state) => show(state.committed)).join(' or ')}`,
    );
  }
  taken.add(name);
  for (const state of found) {
    for (const { name: invariant, holds } of atomic.model.invariants) {
      expect(holds(state, constants), invariant).toBe(true);
    }
  }
  return found;
}

const generationOf = (image: atomic.State['committed'] | atomic.State['pending']): number =>
  Number(field(image as RecordOf<{ generation: number }>, 'generation'));

/** The machine, life after life, and how far its announcements have been followed. */
interface Real {
  life: Life;
  followed: number;
}

interface Model {
  states: atomic.State[];
}

/** Takes the steps of the model for all that was announced since the last time. */
function follow(model: Model, real: Real): void {
  const { events, ledger } = real.life.evidence;
  for (; real.followed < events.length; real.followed++) {
    const { kind, generation = 0 } = events[real.followed];
    switch (kind) {
      case 'demarcation': {
        const written = (state: atomic.State): boolean => state.memory.apply(PAGE) === generation;
        const isPending = (state: atomic.State): boolean => generationOf(state.pending) === generation;
        model.states = after(after(model.states, 'Write', written), 'Demarcate', isPending);
        break;
      }
      case 'commit':
        model.states = after(model.states, 'Commit', (state) => generationOf(state.committed) === generation);
        break;
      case 'abandoned':
        model.states = after(model.states, 'Abandon');
        break;
      case 'recovered':
        if (real.life.boot === 0) break;
        model.states = after(model.states, 'Recover', (state) => generationOf(state.committed) === generation);
        for (const state of model.states) expect(state.memory.apply(PAGE)).toBe(generation);
        break;
      default:
    }
  }
  // The bed compares what the memory holds with what it held at the demarcation.
  expect(ledger.failures).toBe(0);
}

let setup: RunSetup;
let booted: Life;
beforeAll(async () => {
  setup = await workload('ticker', { snapshotIntervalMs: 60 });
  booted = bootOnce(setup, 1);
});

type Command = fc.Command<Model, Real>;

const run = (cycles: number): Command => ({
  check: () => true,
  run: (model, real) => {
    expect(real.life.advance(real.life.machine.cycles + cycles)).not.toBe('dead');
    follow(model, real);
  },
  toString: () => `run(${cycles})`,
});

/** Until so many cycles after the next event of the kind; the system is alive, so one comes. */
const runTo = (event: PlanEvent, plus: number): Command => ({
  check: () => true,
  run: (model, real) => {
    const { life } = real;
    const latest = life.machine.cycles + 30_000_000;
    const seen = life.evidence.events.length;
    for (let nth = 1; !life.arm({ kind: 'event', event, nth, plus, latest }); nth++) expect(nth).toBeLessThan(100_000);
    expect(life.advance(latest)).toBe('due');
    expect(life.evidence.events.length).toBeGreaterThanOrEqual(seen);
    follow(model, real);
  },
  toString: () => `runTo(${event} + ${plus})`,
});

/** A cut, and a new machine on what the disk kept. */
const cut = (survivors: Survivors): Command => ({
  check: () => true,
  run: (model, real) => {
    const { evidence, boot } = real.life;
    const { medium, past } = cutLife(real.life, survivors);
    model.states = after(after(model.states, 'Cut'), 'PowerOn');
    real.life = LifeOf.powerOn(boot + 1, past, evidence, {}, (hooks) =>
      loadMachine(setup, medium, evidence.cycles, hooks),
    );
    follow(model, real);
  },
  toString: () => `cut(${JSON.stringify(survivors)})`,
});

const survivors: fc.Arbitrary<Survivors> = fc.oneof(
  fc.constantFrom<Survivors>({ kind: 'none' }, { kind: 'all' }),
  fc
    .array(fc.constantFrom('0', '1'), { minLength: 1, maxLength: 16 })
    .map((bits): Survivors => ({ kind: 'mask', bits: bits.join('') })),
);

const commands = fc.commands(
  [
    fc.integer({ min: 10_000, max: 6_000_000 }).map(run),
    fc
      .tuple(fc.constantFrom<PlanEvent>('disk-flush', 'demarcation', 'commit'), fc.integer({ min: 0, max: 40_000 }))
      .map(([event, plus]) => runTo(event, plus)),
    survivors.map(cut),
  ],
  { maxCommands: 9, size: 'max' },
);

test.prop([commands], { numRuns: 6, endOnFailure: true })(
  'every announcement of the kernel is a step of SnapshotAtomic, and what it recovers is what the model has',
  (list) => {
    fc.modelRun(() => {
      const life = booted.fork({}, (hooks) => booted.machine.fork(hooks));
      const model: Model = { states: [...atomic.Init(constants)] };
      const real: Real = { life, followed: 0 };
      follow(model, real);
      return { model, real };
    }, list);
  },
  120_000,
);

test('the kernel was seen to take every step of the model but Abandon', () => {
  expect([...taken].sort()).toEqual(
    atomic.actions
      .map(({ name }) => name)
      .filter((name) => name !== 'Abandon')
      .sort(),
  );
});
