/**
 * How much stack an entry can take: frames summed along the longest path of the call graph.
 *
 * Rule: nothing outside the image calls into its function table, so a call through the table reaches the table's functions of
 * the call's signature and no others. Recursion has no bound; then the functions that call each other in a circle are named.
 */

export interface StackDepth {
  /** Bytes of stack a call of the entry takes at most, its return address included; undefined where it recurses. */
  readonly bytes: number | undefined;
  /** Names of the functions of the deepest path, the entry's first; empty where there is no bound. */
  readonly path: readonly string[];
  /** Circles of calls that the entry reaches, each in the order of the calls. */
  readonly cycles: readonly (readonly string[])[];
}

export interface StackNode {
  readonly name: string;
  /** Bytes below the return address that the function takes by itself. */
  readonly frameBytes: number;
  readonly callees: readonly string[];
  /** Signatures of its calls through the table. */
  readonly tableCalls: readonly string[];
}

const returnAddressBytes = 4;

interface Visited {
  readonly bytes: number;
  /** Symbol of the callee the deepest path goes through. */
  readonly next: string | undefined;
}

/**
 * The depth of each entry. Nodes and entries are named by symbol; all callees have to be nodes. `table`: symbols of the
 * function table's functions by signature.
 */
export function stackDepths(
  nodes: ReadonlyMap<string, StackNode>,
  entries: readonly string[],
  table: ReadonlyMap<string, readonly string[]> = new Map(),
): StackDepth[] {
  const visited = new Map<string, Visited>();
  /** Circles, each as the symbols on it. */
  const cycles: (readonly string[])[] = [];
  const open: string[] = [];

  const node = (symbol: string): StackNode => {
    const found = nodes.get(symbol);
    if (found === undefined) throw new Error(`call graph: ${symbol} is called and not there`);
    return found;
  };
  const callees = (symbol: string): string[] => {
    const { callees, tableCalls } = node(symbol);
    return [...callees, ...tableCalls.flatMap((signature) => table.get(signature) ?? [])];
  };
  const visit = (symbol: string): Visited => {
    const known = visited.get(symbol);
    if (known !== undefined) return known;
    open.push(symbol);
    let deepest = 0;
    let next: string | undefined;
    for (const callee of callees(symbol)) {
      const from = open.indexOf(callee);
      if (from >= 0) {
        cycles.push(open.slice(from));
        continue;
      }
      const { bytes } = visit(callee);
      if (bytes > deepest) {
        deepest = bytes;
        next = callee;
      }
    }
    open.pop();
    const result = { bytes: returnAddressBytes + node(symbol).frameBytes + deepest, next };
    visited.set(symbol, result);
    return result;
  };
  const deepestPath = (entry: string): string[] => {
    const path: string[] = [];
    for (let at: string | undefined = entry; at !== undefined; at = visited.get(at)?.next) path.push(node(at).name);
    return path;
  };

  return entries.map((entry) => {
    const { bytes } = visit(entry);
    const reached = new Set([entry]);
    for (const symbol of reached) for (const callee of callees(symbol)) reached.add(callee);
    const own = cycles.filter((cycle) => cycle.some((symbol) => reached.has(symbol)));
    if (own.length === 0) return { bytes, path: deepestPath(entry), cycles: [] };
    return { bytes: undefined, path: [], cycles: own.map((cycle) => cycle.map((symbol) => node(symbol).name)) };
  });
}
