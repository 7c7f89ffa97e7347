/** What operators, conditions, casts, elements of arrays and assignments mean. */

import { NameAnalyser } from './analyse-names.js';
import type { ArithmeticOperator, Bound, BoundTarget, Comparison } from './bound.js';
import { numericOf } from './bound.js';
import { literal } from './constants.js';
import { boxed, isRefusal, type Typed } from './convert.js';
import type { Span } from './source.js';
import type { BinaryOperator, ExpressionSyntax } from './syntax.js';
import {
  ANY,
  DOUBLE,
  ERROR,
  FLOAT,
  INT,
  isNumeric,
  isObjectClass,
  isString,
  LONG,
  type NumericKind,
  STRING,
  type Type,
  typeText,
  wider,
} from './types.js';

type Of<Kind> = Extract<ExpressionSyntax, { kind: Kind }>;

/** Methods that operators call: of the root class, and of strings. */
const EQUALS = 4;
const TO_STRING = 5;
const CONCAT = 10;

export const NUMBER_TYPES = { int: INT, long: LONG, float: FLOAT, double: DOUBLE };

export abstract class OperatorAnalyser extends NameAnalyser {
  // Conditions and constants.

  /** A condition: a number, true when it is not 0. */
  condition(syntax: ExpressionSyntax): Bound {
    // Parentheses of its own say that it is meant.
    const own = this.context.scope.source.text[syntax.start] === '(';
    if (syntax.kind === 'assign' && syntax.operator === undefined && !own) {
      this.warn(syntax, 'this assigns, it does not compare', 'write == to compare');
    }
    return this.truth(this.value(syntax), syntax);
  }

  protected truth(typed: Typed, span: Span): Bound {
    const { type } = typed;
    if (type.kind === 'class' && !isObjectClass(type)) {
      const suggestion = isString(type) ? 'compare it with == or :!= null' : 'compare it with :!= null';
      this.error(span, `a condition is a number, this is ${typeText(type)}`, suggestion);
      return this.placeholder(INT, span);
    }
    if (!isNumeric(type)) return this.to(typed, INT, span);
    const value = this.to(typed, type, span);
    if (type.kind === 'int') return value;
    const zero = this.number(type.kind, 0, span);
    return this.compare('!=', type.kind, value, zero, span);
  }

  protected number(kind: NumericKind, value: number, span: Span): Bound {
    const line = this.lineAt(span);
    if (kind === 'int' || kind === 'long') return { op: 'constant', value: { kind, value: BigInt(value) }, line };
    return { op: 'constant', value: { kind, value }, line };
  }

  protected constant(syntax: ExpressionSyntax, line: number): Typed {
    const value = literal(syntax);
    if (value === undefined) return this.broken(syntax);
    const type = value.kind === 'string' ? STRING : NUMBER_TYPES[value.kind];
    return { type, bound: { op: 'constant', value, line } };
  }

  protected file(syntax: Of<'file'>, line: number): Typed {
    const bytes = this.context.readFile(syntax.path, this.context.scope.source.file);
    if (bytes === undefined) {
      this.error(syntax, `cannot read the file ${syntax.path}`, 'its path begins at the folder of this source');
      return this.broken(syntax);
    }
    const value = { kind: 'string', value: Buffer.from(bytes).toString('latin1') } as const;
    return { type: STRING, bound: { op: 'constant', value, line } };
  }

  // Operators.

  protected unary(syntax: Of<'unary'>, line: number): Typed {
    if (syntax.operator === '!') {
      return { type: INT, bound: { op: 'not', value: this.condition(syntax.operand), line } };
    }
    const constant = literal(syntax);
    if (constant !== undefined) return this.constant(syntax, line);
    const operand = this.value(syntax.operand);
    const kind = this.numericKind(operand.type, undefined, syntax.operand);
    if (kind === undefined) return this.broken(syntax);
    const value = this.to(operand, NUMBER_TYPES[kind], syntax.operand);
    if (syntax.operator === '-') return { type: NUMBER_TYPES[kind], bound: { op: 'negate', type: kind, value, line } };
    if (kind === 'float' || kind === 'double') {
      this.error(syntax, `~ works on int and long, this is ${kind}`);
      return this.broken(syntax);
    }
    return { type: NUMBER_TYPES[kind], bound: { op: 'complement', type: kind, value, line } };
  }

