// A campaign over a queue: whoever does its tasks, and whoever is lost, the result is the one it has in this process. First without a network, then
// with a redis of its own.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { fc, test as propertyTest } from '@fast-check/vitest';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../errors.js';
import { phantom } from '../testing/captured.js';
import { QueueCrew } from './coordinator.js';
import {
  buildOf,
  type CoordinatorLine,
  hashOf,
  packSupplies,
  QUEUE_NAME,
  unpackSupplies,
  type WorkerLine,
} from './protocol.js';
import { coordinatorLine, workerLine } from './redis.js';
import { campaignBy, MadeUpCrew, SUPPLIES } from './testing/made-up.js';
import { MemoryQueue } from './testing/memory-queue.js';
import { QueueWorker, type WorkerWishes } from './worker.js';

const build = buildOf();

function workerOn(line: WorkerLine, change: Partial<WorkerWishes> = {}) {
  const said: string[] = [];
  const crews: MadeUpCrew[] = [];
  let stopped = false;
  const worker = new QueueWorker(line, {
    build,
    width: 2,
    lookEveryMs: 5,
    once: false,
    isStopped: () => stopped,
    say: (text) => said.push(text),
    crewOf: () => {
      crews.push(new MadeUpCrew(1));
      return crews[crews.length - 1];
    },
    ...change,
  });
  const ended = worker.run();
  // Who waits for it hears of it.
  ended.catch(() => {});
  const stop = (): Promise<void> => {
    stopped = true;
    return ended;
  };
  return { said, crews, ended, stop };
}

const spread =
  (line: CoordinatorLine, said: string[] = []) =>
  () =>
    QueueCrew.begin(line, SUPPLIES, {
      command: 'npx phantom check',
      hint: 'start a worker',
      say: (text) => said.push(text),
    });

const alone = campaignBy(async () => new MadeUpCrew());

test('what all workers are given comes out as it went in, one kernel for all, and is held against its hash', () => {
  const packed = packSupplies(SUPPLIES);
  const unpacked = unpackSupplies(packed, hashOf(packed));
  expect(unpacked).toEqual(SUPPLIES);
  const [a, b] = [...unpacked.setups.values()];
  expect(a.kernel).toBe(b.kernel);
  expect(() => unpackSupplies(packed, hashOf(packed.subarray(1)))).toThrow(
    /^the set-ups on the queue: expected content/,
  );
});

