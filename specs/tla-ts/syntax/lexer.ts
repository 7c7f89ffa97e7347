// Text of a module -> tokens with places.
//
// Text before `---- MODULE` and after the closing `====` is no part of the module. Comments nest. A tab advances to the
// columns 1, 9, 17, ... . `(+)` and its kin are one symbol wherever they stand; `]_` and `>>_` are symbols of their own, so
// that the subscript of `[A]_v` is not read as a name that begins with an underscore; `WF_` and `SF_` likewise.
import { signHint } from './hints.js';
import { canonicalOperator } from './operators.js';
import { type Span, SpecError } from './source.js';

// A step of a proof, `<1>2.`, is a keyword: else it would read as a comparison that continues the theorem.

export type TokenKind = 'name' | 'number' | 'string' | 'symbol' | 'operator' | 'keyword' | 'rule' | 'end' | 'eof';

export interface Token {
  readonly kind: TokenKind;
  /** A name, keyword, symbol, or an operator's canonical spelling; a string's value; a number's digits in base ten. */
  readonly text: string;
  readonly span: Span;
  /** No white space stands between this token and the one before it. */
  readonly glued: boolean;
}

const KEYWORDS = new Set(
  (
    'ASSUME ASSUMPTION AXIOM CASE CHOOSE CONSTANT CONSTANTS COROLLARY ELSE EXCEPT EXTENDS IF IN INSTANCE LAMBDA LEMMA LET LOCAL ' +
    'MODULE OTHER PROPOSITION RECURSIVE THEN THEOREM VARIABLE VARIABLES WITH WF_ SF_ PROOF BY OBVIOUS OMITTED QED USE HIDE DEFINE ' +
    'PROVE PICK TAKE HAVE WITNESS SUFFICES NEW STATE ACTION TEMPORAL ONLY DEF DEFS'
  ).split(' '),
);
// Words of the proof language are names outside proofs as far as the language of models goes.
const SOFT = new Set([
  'PICK',
  'TAKE',
  'HAVE',
  'WITNESS',
  'NEW',
  'STATE',
  'ACTION',
  'TEMPORAL',
  'ONLY',
  'DEF',
  'DEFS',
  'PROVE',
  'SUFFICES',
]);
const WORD_OPERATORS = new Set(['ENABLED', 'UNCHANGED', 'SUBSET', 'UNION', 'DOMAIN']);

// Longest first within one first character; the lexer tries lengths from 7 down.
const SYMBOLS = new Set('( ) [ ] { } , : :: ; _ << >> |-> -> <- == ! @ . \\E \\A \\EE \\AA \\in ]_ >>_'.split(' '));
const OPERATORS = new Set(
  (
    '/\\ \\/ ~ => <=> ~> -+-> = # /= < > <= =< >= := ::= |- -| |= =| @@ :> <: \\ .. ... ## $ $$ ? ?? !! + ++ % %% | || - -- & && * ** ' +
    "/ // ^ ^^ ^+ ^* ^# ' [] <> -. (+) (-) (.) (/) (\\X) (\\times)"
  ).split(' '),
);
const BACKSLASH_OPERATORS = new Set(
  (
    'land lor lnot neg equiv leq geq intersect union circ times notin subset supset subseteq supseteq prec succ preceq succeq ll gg ' +
    'sqsubset sqsupset sqsubseteq sqsupseteq sim simeq asymp approx cong doteq propto cdot cap cup sqcap sqcup uplus wr oplus X ' +
    'ominus odot otimes star bullet o bigcirc div oslash'
  ).split(' '),
);

