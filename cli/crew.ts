/**
 * Who does tasks: this thread, threads of this process, machines behind a queue.
 *
 * The rule: what a task comes to is a function of the task and of what all workers were given at first, so it may be done by any of them, and once more when
 * whoever had it is lost.
 */
import { Tinypool } from 'tinypool';
import { codeOf } from './errors.js';

export interface Crew<Kinds extends TaskKinds> {
  /** So many tasks may be given to it at once. */
  readonly width: number;
  /** How many do them, as a report says it. */
  readonly figure: { readonly name: string; readonly value: number };
  /** Why none of its tasks will be done any more; undefined while they will. */
  readonly failure: string | undefined;
  /** Rejects with what the task throws. */
  run<Kind extends keyof Kinds & string>(kind: Kind, task: Kinds[Kind]['task']): Promise<Kinds[Kind]['outcome']>;
  close(): Promise<void>;
}

/** By kind, which is the name of the function that does it, what tasks are and what they come to. */
export type TaskKinds = { readonly [kind: string]: { readonly task: unknown; readonly outcome: unknown } };

export function threadsFigure(value: number): { readonly name: string; readonly value: number } {
  return { name: 'worker threads', value };
}

/** What a thread's end by itself is called. Not what a task throws: that would be thrown again. */
const LOST: ReadonlySet<string | undefined> = new Set(['ERR_WORKER_OUT_OF_MEMORY', 'ERR_WORKER_INIT_FAILED']);
/** A task that has cost so many workers is given up. */
export const WORKERS_A_TASK = 3;

/** Threads of this process, which have loaded `module` and have `given` as their workerData. */
export class ThreadCrew<Kinds extends TaskKinds> implements Crew<Kinds> {
  readonly failure = undefined;
  readonly figure: { readonly name: string; readonly value: number };
  private readonly pool: Tinypool;

  constructor(
    readonly width: number,
    module: string,
    given: unknown,
    limits?: { readonly maxOldGenerationSizeMb: number },
  ) {
    this.figure = threadsFigure(width);
    this.pool = new Tinypool({
      filename: module,
      runtime: 'worker_threads',
      minThreads: width,
      maxThreads: width,
      isolateWorkers: false,
      workerData: given,
      resourceLimits: limits,
    });
    // A thread that ends while it has nothing to do is replaced, and nothing is lost.
    this.pool.on('error', () => {});
  }

  async run<Kind extends keyof Kinds & string>(kind: Kind, task: Kinds[Kind]['task']): Promise<Kinds[Kind]['outcome']> {
    for (let lost = 0; ; ) {
      try {
        return await this.pool.run(task, { name: kind });
      } catch (error) {
        if (!LOST.has(codeOf(error))) throw error;
        if (++lost === WORKERS_A_TASK)
          throw new Error(`${lost} worker threads ended at it, the last: ${String(error)}`);
      }
    }
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}
