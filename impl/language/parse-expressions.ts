/**
 * Expressions, types and names: recursive descent, binary operators by precedence.
 *
 *     expression := unary { operator unary }        from loosest to tightest, all to the left:
 *                   ||  &&  == !=  < > <= >=  :== :!=  + -  * / %  | & ^ << >> >>>
 *     unary      := ( '!' | '-' | '~' | '(' type ')' ) unary | postfix { '~' }
 *     postfix    := atom { '.' (word|ordinal) '(' arguments ')' | '.' word | '(' arguments ')' | '[' expression ']' }
 *                   [ ('=' | '+=' | …) expression ]
 *     atom       := literal | 'import' string | word | 'null' | 'this' | '(' expression ')' | class name
 *                 | 'new' type '(' arguments ')' | 'new' '*' '(' expression ')' [':' type] '(' arguments ')'
 *
 * As in the original, `|` and `&` bind tighter than `*`, `~` behind an operand applies to all of its `|` and `&`, and
 * an assignment may be an operand. The depth of the tree is limited, so nothing that walks it runs out of stack.
 */

import { type Diagnostics, didYouMean } from './diagnostics.js';
import type { Token } from './lexer.js';
import type { Source, Span } from './source.js';
import type { AssignOperator, BasicType, BinaryOperator, ExpressionSyntax, NameSyntax, TypeSyntax } from './syntax.js';

/** Thrown at a syntax error that has been reported; caught where parsing can go on. */
export class SyntaxErrorFound extends Error {}

const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ...['==', '!='].map((operator): [string, number] => [operator, 3]),
  ...['<', '>', '<=', '>='].map((operator): [string, number] => [operator, 4]),
  ...[':==', ':!='].map((operator): [string, number] => [operator, 5]),
  ...['+', '-'].map((operator): [string, number] => [operator, 6]),
  ...['*', '/', '%'].map((operator): [string, number] => [operator, 7]),
  ...['|', '&', '^', '<<', '>>', '>>>'].map((operator): [string, number] => [operator, 8]),
]);
const TIGHTEST = 8;

const ASSIGNMENTS: ReadonlyMap<string, AssignOperator | undefined> = new Map([
  ['=', undefined],
  ['.=', undefined],
  ...(['+', '-', '*', '/', '%', '&', '|', '^', '<<', '>>', '>>>'] as const).map(
    (operator): [string, AssignOperator] => [`${operator}=`, operator],
  ),
]);

const BASIC_TYPES: ReadonlySet<string> = new Set(['void', 'int', 'long', 'float', 'double', 'string']);

/** Words that are no names of variables and methods. */
export const RESERVED: ReadonlySet<string> = new Set([
  ...['class', 'interface', 'package', 'import', 'attribute', 'var', 'extends', 'implements', 'static', 'if', 'else'],
  ...['while', 'do', 'foreach', 'switch', 'case', 'default', 'break', 'continue', 'return', 'throw', 'try', 'catch'],
  ...['new', 'null', 'this'],
  ...BASIC_TYPES,
]);

/** Levels of nesting of what is written. */
const NESTING_MAX = 200;
/** Levels of the tree: chains of operators and calls make it deep without nesting. */
const DEPTH_MAX = 600;

/** A token as messages name it. */
export function describe(token: Token): string {
  if (token.kind === 'end') return token.text;
  if (token.kind === 'string') return token.text.length > 20 ? 'a string' : `the string ${JSON.stringify(token.text)}`;
  return token.text;
}

export class ExpressionParser {
  protected at = 0;
  private depth = 0;
  private levels = 0;

  constructor(
    protected readonly source: Source,
    protected readonly tokens: readonly Token[],
    protected readonly diagnostics: Diagnostics,
  ) {}

  // The token stream.

  protected get token(): Token {
    return this.tokens[this.at];
  }

  protected get atEnd(): boolean {
    return this.token.kind === 'end';
  }

