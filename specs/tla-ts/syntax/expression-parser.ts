// Expressions: operator precedence with ranges, junction lists by column.
//
// Operators and operands are stacked; a new operator first reduces those that bind tighter than it. Two whose ranges
// overlap are an error at the left one, unless they are one left-associative operator. Quantifiers, CHOOSE, LAMBDA, LET, IF
// and CASE reach as far to the right as they can.

import type { Bound, ExceptUpdate, Expression, Identifier, PathStep, Unit } from './ast.js';
import { habitHint } from './hints.js';
import type { Token } from './lexer.js';
import { INFIX, type OperatorInfo, POSTFIX, PREFIX } from './operators.js';
import { type Span, SpecError, spanning } from './source.js';
import { TokenStream } from './token-stream.js';

interface Pending {
  readonly token: Token;
  readonly info: OperatorInfo;
  readonly prefix: boolean;
}

const FUNCTION_NAME = "'s value";

export class ExpressionParser {
  readonly stream: TokenStream;

  constructor(
    tokens: readonly Token[],
    private readonly definitions: (parser: ExpressionParser) => Unit[],
  ) {
    this.stream = new TokenStream(tokens);
  }

  expression(purpose = 'an expression'): Expression {
    const operands: Expression[] = [];
    const pending: Pending[] = [];
    /** The infix operators so far: one of them may be a habit of another language. */
    const seen: string[] = [];
    const reduce = (): void => {
      const top = pending.pop() as Pending;
      const right = operands.pop() as Expression;
      operands.push(
        top.prefix ? this.prefix(top.token, right) : this.infix(top.token, operands.pop() as Expression, right),
      );
    };
    for (;;) {
      for (let prefix = this.prefixOperator(); prefix; prefix = this.prefixOperator()) pending.push(prefix);
      operands.push(this.operand(purpose));
      const token = this.stream.peek();
      const info = token?.kind === 'operator' ? INFIX.get(token.text) : undefined;
      if (!token || !info) break;
      while (pending.length > 0) {
        const top = pending[pending.length - 1];
        if (top.info.high < info.low) break;
        if (top.info.low > info.high || (!top.prefix && top.token.text === token.text && info.leftAssociative)) {
          reduce();
          continue;
        }
        const left = top.token.text;
        const problem =
          left === token.text
            ? `${left} does not associate: write parentheses to say which of the two ${left} comes first.`
            : `${left} and ${token.text} have overlapping precedence, so this can be read in two ways: write parentheses.`;
        throw new SpecError('parse', problem + habitHint(...seen, token.text), top.token.span);
      }
      this.stream.skip();
      seen.push(token.text);
      pending.push({ token, info, prefix: false });
    }
    while (pending.length > 0) reduce();
    return operands[0];
  }

  private prefixOperator(): Pending | undefined {
    const token = this.stream.peek();
    if (token?.kind !== 'operator') return undefined;
    const name = token.text === '-' ? '-.' : token.text;
    const info = PREFIX.get(name);
    if (!info || this.isOperatorArgument()) return undefined;
    this.stream.skip();
    return { token: { ...token, text: name }, info, prefix: true };
  }

  /** An operator that is handed on by its symbol: `Fold(+, 0, S)`. */
  private isOperatorArgument(): boolean {
    const after = this.stream.peek(1);
    return after !== undefined && (after.text === ',' || after.text === ')') && after.kind === 'symbol';
  }

  private prefix(token: Token, operand: Expression): Expression {
    return {
      kind: 'operator',
      name: token.text,
      args: [operand],
      place: token.span,
      span: spanning(token.span, operand.span),
    };
  }

  private infix(token: Token, left: Expression, right: Expression): Expression {
    const span = spanning(left.span, right.span);
    const name = token.text;
    if (name === '/\\' || name === '\\/') {
      const kind = name === '/\\' ? 'and' : 'or';
      return { kind, items: [left, right], span };
    }
    // `A \X B \X C` is one set of triples; parentheses, which keep the product apart, are marked by their own span.
    if (name === '\\X') {
      if (left.kind === 'product' && !this.parenthesised.has(left)) {
        return { kind: 'product', items: [...left.items, right], span };
      }
      return { kind: 'product', items: [left, right], span };
    }
    return { kind: 'operator', name, args: [left, right], place: token.span, span };
  }

