/** Sources of the golden suite and the workloads, and running what is compiled, for tests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { disassemble } from '../../../model/classfile/index.js';
import { markedLines } from '../../kernel/vm/testing/programs.js';
import { runInV8, type VmRun } from '../../kernel/vm/testing/v8.js';
import { type Compilation, compile, formatDiagnostic, type SourceText } from '../index.js';

const FIXTURES = fileURLToPath(new URL('../../../fixtures', import.meta.url));

/** The sources in a folder under fixtures. */
export function sourcesIn(folder: string): SourceText[] {
  const files = readdirSync(`${FIXTURES}/${folder}`).filter((name) => name.endsWith('.ph'));
  return files.map((name) => ({ file: name, text: readFileSync(`${FIXTURES}/${folder}/${name}`, 'utf8') }));
}

/** Folders under fixtures that hold sources. */
export function sourceFolders(): string[] {
  const folders = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ph'))
    .map((path) => path.slice(0, path.lastIndexOf('/')));
  return [...new Set(folders)].sort();
}

/** What a golden program prints when it is compiled by a correct compiler. */
export function expectedFromSource(name: string): string {
  const base = `${FIXTURES}/golden/${name}/${name}`;
  const file = [`${base}.source.correct`, `${base}.correct`, `${base}.expected`].find((path) => existsSync(path));
  if (file === undefined) throw new Error(`nothing says what ${name} prints`);
  return readFileSync(file, 'latin1').replaceAll('\r', '');
}

/** Compiles what must compile. */
export function compileSound(sources: readonly SourceText[]): Compilation {
  const compilation = compile(sources);
  const errors = compilation.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(formatDiagnostic).join('\n'));
  return compilation;
}

/** What no bytecode of ours has: unknown instructions, jumps to where no instruction begins. */
export function unsound(code: Uint8Array): string[] {
  const instructions = disassemble(code);
  const starts = new Set(instructions.map(({ offset }) => `@${offset}`));
  return instructions.flatMap(({ offset, name, operands }) => {
    if (name === undefined) return [`${offset}: no instruction`];
    if (operands.some((operand) => operand.startsWith('"'))) return [];
    const targets = operands.flatMap((operand) => operand.split(' ')).filter((word) => word.startsWith('@'));
    return targets.filter((target) => !starts.has(target)).map((target) => `${offset}: ${name} to ${target}`);
  });
}

export function classesOf({ classes }: Compilation): Map<string, Uint8Array> {
  return new Map(classes.map(({ name, bytes }) => [name, bytes]));
}

/** Compiles and runs in V8; the boot class is the one given, or the first. */
export async function compileAndRun(sources: readonly SourceText[], bootClass?: string): Promise<VmRun> {
  const compilation = compileSound(sources);
  return runInV8({ classes: classesOf(compilation), bootClass: bootClass ?? compilation.classes[0].name });
}

/**
 * What a method body prints: lines it says with `say( string )`. Members are declared beside it.
 */
export async function printedBy(body: string, members = '', others: readonly string[] = []): Promise<string[]> {
  const text = `package .t;
class main
{
    var bo;
    ${members}
    void say( var text ) { bo.16( "T| " + text + "\\n" ); }
    void startup( var boot ) [8] { bo = boot; run(); }
    void run() { ${body} }
};
`;
  const sources = [text, ...others].map((source, i) => ({ file: `t${i}.ph`, text: source }));
  const run = await compileAndRun(sources, '.t.main');
  return markedLines(run.console)
    .split('\n')
    .slice(0, -1)
    .map((line) => line.slice(3));
}

/** The errors and warnings of a source, as `line:column severity: message`. */
export function diagnosed(text: string, ...others: readonly string[]): string[] {
  const sources = [text, ...others].map((source, i) => ({ file: `t${i}.ph`, text: source }));
  return compile(sources).diagnostics.map(
    ({ line, column, severity, message }) => `${line}:${column} ${severity}: ${message}`,
  );
}
