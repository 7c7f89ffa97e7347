/**
 * Files, classes, members and statements: recursive descent.
 *
 *     file      := { 'package' name ';' | 'import' name ['.' '*'] ';' | 'attribute' … ';' | class | interface | ';' }
 *     class     := ('class' | 'interface') name { attribute } { 'extends' name | 'implements' name {',' name} }
 *                  '{' { member } '}'
 *     member    := 'var' word [':' type] ['=' expression] ';' | ['static'] type word ['=' expression] ';'
 *                | ['static'] type word '(' parameters ')' ['[' int ']'] ( block | ';' )
 *     statement := block | 'var' word [':' type] ['=' expression] ';' | if | while | do | for | foreach | switch | try
 *                | 'break' ';' | 'continue' ';' | 'return' [expression] ';' | 'throw' expression ';' | expression ';'
 *
 * Rule: after a mistake parsing goes on at the next statement, member or class, and always forward, so a run reports
 * several mistakes and ends.
 */

import type { Diagnostics } from './diagnostics.js';
import { tokenize } from './lexer.js';
import { describe, ExpressionParser, RESERVED, SyntaxErrorFound } from './parse-expressions.js';
import type { Source, Span } from './source.js';
import type {
  CatchSyntax,
  ClassSyntax,
  ExpressionSyntax,
  FieldSyntax,
  FileSyntax,
  MethodSyntax,
  NameSyntax,
  ParameterSyntax,
  StatementSyntax,
  SwitchItem,
  TypeSyntax,
  VariableSyntax,
} from './syntax.js';

const TOP_WORDS = ['class', 'interface', 'package', 'import', 'attribute'];
/** Words a statement begins with: places to go on after a mistake. */
const STATEMENT_WORDS: ReadonlySet<string> = new Set([
  ...['var', 'if', 'while', 'do', 'for', 'foreach', 'switch', 'break', 'continue', 'return', 'throw', 'try'],
]);

/** Conditions of one chain of else-ifs. */
const ELSE_IF_MAX = 500;

interface Members {
  readonly fields: FieldSyntax[];
  readonly methods: MethodSyntax[];
}

class Parser extends ExpressionParser {
  /** Statements of the current method, or members of the current class, could not be read. */
  private methodDamaged = false;
  private classDamaged = false;

  file(): FileSyntax {
    let packageName: NameSyntax | undefined;
    const imports: { name: NameSyntax; all: boolean }[] = [];
    const classes: ClassSyntax[] = [];
    while (!this.atEnd && !this.diagnostics.isFull) {
      const before = this.at;
      try {
        if (this.accept(';')) continue;
        if (this.accept('package')) {
          packageName = this.className('the name of the package');
          this.expect(';', 'after the package');
        } else if (this.accept('import')) {
          imports.push(this.importName());
        } else if (this.accept('attribute')) {
          while (!this.atEnd && !this.isOperator(';')) this.take();
          this.expect(';', 'after the attribute');
        } else if (this.isWord('class') || this.isWord('interface')) {
          classes.push(this.classDeclaration());
        } else {
          const suggestion = this.suggest(this.token.text, TOP_WORDS);
          this.fail(this.token, `expected a class or an interface, found ${describe(this.token)}`, suggestion);
        }
      } catch (error) {
        if (!(error instanceof SyntaxErrorFound)) throw error;
        if (this.at === before) this.take();
        this.skipTo((token) => token.kind === 'word' && TOP_WORDS.includes(token.text));
      }
    }
    return { package: packageName, imports, classes };
  }

  private importName(): { name: NameSyntax; all: boolean } {
    const name = this.className('the class to import');
    const all = this.isOperator('.') && this.isOperator('*', this.peek());
    if (all) this.at += 2;
    this.expect(';', 'after the import');
    return { name, all };
  }

  private skipTo(stop: (token: { kind: string; text: string }) => boolean): void {
    while (!this.atEnd && !stop(this.token)) this.take();
  }

  /** `@const`, or `attribute …` in front of a body. */
  private attributes(): void {
    while (this.accept('@')) this.name('the name of an attribute');
  }