  private readonly parenthesised = new WeakSet<Expression>();

  private operand(purpose: string): Expression {
    let value = this.primary(purpose);
    for (;;) {
      const token = this.stream.peek();
      if (!token) return value;
      if (token.kind === 'operator' && POSTFIX.has(token.text)) {
        this.stream.skip();
        const span = spanning(value.span, token.span);
        value = { kind: 'operator', name: token.text, args: [value], place: token.span, span };
      } else if (token.kind === 'symbol' && token.text === '[') {
        this.stream.skip();
        const args = this.list(']', `to close the argument of a function${FUNCTION_NAME}`);
        value = { kind: 'apply', fn: value, args, span: spanning(value.span, this.stream.last().span) };
      } else if (token.kind === 'symbol' && token.text === '.') {
        this.stream.skip();
        const field =
          this.stream.raw().kind === 'keyword' ? this.stream.next() : this.stream.name('the name of a field');
        value = { kind: 'field', record: value, name: field.text, span: spanning(value.span, field.span) };
      } else return value;
    }
  }

  /** Expressions up to the closing symbol, which is taken. */
  private list(close: string, purpose: string): Expression[] {
    const items = [this.expression()];
    while (this.stream.accept(',')) items.push(this.expression());
    this.stream.expect(close, purpose);
    return items;
  }

  private primary(purpose: string): Expression {
    const stream = this.stream;
    const token = stream.peek();
    if (!token) return stream.unexpected(purpose);
    const { span } = token;
    switch (token.kind) {
      case 'number':
        stream.skip();
        if (stream.is('.') && stream.peek(1)?.kind === 'number')
          stream.unexpected('an integer: numbers with a point are not supported');
        return { kind: 'number', value: Number(token.text), span };
      case 'string':
        stream.skip();
        return { kind: 'string', value: token.text, span };
      case 'name':
        return this.name();
      case 'operator':
        return this.operatorOperand(token, purpose);
      case 'keyword':
        return this.keyword(token, purpose);
      case 'symbol':
        return this.bracket(token, purpose);
      default:
        return stream.unexpected(purpose);
    }
  }

  private operatorOperand(token: Token, purpose: string): Expression {
    const stream = this.stream;
    if (this.isOperatorArgument() && token.text !== "'") {
      stream.skip();
      return { kind: 'operator', name: token.text, args: [], place: token.span, span: token.span };
    }
    if (token.text !== '/\\' && token.text !== '\\/') return stream.unexpected(purpose);
    const { column } = token.span;
    const items: Expression[] = [];
    stream.skip();
    do {
      stream.openList(column, token.text, stream.last().span);
      items.push(this.expression(`a formula after ${token.text}`));
      const after = stream.peek();
      // Inside the item's columns, only what can follow a formula ends it without an error.
      if (after && this.startsOperand(after)) stream.unexpected(`an operator, or the end of this item of the list`);
      stream.closeList();
    } while (stream.acceptBullet(column, token.text));
    const last = items[items.length - 1];
    return { kind: token.text === '/\\' ? 'and' : 'or', items, span: spanning(token.span, last.span) };
  }

  private startsOperand(token: Token): boolean {
    if (token.kind === 'number' || token.kind === 'string') return true;
    return token.kind === 'name' && this.stream.peek(1)?.text !== '==' && this.stream.peek(1)?.text !== '(';
  }

