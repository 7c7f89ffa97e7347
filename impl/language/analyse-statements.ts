/** What statements mean, and whole methods: those of the source, and those the compiler makes. */

import { ExpressionAnalyser } from './analyse-expressions.js';
import type { Bound, BoundCatch, BoundMethod, BoundStatement } from './bound.js';
import { literal } from './constants.js';
import { boxed } from './convert.js';
import type { Span } from './source.js';
import { initialiserName, type MethodSymbol } from './symbols.js';
import type { ExpressionSyntax, StatementSyntax, VariableSyntax } from './syntax.js';
import {
  ANY,
  DIRECTORY_CLASS,
  INT,
  isNumeric,
  OBJECT_CLASS,
  STRING,
  sameType,
  type Type,
  typeOfClass,
  typeText,
} from './types.js';

type Of<Kind> = Extract<StatementSyntax, { kind: Kind }>;

/** Methods of the kernel's array, of its directory (an iterator over the keys; its method 8 puts) and of iterators, as foreach calls them. */
const ARRAY_SIZE = 12;
const DIRECTORY_KEYS = 13;
const ITERATE = 8;
const MOVE_ON = 333;
/** The method the system calls on the boot class and on new threads. */
const STARTUP = 8;
/** Slots of a frame the assembler can reserve. */
const SLOTS_MAX = 20_000;

const EMPTY: BoundStatement = { op: 'block', body: [] };

export class MethodAnalyser extends ExpressionAnalyser {
  private loops = 0;
  private switches = 0;

  /** The method as code to emit. */
  analyse(): BoundMethod {
    const { method, cls } = this.context;
    for (const { name, type } of method.parameters) this.parameter(name, type);
    const lineSpan = method.syntax ?? cls.source?.syntax ?? { start: 0, end: 0 };
    const body = this.body(this.lineAt(lineSpan));
    if (this.frame.objectSlots > SLOTS_MAX || this.frame.intSlots > SLOTS_MAX) {
      this.error(lineSpan, 'the method has too many variables', 'split it');
    }
    const end = Math.max(lineSpan.start, lineSpan.end - 1);
    return {
      parameterCount: method.parameters.length,
      objectSlots: this.frame.objectSlots - method.parameters.length,
      intSlots: this.frame.intSlots,
      body,
      lastLine: this.lineAt({ start: end, end }),
    };
  }

  private parameter(name: string, type: Type): void {
    this.frame.parameter(name, type);
    const { syntax } = this.context.method;
    const span = syntax?.parameters.find((parameter) => parameter.name === name);
    if (span !== undefined) this.warnHidden(name, span);
  }

  private warnHidden(name: string, span: Span): void {
    const field = this.context.table.field(this.context.cls.name, name);
    if (field === undefined) return;
    this.warn(span, `field ${name} of ${field.owner} hides this variable`, `rename it: ${name} means the field here`);
  }

  private body(line: number): BoundStatement {
    const { method, cls } = this.context;
    if (method.made === 'bridge') return this.bridge(method, line);
    if (method.made === 'initialise') return this.initialise(line);
    const before = method.isConstructor ? this.beforeConstructor(line) : this.beforeMethod(line);
    const body = method.syntax?.body === undefined ? EMPTY : this.statement(method.syntax.body);
    return cls.isInterface ? EMPTY : { op: 'block', body: [...before, body] };
  }

  // What the compiler adds.

  private evaluate(value: Bound): BoundStatement {
    return { op: 'evaluate', value, start: 0, end: 0 };
  }

  private callThis(ordinal: number, line: number): BoundStatement {
    return this.evaluate({
      op: 'call',
      object: { op: 'this', line },
      callee: { kind: 'ordinal', ordinal },
      args: [],
      line,
    });
  }

