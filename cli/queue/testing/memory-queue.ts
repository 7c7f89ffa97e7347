/** A queue without a network: what redis and BullMQ do for a campaign, for workers in this process that may be lost at any moment. */
import { WORKERS_A_TASK } from '../../crew.js';
import type { Announcement, CoordinatorLine, QueueAnswer, QueueJob, WorkerLine } from '../protocol.js';

interface Entry {
  readonly job: QueueJob;
  readonly resolve: (answer: QueueAnswer) => void;
  readonly reject: (error: Error) => void;
  lost: number;
}

interface Taker {
  readonly width: number;
  readonly work: (job: QueueJob) => Promise<QueueAnswer | undefined>;
  readonly begun: Set<Entry>;
}

export class MemoryQueue {
  private standing: Announcement | undefined;
  private readonly packages = new Map<string, Uint8Array>();
  private readonly waiting: Entry[] = [];
  private readonly takers = new Set<Taker>();
  /** Keys of the jobs whose answers counted. */
  readonly answered: string[] = [];

  coordinator(): CoordinatorLine {
    return {
      lost: undefined,
      announce: async (announcement, supplies) => {
        if (this.standing !== undefined) return this.standing;
        this.standing = announcement;
        this.packages.set(announcement.supplies, supplies);
        return undefined;
      },
      submit: (key, job) =>
        new Promise<QueueAnswer>((resolve, reject) => {
          const answer = (one: QueueAnswer): void => {
            this.answered.push(key);
            resolve(one);
          };
          this.waiting.push({ job, resolve: answer, reject, lost: 0 });
          this.deal();
        }),
      keep: async () => this.standing !== undefined,
      workers: async () => this.takers.size,
      withdraw: async () => this.forget(),
      close: async () => {},
    };
  }

  /** `kill` loses the worker: what it had begun is given to others, and nothing it says counts any more. */
  worker(): WorkerLine & { readonly kill: () => void } {
    let taker: Taker | undefined;
    const leave = (isLost: boolean): void => {
      if (taker === undefined || !this.takers.delete(taker)) return;
      for (const entry of taker.begun) {
        if (isLost && ++entry.lost === WORKERS_A_TASK) entry.reject(new Error(`${entry.lost} workers were lost at it`));
        else this.waiting.unshift(entry);
      }
      this.deal();
    };
    return {
      lost: undefined,
      announcement: async () => this.standing,
      supplies: async (sha256) => this.packages.get(sha256),
      take: (width, work) => {
        taker = { width, work, begun: new Set() };
        this.takers.add(taker);
        this.deal();
      },
      kill: () => leave(true),
      close: async () => leave(false),
    };
  }

  /** As a redis that was started anew does. */
  forget(): void {
    this.standing = undefined;
    this.packages.clear();
    this.waiting.length = 0;
  }

  /** Spoils what campaigns have put there. */
  spoil(): void {
    for (const bytes of this.packages.values()) bytes[bytes.length - 1] ^= 1;
  }

  private deal(): void {
    for (const taker of this.takers) {
      while (taker.begun.size < taker.width) {
        const entry = this.waiting.shift();
        if (entry === undefined) return;
        taker.begun.add(entry);
        void this.give(entry, taker);
      }
    }
  }

  private async give(entry: Entry, taker: Taker): Promise<void> {
    const answer = await taker.work(entry.job);
    if (!this.takers.has(taker)) return;
    taker.begun.delete(entry);
    if (answer === undefined) this.waiting.unshift(entry);
    else entry.resolve(answer);
    this.deal();
  }
}
