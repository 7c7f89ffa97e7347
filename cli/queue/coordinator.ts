/** The crew of a campaign that is spread over a queue: whoever serves it. */
import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { CampaignKinds, CampaignSupplies } from '../campaign-crew.js';
import type { Crew } from '../crew.js';
import { UserError } from '../errors.js';
import { outcomeOf } from './answer.js';
import {
  type Announcement,
  buildOf,
  type CoordinatorLine,
  hashOf,
  KEPT_MS,
  packSupplies,
  type QueueAnswer,
  type QueueJob,
} from './protocol.js';

/** More tasks than a round has: who takes how many is the workers' matter. */
const WIDTH = 1000;
const BEAT_MS = KEPT_MS / 6;

export class QueueCrew implements Crew<CampaignKinds> {
  readonly width = WIDTH;
  private given = 0;
  private most = 0;
  private present = 0;
  private forgotten = false;
  private beat: NodeJS.Timeout | undefined;
  private isClosed = false;

  private constructor(
    private readonly line: CoordinatorLine,
    private readonly id: string,
    private readonly say: (text: string) => void,
  ) {}

  /** Announces the campaign. `command`: what repeats it; `hint`: what to start on other machines. Throws UserError when another is under way. */
  static async begin(
    line: CoordinatorLine,
    supplies: CampaignSupplies,
    { command, hint, say }: { readonly command: string; readonly hint: string; readonly say: (text: string) => void },
  ): Promise<QueueCrew> {
    const packed = packSupplies(supplies);
    const announcement: Announcement = { id: randomUUID(), build: buildOf(), supplies: hashOf(packed), command };
    let other: Announcement | undefined;
    try {
      other = await line.announce(announcement, packed);
    } catch (error) {
      // A connection that stays open keeps the process.
      await line.close();
      throw error;
    }
    if (other !== undefined) {
      await line.close();
      throw new UserError(
        `a campaign is under way on this queue (${other.command}): wait for its end, or give both a --queue-name`,
      );
    }
    const crew = new QueueCrew(line, announcement.id, say);
    await crew.look();
    if (crew.present === 0) say(`no worker yet; on each machine that is to help: ${hint}`);
    crew.beat = setInterval(() => void crew.look(), BEAT_MS);
    return crew;
  }

  get failure(): string | undefined {
    if (this.line.lost !== undefined) return this.line.lost;
    return this.forgotten ? 'the queue has forgotten the campaign; was redis started anew?' : undefined;
  }

  get figure(): { readonly name: string; readonly value: number } {
    return { name: 'workers on the queue, at most', value: this.most };
  }

  async run<Kind extends keyof CampaignKinds>(
    kind: Kind,
    task: CampaignKinds[Kind]['task'],
  ): Promise<CampaignKinds[Kind]['outcome']> {
    const job: QueueJob = { campaign: this.id, kind, task };
    return outcomeOf(job, await this.submit(job)) as CampaignKinds[Kind]['outcome'];
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.beat);
    if (this.failure === undefined) await this.line.withdraw();
    await this.line.close();
  }

  private async submit(job: QueueJob): Promise<QueueAnswer> {
    try {
      return await this.line.submit(`${this.id}-${this.given++}`, job);
    } catch (error) {
      // Where the connection ended, that is known first, and then it is no error of the task.
      await turn();
      throw error;
    }
  }

  /** Says that the campaign goes on, and sees who is there. What goes wrong with the connection, `failure` tells. */
  private async look(): Promise<void> {
    try {
      const [isThere, workers] = await Promise.all([this.line.keep(), this.line.workers()]);
      if (this.isClosed) return;
      if (!isThere) this.forgotten = true;
      if (workers !== this.present && this.beat !== undefined) this.say(`workers on the queue: ${workers}`);
      this.present = workers;
      this.most = Math.max(this.most, workers);
    } catch (error) {
      if (this.line.lost === undefined && !this.isClosed) throw error;
    }
  }
}
