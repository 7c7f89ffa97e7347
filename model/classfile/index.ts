/** Compiled Phantom classes (`.pc` files): reading, writing, disassembling. The format stands in `class-file.ts`. */
export type {
  ClassFile,
  Constant,
  ExtraRecord,
  Field,
  Generation,
  LineEntry,
  Method,
  Parameter,
  TypeName,
} from './class-file.js';
export { disassemble, disassembleClass, type Instruction } from './disassemble.js';
export { ClassFileError } from './error.js';
export { OPCODES, type Opcode, type Operand } from './opcodes.js';
export { readClassFile } from './read.js';
export { writeClassFile } from './write.js';
