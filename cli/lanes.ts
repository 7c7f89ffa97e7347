/** Tasks in lanes: so many at once, each lane the next that none has begun. */

/** How often it is asked whether it is over. */
const POLL_MS = 100;

/**
 * Calls `work` with the tasks in their order, `width` of them at once, until all are done or `isOver`. What is under way then is left behind, for a worker
 * cannot be asked to hurry: `work` looks whether it is over before it makes use of what it has got. Rejects with what `work` throws.
 */
export async function inLanes<Task>(
  tasks: readonly Task[],
  width: number,
  isOver: () => boolean,
  work: (task: Task, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < tasks.length && !isOver()) {
      const at = next++;
      await work(tasks[at], at);
    }
  };
  const lanes = Promise.all(Array.from({ length: Math.min(width, tasks.length) }, lane));
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setInterval(() => isOver() && resolve(), POLL_MS);
  });
  try {
    await Promise.race([lanes, over]);
  } finally {
    clearInterval(timer);
  }
}
