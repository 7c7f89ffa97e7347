// What a beginner may have meant: habits of other languages, and names that are nearly right. A hint is a sentence that
// follows the message, with a space before it; empty where there is nothing to say.

const HABITS: ReadonlyMap<string, string> = new Map([
  ['&&', 'And is written /\\.'],
  ['||', 'Or is written \\/.'],
  ['//', 'A comment begins with \\*.'],
  ['#', 'A comment begins with \\*.'],
  ['!=', 'Not equal is written # or /=.'],
  [':=', "What x is in the next state is said with x' = ..., not with an assignment."],
  ['==', 'Equality is written =; == begins a definition, and what stands before one must be finished.'],
  [';', 'Nothing is separated by semicolons: conjunctions begin with /\\, definitions with their name.'],
  ['in', 'Membership is written \\in.'],
  ['and', 'And is written /\\.'],
  ['or', 'Or is written \\/.'],
  ['not', 'Not is written ~.'],
  ['true', 'It is written TRUE.'],
  ['false', 'It is written FALSE.'],
  ['True', 'It is written TRUE.'],
  ['False', 'It is written FALSE.'],
  ['null', 'There is no null: declare a constant for it, and make it a model value in the configuration.'],
]);

/** Signs that editors show, and what a module has in their place. */
const SIGNS = new Map(
  '≜ == ∈ \\in ∉ \\notin ∧ /\\ ∨ \\/ ¬ ~ ⇒ => ⇔ <=> ≡ <=> ∀ \\A ∃ \\E ≤ <= ≥ >= ≠ # ′ \' ⟨ << ⟩ >> → -> ↦ |-> ← <- □ [] ◇ <> ∪ \\cup ∩ \\cap ⊆ \\subseteq × \\X ‥ .. … ... “ " ” " ’ \''
    .split(' ')
    .flatMap((sign, i, all) => (i % 2 === 0 ? [[sign, all[i + 1]] as const] : [])),
);

export function signHint(sign: string): string {
  const written = SIGNS.get(sign);
  return written === undefined ? '' : ` It is written ${written}.`;
}

const KEYWORDS_IN_CAPITALS = new Set(
  'if then else let case choose other variable variables constant constants extends assume except instance domain unchanged'.split(
    ' ',
  ),
);

/** For a keyword in small letters among the words before a mistake. */
export function capitalsHint(words: readonly string[]): string {
  const word = words.find((one) => KEYWORDS_IN_CAPITALS.has(one.toLowerCase()) && one !== one.toUpperCase());
  return word === undefined ? '' : ` Keywords are written in capitals: ${word.toUpperCase()}.`;
}

export function habitHint(...words: readonly string[]): string {
  for (const word of words) {
    const habit = HABITS.get(word);
    if (habit !== undefined) return ` ${habit}`;
  }
  return '';
}

/** The known name that a misspelt one is nearest to, if it is near. */
export function spellingHint(wanted: string, known: Iterable<string>): string {
  const limit = wanted.length < 3 ? 0 : wanted.length < 6 ? 1 : 2;
  let best: string | undefined;
  let least = limit + 1;
  for (const name of known) {
    if (Math.abs(name.length - wanted.length) >= least) continue;
    const distance = name.toLowerCase() === wanted.toLowerCase() ? 0 : editDistance(wanted, name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best === undefined ? '' : ` Did you mean ${best}?`;
}

/** Characters to insert, leave out, change, or exchange with their neighbour (Damerau 1964, without overlaps). */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const change = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      let distance = Math.min(change, rows[i - 1][j] + 1, rows[i][j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        distance = Math.min(distance, rows[i - 2][j - 2] + 1);
      }
      rows[i].push(distance);
    }
  }
  return rows[a.length][b.length];
}
