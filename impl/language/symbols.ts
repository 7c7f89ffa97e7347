/** What names mean: classes with their fields and methods, whether from source, a class file or the kernel. */

import type { FileScope } from './scope.js';
import type { Span } from './source.js';
import type { ClassSyntax, FieldSyntax, MethodSyntax } from './syntax.js';
import type { Type } from './types.js';

/** A value known at compile time; a string's is its bytes in Latin-1. */
export type ConstantValue =
  | { readonly kind: 'int' | 'long'; readonly value: bigint }
  | { readonly kind: 'float' | 'double'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string };

export interface FieldSymbol {
  readonly name: string;
  readonly type: Type;
  readonly owner: string;
  /** Of an object's slots, of a class's when static. */
  readonly ordinal: number;
  readonly isStatic: boolean;
  /** What a static field that was never assigned reads as. */
  readonly initial?: ConstantValue;
  readonly syntax?: FieldSyntax;
}

export interface ParameterSymbol {
  readonly name: string;
  readonly type: Type;
}

export interface MethodSymbol {
  /** Of a constructor `<init>`. */
  readonly name: string;
  readonly ordinal: number;
  readonly owner: string;
  readonly isConstructor: boolean;
  readonly isStatic: boolean;
  readonly parameters: readonly ParameterSymbol[];
  readonly result: Type;
  /** Undefined when the compiler made it, or when it is not from source. */
  readonly syntax?: MethodSyntax;
  /** Made by the compiler: a constructor, field initialisers, the way from an interface's method to number `bridgeTo`. */
  readonly made?: 'constructor' | 'initialise' | 'bridge';
  readonly bridgeTo?: number;
}

export interface ClassSymbol {
  readonly name: string;
  readonly isInterface: boolean;
  readonly isInternal: boolean;
  /** Undefined of the root class only. */
  readonly parent?: string;
  /** As the class itself says, not its parents. */
  readonly interfaces: readonly string[];
  /** Own ones, in the order of the class file. */
  readonly fields: readonly FieldSymbol[];
  readonly methods: readonly MethodSymbol[];
  readonly objectSlots: number;
  readonly methodSlots: number;
  /** Slot that says whether the field initialisers have run, in a class that has any. */
  readonly initialisedSlot?: number;
  readonly source?: { readonly scope: FileScope; readonly syntax: ClassSyntax };
}

/** Places for messages that belong to a class as a whole. */
export function headSpan(syntax: ClassSyntax): Span {
  return syntax.name;
}

/** Name of the method that runs a class's field initialisers; no name of the language has a `#`. */
export function initialiserName(className: string): string {
  return `#initialise ${className}`;
}