  private name(): Expression {
    const stream = this.stream;
    const first = stream.next();
    if (stream.is('::')) {
      stream.skip();
      return this.expression('a formula after its label');
    }
    const path: PathStep[] = [this.step(first)];
    while (stream.is('!')) {
      stream.skip();
      // `Name!:` is the formula of a definition or theorem, the same as the name.
      if (stream.accept(':')) break;
      const token = stream.peek();
      if (token?.kind === 'operator') {
        stream.skip();
        const place = token.span;
        if (token.text === '=' && !stream.is('(')) {
          throw new SpecError('parse', `!= is no operator.${habitHint('!=')}`, place);
        }
        stream.expect('(', 'after the name of an operator of an instance');
        path.push({ name: token.text, args: this.list(')', 'to close the arguments'), span: place });
      } else path.push(this.step(stream.name('a name of the instance, after !')));
    }
    const span = spanning(first.span, stream.last().span);
    if (path.length === 1 && (first.text === 'TRUE' || first.text === 'FALSE') && path[0].args.length === 0) {
      return { kind: 'boolean', value: first.text === 'TRUE', span };
    }
    return { kind: 'name', path, span };
  }

  private step(token: Token): PathStep {
    const open = this.stream.peek()?.span;
    if (!open || !this.stream.accept('(')) return { name: token.text, args: [], span: token.span };
    const args = this.list(')', `to close the arguments of ${token.text}`);
    return { name: token.text, args, span: token.span, argsSpan: spanning(open, this.stream.last().span) };
  }

  identifier(purpose: string): Identifier {
    const token = this.stream.name(purpose);
    return { name: token.text, span: token.span };
  }

  /** `x, y \in S, <<a, b>> \in T`. */
  bounds(): Bound[] {
    const result = [this.bound()];
    while (this.stream.accept(',')) result.push(this.bound());
    return result;
  }

  private bound(): Bound {
    const stream = this.stream;
    const names: Identifier[] = [];
    const tuple = stream.accept('<<');
    do names.push(this.identifier('the name of a bound variable'));
    while (stream.accept(','));
    if (tuple) stream.expect('>>', 'to close the tuple of bound variables');
    stream.expect('\\in', 'after the bound variables');
    return { names, tuple, set: this.expression('the set that the variables range over') };
  }

  /** Looks whether a bound begins here: names and commas, or a tuple of names, and then \in. */
  private looksLikeBound(): boolean {
    const stream = this.stream;
    let ahead = 0;
    const tuple = stream.is('<<');
    if (tuple) ahead++;
    while (stream.peek(ahead)?.kind === 'name') {
      ahead++;
      if (stream.is(',', ahead)) ahead++;
      else break;
    }
    if (ahead === (tuple ? 1 : 0)) return false;
    if (tuple && !stream.is('>>', ahead++)) return false;
    return stream.is('\\in', ahead);
  }

