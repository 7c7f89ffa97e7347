/**
 * The first life of a set-up, kept at many moments, so that a run can start shortly before the first thing its plan does.
 *
 * The rule: until something is done to it, the first life of a set-up is one and the same, and a fork of it is that life. So a run that starts from
 * a stage has the result of the run from power-on (P22), as long as everything it has to do is still to come there.
 */
import type { Moment } from '../reports/plan.js';
import type { Life, Observer } from './life.js';

/** Cycles between two looks at a life, at which it is judged; they come at multiples of it, so that wherever a run starts they are the same. */
export const LOOK_CYCLES = 500_000;

/** Cycles between two stages. A run lives through half of that before its cut, on average; a stage costs about a megabyte. */
const STAGE_CYCLES = 2_000_000;
/** Nothing that is drawn comes later. */
const STAGES_MAX = 64;

export class FirstLife {
  private readonly stages: Life[];
  /** The life goes no further: it has ended by itself. */
  private over = false;

  /** `start`: the life with its power just on, taken over; nothing has been armed in it. */
  constructor(start: Life) {
    this.stages = [start];
  }

  /** The latest stage at which all these moments are to come; it stays this object's. */
  before(moments: readonly Moment[]): Life {
    while (!this.over && this.stages.length < STAGES_MAX && isBefore(this.last, moments)) this.extend();
    const found = this.stages.findLast((stage) => isBefore(stage, moments));
    return found ?? this.stages[0];
  }

  dispose(): void {
    for (const stage of this.stages) stage.machine.dispose();
  }

  private get last(): Life {
    return this.stages[this.stages.length - 1];
  }

  private extend(): void {
    const next = forkLife(this.last);
    const end = (Math.floor(next.machine.cycles / STAGE_CYCLES) + 1) * STAGE_CYCLES;
    let goesOn = true;
    while (goesOn && next.machine.cycles < end) {
      goesOn = next.advance(nextLook(next.machine.cycles)) === 'slice';
      next.judge();
      goesOn &&= next.evidence.ledger.failures === 0;
    }
    // What ended or failed is for the run to find out.
    if (goesOn) this.stages.push(next);
    else {
      this.over = true;
      next.machine.dispose();
    }
  }
}

function isBefore(life: Life, moments: readonly Moment[]): boolean {
  return moments.every((moment) => life.isToCome(moment));
}

/** The cycle of the next look after `cycle`. */
export function nextLook(cycle: number): number {
  return (Math.floor(cycle / LOOK_CYCLES) + 1) * LOOK_CYCLES;
}

/** The same life once more, from here on independent. */
export function forkLife(life: Life, observer: Observer = {}): Life {
  return life.fork(observer, (hooks) => life.machine.fork(hooks));
}
