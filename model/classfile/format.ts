/**
 * The class file format (`.pc`) of the Phantom language compiler, and the parsed form of a file.
 *
 * All numbers are big-endian. A file is a sequence of records; a record is `phfr:`, a type byte, an i32 length of the
 * whole record with this header, and a body. A string is an i32 length and its bytes (UTF-8). A type is an i32
 * is-container (0, 1), a string class name (empty: untyped) and a string contained class name (empty: no container).
 *
 *     C  string name, i32 object slots, i32 method slots, string parent, string version
 *     M  string name, i32 ordinal, bytecode to the end of the record
 *     S  string name, i32 ordinal, i32 arguments, i32 is-constructor, type result, per argument: string name, type
 *     l  i32 ordinal, i32 count, count of {i64 ip, i32 line}
 *     f  one or more of {string name, i32 ordinal, type}
 *     c  i32 number, type, the constant's bytes to the end of the record
 *
 * The compiler writes C, then M, S and l of each method, then one f for each field, then the c records. There is no
 * end mark: a file cut between two records is a shorter file. Files of generation 1 (until 2016) have no is-constructor
 * in S records; in all else the generations are alike. Loaders pass over records of other types.
 */

/** The first five bytes of a record: `phfr:`. */
export const RECORD_MARK: readonly number[] = [0x70, 0x68, 0x66, 0x72, 0x3a];
/** Bytes of a record in front of its body. */
export const RECORD_HEADER = 10;
/** Slots a class may have, and one above the highest ordinal. */
export const SLOTS_MAX = 65535;
/** The only class of constants that exists. */
export const STRING_CLASS = '.internal.string';
/** Name of every constructor. */
export const CONSTRUCTOR = '<init>';

export type Generation = 1 | 2;

export interface TypeName {
  readonly isContainer: boolean;
  /** Empty: untyped. */
  readonly className: string;
  /** Class of the elements; empty when this is no container. */
  readonly containedName: string;
}

export interface Argument {
  readonly name: string;
  readonly type: TypeName;
}

export interface LineEntry {
  /** Offset in the method's code at which the line begins. */
  readonly ip: number;
  readonly line: number;
}

/** The M, S and l records of one method. */
export interface Method {
  readonly ordinal: number;
  readonly name: string;
  readonly isConstructor: boolean;
  readonly result: TypeName;
  readonly args: readonly Argument[];
  readonly code: Uint8Array;
  /** In the file's order, which is not the code's; undefined when the file has no l record for the method. */
  readonly lines: readonly LineEntry[] | undefined;
}

export interface Field {
  readonly ordinal: number;
  readonly name: string;
  readonly type: TypeName;
}

/** A constant; all are of class `.internal.string`. */
export interface Constant {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** A record of a type that this format does not know. */
export interface ExtraRecord {
  /** Type byte. */
  readonly type: number;
  readonly body: Uint8Array;
}

export interface ClassFile {
  readonly generation: Generation;
  readonly name: string;
  readonly parent: string;
  /** Time of compilation, `YYYYMMDDhhmmssmmm`. */
  readonly version: string;
  /** Highest ordinal of the class's own fields and one, as the file says: not less than `fields` need. */
  readonly objectSlots: number;
  /** Likewise for methods. Inherited ones are not counted. */
  readonly methodSlots: number;
  readonly methods: readonly Method[];
  readonly fields: readonly Field[];
  readonly constants: readonly Constant[];
  readonly extra: readonly ExtraRecord[];
}
