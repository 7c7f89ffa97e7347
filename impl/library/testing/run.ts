/** Statements in the Phantom language with the library, compiled and run in V8, for tests that compare it with JavaScript. */
import { runInV8 } from '../../kernel/vm/testing/v8.js';
import { compileFiles, formatDiagnostic } from '../../language/index.js';

/** A string as a literal of the language. */
export function quoted(text: string): string {
  const escaped = [...text].map((character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    return code < 32 || code === 127 ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  });
  return `"${escaped.join('')}"`;
}

/** The lines that the statements say with `say( value )`; `classes` are declared beside them. */
export async function said(statements: readonly string[], classes = ''): Promise<string[]> {
  // Methods have limits; a few statements each keeps far from them.
  const parts: string[][] = [];
  for (let i = 0; i < statements.length; i += 50) parts.push(statements.slice(i, i + 50));
  const text = `package .t;
import .phantom.data.*;
import .phantom.text.*;
import .phantom.math.*;
import .phantom.time.*;
class main
{
    var boot;
    var aList : list = new list();
    var aMap : map = new map();
    void say( var what ) { boot.16( what + "\\n" ); }
    void startup( var b ) [8] { boot = b; ${parts.map((_, i) => `part${i}();`).join(' ')} }
${parts.map((part, i) => `    void part${i}()\n    {\n${part.join('\n')}\n    }`).join('\n')}
};
${classes}
`;
  const { classes: compiled, diagnostics } = compileFiles([], [], [{ file: 'compared.ph', text }]);
  const [first] = diagnostics.filter(({ severity }) => severity === 'error');
  if (first !== undefined) throw new Error(formatDiagnostic(first));
  const run = await runInV8({
    classes: new Map(compiled.map(({ name, bytes }) => [name, bytes])),
    bootClass: '.t.main',
  });
  if (run.failed !== 0) throw new Error(`the program failed: ${run.log}`);
  return Buffer.from(run.console, 'latin1').toString().split('\n').slice(0, -1);
}