describe('over a queue in this process', () => {
  propertyTest.prop([fc.integer({ min: 1, max: 3 }), fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 2 })], {
    numRuns: 12,
  })('the report is that of one process, whatever the number of workers and whoever is lost', async (count, kills) => {
    const queue = new MemoryQueue();
    const workers = Array.from({ length: count }, () => workerOn(queue.worker()));
    const doomed = kills.map(async (after) => {
      const line = queue.worker();
      const lost = workerOn(line);
      await sleep(after);
      line.kill();
      return lost.stop();
    });
    const { report, stopped } = await campaignBy(spread(queue.coordinator()));
    await Promise.all([...workers.map(({ stop }) => stop()), ...doomed]);
    expect(report).toBe((await alone).report);
    expect(stopped).toBe(false);
    // Of sixty runs the bed cannot make one; each was answered, and once.
    expect(queue.answered).toHaveLength(60);
    expect(new Set(queue.answered).size).toBe(60);
    for (const crew of workers.flatMap(({ crews }) => crews)) expect(crew.closed).toBe(true);
  });

  test('a task at which every worker is lost is an error of the bed, and the campaign goes on', async () => {
    const queue = new MemoryQueue();
    const never = { crewOf: () => new MadeUpCrew(60_000), width: 1 };
    const campaign = campaignBy(spread(queue.coordinator()), 2);
    for (let i = 0; i < 3; i++) {
      const line = queue.worker();
      const lost = workerOn(line, never);
      await sleep(20);
      line.kill();
      await lost.stop();
    }
    const good = workerOn(queue.worker());
    const { report, runs } = await campaign;
    await good.stop();
    expect(runs).toBe(1);
    expect(JSON.parse(report).errors).toMatchObject([{ seed: 5, message: '3 workers were lost at it' }]);
  });

  test.each<[string, (made: Record<string, unknown>) => unknown, RegExp]>([
    ['nothing', () => null, /^a worker answered with what is no outcome: the whole/],
    ['a figure that is none', (made) => ({ outcome: { ...made, cuts: -1 } }), /no outcome: cuts: /],
    ['a failure that is none', (made) => ({ outcome: { ...made, failures: [{}] } }), /failures\[0\]\.property/],
    ['a property that is none', (made) => ({ outcome: { ...made, tallies: { __proto__: null, x: {} } } }), /tallies/],
    [
      "another task's",
      (made) => ({ outcome: { ...made, task: { index: 1 } } }),
      /^a worker answered with what another task came to$/,
    ],
  ])('a worker that answers with %s: an error of that task, and the campaign goes on', async (_, answer, message) => {
    const queue = new MemoryQueue();
    const line = queue.worker();
    let spoiled = false;
    const worker = workerOn({
      ...line,
      take: (width, work) =>
        line.take(width, async (job) => {
          const made = await work(job);
          if (spoiled || made === undefined || !('outcome' in made)) return made;
          spoiled = true;
          return answer(made.outcome as unknown as Record<string, unknown>) as typeof made;
        }),
    });
    const { report, runs, stopped } = await campaignBy(spread(queue.coordinator()), 10);
    await worker.stop();
    expect([runs, stopped]).toEqual([9, false]);
    expect(JSON.parse(report).errors).toMatchObject([{ message: expect.stringMatching(message) }]);
  });

  test('a worker of another build refuses, and says both', async () => {
    const queue = new MemoryQueue();
    const line = queue.coordinator();
    const crew = await spread(line)();
    await expect(workerOn(queue.worker(), { build: '0.0.9-abc' }).ended).rejects.toThrow(
      new UserError(
        `the campaign on this queue is of phantom-testbed ${build}, this is 0.0.9-abc: a worker must be the same build`,
      ),
    );
    expect(queue.answered).toEqual([]);
    await crew.close();
  });

  test('set-ups that are not those that were sent are not used', async () => {
    const queue = new MemoryQueue();
    const crew = await spread(queue.coordinator())();
    queue.spoil();
    const worker = workerOn(queue.worker());
    const [task] = [{ index: 0, seed: 5, variation: 0, workload: 'a', exhaustive: false }];
    await expect(crew.run('campaignTask', task)).rejects.toThrow(/^the set-ups on the queue: expected content/);
    expect(worker.crews).toEqual([]);
    await crew.close();
    await worker.stop();
  });

  test('one campaign at a time: another is refused, and comes when the first is over; --once ends after one', async () => {
    const queue = new MemoryQueue();
    const first = await spread(queue.coordinator())();
    await expect(spread(queue.coordinator())()).rejects.toThrow(
      /^a campaign is under way on this queue \(npx phantom check\)/,
    );
    const [onceWorker, worker] = [workerOn(queue.worker(), { once: true }), workerOn(queue.worker())];
    await sleep(20);
    await first.close();
    await onceWorker.ended;
    expect(onceWorker.said).toEqual(['a campaign: npx phantom check', 'the campaign is over: 0 tasks done here']);
    const { report } = await campaignBy(spread(queue.coordinator()));
    expect(report).toBe((await alone).report);
    await worker.stop();
    expect(worker.said).toHaveLength(4);
  });
});

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) process.stderr.write('campaigns over redis: not tested, there is no redis-server on this machine\n');