  /** The number type of an operand; what is untyped goes by the other one, or is an int. */
  protected numericKind(type: Type, other: Type | undefined, span: Span): NumericKind | undefined {
    if (isNumeric(type)) return type.kind;
    if (type.kind === 'any' || isObjectClass(type)) return other !== undefined && isNumeric(other) ? other.kind : 'int';
    if (type.kind !== 'error') this.error(span, `expected a number, found ${typeText(type)}`);
    return undefined;
  }

  protected binary(syntax: Of<'binary'>, line: number): Typed {
    const { operator } = syntax;
    if (operator === '&&' || operator === '||') {
      const left = this.condition(syntax.left);
      const right = this.condition(syntax.right);
      return { type: INT, bound: { op: operator === '&&' ? 'and' : 'or', left, right, line } };
    }
    const left = this.value(syntax.left);
    const right = this.value(syntax.right);
    if (left.type.kind === 'error' || right.type.kind === 'error') return this.broken(syntax);
    if (operator === ':==' || operator === ':!=') return this.same(operator === ':!=', left, right, line);
    if (operator === '==' || operator === '!=') return this.equality(operator, left, right, syntax, line);
    if (operator === '<' || operator === '>' || operator === '<=' || operator === '>=') {
      const kind = this.commonKind(operator, left, right, syntax);
      if (kind === undefined) return this.broken(syntax);
      const type = NUMBER_TYPES[kind];
      const a = this.to(left, type, syntax.left);
      const b = this.to(right, type, syntax.right);
      return { type: INT, bound: this.compare(operator, kind, a, b, syntax) };
    }
    return this.arithmetic(operator, left, right, syntax, line);
  }

  protected commonKind(
    operator: BinaryOperator,
    left: Typed,
    right: Typed,
    syntax: { left: Span; right: Span },
  ): NumericKind | undefined {
    for (const [operand, span] of [
      [left, syntax.left],
      [right, syntax.right],
    ] as const) {
      if (!isString(operand.type)) continue;
      const suggestion = operator === '<' || operator === '>' ? 'strings compare with == and !=' : undefined;
      this.error(span, `${operator} wants numbers, this is string`, suggestion);
      return undefined;
    }
    const a = this.numericKind(left.type, right.type, syntax.left);
    const b = this.numericKind(right.type, left.type, syntax.right);
    return a === undefined || b === undefined ? undefined : wider(a, b);
  }

  protected compare(comparison: Comparison, type: NumericKind, left: Bound, right: Bound, span: Span): Bound {
    const twice = (comparison === '==' || comparison === '!=') && (type === 'float' || type === 'double');
    const temporaries = twice ? ([this.frame.temporary(type), this.frame.temporary(type)] as const) : undefined;
    return { op: 'compare', comparison, type, left, right, temporaries, line: this.lineAt(span) };
  }

  protected same(not: boolean, left: Typed, right: Typed, line: number): Typed {
    const value = left.type.kind === 'null' ? right : right.type.kind === 'null' ? left : undefined;
    if (value === undefined) {
      return { type: INT, bound: { op: 'same', not, left: boxed(left), right: boxed(right), line } };
    }
    const isNull: Bound = { op: 'isNull', value: boxed(value), line };
    return { type: INT, bound: not ? { op: 'not', value: isNull, line } : isNull };
  }