  /** The parent's constructor, unless the body begins with its call, and the field initialisers. */
  private beforeConstructor(line: number): BoundStatement[] {
    const { cls, method, table } = this.context;
    const initialise = cls.methods.find(({ made }) => made === 'initialise');
    const after = initialise === undefined ? [] : [this.callThis(initialise.ordinal, line)];
    const { parent } = cls;
    if (parent === undefined || parent === OBJECT_CLASS || this.callsSuper(method)) return after;
    const constructors = table.get(parent)?.methods.filter(({ isConstructor }) => isConstructor) ?? [];
    const found = constructors.find(({ parameters }) => parameters.length === 0);
    if (found === undefined) {
      if (constructors.length > 0) {
        const span = method.syntax?.nameSpan ?? cls.source?.syntax.name ?? { start: 0, end: 0 };
        const message = `the constructor of the parent class ${parent} takes arguments`;
        this.error(span, message, 'begin a constructor with super( … )');
      }
      return after;
    }
    const callee = { kind: 'super', ordinal: found.ordinal, cls: parent } as const;
    return [this.evaluate({ op: 'call', object: { op: 'this', line }, callee, args: [], line }), ...after];
  }

  private callsSuper({ syntax }: MethodSymbol): boolean {
    const body = syntax?.body;
    const first = body?.kind === 'block' ? body.body[0] : undefined;
    if (first?.kind !== 'expression' || first.expression.kind !== 'call') return false;
    return first.expression.object?.kind === 'super' && first.expression.method === '<init>';
  }

  /** The system makes the boot object without its constructor, so method 8 runs the field initialisers too. */
  private beforeMethod(line: number): BoundStatement[] {
    const { cls, method, table } = this.context;
    if (method.ordinal !== STARTUP || cls.isInterface) return [];
    const chain = table.ancestry(cls.name).reverse();
    return chain.flatMap(({ methods, name }) => {
      const found = methods.find((candidate) => candidate.name === initialiserName(name));
      return found === undefined ? [] : [this.callThis(found.ordinal, line)];
    });
  }

  private initialise(line: number): BoundStatement {
    const { cls } = this.context;
    const slot = cls.initialisedSlot ?? 0;
    const one: Bound = { op: 'constant', value: { kind: 'int', value: 1n }, line };
    const mark = { kind: 'field', ordinal: slot } as const;
    const body: BoundStatement[] = [
      this.evaluate({ op: 'assign', target: mark, value: { op: 'box', type: 'int', value: one, line }, line }),
    ];
    const fields = cls.fields.filter(({ isStatic, syntax }) => !isStatic && syntax?.value !== undefined);
    for (const { type, ordinal, syntax } of fields.sort((a, b) => a.ordinal - b.ordinal)) {
      if (syntax?.value === undefined) continue;
      const value = boxed({ type, bound: this.valueOf(syntax.value, type) });
      const assign: Bound = { op: 'assign', target: { kind: 'field', ordinal }, value, line: this.lineAt(syntax) };
      const { start, end } = syntax.value;
      body.push({ op: 'evaluate', value: assign, start, end });
    }
    const condition: Bound = { op: 'isNull', value: { op: 'field', ordinal: slot, line }, line };
    return { op: 'if', condition, consequent: { op: 'block', body } };
  }

  private bridge(method: MethodSymbol, line: number): BoundStatement {
    const args = method.parameters.map(({ name }): Bound => {
      const local = this.frame.lookup(name);
      if (local === undefined) throw new Error(`bridge ${method.name}: parameter ${name} is not in its frame`);
      return { op: 'variable', variable: local.variable, line, start: 0, end: 0 };
    });
    const callee = { kind: 'ordinal', ordinal: method.bridgeTo ?? 0 } as const;
    const value: Bound = { op: 'call', object: { op: 'this', line }, callee, args, line };
    return method.result.kind === 'void' ? this.evaluate(value) : { op: 'return', value, line };
  }

  // Statements.

  statement(syntax: StatementSyntax): BoundStatement {
    const { start, end } = syntax;
    return { op: 'at', start, end, statement: this.bare(syntax) };
  }

