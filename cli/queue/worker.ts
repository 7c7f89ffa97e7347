/** A worker: does tasks of the campaign that stands on the queue, then of the next. */
import { setTimeout as sleep } from 'node:timers/promises';
import { plural } from '../../reports/facts.js';
import type { CampaignKinds, CampaignSupplies } from '../campaign-crew.js';
import type { Crew } from '../crew.js';
import { errorText, UserError } from '../errors.js';
import { type Announcement, type QueueAnswer, type QueueJob, unpackSupplies, type WorkerLine } from './protocol.js';

export interface WorkerWishes {
  readonly build: string;
  /** Tasks at once. */
  readonly width: number;
  /** So often it looks whether a campaign has begun or is over. */
  readonly lookEveryMs: number;
  /** It ends when the first campaign it has seen is over. */
  readonly once: boolean;
  readonly isStopped: () => boolean;
  readonly say: (text: string) => void;
  readonly crewOf: (supplies: CampaignSupplies) => Crew<CampaignKinds>;
}

interface Current {
  readonly announcement: Announcement;
  readonly crew: Promise<Crew<CampaignKinds>>;
  done: number;
}

export class QueueWorker {
  private current: Current | undefined;
  private ended = false;
  private lastLook = Promise.resolve();
  private end: () => void = () => {};
  private readonly ending = new Promise<undefined>((resolve) => {
    this.end = () => resolve(undefined);
  });

  constructor(
    private readonly line: WorkerLine,
    private readonly wishes: WorkerWishes,
  ) {}

  /** Until it is stopped. Throws UserError when the campaign is not for this build, or the queue cannot be reached any more. */
  async run(): Promise<void> {
    const { once, isStopped } = this.wishes;
    try {
      // Nothing is taken before it is known that this build may.
      await this.look();
      this.line.take(this.wishes.width, (job) => this.work(job));
      while (!isStopped() && (this.current !== undefined || !(once && this.ended))) {
        if (this.line.lost !== undefined) throw new UserError(this.line.lost);
        await sleep(this.wishes.lookEveryMs);
        await this.look();
      }
    } catch (error) {
      throw this.line.lost === undefined ? error : new UserError(this.line.lost);
    } finally {
      // What is under way goes back to the queue.
      this.end();
      await this.line.close();
      await this.leave();
    }
  }

  /** Which campaign there is now; one look after the other, so each sees what stood there after it was asked for. */
  private look(): Promise<void> {
    const look = this.lastLook.then(() => this.lookNow());
    this.lastLook = look.catch(() => {});
    return look;
  }

  private async lookNow(): Promise<void> {
    const { say, build, once } = this.wishes;
    const announcement = await this.line.announcement();
    if (announcement?.id === this.current?.announcement.id) return;
    if (this.current !== undefined) {
      say(`the campaign is over: ${plural(this.current.done, 'task')} done here`);
      await this.leave();
    }
    if (announcement === undefined || (once && this.ended)) return;
    if (announcement.build !== build) {
      throw new UserError(
        `the campaign on this queue is of phantom-testbed ${announcement.build}, this is ${build}: a worker must be the same build`,
      );
    }
    say(`a campaign: ${announcement.command}`);
    this.enter(announcement);
  }

  private enter(announcement: Announcement): Current {
    const { crewOf } = this.wishes;
    const crew = this.line.supplies(announcement.supplies).then((packed) => {
      if (packed === undefined) throw new Error('the set-ups of the campaign are not on the queue any more');
      return crewOf(unpackSupplies(packed, announcement.supplies));
    });
    // Each task that needs it says so.
    crew.catch(() => {});
    this.current = { announcement, crew, done: 0 };
    return this.current;
  }

  private async leave(): Promise<void> {
    const crew = this.current?.crew;
    this.current = undefined;
    this.ended = true;
    await crew?.then(
      (one) => one.close(),
      () => {},
    );
  }

  /** Undefined: it goes back. */
  private async work({ campaign, kind, task }: QueueJob): Promise<QueueAnswer | undefined> {
    try {
      if (this.current?.announcement.id !== campaign) await this.look();
    } catch {
      // Who runs this worker is told the same at its next look.
      return undefined;
    }
    const { current } = this;
    // Nobody waits for it any more.
    if (current === undefined || current.announcement.id !== campaign) return { error: 'its campaign is over' };
    try {
      const crew = await current.crew;
      const outcome = await Promise.race([crew.run(kind, task), this.ending]);
      if (outcome === undefined) return undefined;
      current.done++;
      return { outcome };
    } catch (error) {
      return this.current === current ? { error: errorText(error) } : { error: 'its campaign is over' };
    }
  }
}
