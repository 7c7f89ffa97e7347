/** What the command's exit codes mean. */
import type { CampaignResult } from '../reports/index.js';

export const EXIT_HELD = 0;
export const EXIT_FAILED = 1;
/** A mistake of the user, of the set-up, or of the bed itself: nothing is known about the system under test. */
export const EXIT_USAGE = 2;
/** Somebody stopped it before its end, and nothing had failed: what a shell reports of a process that SIGINT ended. */
export const EXIT_STOPPED = 130;

/** Of a campaign that was not stopped: a property that failed is known, whatever else could not be done. */
export function campaignExitCode({ verdict }: CampaignResult): number {
  if (verdict.outcome === 'failed') return EXIT_FAILED;
  return verdict.outcome === 'error' ? EXIT_USAGE : EXIT_HELD;
}