  private classDeclaration(): ClassSyntax {
    const { start, text } = this.take();
    const isInterface = text === 'interface';
    const name = this.className(`the name of the ${text}`);
    this.attributes();
    const parents: NameSyntax[] = [];
    const interfaces: NameSyntax[] = [];
    for (;;) {
      const list = this.accept('extends') ? parents : this.accept('implements') ? interfaces : undefined;
      if (list === undefined) break;
      do list.push(this.className('the name of a class'));
      while (this.accept(','));
    }
    if (!isInterface && parents.length > 1) {
      this.diagnostics.error(this.source, parents[1], 'a class extends one class', 'use implements for interfaces');
    }
    this.attributes();
    if (!this.isOperator('{')) {
      const suggestion = this.suggest(this.token.text, ['extends', 'implements']);
      this.fail(this.token, `expected { before the members of the ${text}, found ${describe(this.token)}`, suggestion);
    }
    this.take();
    const members: Members = { fields: [], methods: [] };
    this.classDamaged = false;
    const className = name.parts[name.parts.length - 1];
    while (!this.isOperator('}')) {
      if (this.atEnd || this.diagnostics.isFull) {
        this.fail(this.token, `expected } to close ${text} ${className}, found ${describe(this.token)}`);
      }
      this.member(members, className, isInterface);
    }
    this.take();
    const damaged = this.classDamaged;
    return { name, isInterface, parents, interfaces, ...members, damaged, ...this.spanFrom(start) };
  }

  private member(members: Members, className: string, isInterface: boolean): void {
    const before = this.at;
    try {
      if (this.accept(';')) return;
      if (this.isWord('var')) members.fields.push(this.variableField());
      else this.typedMember(members, className, isInterface);
    } catch (error) {
      if (!(error instanceof SyntaxErrorFound)) throw error;
      this.classDamaged = true;
      if (this.at === before) this.take();
      this.recoverMember();
    }
  }

  /** On behind the next `;` or body of this class. */
  private recoverMember(): void {
    let depth = 0;
    while (!this.atEnd) {
      if (this.isOperator('{')) depth++;
      else if (this.isOperator('}')) {
        if (depth === 0) return;
        depth--;
        if (depth === 0) {
          this.take();
          return;
        }
      } else if (this.isOperator(';') && depth === 0) {
        this.take();
        return;
      } else if (depth === 0 && (this.isWord('var') || this.isWord('class') || this.isWord('interface'))) {
        return;
      }
      this.take();
    }
  }

  private variableField(): FieldSyntax {
    const { start } = this.take();
    const name = this.name('the name of the field');
    const type = this.accept(':') ? this.type('the type of the field') : undefined;
    this.attributes();
    const value = this.accept('=') ? this.expression() : undefined;
    this.expect(';', 'after the field');
    return { name: name.text, nameSpan: name, type, isStatic: false, value, ...this.spanFrom(start) };
  }

  private typedMember(members: Members, className: string, isInterface: boolean): void {
    const { start } = this.token;
    const isStatic = this.accept('static');
    if (this.isWord(className) && this.isOperator('(', this.peek())) {
      const name = this.take();
      const result: TypeSyntax = { base: 'void', isArray: false, start: name.start, end: name.start };
      members.methods.push(this.method(start, result, name, isStatic, className, isInterface));
      return;
    }
    if (this.token.kind === 'word' && RESERVED.has(this.token.text) && !this.isTypeWord()) {
      this.fail(this.token, `expected a field or a method, found the keyword ${this.token.text}`);
    }
    const type = this.type('a field or a method');
    this.attributes();
    const name = this.name('the name of a field or a method');
    if (this.isOperator('(')) {
      members.methods.push(this.method(start, type, name, isStatic, className, isInterface));
      return;
    }
    const value = this.accept('=') ? this.expression() : undefined;
    this.expect(';', 'after the field');
    members.fields.push({ name: name.text, nameSpan: name, type, isStatic, value, ...this.spanFrom(start) });
  }

  private method(
    start: number,
    result: TypeSyntax,
    name: { readonly text: string } & Span,
    isStatic: boolean,
    className: string,
    isInterface: boolean,
  ): MethodSyntax {
    this.expect('(', 'before the parameters');
    const parameters: ParameterSyntax[] = [];
    if (!this.accept(')')) {
      do parameters.push(this.parameter());
      while (this.accept(','));
      this.expect(')', 'after the parameters');
    }
    let ordinal: number | undefined;
    if (this.accept('[')) {
      const number = this.token;
      if (number.kind !== 'int') this.fail(number, `expected the number of the method, found ${describe(number)}`);
      ordinal = Number(this.take().whole);
      this.expect(']', 'after the number of the method');
    }
    this.attributes();
    let body: StatementSyntax | undefined;
    if (isInterface) {
      if (this.isOperator('{')) this.fail(this.token, 'a method of an interface has no body', 'end it with ;');
      this.expect(';', 'after the method of an interface');
    } else {
      if (!this.isOperator('{')) {
        this.fail(this.token, `expected { before the body of ${name.text}, found ${describe(this.token)}`);
      }
      this.methodDamaged = false;
      body = this.block();
    }
    const nameSpan = { start: name.start, end: name.end };
    const isConstructor = name.text === className && !isInterface;
    const span = this.spanFrom(start);
    const damaged = body !== undefined && this.methodDamaged;
    return { name: name.text, nameSpan, result, isStatic, isConstructor, parameters, ordinal, body, damaged, ...span };
  }

