import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { Clock } from './clock.js';

describe('the clock', () => {
  test.prop([fc.array(fc.tuple(fc.nat(50), fc.constantFrom('a', 'b', 'c')), { maxLength: 40 }), fc.nat(60)])(
    'P6 events fire in the order of cycle, then of scheduling, also after a restore',
    (plan, now) => {
      const fired: [number, number][] = [];
      const make = (): Clock => {
        const clock = new Clock();
        for (const key of ['a', 'b', 'c']) clock.register(key, (argument, cycle) => fired.push([cycle, argument]));
        return clock;
      };
      const clock = make();
      plan.forEach(([cycle, key], index) => {
        clock.schedule(cycle, key, index);
      });
      const restored = make();
      restored.restoreState(clock.saveState());
      restored.now = now;
      restored.fireDue();
      const due = plan.map(([cycle], index): [number, number] => [cycle, index]).filter(([cycle]) => cycle <= now);
      expect(fired).toEqual(due.sort((a, b) => a[0] - b[0] || a[1] - b[1]));
      expect(restored.nextCycle).toBe(
        Math.min(Infinity, ...plan.map(([cycle]) => cycle).filter((cycle) => cycle > now)),
      );
    },
  );

  it('fires events that a handler adds for the present', () => {
    const clock = new Clock();
    const fired: string[] = [];
    clock.register('second', () => fired.push('second'));
    clock.register('first', () => {
      fired.push('first');
      clock.schedule(clock.now, 'second');
    });
    clock.schedule(3, 'first');
    clock.now = 5;
    clock.fireDue();
    expect(fired).toEqual(['first', 'second']);
    expect(clock.nextCycle).toBe(Infinity);
  });

  it('withdraws the events of a key', () => {
    const clock = new Clock();
    clock.register('a', () => {});
    clock.register('b', () => {});
    clock.schedule(5, 'a');
    clock.schedule(7, 'b');
    clock.schedule(9, 'a');
    expect(clock.scheduledFor('a')).toBe(5);
    clock.cancel('a');
    expect(clock.scheduledFor('a')).toBeUndefined();
    expect(clock.nextCycle).toBe(7);
  });

  it('refuses what it could not repeat', () => {
    const clock = new Clock();
    expect(() => clock.schedule(1, 'nobody')).toThrow("no handler is registered for 'nobody'");
    clock.register('a', () => {});
    expect(() => clock.register('a', () => {})).toThrow('already registered');
    expect(() => clock.schedule(1.5, 'a')).toThrow('not a whole number');
    const saved = { now: 0, sequence: 1, events: [{ cycle: 1, sequence: 0, key: 'b', argument: 0 }] };
    expect(() => clock.restoreState(saved)).toThrow("saved event 'b' has no handler");
  });
});
