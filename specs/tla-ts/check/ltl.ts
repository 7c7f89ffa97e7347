// Linear-time formulas in negation normal form, and the automaton that accepts the behaviours satisfying one.
//
// The construction is that of Gerth, Peled, Vardi and Wolper, "Simple on-the-fly automatic verification of linear temporal
// logic" (1995). A node promises literals about its position: about the state there, and about the step that leaves it. A run
// is accepting when for each `p U q` it meets infinitely often a node that does not promise it or promises q.

/** An atom is true of a state, or of a step. Literals are atoms with a sign. */
export type Ltl =
  | { readonly op: 'true' | 'false'; readonly key: string }
  | { readonly op: 'literal'; readonly atom: number; readonly positive: boolean; readonly key: string }
  | { readonly op: 'and' | 'or' | 'until' | 'release'; readonly left: Ltl; readonly right: Ltl; readonly key: string };

export const TRUE: Ltl = { op: 'true', key: 'T' };
export const FALSE: Ltl = { op: 'false', key: 'F' };

export function literal(atom: number, positive: boolean): Ltl {
  return { op: 'literal', atom, positive, key: `${positive ? '' : '!'}${atom}` };
}

function binary(op: 'and' | 'or' | 'until' | 'release', left: Ltl, right: Ltl): Ltl {
  return { op, left, right, key: `(${left.key} ${op} ${right.key})` };
}

export function and(left: Ltl, right: Ltl): Ltl {
  if (left === TRUE) return right;
  if (right === TRUE || left === FALSE) return left;
  return right === FALSE ? FALSE : binary('and', left, right);
}

export function or(left: Ltl, right: Ltl): Ltl {
  if (left === FALSE) return right;
  if (right === FALSE || left === TRUE) return left;
  return right === TRUE ? TRUE : binary('or', left, right);
}

export function always(f: Ltl): Ltl {
  return f === TRUE || f === FALSE ? f : binary('release', FALSE, f);
}

export function eventually(f: Ltl): Ltl {
  return f === TRUE || f === FALSE ? f : binary('until', TRUE, f);
}

export interface AutomatonNode {
  /** Literals about the position of the node. */
  readonly literals: readonly { readonly atom: number; readonly positive: boolean }[];
  readonly successors: number[];
  /** For each until: the node keeps no run from accepting. */
  readonly accepts: readonly boolean[];
}

export interface Automaton {
  readonly nodes: readonly AutomatonNode[];
  readonly initial: readonly number[];
  readonly untils: number;
}

interface Draft {
  readonly old: ReadonlyMap<string, Ltl>;
  readonly next: ReadonlyMap<string, Ltl>;
  readonly incoming: Set<number>;
}

const INITIAL = -1;

export function automaton(formula: Ltl): Automaton {
  const untils = new Map<string, { readonly key: string; readonly right: Ltl }>();
  const collect = (f: Ltl): void => {
    if (!('left' in f)) return;
    if (f.op === 'until') untils.set(f.key, f);
    collect(f.left);
    collect(f.right);
  };
  collect(formula);
  const drafts: Draft[] = [];
  const known = new Map<string, number>();
  const names = (set: ReadonlyMap<string, Ltl>): string => [...set.keys()].sort().join(' & ');

  const expand = (
    incoming: number,
    todo: readonly Ltl[],
    old: ReadonlyMap<string, Ltl>,
    next: ReadonlyMap<string, Ltl>,
  ): void => {
    if (todo.length === 0) {
      const name = `${names(old)} | ${names(next)}`;
      const place = known.get(name);
      if (place !== undefined) {
        drafts[place].incoming.add(incoming);
        return;
      }
      const made = drafts.push({ old, next, incoming: new Set([incoming]) }) - 1;
      known.set(name, made);
      expand(made, [...next.values()], new Map(), new Map());
      return;
    }
    const [f, ...rest] = todo;
    if (old.has(f.key)) {
      expand(incoming, rest, old, next);
      return;
    }
    const more = new Map(old).set(f.key, f);
    switch (f.op) {
      case 'true':
        expand(incoming, rest, old, next);
        return;
      case 'false':
        return;
      case 'literal':
        if (old.has(literal(f.atom, !f.positive).key)) return;
        expand(incoming, rest, more, next);
        return;
      case 'and':
        expand(incoming, [f.left, f.right, ...rest], more, next);
        return;
      case 'or':
        expand(incoming, [f.left, ...rest], more, next);
        expand(incoming, [f.right, ...rest], more, next);
        return;
      case 'until':
        expand(incoming, [f.right, ...rest], more, next);
        expand(incoming, [f.left, ...rest], more, new Map(next).set(f.key, f));
        return;
      case 'release':
        expand(incoming, [f.left, f.right, ...rest], more, next);
        expand(incoming, [f.right, ...rest], more, new Map(next).set(f.key, f));
        return;
    }
  };
  expand(INITIAL, [formula], new Map(), new Map());

  const nodes = drafts.map(({ old }): AutomatonNode => {
    const literals = [...old.values()].flatMap((f) =>
      f.op === 'literal' ? [{ atom: f.atom, positive: f.positive }] : [],
    );
    const accepts = [...untils.values()].map((f) => !old.has(f.key) || f.right.op === 'true' || old.has(f.right.key));
    return { literals, successors: [], accepts };
  });
  const initial: number[] = [];
  drafts.forEach(({ incoming }, to) => {
    for (const from of incoming) {
      if (from === INITIAL) initial.push(to);
      else nodes[from].successors.push(to);
    }
  });
  return { nodes, initial, untils: untils.size };
}
