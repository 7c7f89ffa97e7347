/** `phantom worker`: this machine helps with campaigns that stand on a queue. */
import { Command } from 'commander';
import { numberOf, parseDuration, parseQueueName, parseQueueUrl } from './arguments.js';
import { CAN_HAVE_THREADS, campaignThreads, OwnThread } from './campaign-crew.js';
import { EXIT_HELD, EXIT_STOPPED } from './exit-codes.js';
import { Interrupt } from './interrupt.js';
import { defaultJobs, JOBS_MAX } from './jobs.js';
import { buildOf, QUEUE_NAME } from './queue/protocol.js';
import { QueueWorker } from './queue/worker.js';
import { Terminal } from './terminal.js';

const LOST_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 500;

interface WorkerFlags {
  readonly queue: string;
  readonly queueName: string;
  readonly jobs: number;
  readonly once?: true;
  readonly lostAfter: number;
}

/** `ended` is told the exit code. */
export function workerCommand(ended: (exitCode: number) => void): Command {
  return new Command('worker')
    .description('help with campaigns that `phantom check --queue` has put on a queue')
    .requiredOption('--queue <url>', 'the redis that keeps the queue, as redis://host:6379', parseQueueUrl)
    .option('--queue-name <name>', 'which of its queues', parseQueueName, QUEUE_NAME)
    .option('--jobs <number>', 'worker threads', numberOf('a number', 1, JOBS_MAX), defaultJobs())
    .option('--once', 'end when a campaign is over')
    .option(
      '--lost-after <duration>',
      'a worker that is silent for so long is taken for lost, and its tasks are given to others: 30s, 2m',
      parseDuration,
      LOST_AFTER_MS,
    )
    .addHelpText(
      'after',
      '\nIt takes whatever campaign stands on the queue, then the next; the build of both programs must be the same. Ctrl-C gives back what is under way.\n' +
        'Exit codes: 0 done (--once), 2 usage or set-up error, another build, or no redis any more, 130 stopped.',
    )
    .action(async (flags: WorkerFlags) => ended(await work(flags)));
}

async function work({ queue, queueName, jobs, once, lostAfter }: WorkerFlags): Promise<number> {
  const terminal = new Terminal('hidden');
  const build = buildOf();
  const { workerLine } = await import('./queue/redis.js');
  const line = await workerLine({ url: queue, name: queueName, build }, lostAfter);
  const interrupt = new Interrupt();
  // Sources run in one thread, which then does not renew the lock of a task that takes long.
  const width = CAN_HAVE_THREADS ? jobs : 1;
  terminal.say(`worker of build ${build}, tasks at once: ${width}; Ctrl-C ends it`);
  const worker = new QueueWorker(line, {
    build,
    width,
    lookEveryMs: LOOK_EVERY_MS,
    once: once === true,
    isStopped: () => interrupt.isAsked,
    say: (text) => terminal.say(text),
    crewOf: (supplies) => (CAN_HAVE_THREADS ? campaignThreads(supplies, jobs) : new OwnThread(supplies)),
  });
  try {
    await worker.run();
  } finally {
    interrupt.close();
    await terminal.flush();
  }
  return interrupt.isAsked ? EXIT_STOPPED : EXIT_HELD;
}
