/**
 * How much stack an entry can take: frames summed along the longest path of the call graph.
 *
 * A path that recurses or calls through the function table has no bound here; then the functions that make it so are named.
 */

export interface StackDepth {
  /** Bytes of stack a call of the entry takes at most, its return address included; undefined where that is not known. */
  readonly bytes: number | undefined;
  /** Names of the functions that recurse, or call through the table. */
  readonly unbounded: readonly string[];
}

export interface StackNode {
  readonly name: string;
  /** Bytes below the return address that the function takes by itself. */
  readonly frameBytes: number;
  readonly callees: readonly string[];
  readonly callsTable: boolean;
}

const returnAddressBytes = 4;

/** The depth of each entry. Nodes and entries are named by symbol; all callees have to be nodes. */
export function stackDepths(nodes: ReadonlyMap<string, StackNode>, entries: readonly string[]): StackDepth[] {
  const depths = new Map<string, number>();
  const recursive = new Set<string>();
  const open: string[] = [];

  const node = (symbol: string): StackNode => {
    const found = nodes.get(symbol);
    if (found === undefined) throw new Error(`call graph: ${symbol} is called and not there`);
    return found;
  };
  const depthOf = (symbol: string): number => {
    const known = depths.get(symbol);
    if (known !== undefined) return known;
    const from = open.indexOf(symbol);
    if (from >= 0) {
      for (const member of open.slice(from)) recursive.add(member);
      return 0;
    }
    open.push(symbol);
    const { frameBytes, callees } = node(symbol);
    let deepest = 0;
    for (const callee of callees) deepest = Math.max(deepest, depthOf(callee));
    open.pop();
    const bytes = returnAddressBytes + frameBytes + deepest;
    depths.set(symbol, bytes);
    return bytes;
  };

  return entries.map((entry) => {
    const bytes = depthOf(entry);
    const unbounded = reachable(entry, node).filter((s) => recursive.has(s) || node(s).callsTable);
    const names = unbounded.map((s) => node(s).name);
    return { bytes: names.length === 0 ? bytes : undefined, unbounded: names };
  });
}

function reachable(entry: string, node: (symbol: string) => StackNode): string[] {
  const seen = new Set<string>([entry]);
  for (const symbol of seen) for (const callee of node(symbol).callees) seen.add(callee);
  return [...seen];
}