  private parameter(): ParameterSyntax {
    const { start } = this.token;
    if (!this.accept('var')) {
      const suggestion = this.peek().kind === 'word' ? `write var ${this.peek().text} : ${this.token.text}` : undefined;
      this.fail(this.token, `expected var before the name of a parameter, found ${describe(this.token)}`, suggestion);
    }
    const name = this.name('the name of the parameter');
    const type = this.accept(':') ? this.type('the type of the parameter') : undefined;
    this.attributes();
    return { name: name.text, type, ...this.spanFrom(start) };
  }

  // Statements.

  private block(): StatementSyntax {
    const { start } = this.take();
    const body: StatementSyntax[] = [];
    while (!this.isOperator('}')) {
      if (this.atEnd || this.diagnostics.isFull) {
        this.fail(this.token, `expected } to close the block, found ${describe(this.token)}`);
      }
      const statement = this.statementOrSkip();
      if (statement !== undefined) body.push(statement);
    }
    this.take();
    return { kind: 'block', body, ...this.spanFrom(start) };
  }

  private statementOrSkip(): StatementSyntax | undefined {
    const before = this.at;
    try {
      return this.statement();
    } catch (error) {
      if (!(error instanceof SyntaxErrorFound)) throw error;
      this.recoverStatement(before);
      return undefined;
    }
  }

  /** On behind the next `;`, or at what begins or ends a statement. */
  private recoverStatement(before: number): void {
    this.methodDamaged = true;
    if (this.at === before) this.take();
    let depth = 0;
    while (!this.atEnd) {
      const token = this.token;
      if (this.isOperator('{')) depth++;
      else if (this.isOperator('}')) {
        if (depth === 0) return;
        depth--;
      } else if (depth === 0) {
        if (this.isOperator(';')) {
          this.take();
          return;
        }
        if (token.kind === 'word' && STATEMENT_WORDS.has(token.text)) return;
      }
      this.take();
    }
  }

  private statement(): StatementSyntax {
    return this.nested(() => this.bareStatement());
  }

  private bareStatement(): StatementSyntax {
    const token = this.token;
    const { start } = token;
    if (this.isOperator('{')) return this.block();
    if (this.accept(';')) return { kind: 'empty', ...this.spanFrom(start) };
    if (token.kind === 'word') {
      switch (token.text) {
        case 'var':
          return this.variable();
        case 'if':
          return this.ifStatement();
        case 'while': {
          this.take();
          const condition = this.condition('while');
          const body = this.statement();
          return { kind: 'while', condition, body, ...this.spanFrom(start) };
        }
        case 'do':
          return this.doStatement();
        case 'for':
          if (this.isOperator('(', this.peek())) return this.forStatement();
          break;
        case 'foreach':
          return this.foreachStatement();
        case 'switch':
          return this.switchStatement();
        case 'break':
        case 'continue':
          this.take();
          this.expect(';', `after ${token.text}`);
          return { kind: token.text, ...this.spanFrom(start) };
        case 'return': {
          this.take();
          const value = this.isOperator(';') ? undefined : this.expression();
          this.expect(';', 'after return');
          return { kind: 'return', value, ...this.spanFrom(start) };
        }
        case 'throw': {
          this.take();
          const value = this.expression();
          this.expect(';', 'after throw');
          return { kind: 'throw', value, ...this.spanFrom(start) };
        }
        case 'try':
          return this.tryStatement();
        case 'else':
          return this.fail(token, 'this else belongs to no if');
        case 'case':
        case 'default':
          return this.fail(token, `${token.text} stands outside a switch`);
      }
    }
    if (this.isTypeWord() && this.peek().kind === 'word') {
      const suggestion = `write var ${this.peek().text} : ${token.text}`;
      this.fail(token, `expected a statement, found ${token.text}`, suggestion);
    }
    const expression = this.expression();
    this.expect(';', 'after the statement');
    return { kind: 'expression', expression, ...this.spanFrom(start) };
  }

  private condition(word: string): ExpressionSyntax {
    this.expect('(', `after ${word}`);
    const condition = this.expression();
    this.expect(')', `after the condition of ${word}`);
    return condition;
  }

  private variable(): VariableSyntax {
    const { start } = this.take();
    const name = this.name('the name of the variable');
    const type = this.accept(':') ? this.type('the type of the variable') : undefined;
    this.attributes();
    const value = this.accept('=') ? this.expression() : undefined;
    this.expect(';', 'after the variable');
    return { kind: 'variable', name: name.text, nameSpan: name, type, value, ...this.spanFrom(start) };
  }

