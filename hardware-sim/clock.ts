/**
 * Time: a cycle counter and the one queue of events.
 *
 * An event is plain data, `{cycle, sequence, key, argument}`; the code that handles it is registered under its key, so that a queue can
 * be saved, forked and digested. Events fire in the order (cycle, sequence), sequence being the order of scheduling, which makes
 * the order total and equal on every host. The CPU fires all events with `cycle <= now` at an instruction boundary.
 *
 * Interface: a device calls `register(key, handler)` once, `schedule(cycle, key)` for each event, `cancel(key)` to withdraw. Cycles are
 * whole numbers below 2^53.
 */

export interface ClockEvent {
  readonly cycle: number;
  readonly sequence: number;
  readonly key: string;
  /** A number for the handler; its meaning is the handler's. */
  readonly argument: number;
}

export interface ClockState {
  readonly now: number;
  readonly sequence: number;
  /** In firing order. */
  readonly events: readonly ClockEvent[];
}

/** `cycle` is the cycle the event was scheduled for; `Clock.now` may be a few cycles later. */
export type EventHandler = (argument: number, cycle: number) => void;

export class Clock {
  /** Current cycle. Advanced by the CPU only. */
  now = 0;
  /** Cycle of the earliest event, Infinity when there is none. */
  nextCycle = Infinity;
  private sequence = 0;
  /** Sorted by (cycle, sequence); queues are short (one or two events a device), so insertion is linear. */
  private events: ClockEvent[] = [];
  private readonly handlers = new Map<string, EventHandler>();

  register(key: string, handler: EventHandler): void {
    if (this.handlers.has(key)) throw new Error(`clock: a handler for '${key}' is already registered`);
    this.handlers.set(key, handler);
  }

  /** Schedules an event at an absolute cycle; a cycle in the past fires at the next instruction boundary. */
  schedule(cycle: number, key: string, argument = 0): void {
    if (!Number.isSafeInteger(cycle))
      throw new Error(`clock: event '${key}' at cycle ${cycle}, which is not a whole number`);
    if (!this.handlers.has(key)) throw new Error(`clock: no handler is registered for '${key}'`);
    const event: ClockEvent = { cycle, sequence: this.sequence++, key, argument };
    let at = this.events.length;
    while (at > 0 && this.events[at - 1].cycle > cycle) at--;
    this.events.splice(at, 0, event);
    this.nextCycle = this.events[0].cycle;
  }

  /** Withdraws every event of the key. */
  cancel(key: string): void {
    if (!this.events.some((event) => event.key === key)) return;
    this.events = this.events.filter((event) => event.key !== key);
    this.nextCycle = this.events.length > 0 ? this.events[0].cycle : Infinity;
  }

  /** Cycle of the earliest event of the key, or undefined. */
  scheduledFor(key: string): number | undefined {
    return this.events.find((event) => event.key === key)?.cycle;
  }

  /** Fires every event that is due, including those that handlers add for cycles already reached. */
  fireDue(): void {
    while (this.nextCycle <= this.now) {
      const event = this.events.shift();
      if (event === undefined) throw new Error('clock: nextCycle is set but the queue is empty');
      this.nextCycle = this.events.length > 0 ? this.events[0].cycle : Infinity;
      const handler = this.handlers.get(event.key);
      if (handler === undefined) throw new Error(`clock: event '${event.key}' has no handler`);
      handler(event.argument, event.cycle);
    }
  }

  saveState(): ClockState {
    return { now: this.now, sequence: this.sequence, events: this.events.map((event) => ({ ...event })) };
  }

  /** Handlers must be registered before; an event without one is an error. */
  restoreState(state: ClockState): void {
    for (const event of state.events) {
      if (!this.handlers.has(event.key))
        throw new Error(`clock: saved event '${event.key}' has no handler in this machine`);
    }
    this.now = state.now;
    this.sequence = state.sequence;
    this.events = state.events.map((event) => ({ ...event }));
    this.nextCycle = this.events.length > 0 ? this.events[0].cycle : Infinity;
  }
}
