// npm run specs: the model is derived from the specifications. Every specs/Name.tla with a configuration becomes model/specs/Name.ts.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compileFile } from '../specs/tla-ts/compile/compile.js';

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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of specificationNames()) {
    writeFileSync(modelPath(name), compiledSpecification(name));
    console.log(`model/specs/${name}.ts`);
  }
}
