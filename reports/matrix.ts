/**
 * The fault x block-kind matrix as data, after the failure-policy matrices of Prabhakaran et al., "IRON File Systems" (SOSP 2005): what the system
 * does when one fault of the disk strikes one kind of block at one time.
 *
 * The rule: a cell is what was observed from outside, and `verdict` is `held` only if what memory was is right or was reported. There is no
 * cell for a fault that never struck.
 */
import { z } from 'zod';
import { plural } from './facts.js';
import { parseAs } from './json.js';

export const MATRIX_FORMAT = 'phantom-fault-matrix';
export const MATRIX_VERSION = 1;

export const MATRIX_FAULTS = [
  'read error, transient',
  'read error, sticky',
  'write error, transient',
  'write error, sticky',
  'bit flip',
  'sector replaced',
  'misread',
  'misdirected write, overwritten',
  'misdirected write, not written',
  'lost write',
  'torn write',
  'lying flush',
  'failed flush, cache kept',
  'failed flush, cache dropped',
  'full disk',
  'disk gone and back',
  'slow disk',
] as const;

export const MATRIX_KINDS = [
  'superblock in force',
  'superblock before',
  'record',
  'delta',
  'index leaf',
  'index root',
  'superseded list',
  'bad-block list',
  'wired page',
  'data page',
  'free block',
] as const;

/** In running: the block is being written. At recovery: before `recovered`. At page-in: it is read after that. */
export const MATRIX_TIMES = ['running', 'recovery', 'page-in'] as const;

/** How the system noticed. `redundancy`: two copies disagree. `sanity`: not what its place demands. */
export const DETECTIONS = ['error code', 'checksum', 'sanity', 'redundancy', 'no answer', 'no space'] as const;

export const REACTIONS = [
  'retry',
  'second copy',
  'relocated',
  'written again',
  'generation abandoned',
  'earlier generation',
  'older generations let go',
  'object lost',
  'list lost',
  'waited',
  'no snapshots',
] as const;

/**
 * `silent`: memory was wrong, or older than was committed, without a report. `stuck`: no progress within the bound. `panicked`: the disk's
 * error stopped the system.
 */
export const MATRIX_VERDICTS = ['held', 'silent', 'stuck', 'panicked'] as const;

const count = z.number().int().nonnegative();

export const matrixCellSchema = z.strictObject({
  fault: z.enum(MATRIX_FAULTS),
  kind: z.enum(MATRIX_KINDS),
  /** Of what is stored twice: whether one copy was struck or both. */
  copies: z.union([z.literal(1), z.literal(2)]),
  when: z.enum(MATRIX_TIMES),
  /** Empty: the fault made no difference that anyone could see. */
  detected: z.array(z.enum(DETECTIONS)),
  reaction: z.array(z.enum(REACTIONS)),
  /** How often the fault struck. */
  witnesses: count.min(1),
  verdict: z.enum(MATRIX_VERDICTS),
  /** Of a cell that did not hold: what was expected and found. */
  note: z.string(),
});
export type MatrixCell = z.infer<typeof matrixCellSchema>;

export const matrixSchema = z.strictObject({
  format: z.literal(MATRIX_FORMAT),
  version: z.literal(MATRIX_VERSION),
  /** Of the kernel image that was examined, which has the examiner's own programs in it. */
  kernel: z.string().regex(/^[0-9a-f]{64}$/),
  defects: z.array(z.string()),
  /** Of the system's own kernel image of the same sources and defects; absent where it was not asked for. */
  system: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  cells: z.array(matrixCellSchema),
});
export type FaultMatrix = z.infer<typeof matrixSchema>;

/** Throws an Error that says in one line what is wrong. */
export function parseMatrix(text: string): FaultMatrix {
  return parseAs(matrixSchema, text, 'a matrix of faults');
}

/** What a table cell says: how it was noticed, then what was done. */
export function describeCell({ detected, reaction, verdict }: MatrixCell): string {
  if (verdict !== 'held') return verdict.toUpperCase();
  if (detected.length === 0) return 'harmless';
  return `${detected.join(', ')}: ${reaction.join(', ')}`;
}

/** The cells of one time as a table: a line for each kind of block, a column for each fault that some cell has. */
export interface MatrixTable {
  readonly when: MatrixCell['when'];
  readonly faults: readonly string[];
  readonly lines: readonly { readonly block: string; readonly cells: readonly string[] }[];
}

export function matrixTables({ cells }: Pick<FaultMatrix, 'cells'>): MatrixTable[] {
  const tables: MatrixTable[] = [];
  for (const when of MATRIX_TIMES) {
    const here = cells.filter((cell) => cell.when === when);
    const faults = MATRIX_FAULTS.filter((fault) => here.some((cell) => cell.fault === fault));
    if (faults.length === 0) continue;
    const lines = MATRIX_KINDS.flatMap((kind) =>
      [1, 2].flatMap((copies) => {
        const row = here.filter((cell) => cell.kind === kind && cell.copies === copies);
        if (row.length === 0) return [];
        const texts = faults.map((fault) => {
          const cell = row.find((one) => one.fault === fault);
          return cell === undefined ? '' : describeCell(cell);
        });
        return [{ block: `${kind}${copies === 2 ? ', both copies' : ''}`, cells: texts }];
      }),
    );
    tables.push({ when, faults, lines });
  }
  return tables;
}

/** Markdown tables, one for each time. */
export function renderMatrix(matrix: FaultMatrix): string {
  return matrixTables(matrix)
    .flatMap(({ when, faults, lines }) => [
      ...[`**${when}**`, '', `| block | ${faults.join(' | ')} |`, `|${'---|'.repeat(faults.length + 1)}`],
      ...lines.map(({ block, cells }) => `| ${block} | ${cells.join(' | ')} |`),
      '',
    ])
    .join('\n');
}

/** One line: how many cells, and what did not hold. */
export function matrixVerdict({ cells }: Pick<FaultMatrix, 'cells'>): string {
  const bad = cells.filter(({ verdict }) => verdict !== 'held');
  const struck = cells.reduce((sum, { witnesses }) => sum + witnesses, 0);
  const counted = `${plural(cells.length, 'cell')}, faults struck ${plural(struck, 'time')}`;
  if (bad.length === 0) return `held: ${counted}, none silent`;
  return `FAILED: ${bad.length} of ${counted}`;
}
