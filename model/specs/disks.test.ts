// The simulated disk is the disk of the specifications: driven by the models of DiskCache and Superblock it holds after each
// command what the model says, and what a power cut leaves of it is among what the model allows.
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type AnyState,
  at,
  elements,
  equal,
  type FunctionOf,
  field,
  interval,
  modelValue,
  set,
  show,
  text,
  type Value,
} from '../../specs/tla-ts/runtime/index.js';
import * as cache from './DiskCache.js';
import * as superblock from './Superblock.js';
import { anyStep, type Driver, type Holder, observedStep } from './testing/drive.js';
import { StampedDisk } from './testing/stamped-disk.js';

/** Which of the unflushed sector writes survive a cut: bits, used again from the beginning when they run out. */
const survivors = fc.oneof(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), fc.constantFrom([true], [false]));

const cut = (disk: StampedDisk, bits: readonly boolean[]): void => disk.cut((_, i) => bits[i % bits.length]);

/** Caches that never write back by themselves, and one that does so all the time. */
const cacheSizes = fc.constantFrom(4096, 3);

const content = (disk: FunctionOf<Value, Value>): Map<number, Value> =>
  new Map(elements(disk.domain()).map((place) => [place as number, at(disk, place)]));

/** What is read of a place of the disk, as the model would call it. */
const seen = (value: Value | undefined, rubbish: Value): Value => value ?? rubbish;

// -------------------------------------------------------------------------------------------------------- DiskCache

const cacheConstants: cache.Constants = {
  Place: interval(1, 4),
  Content: set(text('x'), text('y'), text('z')),
  Rubbish: modelValue('Rubbish', 0),
};

const cacheDriver: Driver<cache.State, cache.Constants, StampedDisk> = {
  actions: cache.actions,
  constants: cacheConstants,
  taken: new Set(),
  perform: (action, step, _before, disk) => {
    const { a, c } = step.parameters;
    if (action === 'Write') disk.write(a as number, c);
    else if (action === 'Flush') disk.flush();
    else throw new Error(`${action} is not known here`);
  },
  compare: (state, disk) => {
    for (const place of elements(cacheConstants.Place)) {
      expect(show(seen(disk.read(place), cacheConstants.Rubbish))).toBe(show(at(state.disk, place)));
      const onMedium = seen(disk.onMedium(place), cacheConstants.Rubbish);
      const fates = cache.Fates(state, cacheConstants, place);
      expect(fates.contains(onMedium), `${show(onMedium)} is none of ${show(fates)}`).toBe(true);
    }
  },
};

const cacheCommands = fc.commands(
  [
    anyStep(cacheDriver, ['Cut']),
    observedStep(cacheDriver, 'Cut', survivors, cut, (state, disk) =>
      elements(cacheConstants.Place).every((place) =>
        equal(at(state.disk, place), seen(disk.read(place), cacheConstants.Rubbish)),
      ),
    ),
  ],
  { maxCommands: 40, size: 'max' },
);

test.prop([cacheCommands, cacheSizes, fc.nat()], { numRuns: 60 })(
  'the simulated disk is a DiskCache: reads, flushes, and what cuts leave',
  (commands, size, first) => {
    const initial = [...cache.Init(cacheConstants)];
    const state = initial[first % initial.length];
    fc.modelRun(
      (): { model: Holder<cache.State>; real: StampedDisk } => ({
        model: { state },
        real: new StampedDisk(content(state.disk), size),
      }),
      commands,
    );
  },
);

test('every action of DiskCache was taken', () => {
  expect([...cacheDriver.taken].sort()).toEqual(cache.actions.map((action) => action.name).sort());
});

