/**
 * Whether a system is stuck (P15): seen from outside, for it cannot say so itself.
 *
 * The rule: while a snapshot is under way, somebody has work to do: the processor computes, the disk moves sectors, or the console drains. A
 * processor that has only its timer to serve, a disk that is there and does nothing and a silent line, for a second of the machine's time: all threads
 * wait for each other. (A processor that computes for ever without an end is P14's.)
 */

/** What has happened so far, all of it counted from the power-on. */
export interface Progress {
  readonly cycles: number;
  readonly instructions: number;
  /** Events of the disk and bytes on the lines. */
  readonly moves: number;
}

/** Of so many cycles for each instruction, a processor is idle: an i486 takes 2 to 10, a timer tick every 264,000 some hundreds of instructions. */
const IDLE_CYCLES_AN_INSTRUCTION = 200;

/** Plain data, so that it can be copied. */
export interface StallState {
  /** Where the system stood when it was last seen at work. */
  since: Progress;
  last: Progress;
}

export const NEVER_STALLED: StallState = {
  since: { cycles: 0, instructions: 0, moves: 0 },
  last: { cycles: 0, instructions: 0, moves: 0 },
};

/** Looks at the system now; gives for how many cycles it has been idle while there was work (`hasWork`). */
export function stalledFor(state: StallState, now: Progress, hasWork: boolean): number {
  const { last } = state;
  const computed = (now.instructions - last.instructions) * IDLE_CYCLES_AN_INSTRUCTION > now.cycles - last.cycles;
  if (!hasWork || computed || now.moves > last.moves) state.since = now;
  state.last = now;
  return now.cycles - state.since.cycles;
}
