// Finds modules: in the texts handed over, beside the specification, among the standard ones.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { spellingHint } from '../syntax/hints.js';
import { parseModule } from '../syntax/parser.js';
import { type Span, SpecError } from '../syntax/source.js';
import { analyseModule } from './analysis.js';
import { STANDARD_MODULES, standardModule } from './standard.js';
import type { Module } from './symbols.js';

export interface Sources {
  /** Texts of modules by name; looked up before any file. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Directories to look for Name.tla, in this order. */
  readonly directories?: readonly string[];
}

export class ModuleLoader {
  private readonly loaded = new Map<string, Module>();
  private readonly loading: string[] = [];

  constructor(private readonly sources: Sources) {}

  /** Reads the module of a file; modules that it names are looked for beside it first. */
  static fromFile(path: string): Module {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      throw new SpecError('parse', `The file ${path} cannot be read. Give the path of a .tla file.`);
    }
    const module = new ModuleLoader({ directories: [dirname(path)] }).fromText(text, path);
    if (`${module.name}.tla` !== basename(path)) {
      throw new SpecError('parse', `The module in ${path} is called ${module.name}: file and module have one name.`);
    }
    return module;
  }

  fromText(text: string, file: string): Module {
    const syntax = parseModule(text, file);
    this.loading.push(syntax.name);
    const module = analyseModule(syntax, (name, span) => this.find(name, span));
    this.loading.pop();
    this.loaded.set(syntax.name, module);
    return module;
  }

  private find(name: string, span: Span): Module {
    const known = this.loaded.get(name);
    if (known) return known;
    if (this.loading.includes(name)) {
      throw new SpecError(
        'parse',
        `Modules extend each other in a circle: ${[...this.loading, name].join(' -> ')}.`,
        span,
      );
    }
    const text = this.sources.texts?.[name];
    if (text !== undefined) return this.fromText(text, `${name}.tla`);
    const path = this.sources.directories?.map((directory) => join(directory, `${name}.tla`)).find(existsSync);
    if (path) return this.fromText(readFileSync(path, 'utf8'), path);
    const standard = standardModule(name);
    if (standard) return standard;
    throw new SpecError(
      'parse',
      `Module ${name} was not found: there is no ${name}.tla beside the specification, and it is none of ${STANDARD_MODULES.join(', ')}.${spellingHint(name, STANDARD_MODULES)}`,
      span,
    );
  }
}
