/**
 * From text to tokens.
 *
 * Rule: every character belongs to a token, to a comment or to white space; what is none of these is reported and left
 * out, so the token list is always whole and ends with an `end` token.
 *
 * Words are not sorted into names and keywords here: after a dot every word is a name (`.internal.string`).
 */

import type { Diagnostics } from './diagnostics.js';
import type { Source, Span } from './source.js';

export type TokenKind = 'word' | 'int' | 'long' | 'float' | 'double' | 'string' | 'operator' | 'end';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** The word, the operator, the digits; of a string its content. */
  readonly text: string;
  /** Of a number that is whole: two's complement of 32 or 64 bits not yet applied. */
  readonly whole?: bigint;
}

/** Longest first where one begins another. */
const OPERATORS = [
  ...['>>>=', '>>>', '<<=', '>>=', ':==', ':!=', '&&', '||', '==', '!=', '<=', '>=', '<<', '>>'],
  ...['+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '.='],
  ...['{', '}', '(', ')', '[', ']', ';', ':', ',', '.', '+', '-', '*', '/', '%', '&', '|', '^', '~', '!'],
  ...['<', '>', '=', '@', '?', '#', '$', '\\'],
];

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  // The bell, as in the original.
  b: '\x07',
  '0': '\0',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

const SPACE = /[\s\uFEFF]+/uy;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy;
const HEX = /0[xX][0-9a-fA-F]+/y;
const NUMBER = /\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)?/y;
const DIGITS = /\d+/y;

class Lexer {
  private readonly tokens: Token[] = [];
  private at = 0;

  constructor(
    private readonly source: Source,
    private readonly diagnostics: Diagnostics,
  ) {}

  run(): Token[] {
    const { text } = this.source;
    while (this.at < text.length && !this.diagnostics.isFull) this.next();
    this.tokens.push({ kind: 'end', text: 'the end of the file', start: text.length, end: text.length });
    return this.tokens;
  }

  private next(): void {
    const { text } = this.source;
    const start = this.at;
    if (this.match(SPACE) !== undefined) return;
    if (text.startsWith('//', start)) {
      const rest = text.slice(start).search(/[\r\n]/);
      this.at = rest < 0 ? text.length : start + rest;
      return;
    }
    if (text.startsWith('/*', start)) {
      const close = text.indexOf('*/', start + 2);
      if (close < 0) this.error(start, start + 2, 'this comment is never closed', 'close it with */');
      this.at = close < 0 ? text.length : close + 2;
      return;
    }
    const word = this.match(WORD);
    if (word !== undefined) this.push('word', word, start);
    else if (/\d/.test(text[start])) this.number(start);
    else if (text[start] === '"') this.string(start);
    else if (text[start] === "'") this.character(start);
    else this.operator(start);
  }

  private operator(start: number): void {
    const found = OPERATORS.find((operator) => this.source.text.startsWith(operator, start));
    if (found !== undefined) {
      this.at += found.length;
      this.push('operator', found, start);
      return;
    }
    const character = String.fromCodePoint(this.source.text.codePointAt(start) ?? 0);
    this.at += character.length;
    this.error(start, this.at, `the character ${JSON.stringify(character)} has no meaning here`);
  }

  private number(start: number): void {
    const { text } = this.source;
    // In x.17( y ) the digits are an ordinal.
    const previous = this.tokens[this.tokens.length - 1];
    const ordinal = previous?.kind === 'operator' && previous.text === '.';
    const digits = this.match(HEX) ?? (ordinal ? this.match(DIGITS) : this.match(NUMBER)) ?? text[this.at++];
    const hexadecimal = /^0x/i.test(digits);
    const real = !hexadecimal && /[.eE]/.test(digits);
    const suffix = ordinal
      ? ''
      : text
          .slice(this.at)
          .match(/^[lLfFdD](?![\p{L}\p{N}_])/u)?.[0]
          .toLowerCase();
    if (suffix) this.at++;
    if (suffix === 'f') this.push('float', digits, start);
    else if (real || suffix === 'd') this.push('double', digits, start);
    else this.tokens.push(this.wholeNumber(digits, suffix === 'l', hexadecimal, start));
    if (real && suffix === 'l') this.error(start, this.at, `${text.slice(start, this.at)} is no whole number`);
    const rest = this.match(WORD);
    if (rest !== undefined) {
      this.error(start, this.at, `${text.slice(start, this.at)} is neither a number nor a name`);
    }
  }

