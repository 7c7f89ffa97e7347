// The operators of TLA+: how tightly each binds, and which spellings are one operator.
//
// The table is that of "Specifying Systems" (Lamport, 2002), tables 1 to 8, with the ranges that SANY uses. An operator has a
// range of precedences, low..high. Of two neighbours the one whose range lies wholly above the other's binds tighter;
// where ranges overlap, a chain is legal only for one operator that associates to the left. Anything else is an error.

export interface OperatorInfo {
  readonly low: number;
  readonly high: number;
  readonly leftAssociative: boolean;
}

/** Other spellings, and the name that this package uses for them. */
const SYNONYMS: Readonly<Record<string, string>> = {
  '\\land': '/\\',
  '\\lor': '\\/',
  '\\lnot': '~',
  '\\neg': '~',
  '\\equiv': '<=>',
  '/=': '#',
  '\\leq': '<=',
  '=<': '<=',
  '\\geq': '>=',
  '\\intersect': '\\cap',
  '\\union': '\\cup',
  '\\circ': '\\o',
  '\\times': '\\X',
  '(+)': '\\oplus',
  '(-)': '\\ominus',
  '(/)': '\\oslash',
  '(.)': '\\odot',
  '(\\X)': '\\otimes',
  '(\\times)': '\\otimes',
};

export function canonicalOperator(text: string): string {
  return Object.hasOwn(SYNONYMS, text) ? SYNONYMS[text] : text;
}

function table(
  rows: string,
  groups: readonly (readonly [number, number, boolean, string])[],
): Map<string, OperatorInfo> {
  const result = new Map<string, OperatorInfo>();
  for (const [low, high, leftAssociative, names] of groups) {
    for (const name of names.split(' ')) {
      if (result.has(name)) throw new Error(`${rows} operator ${name} stands twice in the table`);
      result.set(name, { low, high, leftAssociative });
    }
  }
  return result;
}

export const INFIX: ReadonlyMap<string, OperatorInfo> = table('infix', [
  [1, 1, false, '=>'],
  [2, 2, false, '<=> ~> -+->'],
  [3, 3, true, '/\\ \\/'],
  [5, 5, false, '= # < > <= >= \\in \\notin \\subset \\supset \\subseteq \\supseteq := ::='],
  [5, 5, false, '\\prec \\succ \\preceq \\succeq \\ll \\gg \\sqsubset \\sqsupset \\sqsubseteq \\sqsupseteq'],
  [5, 5, false, '\\sim \\simeq \\asymp \\approx \\cong \\doteq \\propto |- -| |= =|'],
  [5, 14, true, '\\cdot'],
  [6, 6, true, '@@'],
  [7, 7, false, ':> <:'],
  [8, 8, false, '\\'],
  [8, 8, true, '\\cap \\cup'],
  [9, 9, false, '.. ...'],
  [9, 13, true, '## $ $$ ? ?? \\sqcap \\sqcup \\uplus'],
  [9, 13, false, '!!'],
  [9, 14, false, '\\wr'],
  [10, 10, true, '+ ++ \\oplus'],
  [10, 11, false, '%'],
  [10, 11, true, '%% | ||'],
  [10, 13, true, '\\X'],
  [11, 11, true, '- -- \\ominus'],
  [13, 13, true, '& && * ** \\odot \\otimes \\star \\bullet \\o \\bigcirc'],
  [13, 13, false, '/ // \\div \\oslash'],
  [14, 14, false, '^ ^^'],
]);

export const PREFIX: ReadonlyMap<string, OperatorInfo> = table('prefix', [
  [4, 4, false, '~'],
  [4, 15, false, 'ENABLED UNCHANGED [] <>'],
  [8, 8, false, 'SUBSET UNION'],
  [9, 9, false, 'DOMAIN'],
  [12, 12, false, '-.'],
]);

export const POSTFIX: ReadonlySet<string> = new Set(["'", '^+', '^*', '^#']);

/** Operators that belong to the language: they need no module and may not be defined. */
export const CORE_OPERATORS: ReadonlySet<string> = new Set([
  ...[
    '/\\',
    '\\/',
    '~',
    '=>',
    '<=>',
    '=',
    '#',
    '\\in',
    '\\notin',
    '\\subseteq',
    '\\cap',
    '\\cup',
    '\\',
    'SUBSET',
    'UNION',
    'DOMAIN',
  ],
  ...["'", 'ENABLED', 'UNCHANGED', '[]', '<>', '~>', '-+->', '\\cdot', '\\X'],
]);
