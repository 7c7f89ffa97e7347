// The validator on a model small enough to see through: a counter whose steps are observed, and a doubling that is not.
import { describe, expect, test } from 'vitest';
import { type Mapping, type Move, validate } from './validate.js';

type Event = { readonly shows: number } | 'aside' | 'double or add';

const add: Move<number> = { name: 'Add(1)', next: (n) => [n + 1] };
const double: Move<number> = { name: 'Double', next: (n) => (n === 0 ? [] : [n * 2]) };

function counter(limit = 100): Mapping<number, Event> {
  return {
    initial: [0],
    ways: (event) => {
      if (event === 'aside') return undefined;
      if (event === 'double or add')
        return [
          { moves: [double], shows: 'doubled' },
          { moves: [add], shows: 'one more' },
        ];
      return [
        { moves: [{ ...double, optional: true }, add], shows: `${event.shows}`, where: (n) => n === event.shows },
      ];
    },
    key: String,
    show: (n) => `n = ${n}`,
    broken: (n) => (n > limit ? 'Small' : undefined),
    possible: (n) => (n === 0 ? ['Add(1)'] : ['Add(1)', 'Double']),
  };
}

describe('the validator', () => {
  test('fills in steps that nobody observed, and counts what was taken', () => {
    const { rejection, steps, stutters, taken } = validate(counter(), [
      { shows: 1 },
      'aside',
      { shows: 3 },
      { shows: 4 },
    ]);
    expect(rejection).toBeUndefined();
    expect([steps, stutters]).toEqual([3, 1]);
    expect([...taken]).toEqual([
      ['Add', 3],
      ['Double', 1],
    ]);
  });

  test('keeps all states open that the events leave open', () => {
    // 1, then 2 in either way; 4 or 3; only from 3 does a doubling and one more give 7.
    const events: Event[] = [{ shows: 1 }, 'double or add', 'double or add'];
    expect(validate(counter(), events).widest).toBe(2);
    for (const shows of [4, 5, 7, 9]) expect(validate(counter(), [...events, { shows }]).rejection).toBeUndefined();
    for (const shows of [3, 6, 8]) expect(validate(counter(), [...events, { shows }]).rejection?.states).toBe(2);
  });

  test('says how far it came, in which state, what was tried, and what was possible', () => {
    const { rejection } = validate(counter(), [{ shows: 1 }, { shows: 2 }, { shows: 9 }, { shows: 10 }]);
    expect(rejection).toEqual({
      accepted: 2,
      event: { shows: 9 },
      why: 'no behaviour of the specification has this event here',
      state: 'n = 2',
      states: 1,
      tried: ['[Double], Add(1): then 9, which is not so'],
      possible: ['Add(1)', 'Double'],
      // 1, then 2: the stutters of no concern are no steps.
      behaviour: [
        { action: 'Init', state: 'n = 0' },
        { action: 'Add(1)', state: 'n = 1' },
        { action: 'Add(1)', state: 'n = 2' },
      ],
    });
  });

  test('a stutter is no step of the behaviour that is told', () => {
    const still: Mapping<number, Event> = {
      ...counter(),
      ways: (event) => (event === 'aside' ? [{ moves: [], shows: 'nothing' }] : counter().ways(event)),
    };
    const { rejection } = validate(still, [{ shows: 1 }, 'aside', 'aside', { shows: 9 }]);
    expect(rejection?.behaviour.map(({ action }) => action)).toEqual(['Init', 'Add(1)']);
  });

  test('tells the last steps of a long behaviour', () => {
    const events: Event[] = [];
    for (let shows = 1; shows <= 40; shows++) events.push('aside', { shows });
    const { rejection } = validate(counter(), [...events, { shows: 99 }]);
    expect(rejection?.behaviour.map(({ state }) => state)).toEqual(
      Array.from({ length: 16 }, (_, i) => `n = ${25 + i}`),
    );
  });

  test('names the move that was not possible', () => {
    const only: Mapping<number, Event> = { ...counter(), ways: () => [{ moves: [double], shows: 'doubled' }] };
    expect(validate(only, ['aside']).rejection?.tried).toEqual(['Double: Double is not possible']);
  });

  test('rejects a step to a state that breaks an invariant', () => {
    const { rejection } = validate(counter(2), [{ shows: 1 }, { shows: 3 }]);
    expect(rejection).toMatchObject({ accepted: 1, why: 'Small would not hold', state: 'n = 1' });
    expect(rejection?.behaviour.slice(-2)).toEqual([
      { action: 'Add(1)', state: 'n = 1' },
      { action: 'Double, Add(1)', state: 'n = 3' },
    ]);
  });
});
