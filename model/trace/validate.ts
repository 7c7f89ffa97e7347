/**
 * Holds a trace against a model: is there a behaviour of the specification in which these events happen?
 *
 * A mapping says of each event in which ways the model can take part in it: steps of the specification one after the other
 * (some of which nobody observes and which may be left out), and what must be true then. No step at all is a stutter.
 * What the trace leaves open (which unobserved steps, which choices) is open here too: the validator keeps the set of all
 * states the system can be in after the events so far. The rule: the trace is accepted when that set is never empty, and
 * every state in it satisfies the invariants of the specification.
 *
 * The method is that of H. Cirstea, M. Kuppe, B. Loillier and S. Merz, Validating Traces of Distributed Programs Against
 * TLA+ Specifications (SEFM 2024), with a search breadth-first.
 */

/** One step of the specification, its parameters given. */
export interface Move<State> {
  /** The action with its parameters, as a reader of the specification knows it. */
  readonly name: string;
  /** It may be left out: nothing is observed of it. */
  readonly optional?: boolean;
  next(state: State): Iterable<State>;
}

/** A way in which an event can be a part of a behaviour. */
export interface Way<State> {
  readonly moves: readonly Move<State>[];
  /** What the event shows, in words: what must be true of the state after the moves. */
  readonly shows: string;
  /** ... and whether it is. */
  readonly where?: (state: State) => boolean;
}

export interface Mapping<State, Event> {
  readonly initial: Iterable<State>;
  /** The ways of an event; undefined when it is none of the specification's concern. Called once an event, in order. */
  ways(event: Event): readonly Way<State>[] | undefined;
  /** Equal for equal states. */
  key(state: State): string;
  /** The state for people, a variable a line. */
  show(state: State): string;
  /** Name of an invariant that the state breaks. */
  broken(state: State): string | undefined;
  /** The actions that can be taken in a state, with their parameters. */
  possible(state: State): readonly string[];
}

export interface Rejection<Event> {
  /** How many events were accepted: the longest prefix of the trace that is one of a behaviour. */
  readonly accepted: number;
  readonly event: Event;
  readonly why: string;
  /** A state that the system can be in after that prefix, out of `states`. */
  readonly state: string;
  readonly states: number;
  /** What the event could have been, and why it was not. */
  readonly tried: readonly string[];
  /** The actions that were possible in that state. */
  readonly possible: readonly string[];
  /** The last steps of one behaviour of the accepted prefix, which leads to that state; then, where an invariant would not hold, the one that breaks it. */
  readonly behaviour: readonly BehaviourStep[];
}

/** A step of the specification, or several that one event shows, and the state after them for people, a variable a line. */
export interface BehaviourStep {
  readonly action: string;
  readonly state: string;
}

export interface Validation<Event> {
  readonly rejection: Rejection<Event> | undefined;
  /** Events that were steps of the specification, and events that it has nothing to do with or that changed nothing. */
  readonly steps: number;
  readonly stutters: number;
  /** The most states there were at once. */
  readonly widest: number;
  /** How often each action was taken. */
  readonly taken: ReadonlyMap<string, number>;
}

/** More states than this at once: the mapping leaves too much open, which is an error of the mapping. */
const STATES_MAX = 20_000;
const POSSIBLE_MAX = 40;

/** So many steps of a behaviour are told. */
const BEHAVIOUR_MAX = 16;

interface Reached<State> {
  readonly state: State;
  readonly moves: readonly Move<State>[];
}

/** A state the system can be in, the step that led there, and the last steps before that on one way; a stutter is none. */
interface Open<State> extends Reached<State> {
  readonly past: readonly Reached<State>[];
}

function openAfter<State>(before: Open<State>, { state, moves }: Reached<State>): Open<State> {
  if (moves.length === 0) return { ...before, state };
  const past = [...before.past, { state: before.state, moves: before.moves }].slice(1 - BEHAVIOUR_MAX);
  return { state, moves, past };
}

