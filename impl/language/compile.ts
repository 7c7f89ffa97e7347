/**
 * The compiler as a whole: sources in, class files and diagnostics out.
 *
 * Rule: for every input it ends and says what it has to say in diagnostics; class files come out only when there are no
 * errors. The output is a function of the input: the same sources give the same bytes.
 */

import { type ClassFile, type Method, writeClassFile } from '../../model/classfile/index.js';
import { MethodAnalyser } from './analyse-statements.js';
import { extraRecords } from './class-extras.js';
import { ClassTable, type FindClass } from './class-table.js';
import { type Diagnostic, Diagnostics } from './diagnostics.js';
import { emitMethod } from './emit.js';
import { ConstantPool } from './emit-values.js';
import { checkFlow } from './flow.js';
import type { FileScope } from './scope.js';
import { Source } from './source.js';
import type { ClassSymbol, MethodSymbol } from './symbols.js';
import { OBJECT_CLASS, toTypeName } from './types.js';

export interface SourceText {
  /** As messages show it. */
  readonly file: string;
  readonly text: string;
}

export interface CompileOptions {
  /** Classes that sources name and that are not among them; source found so is compiled too. */
  readonly find?: FindClass;
  /** Content of a file that a source embeds with `import "path"`. */
  readonly readFile?: (path: string, from: string) => Uint8Array | undefined;
  /** Written to the class files, 17 digits `YYYYMMDDhhmmssmmm`; always the same unless given. */
  readonly version?: string;
}

export interface CompiledClass {
  /** With its leading dot. */
  readonly name: string;
  /** Its source, as given or as `find` named it. */
  readonly file: string;
  readonly classFile: ClassFile;
  readonly bytes: Uint8Array;
}

export interface Compilation {
  /** Empty when there is an error. */
  readonly classes: readonly CompiledClass[];
  /** By file and place. */
  readonly diagnostics: readonly Diagnostic[];
}

const NO_VERSION = '00000000000000000';

function compileMethod(
  table: ClassTable,
  cls: ClassSymbol,
  method: MethodSymbol,
  pool: ConstantPool,
  readFile: NonNullable<CompileOptions['readFile']>,
): Method | undefined {
  if (cls.source === undefined) return undefined;
  const { scope } = cls.source;
  const bound = new MethodAnalyser({ table, scope, cls, method, readFile }).analyse();
  if (table.diagnostics.hasErrors) return undefined;
  const { diagnostics } = table;
  const endIsReached = checkFlow(bound, {
    unreachable: (span) => diagnostics.warn(scope.source, span, 'this statement is never reached'),
    unassigned: (name, isNumber, span) => {
      const message = `${name} may be used before it is assigned: it is ${isNumber ? 0 : 'null'} then`;
      diagnostics.warn(scope.source, span, message, 'give it a value where it is declared');
    },
  });
  const isVoid = method.result.kind === 'void';
  if (endIsReached && !isVoid && method.made === undefined && method.syntax?.body !== undefined) {
    const { start, end } = method.syntax.body;
    const span = { start: Math.max(start, end - 1), end };
    diagnostics.warn(
      scope.source,
      span,
      `${method.name} may end without a return: it returns null then`,
      'add a return',
    );
  }
  const { code, lines } = emitMethod(bound, pool, { returnsNull: !isVoid, endIsReached });
  const { name, ordinal, isConstructor } = method;
  const parameters = method.parameters.map((parameter) => ({ name: parameter.name, type: toTypeName(parameter.type) }));
  return { name, ordinal, code, isConstructor, result: toTypeName(method.result), parameters, lines };
}

function compileClass(table: ClassTable, cls: ClassSymbol, options: CompileOptions): CompiledClass | undefined {
  const pool = new ConstantPool();
  const readFile = options.readFile ?? (() => undefined);
  // Constants count in the order of the source; methods stand in the order of the symbol.
  const place = (method: MethodSymbol): number => method.syntax?.start ?? Number.MAX_SAFE_INTEGER;
  const compiled = new Map<MethodSymbol, Method | undefined>();
  for (const method of [...cls.methods].sort((a, b) => place(a) - place(b))) {
    compiled.set(method, compileMethod(table, cls, method, pool, readFile));
  }
  const methods = cls.methods.flatMap((method) => compiled.get(method) ?? []);
  if (table.diagnostics.hasErrors || cls.source === undefined) return undefined;
  const statics = cls.fields.filter(({ isStatic }) => isStatic);
  const fields = cls.fields.filter(({ isStatic }) => !isStatic);
  const classFile: ClassFile = {
    generation: 2,
    name: cls.name,
    objectSlots: cls.objectSlots,
    methodSlots: cls.methodSlots,
    parent: cls.parent ?? OBJECT_CLASS,
    version: options.version ?? NO_VERSION,
    methods,
    fields: fields.map(({ name, ordinal, type }) => ({ name, ordinal, type: toTypeName(type) })),
    constants: pool.contents,
    extra: extraRecords(cls.isInterface, cls.interfaces, statics),
  };
  return { name: cls.name, file: cls.source.scope.source.file, classFile, bytes: writeClassFile(classFile) };
}

/** Imports name classes from the root, whether or not they say so with a leading dot. */
function checkImports(table: ClassTable, scope: FileScope): void {
  for (const { name, all } of scope.syntax.imports) {
    if (!all) table.require(scope, { ...name, absolute: true });
  }
}

export function compile(sources: readonly SourceText[], options: CompileOptions = {}): Compilation {
  const diagnostics = new Diagnostics();
  const table = new ClassTable(diagnostics, options.find ?? (() => undefined));
  const classes: CompiledClass[] = [];
  const scopes = sources.map(({ file, text }) => table.addSource(new Source(file, text)));
  for (const scope of scopes) checkImports(table, scope);
  // The list grows while it is walked: classes found on the way are compiled too.
  for (let i = 0; i < table.toCompile.length && !diagnostics.isFull; i++) {
    const cls = table.get(table.toCompile[i]);
    const compiled = cls === undefined ? undefined : compileClass(table, cls, options);
    if (compiled !== undefined) classes.push(compiled);
  }
  const files = [...new Set([...sources.map(({ file }) => file), ...table.files])];
  return { classes: diagnostics.hasErrors ? [] : classes, diagnostics: diagnostics.sorted(files) };
}
