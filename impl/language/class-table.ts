/**
 * All classes of a compilation: those given, those they name, the kernel's.
 *
 * Rule: a class is read when its name is first asked for, and linked (parents, types, numbers) when its members are;
 * linking a class links its ancestors and asks for nothing else's members, so classes may name each other in circles.
 */

import { ClassFileError, readClassFile } from '../../model/classfile/index.js';
import { type Diagnostics, didYouMean } from './diagnostics.js';
import { INTERNAL_CLASSES } from './internal-classes.js';
import { linkFile, linkSyntax } from './link.js';
import { signatureKey } from './ordinals.js';
import { parse } from './parser.js';
import { FileScope } from './scope.js';
import { Source, type Span } from './source.js';
import type { ClassSymbol, FieldSymbol, MethodSymbol } from './symbols.js';
import type { ClassSyntax, NameSyntax, TypeSyntax } from './syntax.js';
import {
  ANY,
  ARRAY_CLASS,
  DOUBLE,
  ERROR,
  FLOAT,
  INT,
  LONG,
  OBJECT_CLASS,
  STRING,
  type Type,
  typeOfClass,
  VOID,
} from './types.js';

/** A class found outside the files given. */
export type FoundClass =
  | { readonly kind: 'source'; readonly file: string; readonly text: string }
  | { readonly kind: 'class'; readonly file: string; readonly bytes: Uint8Array };

/** Where classes come from that are named and not given: name with its leading dot, file that names it. */
export type FindClass = (name: string, from: string) => FoundClass | undefined;

interface Declared {
  readonly scope: FileScope;
  readonly syntax: ClassSyntax;
}

export class ClassTable {
  private readonly declared = new Map<string, Declared>();
  private readonly linked = new Map<string, ClassSymbol>();
  private readonly linking = new Set<string>();
  private readonly missing = new Set<string>();
  private readonly parsed = new Set<string>();
  /** Classes to compile, in the order in which they were met. */
  readonly toCompile: string[] = [];

  constructor(
    readonly diagnostics: Diagnostics,
    private readonly find: FindClass,
  ) {
    const source = new Source('internal classes', INTERNAL_CLASSES);
    const scope = new FileScope(source, parse(source, diagnostics));
    for (const syntax of scope.syntax.classes) this.declared.set(scope.declaredName(syntax.name), { scope, syntax });
  }

  /** Takes a file's classes in; those of `.internal` replace the kernel's declarations and are not compiled. */
  addSource(source: Source): FileScope {
    const scope = new FileScope(source, parse(source, this.diagnostics));
    this.parsed.add(source.file);
    for (const syntax of scope.syntax.classes) {
      const name = scope.declaredName(syntax.name);
      const other = this.declared.get(name);
      if (name.startsWith('.internal.')) {
        this.declared.set(name, { scope, syntax });
        continue;
      }
      if (other !== undefined) {
        const suggestion = `it is in ${other.scope.source.file} already`;
        this.diagnostics.error(source, syntax.name, `class ${name} is declared twice`, suggestion);
        continue;
      }
      this.declared.set(name, { scope, syntax });
      this.missing.delete(name);
      this.toCompile.push(name);
    }
    return scope;
  }

  /** Whether there is a class of that name; reads it when it is not known yet. */
  exists(name: string, from: string): boolean {
    if (this.declared.has(name) || this.linked.has(name)) return true;
    if (this.missing.has(name)) return false;
    const found = this.find(name, from);
    if (found?.kind === 'source' && !this.parsed.has(found.file)) this.addSource(new Source(found.file, found.text));
    else if (found?.kind === 'class') this.addFile(name, found.file, found.bytes);
    if (this.declared.has(name) || this.linked.has(name)) return true;
    this.missing.add(name);
    return false;
  }

  private addFile(name: string, file: string, bytes: Uint8Array): void {
    try {
      const parsed = readClassFile(bytes, file);
      if (parsed.name === name) this.linked.set(name, linkFile(parsed));
    } catch (error) {
      if (!(error instanceof ClassFileError)) throw error;
      this.diagnostics.error(new Source(file, ''), { start: 0, end: 0 }, error.message.replace(`${file}: `, ''));
    }
  }

  /** The class with its members, or undefined when there is none, or it descends from itself. */
  get(name: string): ClassSymbol | undefined {
    const known = this.linked.get(name);
    if (known !== undefined) return known;
    const found = this.declared.get(name);
    if (found === undefined || this.linking.has(name)) return undefined;
    this.linking.add(name);
    const symbol = linkSyntax(this, name, found.scope, found.syntax);
    this.linking.delete(name);
    this.linked.set(name, symbol);
    return symbol;
  }

  /** Files read so far. */
  get files(): Iterable<string> {
    return this.parsed;
  }

  isLinking(name: string): boolean {
    return this.linking.has(name);
  }

  // Names in a file.

