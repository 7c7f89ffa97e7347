// Tokens with a look-ahead that obeys the junction rule: while a bulleted list is open, a token at or left of the column of
// its bullets is out of reach. It ends the item, whatever it is; the list itself then looks whether it is the next bullet.
import { capitalsHint, habitHint } from './hints.js';
import type { Token } from './lexer.js';
import { type Span, SpecError } from './source.js';

export class TokenStream {
  private position = 0;
  private readonly bullets: { readonly column: number; readonly operator: string; readonly span: Span }[] = [];

  constructor(private readonly tokens: readonly Token[]) {}

  /** The next token, `undefined` where the open list's column forbids it. */
  peek(ahead = 0): Token | undefined {
    const token = this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)];
    const bullet = this.bullets.at(-1);
    if (bullet && token.span.column <= bullet.column) return undefined;
    return token;
  }

  /** The next token, open lists notwithstanding. */
  raw(ahead = 0): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)];
  }

  /** The token just taken. */
  last(): Token {
    return this.tokens[Math.max(this.position - 1, 0)];
  }

  next(): Token {
    const token = this.peek();
    if (!token) return this.unexpected('more of this item');
    this.position++;
    return token;
  }

  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token !== undefined && token.text === text && token.kind !== 'string' && token.kind !== 'name';
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.position++;
    return true;
  }

  expect(text: string, purpose: string): Token {
    if (!this.is(text)) this.unexpected(`${text} ${purpose}`);
    return this.next();
  }

  name(purpose: string): Token {
    const token = this.peek();
    if (token?.kind !== 'name') return this.unexpected(purpose);
    this.position++;
    return token;
  }

  mark(): number {
    return this.position;
  }

  reset(mark: number): void {
    this.position = mark;
  }

  skip(): void {
    this.position++;
  }

  openList(column: number, operator: string, span: Span): void {
    this.bullets.push({ column, operator, span });
  }

  closeList(): void {
    this.bullets.pop();
  }

  /** Takes the next bullet of the list just closed, if that is what comes. */
  acceptBullet(column: number, operator: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'operator' || token.text !== operator || token.span.column !== column) return false;
    this.position++;
    return true;
  }

  /** What the last tokens before a mistake tell of its cause. */
  private hintBefore(): string {
    const before = this.tokens.slice(Math.max(0, this.position - 3), this.position + 1);
    const compared = before.findIndex(
      ({ text }, i) => text === '<=' && before[i + 1]?.glued && /^</.test(before[i + 1].text),
    );
    if (compared >= 0 && before[compared + 1].text !== '<<')
      return ' =< is one operator, less or equal: write = << with a space.';
    return capitalsHint(before.filter(({ kind }) => kind === 'name').map(({ text }) => text));
  }

  unexpected(expected: string): never {
    const token = this.raw();
    const bullet = this.bullets.at(-1);
    const found = token.kind === 'string' ? `the string "${token.text}"` : token.text;
    if (bullet && token.span.column <= bullet.column && token.kind !== 'eof') {
      throw new SpecError(
        'parse',
        `${found} stands at or left of the ${bullet.operator} in line ${bullet.span.line}, column ${bullet.column}, and so ends that ` +
          `item of the list; expected ${expected}. Move it to the right of the ${bullet.operator}.`,
        token.span,
      );
    }
    const hint = token.kind === 'string' ? '' : habitHint(token.text) || this.hintBefore();
    throw new SpecError('parse', `Expected ${expected}, found ${found}.${hint}`, token.span);
  }
}
