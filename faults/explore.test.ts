// What the cells of a campaign's coverage say of the kernel, held against its own announcements.
import { expect, test } from 'vitest';
import { exploreCut } from './explore.js';
import { forkLife } from './first-life.js';
import { bootOnce } from './run.js';
import { workload } from './testing/workload.js';

test('a cell says what the collector was about', { timeout: 60_000 }, async () => {
  const options = { snapshotIntervalMs: 60, diskMiB: 64, collectKib: 64 };
  const booted = bootOnce(await workload('churn', options), 1);
  const latest = 100_000_000;
  const phases: string[] = [];
  // The four announcements of a collection; the first collection may be over when the system has committed once.
  for (let nth = 1; phases.length < 4; nth++) {
    if (!booted.setAlarm(0, { kind: 'event', event: 'collection', nth, plus: 0, latest })) continue;
    expect(booted.advance(latest)).toBe('alarm');
    booted.takeAlarms();
    const life = forkLife(booted);
    const wishes = { states: 3, seed: nth, recoverOneIn: 0 };
    const kernels = new Set(exploreCut(life, wishes, undefined).cells.map(({ kernel }) => kernel));
    life.machine.dispose();
    expect(kernels.size).toBe(1);
    phases.push(/, collector (.*)$/.exec([...kernels][0])?.[1] ?? 'none');
  }
  booted.machine.dispose();
  expect(phases).toEqual(['freezing', 'marking', 'sweeping', 'none']);
});