  protected equality(comparison: '==' | '!=', left: Typed, right: Typed, syntax: Of<'binary'>, line: number): Typed {
    if (isNumeric(left.type) && isNumeric(right.type)) {
      const kind = wider(left.type.kind, right.type.kind);
      const a = this.to(left, NUMBER_TYPES[kind], syntax.left);
      const b = this.to(right, NUMBER_TYPES[kind], syntax.right);
      return { type: INT, bound: this.compare(comparison, kind, a, b, syntax) };
    }
    if (left.type.kind === 'null' || right.type.kind === 'null')
      return this.same(comparison === '!=', left, right, line);
    for (const [number, other] of [
      [left, right],
      [right, left],
    ]) {
      if (!isNumeric(number.type) || (other.type.kind !== 'class' && other.type.kind !== 'array')) continue;
      if (isObjectClass(other.type)) continue;
      this.error(syntax, `${typeText(left.type)} and ${typeText(right.type)} cannot be equal`, 'convert one of them');
      return this.broken(syntax);
    }
    const callee = { kind: 'ordinal', ordinal: EQUALS } as const;
    const call: Bound = { op: 'call', object: boxed(left), callee, args: [boxed(right)], line };
    const equal: Bound = { op: 'unbox', type: 'int', value: call, line };
    return { type: INT, bound: comparison === '==' ? equal : { op: 'not', value: equal, line } };
  }

  protected arithmetic(
    operator: ArithmeticOperator,
    left: Typed,
    right: Typed,
    syntax: Span & { left: Span; right: Span },
    line: number,
  ): Typed {
    if (operator === '+' && (isString(left.type) || isString(right.type))) {
      const callee = { kind: 'ordinal', ordinal: CONCAT } as const;
      const object = this.text(left, syntax.left);
      return { type: STRING, bound: { op: 'call', object, callee, args: [this.text(right, syntax.right)], line } };
    }
    const kind = this.commonKind(operator, left, right, syntax);
    if (kind === undefined) return this.broken(syntax);
    const type = NUMBER_TYPES[kind];
    const whole = !['+', '-', '*', '/'].includes(operator);
    if (whole && (kind === 'float' || kind === 'double')) {
      this.error(syntax, `${operator} works on int and long, this is ${kind}`, 'convert with (int) or (long)');
      return this.broken(syntax);
    }
    const shift = operator === '<<' || operator === '>>' || operator === '>>>';
    if (shift) {
      // A value keeps its own type, however wide the count.
      const own = this.numericKind(left.type, undefined, syntax.left) ?? 'int';
      const value = this.to(left, NUMBER_TYPES[own], syntax.left);
      return {
        type: NUMBER_TYPES[own],
        bound: this.shift(operator, own, value, this.to(right, INT, syntax.right), line),
      };
    }
    const a = this.to(left, type, syntax.left);
    const b = this.to(right, type, syntax.right);
    return { type, bound: { op: 'arithmetic', operator, type: kind, left: a, right: b, line } };
  }

  /** The count of a shift is computed first, so a value that comes before it waits in a variable. */
  protected shift(operator: ArithmeticOperator, type: NumericKind, value: Bound, count: Bound, line: number): Bound {
    if (count.op === 'constant') return { op: 'arithmetic', operator, type, left: value, right: count, line };
    const variable = this.frame.temporary(type);
    const keep: Bound = { op: 'assign', target: { kind: 'variable', variable }, numeric: type, value, line };
    const left: Bound = { op: 'variable', variable, line, start: 0, end: 0 };
    return {
      op: 'sequence',
      before: [keep],
      value: { op: 'arithmetic', operator, type, left, right: count, line },
      line,
    };
  }

  /** An operand of string `+` as a string. */
  protected text(typed: Typed, span: Span): Bound {
    if (isString(typed.type)) return typed.bound;
    if (typed.type.kind === 'void') return this.placeholder(STRING, span);
    const line = this.lineAt(span);
    return { op: 'call', object: boxed(typed), callee: { kind: 'ordinal', ordinal: TO_STRING }, args: [], line };
  }

  protected cast(syntax: Of<'cast'>): Typed {
    const { table, scope } = this.context;
    const type = table.type(scope, syntax.type);
    const operand = this.value(syntax.operand);
    if (type.kind === 'void') {
      this.error(syntax.type, 'nothing can be cast to void');
      return this.broken(syntax);
    }
    const bound = this.converter.cast(operand, type);
    if (!isRefusal(bound)) return { type, bound };
    this.refuse(syntax, bound);
    return { type, bound: this.placeholder(type, syntax) };
  }

  // Arrays and assignments.

  protected index(syntax: Of<'index'>, line: number): Typed {
    const { array, element } = this.arrayOf(syntax.object);
    const index = this.valueOf(syntax.index, INT);
    return { type: element, bound: { op: 'element', array, index, line } };
  }

