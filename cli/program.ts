/** The program of a run: class files from disk, checked, and the class it starts with. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProgramClass } from '../faults/index.js';
import { type ClassFile, ClassFileError, readClassFile } from '../model/classfile/index.js';
import { reasonOf, UserError } from './errors.js';

/** The endless program of the library that `phantom run` runs when it is given none. */
const DEFAULT_PROGRAM = new URL('../fixtures/workloads/ticker/wl.ticker.main.pc', import.meta.url);
/** Method of the boot class that the kernel calls. */
const STARTUP_ORDINAL = 8;

export interface Loaded extends ProgramClass {
  readonly file: string;
  readonly parsed: ClassFile;
}

/** Reads and checks the class files; none: the default program. Throws UserError. */
export function loadProgram(files: readonly string[]): Loaded[] {
  const paths = files.length > 0 ? files : [fileURLToPath(DEFAULT_PROGRAM)];
  const loaded = paths.map(loadClass);
  const seen = new Map<string, string>();
  for (const { name, file } of loaded) {
    const other = seen.get(name);
    if (other !== undefined) throw new UserError(`${file}: class ${name} is in ${other} already`);
    seen.set(name, file);
  }
  return loaded;
}

/** The class to start with. Throws UserError. */
export function chooseBootClass(loaded: readonly Loaded[], wanted: string | undefined): string {
  return wanted === undefined ? findBootClass(loaded) : checkBootClass(loaded, wanted);
}

function loadClass(file: string): Loaded {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new UserError(`${file}: cannot read the class file: ${reasonOf(error)}`);
  }
  try {
    const parsed = readClassFile(bytes, file);
    return { name: parsed.name, bytes, file, parsed };
  } catch (error) {
    if (error instanceof ClassFileError) throw new UserError(error.message);
    throw error;
  }
}

function canBoot({ parsed }: Loaded): boolean {
  return parsed.methods.some((method) => method.ordinal === STARTUP_ORDINAL && method.name === 'startup');
}

function checkBootClass(loaded: readonly Loaded[], wanted: string): string {
  const found = loaded.find(({ name }) => name === wanted);
  if (found === undefined) {
    throw new UserError(
      `boot class ${wanted} is not in the program: it has ${loaded.map(({ name }) => name).join(', ')}`,
    );
  }
  if (!found.parsed.methods.some((method) => method.ordinal === STARTUP_ORDINAL)) {
    throw new UserError(`${found.file}: boot class ${wanted} has no method ${STARTUP_ORDINAL} to start with`);
  }
  return wanted;
}

function findBootClass(loaded: readonly Loaded[]): string {
  const able = loaded.filter(canBoot);
  const mains = able.filter(({ name }) => name.endsWith('.main'));
  const choice = able.length === 1 ? able : mains;
  if (choice.length === 1) return choice[0].name;
  if (able.length === 0) {
    throw new UserError(
      `none of ${loaded.map(({ file }) => file).join(', ')} has a method startup [${STARTUP_ORDINAL}] to boot from`,
    );
  }
  throw new UserError(
    `several classes can boot (${able.map(({ name }) => name).join(', ')}): choose one with --boot-class`,
  );
}
