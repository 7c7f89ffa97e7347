/**
 * The class file format (`.pc`), and a class file as data.
 *
 * Numbers are big-endian. A file is a sequence of records; a record is `phfr:`, a type byte, an i32 length of the whole
 * record with these 10 bytes, and a body. A string is an i32 length and its bytes in UTF-8. A type is an i32
 * is-container (0, 1), a string class (empty: untyped) and a string contained class (empty: no container).
 *
 *     C  string name, i32 object slots, i32 method slots, string parent, string version
 *     M  string name, i32 ordinal, bytecode to the end of the record
 *     S  string name, i32 ordinal, i32 arguments, i32 is-constructor, type result, per argument: string name, type
 *     l  i32 ordinal, i32 count, count of {i64 ip, i32 line}
 *     f  one or more of {string name, i32 ordinal, type}
 *     c  i32 number, type, content to the end of the record
 *
 * The original compiler writes C, then M, S and l of each method, then one f for each field, then the c records. In
 * generation 1 (files of 2016) S lacks is-constructor; in all else the generations are alike. Loaders pass over records
 * of other types. There is no end mark: a file cut between two methods, fields or constants is a shorter file.
 */

/** The first bytes of every record. */
export const RECORD_MARK = 'phfr:';
/** Bytes of a record in front of its body. */
export const RECORD_HEADER_BYTES = 10;
/** Slots a class may have: one above the highest ordinal. */
export const SLOTS_MAX = 65535;
/** The only class of constants there is. */
export const CONSTANT_CLASS = '.internal.string';
/** Name of every constructor. */
export const CONSTRUCTOR = '<init>';

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

/** The instruction at byte `ip` of the method begins what the compiler made of source line `line`. */
export interface LineEntry {
  readonly ip: number;
  readonly line: number;
}

/** The M, S and l records of one method. */
export interface Method {
  readonly name: string;
  readonly ordinal: number;
  readonly code: Uint8Array;
  /** Files of generation 1 do not say; there a method named `<init>` is a constructor. */
  readonly isConstructor: boolean;
  readonly result: TypeName;
  readonly parameters: readonly Parameter[];
  /** In the order of the file, which is not that of `ip`; undefined without an l record. */
  readonly lines?: readonly LineEntry[];
}

export interface Field {
  readonly name: string;
  readonly ordinal: number;
  readonly type: TypeName;
}

/** The content of a string constant; its number is its place among the constants. */
export type Constant = Uint8Array;

/** A record of a type the format does not know. */
export interface ExtraRecord {
  /** One character of Latin-1. */
  readonly type: string;
  readonly body: Uint8Array;
}

/** 1: files of 2016, whose signatures lack the constructor flag; 2: files of today. */
export type Generation = 1 | 2;

export interface ClassFile {
  readonly generation: Generation;
  /** With its leading dot. */
  readonly name: string;
  /** More than the highest ordinal among the fields; inherited fields need not be counted. */
  readonly objectSlots: number;
  /** Likewise for methods. */
  readonly methodSlots: number;
  readonly parent: string;
  /** Time of compilation, `YYYYMMDDhhmmssmmm`; undefined when the file ends its class record before it. */
  readonly version?: string;
  readonly methods: readonly Method[];
  readonly fields: readonly Field[];
  readonly constants: readonly Constant[];
  readonly extra: readonly ExtraRecord[];
}
