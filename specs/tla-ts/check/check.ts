// One check from the files to the result; nothing is thrown for a mistake in them.
import type { Host } from '../semantics/builtin.js';
import { ModuleLoader } from '../semantics/loader.js';
import type { Module } from '../semantics/symbols.js';
import { parseConfig, readConfig } from '../syntax/config.js';
import { EvaluationError, SpecError, TOO_DEEP } from '../syntax/source.js';
import { clearInterned, intern } from '../values/interning.js';
import type { Value } from '../values/value.js';
import { type ExploreOptions, Explorer } from './explorer.js';
import { type CheckResult, EXIT_CODES, failure } from './result.js';
import { Specification } from './specification.js';

export interface CheckOptions extends ExploreOptions {
  /** Receives what Print and PrintT print. */
  readonly print?: (text: string) => void;
}

export interface CheckTexts {
  readonly module: string;
  readonly config: string;
  /** Further modules by name. */
  readonly modules?: Readonly<Record<string, string>>;
}

/** Checks a module and a configuration given as texts. */
export function checkTexts(texts: CheckTexts, options: CheckOptions = {}): CheckResult {
  return guarded(
    () => new ModuleLoader({ texts: texts.modules }).fromText(texts.module, 'module.tla'),
    () => texts.config,
    'module.cfg',
    options,
  );
}

/** Checks a .tla file; the configuration is the .cfg of the same name unless another is given. */
export function checkFile(path: string, config: string | undefined, options: CheckOptions = {}): CheckResult {
  const configPath = config ?? path.replace(/\.tla$/, '.cfg');
  return guarded(
    () => ModuleLoader.fromFile(path),
    () => readConfig(configPath),
    configPath,
    options,
  );
}

function guarded(load: () => Module, configText: () => string, configFile: string, options: CheckOptions): CheckResult {
  clearInterned();
  const registers = new Map<Value, Value>();
  const host: Host = {
    print: options.print ?? (() => undefined),
    register: (key) => {
      const value = registers.get(intern(key));
      if (value === undefined) throw new EvaluationError('TLCGet asks for a register that TLCSet has not set.');
      return value;
    },
    setRegister: (key, value) => {
      registers.set(intern(key), value);
    },
  };
  try {
    const module = load();
    const config = parseConfig(configText(), configFile);
    return new Explorer(new Specification(module, config, host), options, host).run();
  } catch (error) {
    if (error instanceof SpecError) {
      return failure(error.kind === 'parse' ? 'parse-error' : 'config-error', error.report, error.span);
    }
    if (error instanceof EvaluationError)
      return { ...failure('eval-error', error.message, error.span), exitCode: EXIT_CODES['eval-error'] };
    // The parser and the analysis recurse; what a state needs is caught where it is computed.
    if (error instanceof RangeError && /call stack/.test(error.message)) return failure('parse-error', TOO_DEEP);
    throw error;
  }
}