const isLetter = (c: string): boolean => (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
const isDigit = (c: string): boolean => c >= '0' && c <= '9';
const isWord = (c: string): boolean => isLetter(c) || isDigit(c) || c === '_';

const MODULE_START = /-{4,}[ \t]*MODULE[ \t]+([A-Za-z0-9_]+)[ \t]*-{4,}/;

export class Lexer {
  private pos = 0;
  private line = 1;
  private column = 1;
  private readonly tokens: Token[] = [];

  constructor(
    private readonly text: string,
    private readonly file: string,
    private moduleName = '',
  ) {}

  /** The tokens of the first module in the text, its opening line included, up to its closing line. */
  static module(text: string, file: string): Token[] {
    const start = MODULE_START.exec(text);
    if (!start) {
      const place: Span = { module: '', file, line: 1, column: 1, endLine: 1, endColumn: 1 };
      throw new SpecError(
        'parse',
        'No module found: a module begins with a line such as ---- MODULE Name ----.',
        place,
      );
    }
    const lexer = new Lexer(text, file, start[1]);
    lexer.skipTo(start.index);
    lexer.run(true);
    return lexer.tokens;
  }

  /** All tokens of a text that is no module (a formula typed by a user, a configuration). */
  static formula(text: string, file: string): Token[] {
    const lexer = new Lexer(text, file);
    lexer.run(false);
    return lexer.tokens;
  }

  private skipTo(index: number): void {
    while (this.pos < index) this.advance();
  }

  private advance(): void {
    const c = this.text[this.pos++];
    if (c === '\n') {
      this.line++;
      this.column = 1;
    } else if (c === '\t') this.column = Math.floor((this.column - 1) / 8) * 8 + 9;
    else if (c !== '\r') this.column++;
  }

  private take(count: number): void {
    for (let i = 0; i < count; i++) this.advance();
  }

  private here(): Span {
    return {
      module: this.moduleName,
      file: this.file,
      line: this.line,
      column: this.column,
      endLine: this.line,
      endColumn: this.column,
    };
  }

  private fail(message: string, span = this.here()): never {
    throw new SpecError('parse', message, span);
  }

  private run(isModule: boolean): void {
    let depth = 0;
    for (;;) {
      const before = this.pos;
      this.skipBlank();
      const glued = this.pos === before && this.pos > 0;
      if (this.pos >= this.text.length) {
        if (isModule && depth > 0)
          this.fail(`The module ${this.moduleName} does not end: a line of at least four = is missing.`);
        this.tokens.push({ kind: 'eof', text: 'end of the text', span: this.here(), glued });
        return;
      }
      const token = this.next(glued);
      this.tokens.push(token);
      if (!isModule) continue;
      if (token.kind === 'keyword' && token.text === 'MODULE') depth++;
      if (token.kind === 'end' && --depth === 0) {
        this.tokens.push({ kind: 'eof', text: 'end of the module', span: token.span, glued: false });
        return;
      }
    }
  }

  private skipBlank(): void {
    for (;;) {
      const c = this.text[this.pos];
      if (c === ' ' || c === '\n' || c === '\t' || c === '\r' || c === '\f') this.advance();
      else if (c === '\\' && this.text[this.pos + 1] === '*') {
        while (this.pos < this.text.length && this.text[this.pos] !== '\n') this.advance();
      } else if (c === '(' && this.text[this.pos + 1] === '*') this.skipComment();
      else return;
    }
  }

  private skipComment(): void {
    const start = this.here();
    let depth = 0;
    do {
      if (this.pos >= this.text.length) this.fail('This comment (* does not end: *) is missing.', start);
      const two = this.text.substr(this.pos, 2);
      if (two === '(*') {
        depth++;
        this.take(2);
      } else if (two === '*)') {
        depth--;
        this.take(2);
      } else this.advance();
    } while (depth > 0);
  }

  private next(glued: boolean): Token {
    const start = this.here();
    const c = this.text[this.pos];
    const make = (kind: TokenKind, text: string, length: number): Token => {
      this.take(length);
      return { kind, text, glued, span: { ...start, endLine: this.line, endColumn: this.column - 1 } };
    };
    if (c === '"') return this.string(start, glued);
    const step = c === '<' ? /^<([0-9]+|\+|\*)>/.exec(this.text.substr(this.pos, 12)) : null;
    if (step) return make('keyword', '<step>', step[0].length);
    if (isWord(c)) return this.word(start, glued);
    for (const [char, kind] of [
      ['-', 'rule'],
      ['=', 'end'],
    ] as const) {
      if (!this.text.startsWith(char.repeat(4), this.pos)) continue;
      let length = 4;
      while (this.text[this.pos + length] === char) length++;
      return make(kind, char.repeat(4), length);
    }
    if (c === '\\') {
      const number = /^\\([bB][01]+|[oO][0-7]+|[hH][0-9a-fA-F]+)(?![A-Za-z0-9_])/.exec(this.text.substr(this.pos, 40));
      if (number) {
        const base = { b: 2, o: 8, h: 16 }[number[1][0].toLowerCase()];
        return make('number', String(Number.parseInt(number[1].slice(1), base)), number[0].length);
      }
      const word = /^\\[A-Za-z]+/.exec(this.text.substr(this.pos, 20))?.[0];
      if (word === '\\in') return make('operator', word, word.length);
      if (word && SYMBOLS.has(word)) return make('symbol', word, word.length);
      if (word && BACKSLASH_OPERATORS.has(word.slice(1))) return make('operator', canonicalOperator(word), word.length);
      if (this.text[this.pos + 1] === '/') return make('operator', '\\/', 2);
      return make('operator', '\\', 1);
    }
    for (let length = 8; length > 0; length--) {
      const piece = this.text.substr(this.pos, length);
      if (piece.length < length) continue;
      if (SYMBOLS.has(piece)) return make('symbol', piece, length);
      if (OPERATORS.has(piece)) return make('operator', canonicalOperator(piece), length);
    }
    return this.fail(`The character ${JSON.stringify(c)} has no meaning here.${signHint(c)}`);
  }

  private string(start: Span, glued: boolean): Token {
    this.advance();
    let value = '';
    for (;;) {
      const c = this.text[this.pos];
      if (c === undefined || c === '\n')
        this.fail('This string does not end on its line: the closing " is missing.', start);
      this.advance();
      if (c === '"') break;
      if (c !== '\\') {
        value += c;
        continue;
      }
      const escaped = this.text[this.pos];
      const meaning = { '"': '"', '\\': '\\', n: '\n', t: '\t', f: '\f', r: '\r' }[escaped];
      if (meaning === undefined) {
        const closed = this.text.slice(this.pos).split('\n')[0].includes('"');
        if (!closed) this.fail('This string does not end on its line: the closing " is missing.', start);
        this.fail(`\\${escaped} is no escape of a string: use \\" \\\\ \\n \\t \\f or \\r.`);
      }
      value += meaning;
      this.advance();
    }
    return { kind: 'string', text: value, glued, span: { ...start, endLine: this.line, endColumn: this.column - 1 } };
  }

  private word(start: Span, glued: boolean): Token {
    let end = this.pos;
    while (end < this.text.length && isWord(this.text[end])) end++;
    let text = this.text.slice(this.pos, end);
    let kind: TokenKind = 'name';
    if (/^[0-9]+$/.test(text)) kind = 'number';
    else if (text.startsWith('WF_') || text.startsWith('SF_')) {
      text = text.slice(0, 3);
      kind = 'keyword';
    } else if (text === '_') kind = 'symbol';
    else if (WORD_OPERATORS.has(text)) kind = 'operator';
    else if (KEYWORDS.has(text) && !SOFT.has(text)) kind = 'keyword';
    this.take(text.length);
    const span = { ...start, endLine: this.line, endColumn: this.column - 1 };
    if (kind === 'name' && !/[A-Za-z]/.test(text)) this.fail(`A name contains a letter; ${text} does not.`, span);
    if (kind === 'number') text = text.replace(/^0+(?=[0-9])/, '');
    return { kind, text, glued, span };
  }
}