describe.skipIf(!hasRedis)(`over redis${hasRedis ? '' : ': SKIPPED, there is no redis-server on this machine'}`, () => {
  let server: ChildProcess;
  let url: string;

  beforeAll(async () => {
    ({ server, url } = await startRedis());
  });
  afterAll(() => {
    server.kill('SIGKILL');
  });

  test('the report is that of one process with one worker and with two, of which one is lost', {
    timeout: 60_000,
  }, async () => {
    const address = { url, name: 'made-up', build };
    for (const others of [0, 1]) {
      const worker = workerOn(await workerLine(address, 1_000));
      const losses = Array.from({ length: others }, async () => {
        const line = await workerLine(address, 1_000);
        // It is silent from its first task on, as one that was killed.
        const lost = workerOn({
          lost: undefined,
          announcement: () => line.announcement(),
          supplies: (sha256) => line.supplies(sha256),
          take: (width, work) =>
            line.take(width, (job) => {
              void work(job);
              drop(line);
              return new Promise(() => {});
            }),
          close: async () => {},
        });
        return lost;
      });
      const { report } = await campaignBy(spread(await coordinatorLine(address)));
      await worker.stop();
      for (const lost of await Promise.all(losses)) await expect(lost.stop()).rejects.toThrow('Connection is closed');
      expect(report).toBe((await alone).report);
    }
  });

  test('a redis that goes away ends both sides with one line each, and what was merged is there', {
    timeout: 60_000,
  }, async () => {
    const own = await startRedis();
    const address = { url: own.url, name: 'gone', build, patienceMs: 1_000 };
    const worker = workerOn(await workerLine(address, 30_000), { crewOf: () => new MadeUpCrew(100) });
    const campaign = campaignBy(spread(await coordinatorLine(address)), 500);
    await sleep(1_500);
    own.server.kill('SIGKILL');
    const { stopped, failure, runs } = await campaign;
    expect(stopped).toBe(true);
    expect(failure).toMatch(/^redis at redis:\/\/127\.0\.0\.1:\d+ is gone: connect ECONNREFUSED/);
    expect(runs).toBeGreaterThan(0);
    expect(runs).toBeLessThan(500);
    await expect(worker.ended).rejects.toThrow(/^redis at .* is gone: /);
  });

  test.each(['set', 'lpush'] as const)(
    'what is no campaign there (%s) is told in one line, and nobody stays',
    {
      timeout: 20_000,
    },
    async (put) => {
      const address = { url, name: `foreign-${put}`, build };
      const redis = new Redis(url);
      const key = `phantom:${address.name}:campaign`;
      await redis.call(put, key, 'something');
      const line = await coordinatorLine(address);
      const message = new RegExp(`^redis://.*: what stands at ${key} is no campaign of this program$`);
      await expect(spread(line)()).rejects.toThrow(message);
      // Its connection is closed, so the process may end.
      await expect.poll(() => (line as unknown as { redis: Redis }).redis.status).toBe('end');
      await expect(workerOn(await workerLine(address, 1_000)).ended).rejects.toThrow(message);
      redis.disconnect();
    },
  );

  test('phantom check by workers of which one is killed at a task: the same object as in one process', {
    timeout: 240_000,
  }, async () => {
    const words = ['--seed', '1', '--seeds', '3', '--workload', 'waits', '--shape', 'cuts', '--states', '20'];
    const rest = ['--recover-one-in', '0', '--no-corpus', '--json'];
    const local = await phantom('check', ...words, ...rest, '--jobs', '1');
    const over = phantom('check', ...words, ...rest, '--queue', url);
    const redis = new Redis(url);
    const begun = `phantom:${QUEUE_NAME}-${build}:active`;
    const first = startWorker(url);
    while ((await redis.llen(begun)) === 0) await sleep(50);
    const [task] = await redis.lrange(begun, 0, 0);
    first.kill('SIGKILL');
    const second = startWorker(url);
    const ended = once(second, 'exit');
    const { code, stdout } = await over;
    expect(code).toBe(0);
    expect(await ended).toEqual([0, null]);
    expect(task).toMatch(/-0$/);
    expect(comparable(stdout)).toEqual(comparable(local.stdout));
    // Nothing of the campaign is left there.
    expect(await redis.keys(`phantom:${QUEUE_NAME}:*`)).toEqual([]);
    redis.disconnect();
  });
});

function comparable(text: string): unknown {
  const { performance: _, environment: __, ...rest } = JSON.parse(text);
  return rest;
}

/** Ends the connection of a line as the end of its process would. */
function drop(line: WorkerLine): void {
  const { redis, worker } = line as unknown as {
    redis: { disconnect: () => void };
    worker: { disconnect: () => Promise<void>; lockManager: { close: () => void } };
  };
  worker.lockManager.close();
  void worker.disconnect().catch(() => {});
  redis.disconnect();
}

async function startRedis(): Promise<{ server: ChildProcess; url: string }> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  const words = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await lineOf(server, /Ready to accept connections/);
  return { server, url: `redis://127.0.0.1:${port}` };
}

function startWorker(url: string): ChildProcess {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const words = [main, 'worker', '--queue', url, '--once', '--lost-after', '12s'];
  const worker = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return worker;
}

/** Resolves when the process has said such a line. */
async function lineOf(child: ChildProcess, wanted: RegExp): Promise<void> {
  let text = '';
  for await (const data of child.stdout ?? child.stderr ?? []) {
    text += data;
    if (text.split('\n').some((line) => wanted.test(line))) return;
  }
  throw new Error(`expected ${wanted}, found ${text}`);
}
