import { setTimeout as sleep } from 'node:timers/promises';
import { fc, test as propertyTest } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { inLanes } from './lanes.js';

propertyTest.prop([fc.array(fc.nat(3), { maxLength: 30 }), fc.integer({ min: 1, max: 8 })])(
  'every task is done once, begun in order, and never more at once than there are lanes',
  async (tasks, width) => {
    const begun: number[] = [];
    let atOnce = 0;
    let most = 0;
    await inLanes(
      tasks,
      width,
      () => false,
      async (turns, index) => {
        begun.push(index);
        most = Math.max(most, ++atOnce);
        for (let i = 0; i <= turns; i++) await Promise.resolve();
        atOnce--;
      },
    );
    expect(begun).toEqual(tasks.map((_, i) => i));
    expect(most).toBe(Math.min(width, tasks.length));
    expect(atOnce).toBe(0);
  },
);

test('when it is over, nobody waits for what is under way, and nothing more is begun', async () => {
  let over = false;
  const begun: number[] = [];
  await inLanes(
    [0, 1, 2, 3],
    2,
    () => over,
    async (task) => {
      begun.push(task);
      over = task === 1;
      await sleep(600_000, undefined, { ref: false });
    },
  );
  expect(begun).toEqual([0, 1]);
});

test('what the work throws ends it', async () => {
  const thrown = inLanes(
    [0],
    1,
    () => false,
    async () => {
      throw new Error('cannot');
    },
  );
  await expect(thrown).rejects.toThrow('cannot');
});
