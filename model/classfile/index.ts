/** Phantom class files (`.pc`): reading, for tools and tests on the host. The format stands in format.ts. */
export { ClassFileError } from './errors.js';
export type {
  Argument,
  ClassFile,
  Constant,
  ExtraRecord,
  Field,
  Generation,
  LineEntry,
  Method,
  TypeName,
} from './format.js';
export { readClassFile } from './read.js';