  private keyword(token: Token, purpose: string): Expression {
    const stream = this.stream;
    const { span } = token;
    const until = (): Span => spanning(span, stream.last().span);
    switch (token.text) {
      case 'IF': {
        stream.skip();
        const condition = this.expression('the condition of IF');
        stream.expect('THEN', 'after the condition of IF');
        const then = this.expression('the value after THEN');
        stream.expect('ELSE', 'after the THEN part: IF always has both');
        const otherwise = this.expression('the value after ELSE');
        return { kind: 'if', condition, then, else: otherwise, span: until() };
      }
      case 'CASE': {
        stream.skip();
        const arms: { guard: Expression; value: Expression }[] = [];
        let other: Expression | undefined;
        do {
          if (stream.accept('OTHER')) {
            stream.expect('->', 'after OTHER');
            other = this.expression('a value after ->');
            break;
          }
          const guard = this.expression('the guard of a CASE arm');
          stream.expect('->', 'after the guard of a CASE arm');
          arms.push({ guard, value: this.expression('a value after ->') });
        } while (stream.accept('[]'));
        return { kind: 'case', arms, other, span: until() };
      }
      case 'LET': {
        stream.skip();
        const units = this.definitions(this);
        stream.expect('IN', 'after the definitions of LET');
        const body = this.expression('the body of LET');
        return { kind: 'let', units, body, span: until() };
      }
      case 'CHOOSE': {
        stream.skip();
        const names: Identifier[] = [];
        const tuple = stream.accept('<<');
        do names.push(this.identifier('the name of the chosen value'));
        while (stream.accept(','));
        if (tuple) stream.expect('>>', 'to close the tuple of names');
        const set = stream.accept('\\in') ? this.expression('the set to choose from') : undefined;
        stream.expect(':', 'between the name and the condition of CHOOSE');
        const body = this.expression('the condition of CHOOSE');
        return { kind: 'choose', bound: { names, tuple, set }, body, span: until() };
      }
      case 'LAMBDA': {
        stream.skip();
        const params = [];
        do params.push({ ...this.identifier('a parameter of LAMBDA'), arity: 0 });
        while (stream.accept(','));
        stream.expect(':', 'after the parameters of LAMBDA');
        const body = this.expression('the body of LAMBDA');
        return { kind: 'lambda', params, body, span: until() };
      }
      case 'WF_':
      case 'SF_': {
        stream.skip();
        const subscript = this.operand('the subscript of a fairness condition');
        // `WF_vars(A)`: the subscript, a name, took the action for its argument.
        if (subscript.kind === 'name' && subscript.path.at(-1)?.args.length === 1) {
          const path = subscript.path.map((step, i) => (i + 1 < subscript.path.length ? step : { ...step, args: [] }));
          const [action] = (subscript.path.at(-1) as PathStep).args;
          const bare: Expression = { kind: 'name', path, span: subscript.span };
          return { kind: 'fairness', strong: token.text === 'SF_', action, subscript: bare, span: until() };
        }
        stream.expect('(', 'before the action of a fairness condition');
        const action = this.expression('the action of a fairness condition');
        stream.expect(')', 'after the action of a fairness condition');
        return { kind: 'fairness', strong: token.text === 'SF_', action, subscript, span: until() };
      }
      default:
        return stream.unexpected(purpose);
    }
  }

  private bracket(token: Token, purpose: string): Expression {
    const stream = this.stream;
    const { span } = token;
    const until = (): Span => spanning(span, stream.last().span);
    stream.skip();
    switch (token.text) {
      case '(': {
        const inner = this.expression('an expression in parentheses');
        stream.expect(')', `to close the ( of line ${span.line}, column ${span.column}`);
        // The parentheses belong to the place of the expression.
        const copy = { ...inner, span: until() };
        this.parenthesised.add(copy);
        return copy;
      }
      case '<<': {
        if (stream.accept('>>')) return { kind: 'tuple', items: [], span: until() };
        const items = [this.expression()];
        while (stream.accept(',')) items.push(this.expression());
        if (stream.accept('>>_')) {
          if (items.length !== 1) stream.unexpected('one action in <<A>>_v');
          return { kind: 'angle-action', action: items[0], subscript: this.operand('a subscript'), span: until() };
        }
        stream.expect('>>', `to close the << of line ${span.line}, column ${span.column}`);
        return { kind: 'tuple', items, span: until() };
      }
      case '{':
        return this.braces(until);
      case '[':
        return this.squareBrackets(until);
      case '@':
        return { kind: 'at', span };
      case '\\A':
      case '\\E': {
        const kind = token.text === '\\A' ? 'forall' : 'exists';
        const bounds: Bound[] = this.looksLikeBound() ? this.bounds() : [this.unbounded()];
        stream.expect(':', 'after the bound variables');
        const body = this.expression(`the body of ${token.text}`);
        return { kind, bounds, body, span: until() };
      }
      case '\\AA':
      case '\\EE': {
        const { names } = this.unbounded();
        stream.expect(':', 'after the bound variables');
        return {
          kind: 'temporal-quantifier',
          names,
          body: this.expression(`the body of ${token.text}`),
          span: until(),
        };
      }
      default:
        stream.reset(stream.mark() - 1);
        return stream.unexpected(purpose);
    }
  }

  private unbounded(): Bound {
    const names: Identifier[] = [];
    do names.push(this.identifier('the name of a bound variable'));
    while (this.stream.accept(','));
    return { names, tuple: false, set: undefined };
  }

