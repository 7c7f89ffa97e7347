/** The Phantom language: from sources (`.ph`) to class files (`.pc`). The language is taught in README.md. */
export type { FindClass, FoundClass } from './class-table.js';
export { type Compilation, type CompiledClass, type CompileOptions, compile, type SourceText } from './compile.js';
export { type Diagnostic, formatDiagnostic } from './diagnostics.js';
export { comparableText, differences, dumpClass, listing } from './dump.js';
export { compileFiles, type FilesCompilation, SourceFileError, sourceFiles } from './files.js';