  private bare(syntax: StatementSyntax): BoundStatement {
    const line = this.lineAt(syntax);
    switch (syntax.kind) {
      case 'empty':
        return EMPTY;
      case 'block':
        return this.frame.scoped(() => ({ op: 'block', body: syntax.body.map((inner) => this.statement(inner)) }));
      case 'variable':
        return this.variable(syntax);
      case 'expression':
        return this.expressionStatement(syntax.expression);
      case 'if': {
        const condition = this.condition(syntax.condition);
        const consequent = this.scopedStatement(syntax.consequent);
        const otherwise = syntax.otherwise === undefined ? undefined : this.scopedStatement(syntax.otherwise);
        return { op: 'if', condition, consequent, otherwise };
      }
      case 'while':
        return {
          op: 'loop',
          condition: this.condition(syntax.condition),
          testFirst: true,
          body: this.loopBody(syntax.body),
        };
      case 'do': {
        const body = this.loopBody(syntax.body);
        return { op: 'loop', condition: this.condition(syntax.condition), testFirst: false, body };
      }
      case 'for':
        return this.frame.scoped(() => this.forStatement(syntax));
      case 'foreach':
        return this.frame.scoped(() => this.foreachStatement(syntax, line));
      case 'switch':
        return this.frame.scoped(() => this.switchStatement(syntax));
      case 'break':
        if (this.loops === 0 && this.switches === 0) this.error(syntax, 'break stands outside a loop and a switch');
        return { op: 'break' };
      case 'continue':
        if (this.loops === 0) this.error(syntax, 'continue stands outside a loop');
        return { op: 'continue' };
      case 'return':
        return this.returnStatement(syntax, line);
      case 'throw': {
        const thrown = this.value(syntax.value);
        if (thrown.type.kind === 'null') this.warn(syntax.value, 'this throws null');
        return { op: 'throw', value: boxed(thrown), line };
      }
      case 'try':
        return this.tryStatement(syntax, line);
    }
  }

  private scopedStatement(syntax: StatementSyntax): BoundStatement {
    return this.frame.scoped(() => this.statement(syntax));
  }

  private loopBody(syntax: StatementSyntax): BoundStatement {
    this.loops++;
    const body = this.scopedStatement(syntax);
    this.loops--;
    return body;
  }

  private variable(syntax: VariableSyntax): BoundStatement {
    const { table, scope } = this.context;
    const { name, nameSpan } = syntax;
    const value = syntax.value === undefined ? undefined : this.value(syntax.value);
    let type = syntax.type === undefined ? ANY : table.type(scope, syntax.type);
    if (syntax.type === undefined && value !== undefined && value.type.kind !== 'null') type = value.type;
    if (type.kind === 'void') {
      this.error(nameSpan, `variable ${name} cannot be void`);
      type = ANY;
    }
    const other = this.frame.inThisScope(name);
    if (other !== undefined && (!sameType(other.type, type) || other.variable.bit === undefined)) {
      this.error(nameSpan, `${name} is declared here already`, 'give one of them another name');
    } else if (other !== undefined) {
      this.warn(nameSpan, `${name} is declared twice`);
    }
    this.warnHidden(name, nameSpan);
    const local = other !== undefined && sameType(other.type, type) ? other : this.frame.declare(name, type, false);
    if (value === undefined || syntax.value === undefined) return EMPTY;
    const converted = this.to(value, type, syntax.value);
    const { numeric } = local.variable;
    const bound = numeric === undefined ? boxed({ type, bound: converted }) : converted;
    const target = { kind: 'variable', variable: local.variable } as const;
    const line = this.lineAt(syntax);
    const { start, end } = syntax.value;
    return { op: 'evaluate', value: { op: 'assign', target, numeric, value: bound, line }, start, end };
  }

  private expressionStatement(syntax: ExpressionSyntax): BoundStatement {
    const { bound, type } = this.expression(syntax);
    const { start, end } = syntax;
    const effect = syntax.kind === 'call' || syntax.kind === 'assign' || syntax.kind === 'new' || type.kind === 'error';
    if (!effect && syntax.kind !== 'newDynamic') {
      const suggestion = syntax.kind === 'binary' && syntax.operator === '==' ? 'write = to assign' : undefined;
      this.warn(syntax, 'this statement does nothing', suggestion);
    }
    return { op: 'evaluate', value: bound, start, end };
  }