  private braces(until: () => Span): Expression {
    const stream = this.stream;
    if (stream.accept('}')) return { kind: 'set', items: [], span: until() };
    const mark = stream.mark();
    if (this.looksLikeBound()) {
      const bound = this.bound();
      if (stream.accept(':')) {
        const body = this.expression('the condition of the set');
        stream.expect('}', 'to close the set');
        return { kind: 'filter', bound, body, span: until() };
      }
      stream.reset(mark);
    }
    const first = this.expression('an element, or a bound variable with its set');
    if (stream.accept(':')) {
      const bounds = this.bounds();
      stream.expect('}', 'to close the set');
      return { kind: 'map', bounds, body: first, span: until() };
    }
    const items = [first];
    while (stream.accept(',')) items.push(this.expression());
    stream.expect('}', 'to close the set');
    return { kind: 'set', items, span: until() };
  }

  private squareBrackets(until: () => Span): Expression {
    const stream = this.stream;
    const fieldMark = stream.peek(1);
    const isName = stream.peek()?.kind === 'name' || stream.peek()?.kind === 'keyword';
    if (isName && fieldMark?.kind === 'symbol' && (fieldMark.text === '|->' || fieldMark.text === ':')) {
      return this.record(fieldMark.text, until);
    }
    const mark = stream.mark();
    if (this.looksLikeBound()) {
      const bounds = this.bounds();
      if (stream.accept('|->')) {
        const body = this.expression('the value of the function');
        stream.expect(']', 'to close the function');
        return { kind: 'function', bounds, body, span: until() };
      }
      stream.reset(mark);
    }
    const first = this.expression('an expression in [ ]');
    if (stream.accept('EXCEPT')) {
      const updates = [this.exceptUpdate()];
      while (stream.accept(',')) updates.push(this.exceptUpdate());
      stream.expect(']', 'to close EXCEPT');
      return { kind: 'except', base: first, updates, span: until() };
    }
    if (stream.accept('->')) {
      const range = this.expression('the range of the functions');
      stream.expect(']', 'to close the set of functions');
      return { kind: 'function-set', domain: first, range, span: until() };
    }
    if (stream.accept(']_')) {
      return { kind: 'box-action', action: first, subscript: this.operand('a subscript'), span: until() };
    }
    return stream.unexpected('|->, ->, EXCEPT, or ]_ and a subscript');
  }

  private record(mark: string, until: () => Span): Expression {
    const stream = this.stream;
    const fields: { name: string; value: Expression }[] = [];
    do {
      const name = stream.next();
      if (name.kind !== 'name' && name.kind !== 'keyword') stream.unexpected('the name of a field');
      if (fields.some((field) => field.name === name.text)) {
        throw new SpecError('parse', `The field ${name.text} stands twice in this record.`, name.span);
      }
      stream.expect(mark, `after the field ${name.text}`);
      fields.push({ name: name.text, value: this.expression(`the value of the field ${name.text}`) });
    } while (stream.accept(','));
    stream.expect(']', 'to close the record');
    return { kind: mark === '|->' ? 'record' : 'record-set', fields, span: until() };
  }

  private exceptUpdate(): ExceptUpdate {
    const stream = this.stream;
    stream.expect('!', 'before the place that EXCEPT changes, as in ![i] = e or !.field = e');
    const path: ({ field: string } | { index: Expression })[] = [];
    for (;;) {
      const start = stream.peek()?.span;
      if (stream.accept('.')) path.push({ field: stream.next().text });
      else if (start && stream.accept('[')) {
        const args = this.list(']', 'to close the index');
        const span = spanning(start, stream.last().span);
        path.push({ index: args.length === 1 ? args[0] : { kind: 'tuple', items: args, span } });
      } else break;
    }
    if (path.length === 0) stream.unexpected('[index] or .field after !');
    stream.expect('=', 'between the place and the new value');
    return { path, value: this.expression('the new value') };
  }
}
