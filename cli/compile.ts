/** Sources on the command line, for the verbs that compile: the compiler's errors of reading as the user's mistakes, and its findings counted. */
import {
  compileFiles,
  type Diagnostic,
  type FilesCompilation,
  SourceFileError,
  type SourceText,
} from '../impl/language/index.js';
import { plural } from '../reports/facts.js';
import { reasonOf, UserError } from './errors.js';

/**
 * Compiles sources and folders of them; `folders` are where else classes are looked for, `more` sources that are no files. Throws
 * UserError.
 */
export function compileProgram(
  words: readonly string[],
  folders: readonly string[],
  more: readonly SourceText[] = [],
): FilesCompilation {
  try {
    return compileFiles(words, folders, more);
  } catch (error) {
    if (!(error instanceof SourceFileError)) throw error;
    throw new UserError(error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`);
  }
}

export interface DiagnosticCount {
  readonly errors: number;
  readonly warnings: number;
  /** As `2 errors, 1 warning`. */
  readonly counts: string;
}

export function countDiagnostics(diagnostics: readonly Diagnostic[]): DiagnosticCount {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const counts = [errors > 0 ? plural(errors, 'error') : '', warnings > 0 ? plural(warnings, 'warning') : ''];
  return { errors, warnings, counts: counts.filter((count) => count !== '').join(', ') };
}
