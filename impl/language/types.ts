/**
 * Types of values.
 *
 * Numbers live on the machine's integer stack, boxed they are objects; everything else is an object. `any` is the type
 * of what has none: it holds every object, and what is made of it is checked when the program runs. `error` is the type
 * of what has been reported already.
 */

import type { TypeName } from '../../model/classfile/index.js';

export type NumericKind = 'int' | 'long' | 'float' | 'double';

export interface ClassType {
  readonly kind: 'class';
  /** With its leading dot. */
  readonly name: string;
}

export interface ArrayType {
  readonly kind: 'array';
  readonly element: Type;
  /** Class of the container: `.internal.container.array` nearly always. */
  readonly container: string;
}

export interface BasicTypeOf<Kind> {
  readonly kind: Kind;
}

export type NumericType = BasicTypeOf<NumericKind>;
export type Type = NumericType | BasicTypeOf<'void' | 'null' | 'any' | 'error'> | ClassType | ArrayType;

export const OBJECT_CLASS = '.internal.object';
export const STRING_CLASS = '.internal.string';
export const ARRAY_CLASS = '.internal.container.array';
export const DIRECTORY_CLASS = '.internal.directory';
export const CLASS_CLASS = '.internal.class';
export const VOID_CLASS = '.internal.void';

export const INT: NumericType = { kind: 'int' };
export const LONG: NumericType = { kind: 'long' };
export const FLOAT: NumericType = { kind: 'float' };
export const DOUBLE: NumericType = { kind: 'double' };
export const VOID: Type = { kind: 'void' };
export const NULL: Type = { kind: 'null' };
export const ANY: Type = { kind: 'any' };
export const ERROR: Type = { kind: 'error' };
export const STRING: ClassType = { kind: 'class', name: STRING_CLASS };
export const OBJECT: ClassType = { kind: 'class', name: OBJECT_CLASS };

const NUMERIC: Readonly<Record<NumericKind, NumericType>> = { int: INT, long: LONG, float: FLOAT, double: DOUBLE };
/** Narrow to wide. */
const RANKS: readonly NumericKind[] = ['int', 'long', 'float', 'double'];

export function isNumeric(type: Type): type is NumericType {
  return type.kind === 'int' || type.kind === 'long' || type.kind === 'float' || type.kind === 'double';
}

/** Cells of the integer stack that a number takes. */
export function cellsOf(kind: NumericKind): 1 | 2 {
  return kind === 'int' || kind === 'float' ? 1 : 2;
}

/** The type in which two numbers are computed with. */
export function wider(a: NumericKind, b: NumericKind): NumericKind {
  return RANKS[Math.max(RANKS.indexOf(a), RANKS.indexOf(b))];
}

/** Steps from a narrow type to a wide one; negative the other way. */
export function widening(from: NumericKind, to: NumericKind): number {
  return RANKS.indexOf(to) - RANKS.indexOf(from);
}

/** The type a class name stands for: the classes of numbers are the numbers, `.internal.void` is void. */
export function typeOfClass(name: string): Type {
  if (name === VOID_CLASS) return VOID;
  const short = name.startsWith('.internal.') ? name.slice('.internal.'.length) : '';
  return Object.hasOwn(NUMERIC, short) ? NUMERIC[short as NumericKind] : { kind: 'class', name };
}

/** Class of the objects that hold values of a type. */
export function classNameOf(type: Type): string {
  switch (type.kind) {
    case 'class':
      return type.name;
    case 'array':
      return type.container;
    case 'any':
    case 'error':
      return '';
    case 'null':
      return VOID_CLASS;
    default:
      return `.internal.${type.kind}`;
  }
}

/** As class files write it. */
export function toTypeName(type: Type): TypeName {
  if (type.kind !== 'array') return { isContainer: false, className: classNameOf(type), contained: '' };
  return { isContainer: true, className: type.container, contained: classNameOf(type.element) };
}

export function fromTypeName({ isContainer, className, contained }: TypeName): Type {
  if (isContainer) {
    const element = contained === '' ? ANY : typeOfClass(contained);
    return { kind: 'array', element, container: className === '' ? ARRAY_CLASS : className };
  }
  return className === '' ? ANY : typeOfClass(className);
}

export function sameType(a: Type, b: Type): boolean {
  if (a.kind === 'class') return b.kind === 'class' && a.name === b.name;
  if (a.kind === 'array') return b.kind === 'array' && a.container === b.container && sameType(a.element, b.element);
  return a.kind === b.kind;
}

export function isString(type: Type): boolean {
  return type.kind === 'class' && type.name === STRING_CLASS;
}

export function isObjectClass(type: Type): boolean {
  return type.kind === 'class' && type.name === OBJECT_CLASS;
}

/** As messages and signatures show it. */
export function typeText(type: Type): string {
  if (type.kind === 'array') return `${typeText(type.element)}[]`;
  if (type.kind !== 'class') return type.kind === 'any' ? 'untyped' : type.kind;
  return type.name === STRING_CLASS ? 'string' : type.name;
}