  private wholeNumber(digits: string, isLong: boolean, hexadecimal: boolean, start: number): Token {
    const whole = BigInt(digits);
    const end = this.at;
    // One more than the largest is the least one, behind a minus.
    const limit32 = hexadecimal ? 0xffff_ffffn : 0x8000_0000n;
    const limit64 = hexadecimal ? 0xffff_ffff_ffff_ffffn : 0x8000_0000_0000_0000n;
    if (whole > limit64) {
      const suggestion = hexadecimal ? 'it has 16 digits at most' : 'write a double, as 1e20';
      this.error(start, end, `${digits} does not fit a long`, suggestion);
      return { kind: 'long', text: digits, whole: 0n, start, end };
    }
    const kind = isLong || whole > limit32 ? 'long' : 'int';
    const value = hexadecimal ? BigInt.asIntN(kind === 'long' ? 64 : 32, whole) : whole;
    return { kind, text: digits, whole: value, start, end };
  }

  private string(start: number): void {
    const content = this.quoted('"', start);
    if (content.includes('\ufffd')) {
      this.diagnostics.warn(
        this.source,
        { start, end: this.at },
        'this text has bytes that are not UTF-8: they are lost',
        'save the file as UTF-8',
      );
    }
    this.push('string', content, start);
  }

  private character(start: number): void {
    const content = this.quoted("'", start);
    const bytes = Buffer.from(content, 'utf8');
    if (bytes.length !== 1) {
      const suggestion = bytes.length > 1 ? 'strings stand between double quotes' : undefined;
      this.error(start, this.at, `expected one ASCII character between single quotes`, suggestion);
    }
    this.tokens.push({ kind: 'int', text: String(bytes[0] ?? 0), whole: BigInt(bytes[0] ?? 0), start, end: this.at });
  }

  /** Content up to the closing quote, or to the end of the line. */
  private quoted(quote: string, start: number): string {
    const { text } = this.source;
    let content = '';
    this.at++;
    for (;;) {
      const character = text[this.at];
      if (character === undefined || character === '\n' || character === '\r') {
        this.error(start, this.at, `this text is not closed on its line`, `close it with ${quote}`);
        // What most likely stood behind the quote.
        const rest = content.match(/[\s;)]*$/)?.[0] ?? '';
        this.at -= rest.length;
        return content.slice(0, content.length - rest.length);
      }
      this.at++;
      if (character === quote) return content;
      content += character === '\\' ? this.escape() : character;
    }
  }

  private escape(): string {
    const { text } = this.source;
    const start = this.at - 1;
    const hexadecimal = text.slice(this.at).match(/^x([0-9a-fA-F]{2})/);
    if (hexadecimal) {
      this.at += 3;
      return String.fromCharCode(Number.parseInt(hexadecimal[1], 16));
    }
    const character = text[this.at];
    if (character === undefined || character === '\n' || character === '\r') return '\\';
    this.at++;
    const meaning = Object.hasOwn(ESCAPES, character) ? ESCAPES[character] : undefined;
    if (meaning === undefined) {
      this.diagnostics.warn(
        this.source,
        { start, end: this.at },
        `\\${character} is no escape sequence: it stands for ${character}`,
        'there are \\n \\r \\t \\b \\0 \\" \\\' \\\\ \\x41',
      );
    }
    return meaning ?? character;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private push(kind: TokenKind, text: string, start: number): void {
    this.tokens.push({ kind, text, start, end: this.at });
  }

  private error(start: number, end: number, message: string, suggestion?: string): void {
    this.diagnostics.error(this.source, { start, end }, message, suggestion);
  }
}

/** The tokens of a source; mistakes go to `diagnostics`. */
export function tokenize(source: Source, diagnostics: Diagnostics): Token[] {
  return new Lexer(source, diagnostics).run();
}