  private forStatement(syntax: Of<'for'>): BoundStatement {
    const before = syntax.before === undefined ? EMPTY : this.statement(syntax.before);
    const condition = syntax.condition === undefined ? undefined : this.condition(syntax.condition);
    const step = syntax.step === undefined ? undefined : this.expression(syntax.step).bound;
    const body = this.loopBody(syntax.body);
    return { op: 'block', body: [before, { op: 'loop', condition, testFirst: true, step, body }] };
  }

  /** Arrays by index, directories by their keys, everything else by an iterator: method 8 gives the element or null, 333 moves on. */
  private foreachStatement(syntax: Of<'foreach'>, line: number): BoundStatement {
    const collection = this.value(syntax.collection);
    const isArray = collection.type.kind === 'array';
    const isDirectory =
      collection.type.kind === 'class' && this.context.table.descends(collection.type.name, DIRECTORY_CLASS);
    const elementType = collection.type.kind === 'array' ? collection.type.element : isDirectory ? STRING : ANY;
    this.warnHidden(syntax.name, syntax.nameSpan);
    const call = (object: Bound, ordinal: number): Bound => {
      return { op: 'call', object, callee: { kind: 'ordinal', ordinal }, args: [], line };
    };
    const collected = this.frame.temporary();
    const { start, end } = syntax.collection;
    const get: Bound = { op: 'variable', variable: collected, line, start, end };
    const first = isArray ? boxed(collection) : call(boxed(collection), isDirectory ? DIRECTORY_KEYS : ITERATE);
    const keep: Bound = { op: 'assign', target: { kind: 'variable', variable: collected }, value: first, line };
    const local = this.frame.declare(syntax.name, elementType, true);
    const target = { kind: 'variable', variable: local.variable } as const;
    const { numeric } = local.variable;
    if (!isArray) {
      const next: Bound = { op: 'assign', target, value: call(get, ITERATE), line };
      const condition: Bound = { op: 'not', value: { op: 'isNull', value: next, line }, line };
      const body = this.loopBody(syntax.body);
      const moveOn = this.evaluate(call(get, MOVE_ON));
      const loop: BoundStatement = {
        op: 'loop',
        condition,
        testFirst: true,
        body: { op: 'block', body: [moveOn, body] },
      };
      return { op: 'block', body: [this.evaluate(keep), loop] };
    }
    const counter = this.frame.temporary('int');
    const index: Bound = { op: 'variable', variable: counter, line, start, end };
    const count = { kind: 'variable', variable: counter } as const;
    const constant = (value: bigint): Bound => ({ op: 'constant', value: { kind: 'int', value }, line });
    const zero: Bound = { op: 'assign', target: count, numeric: 'int', value: constant(0n), line };
    const more: Bound = { op: 'arithmetic', operator: '+', type: 'int', left: index, right: constant(1n), line };
    const step: Bound = { op: 'assign', target: count, numeric: 'int', value: more, line };
    const size: Bound = { op: 'unbox', type: 'int', value: call(get, ARRAY_SIZE), line };
    const condition: Bound = { op: 'compare', comparison: '<', type: 'int', left: index, right: size, line };
    const element: Bound = { op: 'element', array: get, index, line };
    const value: Bound = numeric === undefined ? element : { op: 'unbox', type: numeric, value: element, line };
    const take = this.evaluate({ op: 'assign', target, numeric, value, line });
    const body: BoundStatement = { op: 'block', body: [take, this.loopBody(syntax.body)] };
    const loop: BoundStatement = { op: 'loop', condition, testFirst: true, step, body };
    return { op: 'block', body: [this.evaluate(keep), this.evaluate(zero), loop] };
  }

