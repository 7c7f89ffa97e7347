/**
 * A queue in redis, kept by BullMQ: a job that a worker has begun is locked by it, and a lock that is not renewed means that the worker is lost; then the
 * job is given to another.
 *
 * Keys, of a queue NAME: `phantom:NAME:campaign` holds the announcement, `phantom:NAME:supplies:SHA256` the set-ups; both expire unless they are kept.
 * The jobs are BullMQ's `phantom:NAME-BUILD:*`, so that a worker never sees those of another build. This is the one file that loads BullMQ and ioredis,
 * and it is loaded where a queue is asked for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, Queue, QueueEvents, WaitingError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { WORKERS_A_TASK } from '../crew.js';
import { codeOf, messageOf, UserError } from '../errors.js';
import {
  type Announcement,
  announcementSchema,
  type CoordinatorLine,
  KEPT_MS,
  type QueueAnswer,
  type QueueJob,
  type QueueLine,
  type WorkerLine,
} from './protocol.js';

const PREFIX = 'phantom';
const CONNECT_MS = 5_000;
/** What is to be ended in order gets so long for it. */
const CLOSE_MS = 5_000;
/** A connection that broke is tried again so often, for so long. */
const RETRY_MS = 250;
const PATIENCE_MS = 10_000;
/** Events of the queue that are kept for who has not read them yet; each has an outcome in it. */
const EVENTS_KEPT = 1_000;
/** What BullMQ says of a job whose workers were lost too often. */
const STALLED = 'stalled more than allowable limit';
/** So often, while a lock lasts, it is looked for locks that were not renewed. */
const CHECKS_A_LOCK = 4;
/** A worker that waits for a job asks again after this. */
const WAIT_S = 2;

export interface QueueAddress {
  readonly url: string;
  /** Of letters, digits, - and _. */
  readonly name: string;
  /** Of the program that speaks (`buildOf`). */
  readonly build: string;
  /** For so long a connection that broke is tried again; 10 seconds where nothing is said. */
  readonly patienceMs?: number;
}

/** What both sides have. */
class RedisLine implements QueueLine {
  private reason: string | undefined;
  private closing = false;

  protected constructor(
    protected readonly redis: Redis,
    protected readonly address: QueueAddress,
  ) {
    redis.on('end', () => {
      if (!this.closing)
        this.reason ??= `redis at ${placeOf(address.url)} is gone: ${lastError.get(redis) ?? 'the connection was closed'}`;
    });
  }

  get lost(): string | undefined {
    return this.reason;
  }

  async close(): Promise<void> {
    this.closing = true;
    const users = this.closeUsers().catch(() => {});
    // A client that was about to connect again never says that it has closed, and where the queue is gone there is nobody to take leave of.
    if (this.reason === undefined) await Promise.race([users, sleep(CLOSE_MS, undefined, { ref: false })]);
    this.redis.disconnect();
  }

  /** Ends what BullMQ does with the connection. */
  protected async closeUsers(): Promise<void> {}

  async announcement(): Promise<Announcement | undefined> {
    const text = await this.redis.get(this.key('campaign')).catch((error: unknown) => {
      // A list, a set: whoever put it there, it is no announcement.
      if (messageOf(error).startsWith('WRONGTYPE')) return '';
      throw error;
    });
    return text === null ? undefined : readAnnouncement(text, this.address);
  }

  protected key(...parts: string[]): string {
    return [PREFIX, this.address.name, ...parts].join(':');
  }

  protected get queueName(): string {
    return `${this.address.name}-${this.address.build}`;
  }
}

class RedisCoordinator extends RedisLine implements CoordinatorLine {
  private readonly queue: Queue<QueueJob, QueueAnswer>;
  private readonly events: QueueEvents;
  private announced: Announcement | undefined;

  constructor(redis: Redis, address: QueueAddress) {
    super(redis, address);
    this.queue = new Queue(this.queueName, {
      connection: redis,
      prefix: PREFIX,
      streams: { events: { maxLen: EVENTS_KEPT } },
    });
    // From the first event on that there is: a connection that breaks before one was read would miss some.
    this.events = new QueueEvents(this.queueName, { connection: redis, prefix: PREFIX, lastEventId: '0-0' });
    // A broken connection is tried again; what ends it is heard of from the connection itself.
    this.queue.on('error', () => {});
    this.events.on('error', () => {});
    this.events.setMaxListeners(0);
    this.queue.setMaxListeners(0);
  }

  async announce(announcement: Announcement, supplies: Uint8Array): Promise<Announcement | undefined> {
    // Who sees the campaign finds what belongs to it.
    const { supplies: hash } = announcement;
    await this.redis.set(this.key('supplies', hash), Buffer.from(supplies), 'PX', KEPT_MS);
    const text = JSON.stringify(announcement);
    const put = await this.redis.set(this.key('campaign'), text, 'PX', KEPT_MS, 'NX');
    if (put === null) return (await this.announcement()) ?? this.announce(announcement, supplies);
    this.announced = announcement;
    // What a campaign left behind whose coordinator was killed.
    await this.queue.obliterate({ force: true });
    await this.queue.resume();
    return undefined;
  }

