/** A compiled class as data: what a `.pc` file says, in the order in which it says it. */

/** A type as the compiler wrote it; an untyped variable has an empty class name. */
export interface TypeName {
  readonly isContainer: boolean;
  readonly className: string;
  /** Class of the elements of a container, else empty. */
  readonly contained: string;
}

export interface Parameter {
  readonly name: string;
  readonly type: TypeName;
}

export interface Signature {
  readonly name: string;
  readonly ordinal: number;
  /** Files of generation 1 do not say; there a method named `<init>` is a constructor. */
  readonly isConstructor: boolean;
  readonly result: TypeName;
  readonly parameters: readonly Parameter[];
}

/** The instruction at byte `ip` of the method begins what the compiler made of source line `line`. */
export interface LineEntry {
  readonly ip: number;
  readonly line: number;
}

export interface Method {
  readonly name: string;
  readonly ordinal: number;
  readonly code: Uint8Array;
  readonly signature?: Signature;
  /** In the order of the file, which is not that of `ip`. */
  readonly lines?: readonly LineEntry[];
}

export interface Field {
  readonly name: string;
  readonly ordinal: number;
  readonly type: TypeName;
}

export interface Constant {
  readonly id: number;
  readonly type: TypeName;
  /** Content as it lies in the file: for a string its bytes. */
  readonly bytes: Uint8Array;
}

/** 1: files of 2016, whose signatures lack the constructor flag; 2: files of today. */
export type Generation = 1 | 2;

export interface ClassFile {
  readonly generation: Generation;
  /** With its leading dot. */
  readonly name: string;
  readonly objectSlots: number;
  readonly methodSlots: number;
  readonly parent: string;
  /** `YYYYMMDDhhmmssmmm`; undefined when the file ends its class record before it. */
  readonly version?: string;
  readonly methods: readonly Method[];
  readonly fields: readonly Field[];
  readonly constants: readonly Constant[];
}
