/**
 * What names mean: variables, fields, classes; and what all of the analysis needs: places, messages, conversions.
 */

import type { Bound } from './bound.js';
import type { ClassTable } from './class-table.js';
import { Converter, isRefusal, type Refusal, type Typed } from './convert.js';
import { didYouMean } from './diagnostics.js';
import { Frame } from './frame.js';
import type { FileScope } from './scope.js';
import type { Span } from './source.js';
import type { ClassSymbol, FieldSymbol, MethodSymbol } from './symbols.js';
import type { ExpressionSyntax } from './syntax.js';
import { ERROR, isNumeric, type Type } from './types.js';

/** Keywords that a misspelt one may look like a variable. */
const KEYWORDS = ['return', 'break', 'continue', 'this', 'null'];

type Of<Kind> = Extract<ExpressionSyntax, { kind: Kind }>;

export interface Context {
  readonly table: ClassTable;
  readonly scope: FileScope;
  readonly cls: ClassSymbol;
  /** Undefined in what the compiler makes. */
  readonly method: MethodSymbol;
  readonly readFile: (path: string, from: string) => Uint8Array | undefined;
}

export abstract class NameAnalyser {
  protected readonly frame = new Frame();
  protected readonly converter: Converter;

  constructor(protected readonly context: Context) {
    this.converter = new Converter(context.table);
  }

  // Messages and places.

  protected error(span: Span, message: string, suggestion?: string): void {
    this.context.table.error(this.context.scope, span, message, suggestion);
  }

  protected warn(span: Span, message: string, suggestion?: string): void {
    this.context.table.diagnostics.warn(this.context.scope.source, span, message, suggestion);
  }

  protected lineAt(span: Span): number {
    return this.context.scope.source.lineOf(span.start);
  }

  protected broken(span: Span): Typed {
    return { type: ERROR, bound: { op: 'null', line: this.lineAt(span) } };
  }

  protected refuse(span: Span, { reason, suggestion }: Refusal): void {
    this.error(span, reason, suggestion);
  }

  /** The value as one of type `to`. */
  protected to(value: Typed, to: Type, span: Span): Bound {
    const converted = this.converter.convert(value, to);
    if (!isRefusal(converted)) {
      this.checkFits(value.bound, converted, span);
      return converted;
    }
    this.refuse(span, converted);
    return this.placeholder(to, span);
  }

  /** A constant that is another number in its new type. */
  private checkFits(before: Bound, after: Bound, span: Span): void {
    if (before.op !== 'constant' || after.op !== 'constant' || after.value.kind === 'string') return;
    if (after.value.kind !== 'int' && after.value.kind !== 'long') return;
    if (Number(before.value.value) === Number(after.value.value)) return;
    const { kind, value } = after.value;
    this.warn(span, `${before.value.value} does not fit ${kind}: it becomes ${value}`);
  }

  /** Something of the type, after an error. */
  protected placeholder(type: Type, span: Span): Bound {
    const line = this.lineAt(span);
    if (!isNumeric(type)) return { op: 'null', line };
    return { op: 'unbox', type: type.kind, value: { op: 'null', line }, line };
  }

  /** What an expression means. */
  abstract expression(syntax: ExpressionSyntax): Typed;

  /** A value; reports when there is none. */
  value(syntax: ExpressionSyntax): Typed {
    const typed = this.expression(syntax);
    if (typed.type.kind !== 'void') return typed;
    this.error(syntax, 'a void method has no value to use here');
    return this.broken(syntax);
  }

  /** A value converted to a type. */
  valueOf(syntax: ExpressionSyntax, type: Type): Bound {
    return this.to(this.value(syntax), type, syntax);
  }

  // Names.

  protected name(syntax: Of<'name'>, line: number): Typed {
    const field = this.context.table.field(this.context.cls.name, syntax.name);
    if (field !== undefined) return this.readField(field, line);
    const local = this.frame.lookup(syntax.name);
    if (local !== undefined) {
      const { start, end } = syntax;
      return { type: local.type, bound: { op: 'variable', variable: local.variable, line, start, end } };
    }
    this.unknownName(syntax, syntax.name);
    return this.broken(syntax);
  }

  protected unknownName(span: Span, name: string): void {
    if (name === 'true' || name === 'false') {
      this.error(span, `there is no ${name}`, `write ${name === 'true' ? 1 : 0}`);
      return;
    }
    const { table, cls, method: inside } = this.context;
    // Its declaration may be among what could not be read.
    if (inside.syntax?.damaged || cls.source?.syntax.damaged) return;
    const fields = table.ancestry(cls.name).flatMap((symbol) => symbol.fields.map((field) => field.name));
    const method = table.methods(cls.name, name).length > 0 ? `call it: ${name}( … )` : undefined;
    const near = didYouMean(name, [...this.frame.names(), ...fields, ...KEYWORDS]);
    this.error(span, `there is no variable or field ${name}`, method ?? near ?? `declare it: var ${name} : int;`);
  }

  protected readField(field: FieldSymbol, line: number): Typed {
    const { type, ordinal, owner, initial } = field;
    if (!field.isStatic) return { type, bound: { op: 'field', ordinal, line } };
    return { type, bound: { op: 'static', cls: owner, slot: ordinal, initial, line } };
  }

  /** The class that an expression names, when it names one and no variable. */
  protected classNamed(syntax: ExpressionSyntax): string | undefined {
    const { table, scope, cls } = this.context;
    if (syntax.kind === 'class') return table.require(scope, syntax.name);
    if (syntax.kind !== 'name' || this.frame.lookup(syntax.name) !== undefined) return undefined;
    if (table.field(cls.name, syntax.name) !== undefined) return undefined;
    const { start, end } = syntax;
    return table.resolve(scope, { absolute: false, parts: [syntax.name], start, end });
  }

  protected staticField(syntax: Of<'member'>): FieldSymbol | undefined {
    const { table, cls } = this.context;
    const className = this.classNamed(syntax.object);
    if (className !== undefined) {
      const field = table.field(className, syntax.name);
      if (field?.isStatic) return field;
      const fields = table.ancestry(className).flatMap((symbol) => symbol.fields.filter(({ isStatic }) => isStatic));
      const near = didYouMean(
        syntax.name,
        fields.map(({ name }) => name),
      );
      this.error(syntax.nameSpan, `class ${className} has no static field ${syntax.name}`, near);
      return undefined;
    }
    if (syntax.object.kind === 'class') return undefined;
    if (syntax.object.kind === 'this') {
      const field = table.field(cls.name, syntax.name);
      if (field !== undefined) return field;
    }
    const object = this.value(syntax.object);
    if (object.type.kind === 'error') return undefined;
    const isMethod = object.type.kind === 'class' && table.methods(object.type.name, syntax.name).length > 0;
    const suggestion = isMethod ? `to call the method write ${syntax.name}( … )` : 'write a method that returns it';
    this.error(syntax.nameSpan, `fields of another object cannot be reached`, suggestion);
    return undefined;
  }

  protected member(syntax: Of<'member'>, line: number): Typed {
    const field = this.staticField(syntax);
    return field === undefined ? this.broken(syntax) : this.readField(field, line);
  }
}
