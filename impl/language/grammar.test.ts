import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RESERVED } from './parse-expressions.js';
import { sourceFolders, sourcesIn } from './testing/programs.js';

const text = readFileSync(new URL('phantom.tmLanguage.json', import.meta.url), 'utf8');

interface Rule {
  readonly name?: string;
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly include?: string;
  readonly patterns?: readonly Rule[];
}

const grammar: { scopeName: string; patterns: Rule[]; repository: Record<string, Rule> } = JSON.parse(text);

function rules(rule: Rule): Rule[] {
  return [rule, ...(rule.patterns ?? []).flatMap(rules)];
}

const all = Object.values(grammar.repository).flatMap(rules);

test('every pattern is one, and every include has its rule', () => {
  for (const { match, begin, end, include } of [...all, ...grammar.patterns]) {
    for (const pattern of [match, begin, end]) if (pattern !== undefined) new RegExp(pattern, 'u');
    if (include !== undefined) expect(grammar.repository).toHaveProperty(include.slice(1));
  }
});

/** Scope of the first rule that takes a word whole. */
function scopeOf(word: string): string | undefined {
  const order = rules(grammar.repository.code).flatMap(({ include }) =>
    include === undefined ? [] : rules(grammar.repository[include.slice(1)]),
  );
  return order.find(({ match }) => match !== undefined && new RegExp(match, 'u').exec(word)?.[0] === word)?.name;
}

test('keywords and types are coloured as such', () => {
  for (const word of [...RESERVED, 'for', 'in', 'super']) {
    if (word === 'package' || word === 'import') continue;
    expect([word, scopeOf(word)]).toEqual([word, expect.stringMatching(/^(keyword|storage|constant|variable)\./)]);
  }
});

test('every character of the fixtures is of a rule, a name or punctuation', () => {
  const patterns = all.flatMap(({ match, begin, name }) =>
    name?.startsWith('string') || name?.startsWith('comment.block') ? [] : [match ?? begin ?? []].flat(),
  );
  const known = [
    ...patterns,
    '"(?:\\\\.|[^"\\\\])*"',
    '/\\*[\\s\\S]*?\\*/',
    "'[^']*'",
    '[\\p{L}_][\\p{L}\\p{N}_]*',
    '[\\s{}()\\[\\];:,.]',
  ];
  const token = new RegExp(known.map((pattern) => `(?:${pattern.replace('.*$', '[^\\r\\n]*')})`).join('|'), 'uy');
  for (const folder of sourceFolders()) {
    for (const source of sourcesIn(folder)) {
      for (token.lastIndex = 0; token.lastIndex < source.text.length; ) {
        const at = token.lastIndex;
        expect({ folder, at, found: token.exec(source.text) !== null }).toEqual({ folder, at, found: true });
      }
    }
  }
});