  protected peek(ahead = 1): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)];
  }

  protected get previousEnd(): number {
    return this.at === 0 ? 0 : this.tokens[this.at - 1].end;
  }

  protected take(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.at++;
    return token;
  }

  protected isOperator(text: string, token = this.token): boolean {
    return token.kind === 'operator' && token.text === text;
  }

  protected isWord(text: string, token = this.token): boolean {
    return token.kind === 'word' && token.text === text;
  }

  protected accept(text: string): boolean {
    const found = this.token.text === text && (this.token.kind === 'operator' || this.token.kind === 'word');
    if (found) this.at++;
    return found;
  }

  /** What must stand here; at the end of a line the mistake is behind the last token, not at the next one. */
  protected expect(text: string, where: string): void {
    if (this.accept(text)) return;
    const missing = text === ';' || text === ')' || text === ']' || text === '}';
    const newLine = this.at > 0 && this.source.lineOf(this.previousEnd) !== this.source.lineOf(this.token.start);
    const span = missing && newLine ? { start: this.previousEnd, end: this.previousEnd + 1 } : this.token;
    this.fail(span, `expected ${text} ${where}, found ${describe(this.token)}`);
  }

  protected fail(span: Span, message: string, suggestion?: string): never {
    this.diagnostics.error(this.source, span, message, suggestion);
    throw new SyntaxErrorFound();
  }

  protected spanFrom(start: number): Span {
    return { start, end: Math.max(this.previousEnd, start) };
  }

  /** Runs a rule one level deeper; `levels` deeper in the tree it makes. */
  protected nested<T>(rule: () => T, levels = 1): T {
    this.depth++;
    this.levels += levels;
    try {
      if (this.depth > NESTING_MAX || this.levels > DEPTH_MAX) {
        const message = `this is nested more than ${NESTING_MAX} levels deep`;
        this.fail(this.token, message, 'split it into methods or variables');
      }
      return rule();
    } finally {
      this.depth--;
      this.levels -= levels;
    }
  }

  private readonly depths = new WeakMap<ExpressionSyntax, number>();

  /** An expression above others. */
  private over(expression: ExpressionSyntax, ...parts: readonly ExpressionSyntax[]): ExpressionSyntax {
    const depth = parts.reduce((most, part) => Math.max(most, this.depths.get(part) ?? 0), 0) + 1;
    if (depth > DEPTH_MAX) {
      this.fail(this.token, `an expression of more than ${DEPTH_MAX} levels`, 'split it into several statements');
    }
    this.depths.set(expression, depth);
    return expression;
  }

  /** A word that is a name. */
  protected name(what: string): Token {
    const token = this.token;
    if (token.kind !== 'word') this.fail(token, `expected ${what}, found ${describe(token)}`);
    if (RESERVED.has(token.text)) this.fail(token, `expected ${what}, found the keyword ${token.text}`);
    return this.take();
  }

  // Names and types.

  /** `['.'] word {'.' word}`; a word that is a keyword may be quoted. */
  protected className(what: string): NameSyntax {
    const start = this.token.start;
    const absolute = this.accept('.');
    const parts = [this.namePart(what, absolute)];
    while (this.isOperator('.') && (this.peek().kind === 'word' || this.peek().kind === 'string')) {
      this.take();
      parts.push(this.namePart(what, true));
    }
    return { absolute, parts, ...this.spanFrom(start) };
  }

  private namePart(what: string, keywords: boolean): string {
    const token = this.token;
    if (token.kind === 'string' && /^[\p{L}_][\p{L}\p{N}_]*$/u.test(token.text)) return this.take().text;
    if (token.kind !== 'word') this.fail(token, `expected ${what}, found ${describe(token)}`);
    if (!keywords && RESERVED.has(token.text)) {
      this.fail(token, `expected ${what}, found the keyword ${token.text}`);
    }
    return this.take().text;
  }

  protected isTypeWord(token = this.token): boolean {
    return token.kind === 'word' && BASIC_TYPES.has(token.text);
  }

  protected type(what: string): TypeSyntax {
    const start = this.token.start;
    const base = this.typeBase(what);
    let isArray = false;
    let container: NameSyntax | undefined;
    if (this.accept('[')) {
      isArray = true;
      if (this.accept('*')) this.nested(() => this.expression());
      else if (!this.isOperator(']')) container = this.className('the class of the container, or ]');
      this.expect(']', 'after [ of an array type');
    }
    return { base, isArray, container, ...this.spanFrom(start) };
  }

  private typeBase(what: string): TypeSyntax['base'] {
    if (this.isTypeWord()) return this.take().text as BasicType;
    if (this.accept('*')) {
      this.nested(() => this.unary());
      return 'dynamic';
    }
    return this.className(what);
  }

  // Expressions.

  expression(): ExpressionSyntax {
    return this.nested(() => this.binary(1));
  }

  private binary(least: number): ExpressionSyntax {
    let left = this.unary();
    for (;;) {
      const token = this.token;
      if (least <= TIGHTEST && this.accept('~')) {
        left = this.over({ kind: 'unary', operator: '~', operand: left, start: left.start, end: token.end }, left);
        continue;
      }
      const precedence = token.kind === 'operator' ? PRECEDENCE.get(token.text) : undefined;
      if (precedence === undefined || precedence < least) return left;
      this.take();
      const right = this.binary(precedence + 1);
      const operator = token.text as BinaryOperator;
      left = this.over({ kind: 'binary', operator, left, right, start: left.start, end: right.end }, left, right);
    }
  }

  private unary(): ExpressionSyntax {
    const token = this.token;
    if (token.kind !== 'operator') return this.postfix();
    if (token.text === '-' && (this.peek().kind === 'int' || this.peek().kind === 'long')) return this.negative();
    if (token.text === '!' || token.text === '-' || token.text === '~') {
      this.take();
      const operand = this.nested(() => this.unary());
      const { start } = token;
      return this.over({ kind: 'unary', operator: token.text, operand, start, end: operand.end }, operand);
    }
    if (token.text === '(' && this.isCast()) {
      this.take();
      const type = this.type('a type');
      this.expect(')', 'after the type of a cast');
      const operand = this.nested(() => this.unary());
      return this.over({ kind: 'cast', type, operand, start: token.start, end: operand.end }, operand);
    }
    return this.postfix();
  }

  private negative(): ExpressionSyntax {
    const { start } = this.take();
    const { kind, whole = 0n, end } = this.take();
    // The minus makes room for one more.
    if (kind === 'int') return { kind: 'int', value: -whole, start, end };
    return { kind: whole === 0x8000_0000n ? 'int' : 'long', value: -whole, start, end };
  }

  /** Whether the parenthesis here opens a cast: a type, then `)`, then something an operand begins with. */
  private isCast(): boolean {
    let ahead = 1;
    const first = this.peek(ahead);
    const certain = this.isTypeWord(first) || this.isOperator('.', first);
    if (this.isTypeWord(first)) {
      ahead++;
    } else {
      if (this.isOperator('.', first)) ahead++;
      if (this.peek(ahead).kind !== 'word' || (!certain && RESERVED.has(this.peek(ahead).text))) return false;
      ahead++;
      while (this.isOperator('.', this.peek(ahead)) && ['word', 'string'].includes(this.peek(ahead + 1).kind))
        ahead += 2;
    }
    if (this.isOperator('[', this.peek(ahead)) && this.isOperator(']', this.peek(ahead + 1))) ahead += 2;
    else if (this.isOperator('[', this.peek(ahead))) return certain;
    if (!this.isOperator(')', this.peek(ahead))) return false;
    const after = this.peek(ahead + 1);
    if (after.kind === 'end') return false;
    if (after.kind === 'operator') return certain && ['(', '-', '!', '~', '.'].includes(after.text);
    return true;
  }

  private postfix(): ExpressionSyntax {
    let left = this.atom();
    for (let next = this.suffix(left); next !== undefined; next = this.suffix(left)) left = next;
    const token = this.token;
    if (token.kind !== 'operator' || !ASSIGNMENTS.has(token.text)) return left;
    const assignable = left.kind === 'name' || left.kind === 'index' || left.kind === 'member';
    if (!assignable) this.fail(left, 'only a variable, a field or an element of an array can be assigned to');
    this.take();
    const value = this.expression();
    const operator = ASSIGNMENTS.get(token.text);
    return this.over({ kind: 'assign', target: left, operator, value, start: left.start, end: value.end }, left, value);
  }

  private suffix(left: ExpressionSyntax): ExpressionSyntax | undefined {
    const { start } = left;
    if (this.isOperator('(') && left.kind === 'name') {
      const args = this.args();
      return this.over({ kind: 'call', method: left.name, nameSpan: left, args, ...this.spanFrom(start) }, ...args);
    }
    if (this.isOperator('(') && left.kind === 'super') {
      const args = this.args();
      return this.over(
        { kind: 'call', object: left, method: '<init>', nameSpan: left, args, ...this.spanFrom(start) },
        left,
        ...args,
      );
    }
    if (this.accept('[')) {
      const index = this.expression();
      this.expect(']', 'after the index');
      return this.over({ kind: 'index', object: left, index, ...this.spanFrom(start) }, left, index);
    }
    if (!this.isOperator('.')) return undefined;
    const dot = this.take();
    const token = this.token;
    if (token.kind === 'word') {
      this.take();
      if (!this.isOperator('(')) {
        const member = {
          kind: 'member',
          object: left,
          name: token.text,
          nameSpan: token,
          ...this.spanFrom(start),
        } as const;
        return this.over(member, left);
      }
      const args = this.args();
      return this.over(
        { kind: 'call', object: left, method: token.text, nameSpan: token, args, ...this.spanFrom(start) },
        left,
        ...args,
      );
    }
    if (token.kind === 'int') {
      this.take();
      const args = this.args();
      const method = Number(token.whole);
      return this.over(
        { kind: 'call', object: left, method, nameSpan: token, args, ...this.spanFrom(start) },
        left,
        ...args,
      );
    }
    return this.fail(dot, `expected the name or the number of a method after the dot, found ${describe(token)}`);
  }

  private args(): ExpressionSyntax[] {
    this.expect('(', 'before the arguments');
    const list: ExpressionSyntax[] = [];
    if (this.accept(')')) return list;
    do list.push(this.expression());
    while (this.accept(','));
    this.expect(')', 'after the arguments');
    return list;
  }

  private atom(): ExpressionSyntax {
    const token = this.token;
    const { start, end } = token;
    switch (token.kind) {
      case 'int':
      case 'long':
        this.take();
        return this.whole(token);
      case 'float':
      case 'double':
        this.take();
        return { kind: token.kind, value: Number(token.text), start, end };
      case 'string':
        this.take();
        return { kind: 'string', text: token.text, start, end };
      case 'word':
        return this.word(token);
      case 'operator':
        if (this.accept('(')) {
          const inner = this.expression();
          this.expect(')', 'to close the parenthesis');
          return this.over({ ...inner, start, end: this.previousEnd }, inner);
        }
        if (token.text === '.' && this.peek().kind === 'word') return this.absolute();
        break;
      case 'end':
        break;
    }
    return this.fail(token, `expected an expression, found ${describe(token)}`, this.twoSigns());
  }

  /** For who wrote `i++`. */
  private twoSigns(): string | undefined {
    for (const sign of ['+', '-']) {
      const at = this.isOperator(sign) ? this.at : this.at - 1;
      const [first, second] = [this.tokens[at - 1], this.tokens[at]];
      if (first === undefined || !this.isOperator(sign, first) || !this.isOperator(sign, second)) continue;
      if (first.end === second.start) return `there is no ${sign}${sign}: write ${sign}= 1`;
    }
    return undefined;
  }

  private whole({ kind, whole = 0n, text, start, end }: Token): ExpressionSyntax {
    if (kind === 'int' && whole === 0x8000_0000n) return { kind: 'long', value: whole, start, end };
    if (whole === 0x8000_0000_0000_0000n) {
      this.diagnostics.error(this.source, { start, end }, `${text} does not fit a long`, 'write a double, as 1e20');
    }
    return { kind: kind === 'long' ? 'long' : 'int', value: whole, start, end };
  }

  /** `.a.b.c.member` */
  private absolute(): ExpressionSyntax {
    const name = this.className('a class');
    const { parts, start, end } = name;
    if (parts.length < 2) return this.fail(name, 'expected a class and its static field here');
    const last = parts[parts.length - 1];
    const object: ExpressionSyntax = {
      kind: 'class',
      name: { absolute: true, parts: parts.slice(0, -1), start, end: end - last.length - 1 },
      start,
      end: end - last.length - 1,
    };
    const nameSpan = { start: end - last.length, end };
    if (!this.isOperator('(')) return { kind: 'member', object, name: last, nameSpan, start, end };
    const args = this.args();
    return this.over({ kind: 'call', object, method: last, nameSpan, args, ...this.spanFrom(start) }, ...args);
  }

  private word(token: Token): ExpressionSyntax {
    const { start, end, text } = token;
    if (text === 'new') return this.creation();
    if (text === 'import') {
      this.take();
      const file = this.token;
      if (file.kind !== 'string') this.fail(file, `expected the name of a file after import, found ${describe(file)}`);
      this.take();
      return { kind: 'file', path: file.text, ...this.spanFrom(start) };
    }
    if (text === 'null' || text === 'this') {
      this.take();
      return { kind: text, start, end };
    }
    if (text === 'super' && (this.isOperator('(', this.peek()) || this.isOperator('.', this.peek()))) {
      this.take();
      return { kind: 'super', start, end };
    }
    if (RESERVED.has(text)) this.fail(token, `expected an expression, found the keyword ${text}`);
    this.take();
    if (text === 'true' || text === 'false') {
      const value = text === 'true' ? '1' : '0';
      if (!this.isOperator('(') && this.token.kind === 'word') {
        this.fail(token, `there is no ${text}`, `write ${value}`);
      }
    }
    return { kind: 'name', name: text, start, end };
  }

  private creation(): ExpressionSyntax {
    const { start } = this.take();
    if (this.accept('*')) {
      this.expect('(', 'before the class');
      const cls = this.expression();
      this.expect(')', 'after the class');
      if (this.accept(':')) this.type('a type');
      const args = this.args();
      return this.over({ kind: 'newDynamic', cls, args, ...this.spanFrom(start) }, cls, ...args);
    }
    const type = this.type('a class after new');
    if (type.isArray && !this.isOperator('(')) {
      this.fail(
        this.token,
        `expected ( ) after the array type, found ${describe(this.token)}`,
        'arrays grow as needed',
      );
    }
    const args = this.args();
    return this.over({ kind: 'new', type, args, ...this.spanFrom(start) }, ...args);
  }

  /** For a word where a keyword should be. */
  protected suggest(word: string, words: readonly string[]): string | undefined {
    return didYouMean(word, words);
  }
}
