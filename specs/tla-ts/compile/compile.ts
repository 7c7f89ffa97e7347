// tla-ts compile: from files to a TypeScript module.
import { basename } from 'node:path';
import { Specification } from '../check/specification.js';
import type { Host } from '../semantics/builtin.js';
import { ModuleLoader } from '../semantics/loader.js';
import { parseConfig, readConfig } from '../syntax/config.js';
import { EvaluationError } from '../syntax/source.js';
import { Comments } from './comments.js';
import { compileModule } from './module.js';

export interface CompileOptions {
  /** Where the generated module finds the runtime of this package. */
  readonly runtime?: string;
}

export const RUNTIME = 'tla-ts/runtime';

/** Nothing is evaluated while a specification is compiled but what its configuration gives. */
const HOST: Host = {
  print: () => undefined,
  register: () => {
    throw new EvaluationError('There are no registers while a specification is compiled.');
  },
  setRegister: () => undefined,
};

/**
 * Compiles a .tla file with its configuration (the .cfg of the same name unless another is given) to TypeScript.
 * @throws SpecError where the specification or its configuration has a mistake, or a part of it cannot be compiled
 */
export function compileFile(path: string, config: string | undefined, options: CompileOptions = {}): string {
  const configPath = config ?? path.replace(/\.tla$/, '.cfg');
  const module = ModuleLoader.fromFile(path);
  const specification = new Specification(module, parseConfig(readConfig(configPath), configPath), HOST);
  const own = config === undefined ? '' : ` --config ${basename(configPath)}`;
  return compileModule(specification, {
    runtime: options.runtime ?? RUNTIME,
    source: `${basename(path)}${own}`,
    comments: new Comments(),
  });
}

/** Compiles texts; further modules by name. */
export function compileTexts(
  texts: { readonly module: string; readonly config: string; readonly modules?: Readonly<Record<string, string>> },
  options: CompileOptions = {},
): string {
  const module = new ModuleLoader({ texts: texts.modules }).fromText(texts.module, 'module.tla');
  const specification = new Specification(module, parseConfig(texts.config, 'module.cfg'), HOST);
  return compileModule(specification, {
    runtime: options.runtime ?? RUNTIME,
    source: `${module.name}.tla`,
    comments: new Comments({ 'module.tla': texts.module }),
  });
}