  private switchStatement(syntax: Of<'switch'>): BoundStatement {
    const given = this.value(syntax.value);
    if (isNumeric(given.type) && given.type.kind !== 'int') {
      const message = `a switch is on int: this ${given.type.kind} loses what does not fit`;
      this.warn(syntax.value, message, 'write (int) if that is meant');
    }
    const value = this.to(given, INT, syntax.value);
    const temporary = this.frame.temporary('int');
    const seen = new Map<bigint, Span>();
    let hasDefault = false;
    interface Part {
      readonly labels: bigint[];
      isDefault: boolean;
      readonly body: BoundStatement[];
    }
    const parts: Part[] = [];
    const current = (label: boolean): Part => {
      const last = parts[parts.length - 1];
      if (last !== undefined && (!label || last.body.length === 0)) return last;
      const part: Part = { labels: [], isDefault: false, body: [] };
      parts.push(part);
      return part;
    };
    this.switches++;
    for (const item of syntax.items) {
      if (item.kind === 'statement') {
        if (parts.length === 0) this.warn(item, 'this statement stands in front of every case and never runs');
        current(false).body.push(this.statement(item.statement));
        continue;
      }
      const part = current(true);
      if (item.kind === 'default') {
        if (hasDefault) this.error(item, 'this switch has a default already');
        hasDefault = true;
        part.isDefault = true;
        continue;
      }
      const label = literal(item.value);
      if (label?.kind !== 'int') {
        this.error(item.value, 'a case is a whole number, written out', 'use if for anything else');
        continue;
      }
      if (seen.has(label.value)) this.error(item.value, `this switch has a case ${label.value} already`);
      seen.set(label.value, item);
      part.labels.push(label.value);
    }
    this.switches--;
    return { op: 'switch', value, temporary, parts };
  }

  private returnStatement(syntax: Of<'return'>, line: number): BoundStatement {
    const { method } = this.context;
    const { result } = method;
    if (syntax.value === undefined) {
      if (result.kind !== 'void') {
        this.warn(syntax, `this returns null, the method returns ${typeText(result)}`, 'give a value');
      }
      return { op: 'return', line };
    }
    const value = this.expression(syntax.value);
    if (result.kind === 'void' || method.isConstructor) {
      if (value.type.kind === 'void') {
        return { op: 'block', body: [this.evaluate(value.bound), { op: 'return', line }] };
      }
      this.warn(syntax.value, 'a void method returns nothing: the value is lost');
      return { op: 'block', body: [this.evaluate(value.bound), { op: 'return', line }] };
    }
    if (value.type.kind === 'void') {
      this.error(syntax.value, 'a void method has no value to return');
      return { op: 'return', line };
    }
    const converted = this.to(value, result, syntax.value);
    return { op: 'return', value: boxed({ type: result, bound: converted }), line };
  }

  private tryStatement(syntax: Of<'try'>, line: number): BoundStatement {
    const body = this.scopedStatement(syntax.body);
    const catches = syntax.catches.map((clause) =>
      this.frame.scoped((): BoundCatch => {
        const { table, scope } = this.context;
        let type = table.type(scope, clause.type);
        let cls = OBJECT_CLASS;
        if (type.kind === 'class') cls = type.name;
        else if (type.kind === 'array') cls = type.container;
        else if (isNumeric(type)) cls = `.internal.${type.kind}`;
        else if (type.kind === 'void') this.error(clause.type, 'void cannot be caught');
        if (table.get(cls)?.isInterface) {
          const suggestion = 'catch a class, or .internal.object for everything';
          this.error(clause.type, `${cls} is an interface and cannot be caught`, suggestion);
        }
        if (type.kind === 'any' || type.kind === 'void') type = typeOfClass(OBJECT_CLASS);
        this.warnHidden(clause.name, clause.nameSpan);
        const box = this.frame.temporary();
        const local = isNumeric(type) ? this.frame.declare(clause.name, type, true) : undefined;
        if (local === undefined) {
          const object = this.frame.declare(clause.name, type, true);
          return { cls, variable: object.variable, body: this.statement(clause.body) };
        }
        const get: Bound = { op: 'variable', variable: box, line, start: clause.start, end: clause.end };
        const numeric = local.variable.numeric ?? 'int';
        const value: Bound = { op: 'unbox', type: numeric, value: get, line };
        const target = { kind: 'variable', variable: local.variable } as const;
        const take = this.evaluate({ op: 'assign', target, numeric, value, line });
        return { cls, variable: box, body: { op: 'block', body: [take, this.statement(clause.body)] } };
      }),
    );
    return { op: 'try', body, catches, line };
  }
}