  /** The class a name means, or undefined. */
  resolve(scope: FileScope, name: NameSyntax): string | undefined {
    return scope.candidates(name).find((candidate) => this.exists(candidate, scope.source.file));
  }

  /** The class a name means; reports when there is none. */
  require(scope: FileScope, name: NameSyntax): string | undefined {
    const found = this.resolve(scope, name);
    if (found !== undefined) return found;
    const declared = scope.declaredName(name);
    const at = declared.lastIndexOf('.') + 1;
    const known = [...this.declared.keys()];
    const siblings = known.filter((one) => one.lastIndexOf('.') + 1 === at && one.startsWith(declared.slice(0, at)));
    const simple = declared.slice(at);
    const near =
      didYouMean(
        simple,
        siblings.map((one) => one.slice(at)),
      ) ??
      didYouMean(
        declared,
        known.filter((one) => one.endsWith(`.${simple}`)),
      );
    const suggestion = near ?? `give ${declared.slice(1)}.ph too, or the folder of its class file with -I`;
    this.diagnostics.error(scope.source, name, `class ${declared} not found`, suggestion);
    return undefined;
  }

  type(scope: FileScope, syntax: TypeSyntax | undefined): Type {
    if (syntax === undefined) return ANY;
    const element = this.elementType(scope, syntax);
    if (!syntax.isArray) return element;
    if (element.kind === 'void') {
      this.diagnostics.error(scope.source, syntax, 'there are no arrays of void');
      return ERROR;
    }
    const container = syntax.container === undefined ? ARRAY_CLASS : this.require(scope, syntax.container);
    return element.kind === 'error' || container === undefined ? ERROR : { kind: 'array', element, container };
  }

  private elementType(scope: FileScope, { base }: TypeSyntax): Type {
    switch (base) {
      case 'void':
        return VOID;
      case 'int':
        return INT;
      case 'long':
        return LONG;
      case 'float':
        return FLOAT;
      case 'double':
        return DOUBLE;
      case 'string':
        return STRING;
      case 'dynamic':
        return ANY;
    }
    const name = this.require(scope, base);
    return name === undefined ? ERROR : typeOfClass(name);
  }

  // Relations between classes.

  /** The class and its ancestors, the root class last. */
  ancestry(name: string): ClassSymbol[] {
    const list: ClassSymbol[] = [];
    for (let at: string | undefined = name; at !== undefined; ) {
      const symbol = this.get(at);
      if (symbol === undefined || list.includes(symbol)) break;
      list.push(symbol);
      at = symbol.parent;
    }
    if (list.length > 0 && list[list.length - 1].name !== OBJECT_CLASS) {
      const root = this.get(OBJECT_CLASS);
      if (root !== undefined) list.push(root);
    }
    return list;
  }

  /** Whether objects of the class are objects of the other. */
  descends(name: string, ancestor: string): boolean {
    return this.ancestry(name).some((symbol) => symbol.name === ancestor);
  }

  /** Interfaces of a class, its ancestors and of those interfaces. */
  interfacesOf(name: string): ClassSymbol[] {
    const found = new Map<string, ClassSymbol>();
    const add = (interfaceName: string): void => {
      const symbol = found.has(interfaceName) ? undefined : this.get(interfaceName);
      if (symbol === undefined) return;
      found.set(interfaceName, symbol);
      symbol.interfaces.forEach(add);
    };
    for (const { interfaces } of this.ancestry(name)) interfaces.forEach(add);
    return [...found.values()];
  }

  implements(name: string, interfaceName: string): boolean {
    return name === interfaceName || this.interfacesOf(name).some((symbol) => symbol.name === interfaceName);
  }

  field(className: string, name: string): FieldSymbol | undefined {
    for (const { fields } of this.ancestry(className)) {
      const found = fields.find((field) => field.name === name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Methods of a name that objects of a class have; overridden ones and constructors are not among them. */
  methods(className: string, name: string): MethodSymbol[] {
    const found = new Map<string, MethodSymbol>();
    const symbol = this.get(className);
    const owners = [...this.ancestry(className)];
    if (symbol?.isInterface) owners.splice(1, 0, ...this.interfacesOf(className));
    for (const { methods } of owners) {
      for (const method of methods) {
        if (method.isConstructor || method.name !== name) continue;
        const key = signatureKey(
          name,
          method.parameters.map(({ type }) => type),
        );
        if (!found.has(key)) found.set(key, method);
      }
    }
    return [...found.values()];
  }

  methodNames(className: string): string[] {
    const owners = [...this.ancestry(className), ...this.interfacesOf(className)];
    const names = owners.flatMap(({ methods }) => methods.filter(({ made }) => made === undefined));
    return names.filter(({ isConstructor, name }) => !isConstructor && !/[#(]/.test(name)).map(({ name }) => name);
  }

  error(scope: FileScope, span: Span, message: string, suggestion?: string): void {
    this.diagnostics.error(scope.source, span, message, suggestion);
  }
}
