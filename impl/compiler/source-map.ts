/**
 * Reader of the source maps that the AssemblyScript compiler writes: one generated line, whose columns are byte offsets in the
 * wasm module.
 *
 * Format: ECMA-426 (source map revision 3); mappings are base-64 VLQ differences.
 */

export interface SourcePosition {
  readonly file: string;
  readonly line: number;
}

export interface SourceMap {
  /** The source line of the instruction at a module offset. */
  find(offset: number): SourcePosition | undefined;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digitOf = new Map(Array.from(alphabet, (c, i) => [c, i]));

/** Parses a source map. Throws an Error where it is not one. */
export function parseSourceMap(text: string): SourceMap {
  const parsed: unknown = JSON.parse(text);
  if (!isMap(parsed)) throw new Error('source map: revision 3 with sources and mappings expected');
  const [firstLine = ''] = parsed.mappings.split(';');
  const offsets: number[] = [];
  const positions: (SourcePosition | undefined)[] = [];
  let column = 0;
  let source = 0;
  let line = 0;
  for (const segment of firstLine.split(',')) {
    if (segment === '') continue;
    const fields = decodeSegment(segment);
    column += fields[0];
    if (fields.length >= 4) {
      source += fields[1];
      line += fields[2];
    }
    offsets.push(column);
    const file = parsed.sources[source];
    positions.push(fields.length >= 4 && file !== undefined ? { file, line: line + 1 } : undefined);
  }
  return {
    find(offset) {
      let low = 0;
      let high = offsets.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (offsets[middle] <= offset) low = middle + 1;
        else high = middle;
      }
      return low === 0 ? undefined : positions[low - 1];
    },
  };
}

function isMap(value: unknown): value is { sources: string[]; mappings: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { version, sources, mappings } = value as Record<string, unknown>;
  return version === 3 && Array.isArray(sources) && typeof mappings === 'string';
}

function decodeSegment(segment: string): number[] {
  const fields: number[] = [];
  let value = 0;
  let shift = 0;
  for (const c of segment) {
    const digit = digitOf.get(c);
    if (digit === undefined) throw new Error(`source map: ${JSON.stringify(c)} is no base-64 digit`);
    value |= (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    fields.push((value & 1) !== 0 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return fields;
}