/** All that a way leads to from a state. */
function* follow<State>(state: State, way: Way<State>): Generator<Reached<State>> {
  let reached: Reached<State>[] = [{ state, moves: [] }];
  for (const move of way.moves) {
    const after: Reached<State>[] = move.optional ? reached.slice() : [];
    for (const from of reached) {
      for (const next of move.next(from.state)) after.push({ state: next, moves: [...from.moves, move] });
    }
    reached = after;
  }
  for (const one of reached) if (way.where?.(one.state) ?? true) yield one;
}

/** Each state once. */
function distinct<State, Event>(mapping: Mapping<State, Event>, reached: readonly Next<State>[]): Next<State>[] {
  if (reached.length < 2) return [...reached];
  return [...new Map(reached.map((one) => [mapping.key(one.state), one])).values()];
}

/** What an event leads to, and from where. */
interface Next<State> extends Reached<State> {
  readonly from: Open<State>;
}

/** The first event that is no part of any behaviour ends it. */
export function validate<State, Event>(mapping: Mapping<State, Event>, events: Iterable<Event>): Validation<Event> {
  let states: Open<State>[] = [...mapping.initial].map((state) => ({ state, moves: [], past: [] }));
  let [steps, stutters, widest, accepted] = [0, 0, states.length, 0];
  const taken = new Map<string, number>();
  const result = (rejection: Rejection<Event> | undefined): Validation<Event> => ({
    rejection,
    steps,
    stutters,
    widest,
    taken,
  });
  for (const event of events) {
    const ways = mapping.ways(event);
    if (ways === undefined) {
      stutters++;
      accepted++;
      continue;
    }
    const next = distinct(
      mapping,
      states.flatMap((from) =>
        ways.flatMap((way) => [...follow(from.state, way)].map((reached) => ({ ...reached, from }))),
      ),
    );
    let wrong: string | undefined;
    const breaking = next.find(({ moves, state }) => moves.length > 0 && (wrong = mapping.broken(state)) !== undefined);
    if (next.length === 0 || wrong !== undefined) {
      const why =
        wrong === undefined ? 'no behaviour of the specification has this event here' : `${wrong} would not hold`;
      const behaviour = tellBehaviour(mapping, breaking === undefined ? states[0] : openAfter(breaking.from, breaking));
      const open = states.map(({ state }) => state);
      return result({ accepted, event, why, ...describe(mapping, open, ways), behaviour });
    }
    if (next.length > STATES_MAX)
      throw new Error(`the trace leaves more than ${STATES_MAX} states open at event ${accepted}`);
    // Of several behaviours the first stands for all in the counts.
    const { moves } = next[0];
    if (moves.length > 0) steps++;
    else stutters++;
    for (const { name } of moves) {
      const action = name.replace(/\(.*$/, '');
      taken.set(action, (taken.get(action) ?? 0) + 1);
    }
    states = next.map((one) => openAfter(one.from, one));
    widest = Math.max(widest, states.length);
    accepted++;
  }
  return result(undefined);
}

/** The steps that led to it, oldest first. */
function tellBehaviour<State, Event>(mapping: Mapping<State, Event>, last: Open<State>): BehaviourStep[] {
  return [...last.past, last].map(({ state, moves }) => ({
    action: moves.map(({ name }) => name).join(', ') || 'Init',
    state: mapping.show(state),
  }));
}

function describe<State, Event>(
  mapping: Mapping<State, Event>,
  states: readonly State[],
  ways: readonly Way<State>[],
): Pick<Rejection<Event>, 'state' | 'states' | 'tried' | 'possible'> {
  // The state that got furthest is the one that says most.
  const [state] = states;
  const tried = ways.map((way) => {
    const names = way.moves.map(({ name, optional }) => (optional ? `[${name}]` : name)).join(', ') || 'a stutter';
    let reached: State[] = [...states];
    for (const move of way.moves) {
      const after = reached.flatMap((from) => [...move.next(from)]);
      if (move.optional) reached = [...reached, ...after];
      else if (after.length === 0) return `${names}: ${move.name} is not possible`;
      else reached = after;
    }
    return `${names}: then ${way.shows}, which is not so`;
  });
  return {
    state: mapping.show(state),
    states: states.length,
    tried,
    possible: mapping.possible(state).slice(0, POSSIBLE_MAX),
  };
}
