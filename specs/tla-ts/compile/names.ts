// Names of the specification as TypeScript identifiers.
//
// A name stays what it is where it can. It gets an underscore and a number where it would be a word of the language, a function
// of the runtime, or a name that already means something else at that place.

const WORDS = new Set(
  (
    'abstract any arguments as async await boolean break case catch class const continue debugger declare default delete do else enum eval ' +
    'export extends false finally for function if implements import in infer instanceof interface is keyof let never new null number object ' +
    'of package private protected public readonly return static string super switch symbol this throw true try type typeof undefined ' +
    'unique unknown var void while with yield state constants next State Constants'
  ).split(' '),
);

const SIGNS: Readonly<Record<string, string>> = {
  '+': 'plus',
  '-': 'minus',
  '*': 'star',
  '/': 'slash',
  '%': 'percent',
  '^': 'caret',
  '<': 'less',
  '>': 'greater',
  '=': 'equals',
  '#': 'hash',
  '&': 'and',
  '|': 'bar',
  '!': 'bang',
  '?': 'question',
  '.': 'dot',
  $: 'dollar',
  '@': 'at',
  '~': 'not',
  ':': 'colon',
};

/** An identifier for a name or the symbol of an operator. */
export function identifier(name: string): string {
  const spelled = name
    .replace(/^\\/, '')
    .replace(/!/g, '_')
    .replace(/[^\w]/g, (sign) => SIGNS[sign] ?? '_');
  return /^\d/.test(spelled) ? `_${spelled}` : spelled;
}

/** A name that is not among the taken ones. */
export function fresh(wanted: string, ...taken: readonly ReadonlySet<string>[]): string {
  const base = identifier(wanted);
  const isFree = (name: string): boolean => !WORDS.has(name) && taken.every((names) => !names.has(name));
  if (isFree(base)) return base;
  for (let i = 1; ; i++) {
    const name = i === 1 ? `${base}_` : `${base}_${i}`;
    if (isFree(name)) return name;
  }
}