  async submit(key: string, data: QueueJob): Promise<QueueAnswer> {
    const job = await this.queue.add(data.kind, data, { jobId: key, removeOnFail: false });
    try {
      return await job.waitUntilFinished(this.events);
    } catch (error) {
      throw messageOf(error).includes(STALLED) ? new Error(`${WORKERS_A_TASK} workers were lost at it`) : error;
    } finally {
      // Done with, whatever came of it; where the queue is gone there is nothing to remove.
      job.remove().catch(() => {});
    }
  }

  async keep(): Promise<boolean> {
    const keys = [this.key('campaign'), this.suppliesKey];
    const kept = await Promise.all(keys.map((key) => this.redis.pexpire(key, KEPT_MS)));
    return kept.every((one) => one === 1);
  }

  workers(): Promise<number> {
    return this.queue.getWorkersCount();
  }

  async withdraw(): Promise<void> {
    await this.redis.del(this.key('campaign'), this.suppliesKey);
    await this.queue.obliterate({ force: true });
  }

  protected override async closeUsers(): Promise<void> {
    await Promise.allSettled([this.events.close(), this.queue.close()]);
  }

  private get suppliesKey(): string {
    return this.key('supplies', this.announced?.supplies ?? '');
  }
}

class RedisWorker extends RedisLine implements WorkerLine {
  private worker: Worker<QueueJob, QueueAnswer> | undefined;

  constructor(
    redis: Redis,
    address: QueueAddress,
    private readonly lostAfterMs: number,
  ) {
    super(redis, address);
  }

  async supplies(sha256: string): Promise<Uint8Array | undefined> {
    return (await this.redis.getBuffer(this.key('supplies', sha256))) ?? undefined;
  }

  take(width: number, work: (job: QueueJob) => Promise<QueueAnswer | undefined>): void {
    const process = async (job: Job<QueueJob, QueueAnswer>, token?: string): Promise<QueueAnswer> => {
      const answer = await work(job.data);
      if (answer !== undefined) return answer;
      await job.moveToWait(token);
      throw new WaitingError();
    };
    this.worker = new Worker(this.queueName, process, {
      connection: this.redis,
      prefix: PREFIX,
      concurrency: width,
      lockDuration: this.lostAfterMs,
      stalledInterval: this.lostAfterMs / CHECKS_A_LOCK,
      maxStalledCount: WORKERS_A_TASK - 1,
      drainDelay: WAIT_S,
      runRetryDelay: RETRY_MS,
    });
    // A broken connection is tried again; an outcome that comes too late is refused, for the job is another's by then.
    this.worker.on('error', () => {});
  }

  protected override async closeUsers(): Promise<void> {
    await this.worker?.close(this.lost !== undefined);
  }
}

/** Throws UserError when there is no redis. */
export async function coordinatorLine(address: QueueAddress): Promise<CoordinatorLine> {
  return new RedisCoordinator(await connect(address), address);
}

/** `lostAfterMs`: a worker that is silent for so long is taken for lost. Throws UserError when there is no redis. */
export async function workerLine(address: QueueAddress, lostAfterMs: number): Promise<WorkerLine> {
  return new RedisWorker(await connect(address), address, lostAfterMs);
}

/** Throws UserError when there is no redis: to be asked before anything that takes long. */
export async function requireRedis(url: string): Promise<void> {
  (await connect({ url })).disconnect();
}

const lastError = new WeakMap<Redis, string>();

/** What goes wrong with the connections that BullMQ makes of it goes wrong with itself, and is told there; they end with it. */
class QuietRedis extends Redis {
  private readonly others: Redis[] = [];

  override duplicate(...changes: Parameters<Redis['duplicate']>): Redis {
    const other = super.duplicate(...changes).on('error', () => {});
    this.others.push(other);
    return other;
  }

  override disconnect(reconnect = false): void {
    if (!reconnect) for (const other of this.others) other.disconnect();
    super.disconnect(reconnect);
  }
}

async function connect({ url, patienceMs = PATIENCE_MS }: Pick<QueueAddress, 'url' | 'patienceMs'>): Promise<Redis> {
  let wasReady = false;
  const redis = new QuietRedis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    // BullMQ asks for it: what waits for a connection waits until there is one, or none any more.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (wasReady && times * RETRY_MS < patienceMs ? RETRY_MS : null),
  });
  redis.on('error', (error) => lastError.set(redis, messageOf(error) || (codeOf(error) ?? 'no reason given')));
  try {
    await redis.connect();
    await redis.ping();
    wasReady = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new UserError(
      `no redis at ${placeOf(url)}: ${lastError.get(redis) ?? messageOf(error)}; is one running there, and may this machine reach it?`,
    );
  }
}

/** Without what it may say of user and password. */
function placeOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function readAnnouncement(text: string, { url, name }: QueueAddress): Announcement {
  try {
    return announcementSchema.parse(JSON.parse(text));
  } catch {
    throw new UserError(`${placeOf(url)}: what stands at ${PREFIX}:${name}:campaign is no campaign of this program`);
  }
}
