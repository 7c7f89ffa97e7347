/**
 * The tests among Phantom sources, and the program that runs them.
 *
 * The convention: a file `NAME.test.ph` holds classes that descend from `.phantom.test.suite`; each of their methods `test…()` without
 * parameters is a test. The program is a source of ours that makes an object of the suite for every test and reports with
 * `.phantom.test.runner`, so that all tests run in one boot.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CompiledClass, SourceText } from '../impl/language/index.js';
import type { Method } from '../model/classfile/index.js';
import { UserError } from './errors.js';
import { cannotRead } from './read-file.js';

const SUITE_CLASS = '.phantom.test.suite';
const TEST_FILE = '.test.ph';
/** The class that runs the tests. */
export const TEST_BOOT_CLASS = '.phantom.test.run.main';

export interface Test {
  /** The class with its leading dot. */
  readonly suite: string;
  readonly name: string;
  readonly file: string;
  /** Of its first statement; 0 when it has none. */
  readonly line: number;
}

/** The test files that the words mean: files, and folders with all below them. Throws UserError. */
export function testFiles(words: readonly string[]): string[] {
  const files = words.flatMap((word) => {
    try {
      return statSync(word).isDirectory() ? filesBelow(word) : [word];
    } catch (error) {
      throw cannotRead(word, 'the tests', error);
    }
  });
  if (files.length === 0) throw new UserError(`no tests in ${words.join(', ')}: expected files named *${TEST_FILE}`);
  return [...new Map(files.map((file) => [resolve(file), file])).values()];
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return /^(\.|node_modules$)/.test(entry.name) ? [] : filesBelow(path);
    return entry.name.endsWith(TEST_FILE) ? [path] : [];
  });
}

/** The tests of these files, by class and line. Throws UserError for a suite that cannot be made. */
export function findTests(classes: readonly CompiledClass[], files: readonly string[]): Test[] {
  const parents = new Map(classes.map(({ name, classFile }) => [name, classFile.parent]));
  const isSuite = (name: string): boolean => {
    for (let at = parents.get(name); at !== undefined; at = parents.get(at)) if (at === SUITE_CLASS) return true;
    return false;
  };
  const wanted = new Set(files);
  return classes
    .filter(({ name, file }) => wanted.has(file) && isSuite(name))
    .flatMap(({ name, file, classFile }) => {
      const constructors = classFile.methods.filter(({ isConstructor }) => isConstructor);
      if (constructors.length > 0 && constructors.every(({ parameters }) => parameters.length > 0)) {
        throw new UserError(`${file}: class ${name} has tests and no constructor without parameters to make it with`);
      }
      const tests = classFile.methods.filter(isTest).map((method) => ({
        suite: name,
        name: method.name,
        file,
        line: firstLine(method),
      }));
      return tests.sort((a, b) => a.line - b.line);
    });
}

function isTest({ name, parameters, isConstructor }: Method): boolean {
  return !isConstructor && parameters.length === 0 && /^test([A-Z0-9_]|$)/.test(name);
}

function firstLine({ lines }: Method): number {
  return lines === undefined || lines.length === 0 ? 0 : Math.min(...lines.map(({ line }) => line));
}

/**
 * The source that runs the tests. `catching`: whether what a test throws is reported and the next one run; otherwise the kernel reports
 * it, with the place.
 */
export function testProgram(tests: readonly Test[], catching = true): SourceText {
  const call = ({ suite, name }: Test, i: number): string => `
    void run${i}( var to : .phantom.test.runner, var boot : .internal.boot )
    {
        var it : ${suite} = new ${suite}();
        it.hand( boot );
        to.begin( ${i} );
        ${catching ? caught(name, i) : `it.before(); it.${name}(); it.after();`}
    }`;
  const text = `package .phantom.test.run;
class main
{
    void startup( var boot : .internal.boot ) [8]
    {
        var to : .phantom.test.runner = new .phantom.test.runner( boot );
        ${tests.map((_, i) => `run${i}( to, boot );`).join('\n        ')}
        to.end();
    }
${tests.map(call).join('\n')}
};
`;
  return { file: 'the program that runs the tests', text };
}

function caught(name: string, i: number): string {
  return `var failed : int = 0;
        try {
            it.before();
            it.${name}();
        }
        catch( .phantom.test.failure why ) { to.failed( ${i}, why ); failed = 1; }
        catch( .internal.object what ) { to.thrown( ${i}, what ); failed = 1; }
        try {
            it.after();
            if( !failed ) to.passed( ${i}, it.checked() );
        }
        catch( .phantom.test.failure why ) { to.failed( ${i}, why ); }
        catch( .internal.object what ) { to.thrown( ${i}, what ); }`;
}