  /** A chain of else-ifs is read as a list, so that its length is no nesting. */
  private ifStatement(): StatementSyntax {
    const chain: { start: number; condition: ExpressionSyntax; consequent: StatementSyntax }[] = [];
    let otherwise: StatementSyntax | undefined;
    do {
      const { start } = this.take();
      const condition = this.condition('if');
      const consequent = this.nested(() => this.bareStatement(), chain.length + 1);
      chain.push({ start, condition, consequent });
      if (chain.length > ELSE_IF_MAX) {
        this.fail(this.token, `more than ${ELSE_IF_MAX} else-ifs in a chain`, 'use switch, or split the chain');
      }
      if (!this.accept('else')) break;
      if (!this.isWord('if')) otherwise = this.nested(() => this.bareStatement(), chain.length + 1);
    } while (otherwise === undefined);
    let statement = otherwise;
    for (const { start, condition, consequent } of chain.reverse()) {
      statement = { kind: 'if', condition, consequent, otherwise: statement, ...this.spanFrom(start) };
    }
    return statement as StatementSyntax;
  }

  private doStatement(): StatementSyntax {
    const { start } = this.take();
    const body = this.statement();
    if (!this.isWord('while')) this.fail(this.token, `expected while after do, found ${describe(this.token)}`);
    this.take();
    const condition = this.condition('while');
    this.accept(';');
    return { kind: 'do', condition, body, ...this.spanFrom(start) };
  }

  private forStatement(): StatementSyntax {
    const { start } = this.take();
    this.expect('(', 'after for');
    let before: StatementSyntax | undefined;
    if (this.isWord('var')) {
      before = this.variable();
    } else if (!this.accept(';')) {
      const expression = this.expression();
      before = { kind: 'expression', expression, start: expression.start, end: expression.end };
      this.expect(';', 'after the first part of for');
    }
    const condition = this.isOperator(';') ? undefined : this.expression();
    this.expect(';', 'after the condition of for');
    const step = this.isOperator(')') ? undefined : this.expression();
    this.expect(')', 'after the last part of for');
    const body = this.statement();
    return { kind: 'for', before, condition, step, body, ...this.spanFrom(start) };
  }

  private foreachStatement(): StatementSyntax {
    const { start } = this.take();
    this.expect('(', 'after foreach');
    const name = this.name('the name of the variable');
    this.expect('in', 'after the variable of foreach');
    const collection = this.expression();
    this.expect(')', 'after the collection of foreach');
    const body = this.statement();
    return { kind: 'foreach', name: name.text, nameSpan: name, collection, body, ...this.spanFrom(start) };
  }

  private switchStatement(): StatementSyntax {
    const { start } = this.take();
    const value = this.condition('switch');
    this.expect('{', 'before the cases');
    const items: SwitchItem[] = [];
    while (!this.isOperator('}')) {
      if (this.atEnd || this.diagnostics.isFull) {
        this.fail(this.token, `expected } to close the switch, found ${describe(this.token)}`);
      }
      const item = this.switchItem();
      if (item !== undefined) items.push(item);
    }
    this.take();
    return { kind: 'switch', value, items, ...this.spanFrom(start) };
  }

  private switchItem(): SwitchItem | undefined {
    const before = this.at;
    const { start } = this.token;
    try {
      if (this.accept('case')) {
        const value = this.expression();
        this.expect(':', 'after case');
        return { kind: 'case', value, ...this.spanFrom(start) };
      }
      if (this.isWord('default')) {
        this.take();
        this.expect(':', 'after default');
        return { kind: 'default', ...this.spanFrom(start) };
      }
      const statement = this.statement();
      return { kind: 'statement', statement, start: statement.start, end: statement.end };
    } catch (error) {
      if (!(error instanceof SyntaxErrorFound)) throw error;
      this.recoverStatement(before);
      return undefined;
    }
  }

  private tryStatement(): StatementSyntax {
    const { start } = this.take();
    const body = this.statement();
    const catches: CatchSyntax[] = [];
    if (!this.isWord('catch')) this.fail(this.token, `expected catch after try, found ${describe(this.token)}`);
    while (this.isWord('catch')) {
      const at = this.take();
      this.expect('(', 'after catch');
      const type = this.type('the class to catch');
      const name = this.name('the name of the caught object');
      this.expect(')', 'after the caught object');
      const handler = this.statement();
      catches.push({ type, name: name.text, nameSpan: name, body: handler, ...this.spanFrom(at.start) });
    }
    return { kind: 'try', body, catches, ...this.spanFrom(start) };
  }
}

/** The syntax tree of a file, as far as it can be read; mistakes go to `diagnostics`. */
export function parse(source: Source, diagnostics: Diagnostics): FileSyntax {
  return new Parser(source, tokenize(source, diagnostics), diagnostics).file();
}
