// The conformance models whose compiled form is checked in beside this folder, in fixtures/.
// `npx tsx specs/tla-ts/compile/testing/fixtures.ts` writes them anew.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileFile } from '../compile.js';

const suite = fileURLToPath(new URL('../../conformance/fixtures/', import.meta.url));
export const directory = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** Small ones that between them use most of the language. */
export const NAMES: readonly string[] = [
  'OBags',
  'OCaseLet',
  'OConstraint',
  'OCounting',
  'ODinersDeadlock',
  'ODiskCache',
  'OFunctions',
  'OGcTricolour',
  'OInfix',
  'OInstance',
  'OJunction',
  'OModelValues',
  'OPcalPeterson',
  'OPcalStack',
  'OPrecedence',
  'ORecursion',
  'ORefineBuffer',
  'OSequences',
  'OSets',
  'OSnapCow',
  'OStrongFair',
  'OSuperNewest',
  'OSuperTriple',
  'OWalRecover',
];

export const specOf = (name: string): string => `${suite}${name}/${name}.tla`;
export const configOf = (name: string): string => `${suite}${name}/${name}.cfg`;
export const compiled = (name: string): string =>
  compileFile(specOf(name), undefined, { runtime: '../../runtime/index.js' });

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(directory, { recursive: true });
  for (const name of NAMES) writeFileSync(`${directory}${name}.ts`, compiled(name));
}
