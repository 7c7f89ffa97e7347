/** The disk's other controller: everything a run judges holds there too, and a system goes from one to the other. */
import { describe, expect, test } from 'vitest';
import { DISK_CONTROLLERS } from '../hardware-sim/index.js';
import { parseJson, renderJson } from '../reports/index.js';
import { repeatCommand } from './command.js';
import { drawPlan } from './plan.js';
import { runPlan } from './run.js';
import { planShape, type RunSetup } from './setup.js';
import { workload } from './testing/workload.js';

const OFTEN = { snapshotIntervalMs: 60 };

describe('a disk on virtio-blk', () => {
  test('P1 P2 P14 hog, which lives on page-out and page-in, goes on after power cuts; the run repeats', async () => {
    const setup = await workload('hog', { ...OFTEN, ramMiB: 4, diskController: 'virtio' });
    const result = runPlan(setup, drawPlan(3, planShape(setup.options, 2)));
    expect(result.verdict.text).toMatch(/^held: 2 power cuts/);
    expect(result.kernelLog.filter(({ text }) => text.startsWith('virtio: disk'))).toHaveLength(3);
    expect(result.repeat).toContain(' --controller virtio');
    const read = parseJson(renderJson(result));
    expect(read.options.diskController).toBe('virtio');
    expect(runPlan({ ...setup, options: read.options }, read.plan)).toEqual(result);
  });

  test('a report of before there was a choice is of a disk on IDE', async () => {
    const setup = await workload('ticker', OFTEN);
    expect(repeatCommand(setup, drawPlan(1, planShape(setup.options, 1)))).not.toContain('--controller');
    const result = runPlan(
      { ...setup, options: { ...setup.options, maxCycles: 1 } },
      { version: 2, seed: 1, cuts: [] },
    );
    const { diskController, ...before } = result.options;
    expect(DISK_CONTROLLERS).toContain(diskController);
    const old: unknown = { ...JSON.parse(renderJson(result)), options: before };
    expect(parseJson(JSON.stringify(old)).options.diskController).toBe('ide');
  });

  test('a controller that there is not is refused by name', async () => {
    const setup = await workload('ticker', OFTEN);
    const options = { ...setup.options, diskController: 'scsi' } as unknown as RunSetup['options'];
    expect(() => runPlan({ ...setup, options }, { version: 2, seed: 1, cuts: [] })).toThrow(
      'diskController scsi: expected ide or virtio',
    );
  });
});

test('a system made on IDE goes on on virtio-blk and back, and the plan that says so replays', async () => {
  const setup = await workload('ticker', OFTEN);
  const plan = {
    ...drawPlan(5, planShape(setup.options, 2)),
    controllers: [
      { boot: 1, controller: 'virtio' as const },
      { boot: 2, controller: 'ide' as const },
    ],
  };
  const result = runPlan(setup, plan);
  expect(result.verdict.outcome).toBe('held');
  expect(result.cuts.map(({ recovered }) => recovered ?? 0).every((generation) => generation > 0)).toBe(true);
  const disks = result.kernelLog.filter(({ text }) => /^(ide|virtio): disk/.test(text));
  expect(disks.map(({ boot, text }) => [boot, text.split(':')[0]])).toEqual([
    [0, 'ide'],
    [1, 'virtio'],
    [2, 'ide'],
  ]);
  expect(result.plan.controllers).toEqual(plan.controllers);
  expect(parseJson(renderJson(result)).plan).toEqual(result.plan);
});
