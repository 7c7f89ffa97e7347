/**
 * The fault x block-kind matrix as a picture of signs, after the figures of the IRON paper (SOSP 2005): a column for each fault, a line for each
 * kind of block. A sign has its cell's sentence as its name; the tables below say all in words.
 */

import {
  describeCell,
  type FaultMatrix,
  MATRIX_FAULTS,
  MATRIX_KINDS,
  MATRIX_TIMES,
  type MatrixCell,
  matrixTables,
} from './matrix.js';
import { details, escapeHtml, scroll, table } from './page.js';

interface Sign {
  readonly sign: string;
  readonly style: string;
  readonly meaning: string;
}

const SIGNS = {
  none: { sign: '·', style: 'none', meaning: 'struck, and made no difference' },
  good: { sign: '●', style: 'good', meaning: 'noticed and made good' },
  lost: { sign: '◐', style: 'lost', meaning: 'noticed and reported; something was given up' },
  bad: { sign: '✕', style: 'bad', meaning: 'silent, stuck or panicked' },
} as const satisfies Record<string, Sign>;

/** Reactions that give something up, and say so. */
const GIVEN_UP: readonly MatrixCell['reaction'][number][] = [
  'generation abandoned',
  'earlier generation',
  'older generations let go',
  'object lost',
  'list lost',
  'no snapshots',
];

function signOf({ verdict, detected, reaction }: MatrixCell): Sign {
  if (verdict !== 'held') return SIGNS.bad;
  if (reaction.some((one) => GIVEN_UP.includes(one))) return SIGNS.lost;
  return detected.length === 0 ? SIGNS.none : SIGNS.good;
}

export function matrixSection(matrix: FaultMatrix): string {
  const legend = Object.values(SIGNS).map(
    ({ sign, style, meaning }) => `<span class="sign-${style}" aria-hidden="true">${sign}</span> ${meaning}`,
  );
  const words = matrixTables(matrix).map(({ when, faults, lines }) => {
    const cells = lines.map(({ block, cells }) => [block, ...cells].map(escapeHtml));
    return `<h3>${escapeHtml(when)}</h3>\n${table(['Block', ...faults], cells, [], true)}`;
  });
  return [
    `<p>${legend.join('; ')}. An empty place: a question that makes no sense, or a fault that did not strike.</p>`,
    ...MATRIX_TIMES.map((when) =>
      grid(
        matrix.cells.filter((cell) => cell.when === when),
        when,
      ),
    ),
    details('In words: how each fault was noticed, then what was done', words.join('\n')),
  ].join('\n');
}

function grid(cells: readonly MatrixCell[], when: string): string {
  if (cells.length === 0) return '';
  const faults = MATRIX_FAULTS.filter((fault) => cells.some((cell) => cell.fault === fault));
  const head = faults.map((fault) => `<th scope="col"><span>${escapeHtml(fault)}</span></th>`);
  const lines = MATRIX_KINDS.flatMap((kind) =>
    [1, 2].flatMap((copies) => {
      const own = cells.filter((cell) => cell.kind === kind && cell.copies === copies);
      if (own.length === 0) return [];
      const row = faults.map((fault) => {
        const cell = own.find((one) => one.fault === fault);
        if (cell === undefined) return '<td></td>';
        const { sign, style } = signOf(cell);
        const said = escapeHtml(`${fault}: ${describeCell(cell)}`);
        return `<td class="sign-${style}"><span role="img" aria-label="${said}" title="${said}">${sign}</span></td>`;
      });
      return `<tr><th scope="row">${kind}${copies === 2 ? ', both copies' : ''}</th>${row.join('')}</tr>`;
    }),
  );
  const caption = `<caption>${TIMES[when as MatrixCell['when']]}</caption>`;
  return scroll(
    `<table class="grid">${caption}<thead><tr><th scope="col">Block</th>${head.join('')}</tr></thead><tbody>${lines.join('\n')}</tbody></table>`,
  );
}

const TIMES: Readonly<Record<MatrixCell['when'], string>> = {
  running: 'While it runs: the block is being written',
  recovery: 'In recovery',
  'page-in': 'Later, when the block is read again',
};
