// Modules and their units: declarations, definitions, instances, assumptions, theorems (whose proofs are skipped).

import type { Expression, Identifier, ModuleSyntax, Parameter, Substitution, Unit } from './ast.js';
import { ExpressionParser } from './expression-parser.js';
import { habitHint } from './hints.js';
import { Lexer, type Token } from './lexer.js';
import { CORE_OPERATORS, INFIX, POSTFIX, PREFIX } from './operators.js';
import { type Span, SpecError, spanning } from './source.js';

/** Parses the first module of a text. */
export function parseModule(text: string, file: string): ModuleSyntax {
  return new ModuleParser(Lexer.module(text, file)).module();
}

/** Parses one expression, such as one that a user types. */
export function parseExpression(text: string, file = 'formula'): Expression {
  const parser = new ExpressionParser(Lexer.formula(text, file), letDefinitions);
  const result = parser.expression();
  if (parser.stream.raw().kind !== 'eof') parser.stream.unexpected('the end of the formula');
  return result;
}

function letDefinitions(expressions: ExpressionParser): Unit[] {
  const parser = new UnitParser(expressions);
  const units: Unit[] = [];
  while (!expressions.stream.is('IN')) {
    const unit = parser.unit(false);
    if (!unit) return expressions.stream.unexpected('a definition, or IN');
    units.push(unit);
  }
  if (units.length === 0) expressions.stream.unexpected('a definition after LET');
  return units;
}

class UnitParser {
  constructor(protected readonly expressions: ExpressionParser) {}

  protected get stream() {
    return this.expressions.stream;
  }

  protected since(start: Span): Span {
    return spanning(start, this.stream.last().span);
  }

  /** A definition or RECURSIVE, the units that stand in LET as well. */
  unit(local: boolean): Unit | undefined {
    const { stream } = this;
    const token = stream.peek();
    if (!token) return undefined;
    if (stream.accept('RECURSIVE')) {
      return { kind: 'recursive', params: this.declarations('an operator'), local, span: this.since(token.span) };
    }
    if (token.kind === 'name' || token.text === '_' || token.kind === 'operator') return this.definition(token, local);
    return undefined;
  }

  protected declarations(purpose: string): Parameter[] {
    const result: Parameter[] = [];
    do result.push(this.parameter(purpose));
    while (this.stream.accept(','));
    return result;
  }

  /** `x`, `Op(_, _)`, `_ + _`, `-. _` or `_ ^+`. */
  private parameter(purpose: string): Parameter {
    const { stream } = this;
    const operator = (token: Token, arity: number): Parameter => ({ name: token.text, span: token.span, arity });
    if (stream.accept('_')) {
      const token = stream.next();
      if (POSTFIX.has(token.text)) return operator(token, 1);
      if (!INFIX.has(token.text)) stream.unexpected('an operator between the two _');
      stream.expect('_', 'after the operator');
      return operator(token, 2);
    }
    if (stream.is('-.')) {
      const token = stream.next();
      stream.expect('_', 'after the operator');
      return operator(token, 1);
    }
    const token = stream.name(`the name of ${purpose}`);
    if (!stream.accept('(')) return operator(token, 0);
    let arity = 0;
    do {
      stream.expect('_', `for each argument of ${token.text}`);
      arity++;
    } while (stream.accept(','));
    stream.expect(')', `to close the arguments of ${token.text}`);
    return operator(token, arity);
  }

  private simple(purpose: string): Parameter {
    return { ...this.expressions.identifier(purpose), arity: 0 };
  }

  private definition(first: Token, local: boolean): Unit {
    const { stream } = this;
    const finish = (name: Token, params: readonly Parameter[], canBeInstance: boolean): Unit => {
      if (CORE_OPERATORS.has(name.text)) {
        const hint = name.text === '=' ? ` A definition is written with ==: ${first.text} == ...` : '';
        throw new SpecError('parse', `${name.text} belongs to the language and cannot be defined.${hint}`, name.span);
      }
      if (!stream.is('==') && habitHint(name.text) !== '') {
        throw new SpecError('parse', `${name.text} begins no definition.${habitHint(name.text)}`, name.span);
      }
      stream.expect('==', `in the definition of ${name.text}`);
      if (canBeInstance && stream.is('INSTANCE')) return this.instance(name, params, local, first.span);
      const body = this.expressions.expression(`the body of ${name.text}`);
      return {
        kind: 'definition',
        name: { name: name.text, span: name.span },
        params,
        body,
        local,
        span: this.since(first.span),
      };
    };
    if (first.kind === 'operator') {
      const name = first.text === '-' ? '-.' : first.text;
      if (!PREFIX.has(name)) stream.unexpected('a definition or a declaration');
      stream.skip();
      return finish({ ...first, text: name }, [this.simple('the parameter')], false);
    }
    const second = stream.peek(1);
    if (second?.kind === 'operator' && (INFIX.has(second.text) || POSTFIX.has(second.text)) && first.kind === 'name') {
      const left = this.simple('the left parameter');
      const name = stream.next();
      if (POSTFIX.has(name.text)) return finish(name, [left], false);
      return finish(name, [left, this.simple('the right parameter')], false);
    }
    const name = stream.name('a definition or a declaration');
    if (stream.accept('[')) {
      const bounds = this.expressions.bounds();
      stream.expect(']', 'to close the argument of the function');
      stream.expect('==', `in the definition of ${name.text}`);
      const body = this.expressions.expression(`the body of ${name.text}`);
      const identifier = { name: name.text, span: name.span };
      return { kind: 'function-definition', name: identifier, bounds, body, local, span: this.since(first.span) };
    }
    let params: readonly Parameter[] = [];
    if (stream.accept('(')) {
      params = this.declarations(`a parameter of ${name.text}`);
      stream.expect(')', `to close the parameters of ${name.text}`);
    }
    return finish(name, params, true);
  }