test('the simulated disk leaves every state that DiskCache allows', () => {
  const holds = (state: cache.State, place: number, c: string): boolean => equal(at(state.disk, place), text(c));
  const initial = [...cache.Init(cacheConstants)].find((one) => holds(one, 1, 'y') && holds(one, 2, 'x'));
  if (!initial) throw new Error('a disk may hold y at 1 and x at 2');
  const write = (state: cache.State, place: number, c: string): cache.State =>
    [...cache.Write(state, cacheConstants, place, text(c))][0];
  const state = write(write(write(initial, 1, 'x'), 2, 'y'), 1, 'z');
  const allowed = new Set(
    [...cache.actions.filter(({ name }) => name === 'Cut')].flatMap((action) =>
      [...action.next(state, cacheConstants)].map((step) => show(step.state.disk)),
    ),
  );
  const left = new Set<string>();
  for (let bits = 0; bits < 2 ** 6; bits++) {
    const disk = new StampedDisk(content(initial.disk), 4096);
    disk.write(1, text('x'));
    disk.write(2, text('y'));
    disk.write(1, text('z'));
    disk.cut((_, i) => ((bits >> i) & 1) === 1);
    const contents = elements(cacheConstants.Place).map((place) => seen(disk.read(place), cacheConstants.Rubbish));
    left.add(`<<${contents.map(show).join(', ')}>>`);
  }
  expect([...left].sort()).toEqual([...allowed].sort());
  // x, z, the old one or rubbish at 1; y, the old one or rubbish at 2.
  expect(allowed.size).toBe(4 * 3);
});

// ------------------------------------------------------------------------------------------------------- Superblock

const { configured } = superblock;
const superConstants: superblock.Constants = {
  ...configured,
  Page: set<Value>(1, 2),
  Block: interval(1, 8),
  MaxGeneration: 3,
  MaxSequence: 6,
};
const copies = elements(superblock.Copy(superConstants));
const places = elements(superblock.Place(superConstants));
const { Rubbish } = superConstants;

const superDriver: Driver<superblock.State, superblock.Constants, StampedDisk> = {
  actions: superblock.actions,
  constants: superConstants,
  taken: new Set(),
  perform: (action, step, _before, disk) => {
    const { b, c } = step.parameters;
    switch (action) {
      case 'PageOut':
      case 'Stabilise':
        disk.write(b as number, at(step.state.disk, b));
        break;
      case 'WriteCopy':
        disk.write(c as number, at(step.state.disk, c));
        break;
      case 'Flush':
        disk.flush();
        break;
      case 'Recover': {
        // What recovery finds on the disk itself: the valid copy with the highest number.
        const found = copies.map((copy) => disk.read(copy)).filter((copy) => copy !== undefined);
        const newest = found.reduce((x, y) => (Number(field(y, 'sequence')) > Number(field(x, 'sequence')) ? y : x));
        expect(show(field(newest, 'kept'))).toBe(show(step.state.kept));
      }
    }
  },
  compare: (state, disk) => {
    const isNamed = (place: number): boolean => !equal(at(state.disk, place), Rubbish) || copies.includes(place);
    for (const place of places) {
      // Of blocks that nothing refers to after a cut the model knows nothing any more.
      if (isNamed(place)) expect(show(seen(disk.read(place), Rubbish))).toBe(show(at(state.disk, place)));
    }
    for (const { name, holds } of superblock.model.invariants) expect(holds(state, superConstants), name).toBe(true);
  },
};

const superCommands = fc.commands(
  [
    anyStep(superDriver, ['Cut']),
    anyStep(superDriver, ['Cut', 'Abandon', 'Evict', 'PageOut', 'Retry']),
    // Pages are written out before the demarcation.
    anyStep(superDriver, ['Cut', 'Abandon', 'Evict', 'Stabilise', 'CopyOnWrite', 'Retry', 'BeginForget', 'Flush']),
    observedStep(superDriver, 'Cut', survivors, cut, (state, disk) =>
      places.every((place) =>
        equal(at(state.medium as FunctionOf<number, Value>, place), seen(disk.read(place), Rubbish)),
      ),
    ),
  ],
  { maxCommands: 120, size: 'max' },
);

test.prop([superCommands, cacheSizes], { numRuns: 60 })(
  'a commit as Superblock makes it is recovered from the simulated disk, whatever a cut leaves',
  (commands, size) => {
    const [state] = superblock.Init(superConstants);
    fc.modelRun((): { model: Holder<superblock.State & AnyState>; real: StampedDisk } => {
      const formatted = [...content(state.disk)].filter(([, value]) => !equal(value, Rubbish));
      return { model: { state }, real: new StampedDisk(new Map(formatted), size) };
    }, commands);
  },
);

test('every action of Superblock was taken', () => {
  expect([...superDriver.taken].sort()).toEqual(superblock.actions.map((action) => action.name).sort());
});