  protected arrayOf(syntax: ExpressionSyntax): { array: Bound; element: Type } {
    const object = this.value(syntax);
    const { type, bound } = object;
    if (type.kind === 'array') return { array: bound, element: type.element };
    const { table } = this.context;
    const indexed = type.kind === 'class' && (isObjectClass(type) || table.get(type.name)?.isInternal === true);
    if (type.kind !== 'any' && type.kind !== 'error' && (!indexed || isString(type))) {
      const suggestion = isString(type) ? 'use charAt( … ) or substring( …, 1 )' : undefined;
      this.error(syntax, `this is ${typeText(type)}, no array`, suggestion);
    }
    return { array: boxed(object), element: type.kind === 'error' ? ERROR : ANY };
  }

  protected assign(syntax: Of<'assign'>, line: number): Typed {
    const { target: place } = syntax;
    const before: Bound[] = [];
    const target = this.target(place, syntax.operator !== undefined, before);
    if (target === undefined) {
      this.value(syntax.value);
      return this.broken(syntax);
    }
    const { type } = target;
    let given = this.value(syntax.value);
    if (syntax.operator !== undefined && target.read !== undefined) {
      const current = { type, bound: target.read };
      if (given.type.kind === 'error') return this.broken(syntax);
      const span = { start: syntax.start, end: syntax.end, left: place, right: syntax.value };
      given = this.arithmetic(syntax.operator, current, given, span, line);
    }
    const numeric = target.bound.kind === 'variable' ? target.bound.variable.numeric : undefined;
    const converted = this.to(given, type, syntax.value);
    const inBox = numeric === undefined && numericOf(converted) !== undefined;
    const value: Bound = inBox ? boxed({ type, bound: converted }) : converted;
    const bound: Bound = { op: 'assign', target: target.bound, numeric, value, line };
    return { type, bound: before.length === 0 ? bound : { op: 'sequence', before, value: bound, line } };
  }

  /** Where an assignment goes; what it reads when it is one of `+=`. */
  protected target(
    syntax: ExpressionSyntax,
    compound: boolean,
    before: Bound[],
  ): { type: Type; bound: BoundTarget; read?: Bound } | undefined {
    const { table, cls } = this.context;
    const line = this.lineAt(syntax);
    if (syntax.kind === 'index') return this.elementTarget(syntax, compound, before, line);
    const isName = syntax.kind === 'name';
    const field = isName ? table.field(cls.name, syntax.name) : undefined;
    const found = field ?? (syntax.kind === 'member' ? this.staticField(syntax) : undefined);
    if (found !== undefined) {
      const { type, bound: read } = this.readField(found, line);
      if (!found.isStatic) return { type, bound: { kind: 'field', ordinal: found.ordinal }, read };
      return { type, bound: { kind: 'static', cls: found.owner, slot: found.ordinal }, read };
    }
    if (!isName) return undefined;
    const local = this.frame.lookup(syntax.name);
    if (local === undefined) {
      this.unknownName(syntax, syntax.name);
      return undefined;
    }
    const { start, end } = syntax;
    const read: Bound = { op: 'variable', variable: local.variable, line, start, end };
    return { type: local.type, bound: { kind: 'variable', variable: local.variable }, read };
  }

  protected elementTarget(syntax: Of<'index'>, compound: boolean, before: Bound[], line: number) {
    const { array, element } = this.arrayOf(syntax.object);
    const index = this.valueOf(syntax.index, INT);
    if (!compound) return { type: element, bound: { kind: 'element', array, index } as const };
    const keep = (value: Bound, numeric?: NumericKind): Bound => {
      const variable = this.frame.temporary(numeric);
      before.push({ op: 'assign', target: { kind: 'variable', variable }, numeric, value, line });
      return { op: 'variable', variable, line, start: syntax.start, end: syntax.end };
    };
    const kept = { array: keep(array), index: keep(index, 'int') };
    return {
      type: element,
      bound: { kind: 'element', ...kept } as const,
      read: { op: 'element', ...kept, line } as const,
    };
  }
}