  protected instance(name: Token | undefined, params: readonly Parameter[], local: boolean, start: Span): Unit {
    const { stream } = this;
    stream.expect('INSTANCE', '');
    const module = this.expressions.identifier('the name of a module');
    const substitutions: Substitution[] = [];
    if (stream.accept('WITH')) {
      do {
        const token = stream.next();
        if (token.kind !== 'name' && token.kind !== 'operator')
          stream.unexpected('a constant or variable of the module');
        stream.expect('<-', `after ${token.text}`);
        substitutions.push({ name: token.text, value: this.argument(), span: token.span });
      } while (stream.accept(','));
    }
    const identifier: Identifier | undefined = name && { name: name.text, span: name.span };
    return { kind: 'instance', name: identifier, params, module, substitutions, local, span: this.since(start) };
  }

  /** What a constant is instantiated with: an expression, or an operator by its symbol. */
  private argument(): Expression {
    const { stream } = this;
    const token = stream.peek();
    if (token?.kind === 'operator' && INFIX.has(token.text) && (token.text !== '-' || this.endsUnit(stream.raw(1)))) {
      stream.skip();
      return { kind: 'operator', name: token.text, args: [], place: token.span, span: token.span };
    }
    return this.expressions.expression('what stands for it');
  }

  private endsUnit(token: Token): boolean {
    return (
      token.text === ',' ||
      ['rule', 'end', 'eof', 'keyword'].includes(token.kind) ||
      this.stream.raw(2).text === '==' ||
      this.stream.raw(2).text === '('
    );
  }
}

class ModuleParser extends UnitParser {
  constructor(tokens: readonly Token[]) {
    super(new ExpressionParser(tokens, letDefinitions));
  }

  module(): ModuleSyntax {
    const { stream } = this;
    const start = stream.raw().span;
    if (stream.raw().kind === 'rule') stream.skip();
    stream.expect('MODULE', 'and a name');
    const name = stream.name('the name of the module').text;
    if (stream.raw().kind !== 'rule') stream.unexpected('---- after the name of the module');
    stream.skip();
    const extended: Identifier[] = [];
    if (stream.accept('EXTENDS')) {
      do extended.push(this.expressions.identifier('the name of a module'));
      while (stream.accept(','));
    }
    const units: Unit[] = [];
    for (;;) {
      const token = stream.raw();
      if (token.kind === 'end') {
        stream.skip();
        return { name, span: spanning(start, token.span), extends: extended, units };
      }
      if (token.kind === 'rule' && stream.raw(1).text === 'MODULE') {
        const inner = this.module();
        units.push({ kind: 'module', module: inner, local: false, span: inner.span });
      } else if (token.kind === 'rule') stream.skip();
      else units.push(this.moduleUnit());
    }
  }

  private moduleUnit(): Unit {
    const { stream } = this;
    const local = stream.accept('LOCAL');
    const token = stream.raw();
    const { span } = token;
    switch (token.kind === 'keyword' ? token.text : '') {
      case 'CONSTANT':
      case 'CONSTANTS':
        stream.skip();
        return { kind: 'constants', params: this.declarations('a constant'), local, span: this.since(span) };
      case 'VARIABLE':
      case 'VARIABLES': {
        stream.skip();
        const names: Identifier[] = [];
        do names.push(this.expressions.identifier('the name of a variable'));
        while (stream.accept(','));
        return { kind: 'variables', names, local, span: this.since(span) };
      }
      case 'INSTANCE':
        return this.instance(undefined, [], local, span);
      case 'ASSUME':
      case 'ASSUMPTION':
      case 'AXIOM': {
        stream.skip();
        const name = this.optionalName();
        const body = this.expressions.expression('what is assumed');
        return { kind: 'assume', name, body, local, span: this.since(span) };
      }
      case 'THEOREM':
      case 'LEMMA':
      case 'COROLLARY':
      case 'PROPOSITION': {
        stream.skip();
        const name = this.optionalName();
        const body = stream.is('ASSUME') ? undefined : this.expressions.expression('the theorem');
        this.skipProof(span.column);
        return { kind: 'theorem', name, body, local, span: this.since(span) };
      }
      case 'USE':
      case 'HIDE':
        stream.skip();
        this.skipProof(span.column);
        return { kind: 'theorem', name: undefined, body: undefined, local, span: this.since(span) };
      default:
        return this.unit(local) ?? stream.unexpected('a definition, a declaration, or ==== to end the module');
    }
  }

  private optionalName(): Identifier | undefined {
    if (this.stream.raw().kind !== 'name' || this.stream.raw(1).text !== '==') return undefined;
    const name = this.expressions.identifier('a name');
    this.stream.skip();
    return name;
  }

  /** A proof lasts as long as its lines are indented more than the theorem, or begin with a step or a word of proofs. */
  private skipProof(column: number): void {
    const words = ['<step>', 'PROOF', 'BY', 'OBVIOUS', 'OMITTED', 'QED', 'DEFINE', 'USE', 'HIDE'];
    for (;;) {
      const token = this.stream.raw();
      if (token.kind === 'rule' || token.kind === 'end' || token.kind === 'eof') return;
      if (token.span.column <= column && !words.includes(token.text)) return;
      this.stream.skip();
    }
  }
}
