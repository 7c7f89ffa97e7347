// What a compiled specification looks like, and what is refused.
import { describe, expect, test } from 'vitest';
import { SpecError } from '../syntax/source.js';
import { compileTexts } from './compile.js';

function compiled(body: string, config = 'INIT Init\nNEXT Next\n', extending = 'Naturals, Sequences, TLC'): string {
  return compileTexts({ module: `---- MODULE M ----\nEXTENDS ${extending}\n${body}\n====\n`, config });
}

/** The text of one exported function. */
function functionOf(text: string, name: string): string {
  const found = new RegExp(`^export function\\*? ${name}\\([^]*?^}$`, 'm').exec(text);
  if (!found) throw new Error(`there is no function ${name} in\n${text}`);
  return found[0];
}

const QUEUE = String.raw`
CONSTANTS
  Item,   \* what is sent
  Limit   \* items that wait, at most
VARIABLES
  queue,  \* items that were sent and not received
  last    \* the item received last
None == CHOOSE n \in {0} : TRUE
Init == queue = <<>> /\ last \in Item
(* An item is sent. *)
Send(i) == /\ Len(queue) < Limit
           /\ queue' = Append(queue, i)
           /\ UNCHANGED last
\* The item that was sent first
\* is received.
Receive == queue # <<>> /\ last' = Head(queue) /\ queue' = Tail(queue)
Lose == \/ queue' = <<>> /\ last' = last
        \/ \E i \in 1 .. Len(queue) : queue' = SubSeq(queue, 1, i) /\ UNCHANGED last
Next == (\E i \in Item : Send(i)) \/ Receive \/ Lose
Short == Len(queue) <= Limit
Served == <>(queue = <<>>)
`;
const QUEUE_CONFIG = 'CONSTANTS Item = {"a", "b"}\nLimit = 2\nINIT Init\nNEXT Next\nINVARIANT Short\n';

describe('a compiled specification', () => {
  const text = compiled(QUEUE, QUEUE_CONFIG);

  test('has the types of its state and constants, with the comments of the declarations', () => {
    expect(text).toContain(`export type State = {
  /** items that were sent and not received */
  readonly queue: SequenceOf<StringValue>;
  /** the item received last */
  readonly last: StringValue;
};`);
    expect(text).toContain(`export type Constants = {
  /** what is sent */
  readonly Item: SetOf<StringValue>;
  /** items that wait, at most */
  readonly Limit: number;
};`);
  });

  test('has an action as a generator of next states', () => {
    expect(text).toContain(`/** An item is sent. */
export function* Send(state: State, constants: Constants, i: StringValue): Generator<State> {
  if (len(state.queue) >= constants.Limit) return;
  yield { ...state, queue: append(state.queue, i) };
}`);
    expect(text).toContain(`/**
 * The item that was sent first
 * is received.
 */
export function* Receive(state: State, _constants: Constants): Generator<State> {
  if (equal(state.queue, empty)) return;
  yield { queue: tail(state.queue), last: head(state.queue) };
}`);
  });

  test('follows disjunctions one after the other', () => {
    expect(
      functionOf(text, 'Lose'),
    ).toBe(`export function* Lose(state: State, _constants: Constants): Generator<State> {
  yield { ...state, queue: empty };
  for (const i of elements(interval(1, len(state.queue)))) {
    yield { ...state, queue: subSeq(state.queue, 1, i) };
  }
}`);
  });

  test('has a table of its actions with the parameters that were chosen', () => {
    expect(text).toContain(`  {
    name: 'Send',
    line: 13,
    *next(state, constants) {
      for (const i of elements(constants.Item)) {
        for (const next of Send(state, constants, i)) {
          yield { parameters: { i }, state: next };
        }
      }
    },
  },`);
  });

  test('says what it leaves out', () => {
    expect(text).toContain('// Left out, since it speaks of behaviours: Served.');
  });
});

test('a definition of LET that may have no value is computed where it is needed', () => {
  const text = compiled(
    "VARIABLE q\nInit == q = <<>>\nNext == q' = <<LET h == Head(q) IN IF q = <<>> THEN 0 ELSE h>>\n",
    'INIT Init\nNEXT Next\n',
  );
  expect(text).toContain('const h = lazy(() => head(state.q));');
});

test('names that mean something else in TypeScript get an underscore', () => {
  const text = compiled(
    "VARIABLE new\nInit == new = 0\nset(text) == {text}\nNext == \\E map \\in set(new) : new' = map\n",
  );
  expect(functionOf(text, 'set_')).toBe(`export function set_(text_: number): SetOf<number> {
  return set(text_);
}`);
  expect(functionOf(text, 'Next')).toContain('for (const map_ of elements(set_(state.new)))');
});

describe('what cannot be compiled is refused with its place', () => {
  const refused = (body: string, config?: string): string => {
    try {
      compiled(body, config);
    } catch (error) {
      if (error instanceof SpecError) return error.report;
      throw error;
    }
    return 'compiled';
  };

  test.each([
    [
      'a composition',
      "VARIABLE x\nInit == x = 0\nNext == (x' = x + 1) \\cdot (x' = x + 1)",
      /^module\.tla:5:9: .*\\cdot/,
    ],
    [
      'a recursive action',
      "VARIABLE x\nInit == x = 0\nRECURSIVE A(_)\nA(n) == IF n = 0 THEN x' = x ELSE A(n - 1)\nNext == A(2)",
      /^module\.tla:7:9: The action A is recursive/,
    ],
    [
      'assignments under \\A',
      "VARIABLE x\nInit == x = 0\nNext == \\A n \\in {1} : x' = n",
      /^module\.tla:5:9: .*under \\A/,
    ],
    ['registers', "VARIABLE x\nInit == x = 0\nNext == x' = TLCGet(1)", /^module\.tla:5:14: TLCGet belongs to a check/],
    [
      'an action that leaves a variable open',
      "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nA == x' = 1\nNext == A",
      /^module\.tla:5:6: This action gives no value to y/,
    ],
    [
      'an initial predicate that leaves a variable open',
      'VARIABLES x, y\nInit == x = 0\nNext == UNCHANGED <<x, y>>',
      /^module\.tla:4:9: The initial predicate gives no value to y/,
    ],
    [
      'a primed variable before it has a value',
      "VARIABLES x, y\nInit == x = 0 /\\ y = 0\nNext == y' = x' /\\ x' = 1",
      /^module\.tla:5:14: x is read here before/,
    ],
    ['a set without end', "VARIABLE x\nInit == x = 0\nNext == \\E n : x' = n", /^module\.tla:5:12: \\E without a set/],
    ['no variables', 'A == 1', /Module M has no variables/, ''],
  ])('%s', (_, body, report, config?: string) => {
    expect(refused(body, config)).toMatch(report);
  });
});
