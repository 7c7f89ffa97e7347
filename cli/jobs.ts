/** How many worker threads there are where nobody says. */
import { availableParallelism } from 'node:os';

export const JOBS_MAX = 64;

export function defaultJobs(): number {
  return Math.min(JOBS_MAX, availableParallelism());
}
