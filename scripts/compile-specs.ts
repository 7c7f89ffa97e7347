// npm run specs: the model is derived from the specifications. Every specs/Name.tla with a configuration becomes model/specs/Name.ts,
// and the table of specs/README.md is renewed.
// npm run specs -- --compare: holds their whole state graphs against those that the checker explores, and prints a table.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withTable } from '../specs/table.js';
import { compileFile } from '../specs/tla-ts/compile/compile.js';
import { compare, specificationOfFile } from '../specs/tla-ts/compile/testing/graph.js';
import type { AnyState, Model } from '../specs/tla-ts/runtime/index.js';

const specs = fileURLToPath(new URL('../specs/', import.meta.url));
const models = fileURLToPath(new URL('../model/specs/', import.meta.url));

/** Names of the specifications that have a configuration of the same name. */
export function specificationNames(): string[] {
  return readdirSync(specs)
    .filter((file) => file.endsWith('.tla') && existsSync(`${specs}${file.replace(/tla$/, 'cfg')}`))
    .map((file) => file.slice(0, -'.tla'.length))
    .sort();
}

export const specificationPath = (name: string): string => `${specs}${name}.tla`;
export const modelPath = (name: string): string => `${models}${name}.ts`;

export function compiledSpecification(name: string): string {
  return compileFile(specificationPath(name), undefined, { runtime: '../../specs/tla-ts/runtime/index.js' });
}

async function compareAll(): Promise<void> {
  console.log('| specification | states | steps | differences |\n|---|---|---|---|');
  for (const name of specificationNames()) {
    const { model } = (await import(modelPath(name))) as { model: Model<AnyState, unknown> };
    const path = specificationPath(name);
    const { states, steps, differences } = compare(specificationOfFile(path, path.replace(/tla$/, 'cfg')), model);
    console.log(`| ${name} | ${states} | ${steps} | ${differences.length === 0 ? 'none' : differences.join('; ')} |`);
    if (differences.length > 0) process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--compare')) await compareAll();
  else {
    for (const name of specificationNames()) {
      writeFileSync(modelPath(name), compiledSpecification(name));
      console.log(`model/specs/${name}.ts`);
    }
    writeFileSync(`${specs}README.md`, withTable(readFileSync(`${specs}README.md`, 'utf8')));
  }
}
