/**
 * From the declaration of a class, or its class file, to its symbol: types of members, numbers of methods and fields,
 * what the compiler adds.
 *
 * Added are: a constructor where there is none; a method that runs the field initialisers, once, and a field that says
 * it has run; for each method of an interface that the class implements, a method whose name tells its parameters' types
 * (`area()`, `put(string,int)`), which calls the class's own. Calls through an interface go by that name. Added methods
 * get the highest numbers, so they change nobody else's.
 */

import type { ClassFile } from '../../model/classfile/index.js';
import { readExtras } from './class-extras.js';
import type { ClassTable } from './class-table.js';
import { constantOf } from './constants.js';
import { EXTENSIBLE_CLASSES, EXTENSION_METHODS } from './internal-classes.js';
import { inHashOrder, numberMethods, signatureKey } from './ordinals.js';
import type { FileScope } from './scope.js';
import {
  type ClassSymbol,
  type FieldSymbol,
  initialiserName,
  type MethodSymbol,
  type ParameterSymbol,
} from './symbols.js';
import type { ClassSyntax, MethodSyntax } from './syntax.js';
import { ERROR, fromTypeName, OBJECT_CLASS, sameType, type Type, typeText, VOID } from './types.js';

export const CONSTRUCTOR = '<init>';
/** Methods of the root class, in front of everybody's. */
const ROOT_METHODS = 16;
/** What class files have room for. */
const SLOTS_MAX = 65535;
const ORDINAL_MAX = SLOTS_MAX - 1;
const PARAMETERS_MAX = 255;

/** Name under which a class's method is called through an interface. */
export function bridgeName(name: string, parameters: readonly ParameterSymbol[]): string {
  return `${name}(${parameters.map(({ type }) => typeText(type)).join(',')})`;
}

/** A class known by its class file alone. */
export function linkFile(file: ClassFile): ClassSymbol {
  const { isInterface, interfaces, statics } = readExtras(file.extra);
  const owner = file.name;
  const methods = file.methods.map((method): MethodSymbol => {
    const parameters = method.parameters.map(({ name, type }) => ({ name, type: fromTypeName(type) }));
    const made = method.name.startsWith('#') ? 'initialise' : method.name.includes('(') ? 'bridge' : undefined;
    const { name, ordinal, isConstructor } = method;
    return {
      name,
      ordinal,
      owner,
      isConstructor,
      isStatic: false,
      parameters,
      result: fromTypeName(method.result),
      made,
    };
  });
  const fields = file.fields.map(
    ({ name, ordinal, type }): FieldSymbol => ({ name, ordinal, owner, type: fromTypeName(type), isStatic: false }),
  );
  const staticFields = statics.map(
    ({ name, slot, type, initial }): FieldSymbol => ({ name, ordinal: slot, owner, type, isStatic: true, initial }),
  );
  return {
    name: owner,
    isInterface,
    isInternal: owner.startsWith('.internal.'),
    parent: file.parent,
    interfaces,
    fields: [...fields, ...staticFields],
    methods,
    objectSlots: file.objectSlots,
    methodSlots: file.methodSlots,
  };
}

class Linker {
  private readonly parent: ClassSymbol | undefined;
  private readonly inherited = new Map<string, MethodSymbol>();

  constructor(
    private readonly table: ClassTable,
    private readonly name: string,
    private readonly scope: FileScope,
    private readonly syntax: ClassSyntax,
  ) {
    this.parent = this.findParent();
    for (const { methods } of this.parent === undefined ? [] : table.ancestry(this.parent.name)) {
      for (const method of methods) {
        const key = signatureKey(
          method.name,
          method.parameters.map(({ type }) => type),
        );
        if (!this.inherited.has(key)) this.inherited.set(key, method);
      }
    }
  }

  link(): ClassSymbol {
    const { syntax, name } = this;
    const isInternal = name.startsWith('.internal.');
    const interfaces = this.interfaces();
    const methods = this.methods(isInternal);
    const fields = this.fields();
    const initialised = fields.some(({ isStatic, syntax: field }) => !isStatic && field?.value !== undefined);
    const instance = fields.filter(({ isStatic }) => !isStatic).length;
    let objectSlots = (this.parent?.objectSlots ?? 0) + instance;
    const initialisedSlot = initialised && !syntax.isInterface ? objectSlots++ : undefined;
    let methodSlots = Math.max(this.firstOwn(), ...methods.map(({ ordinal }) => ordinal + 1));
    const made: MethodSymbol[] = [];
    const add = (method: Omit<MethodSymbol, 'ordinal' | 'owner' | 'isConstructor' | 'isStatic'>): void => {
      made.push({ ...method, ordinal: methodSlots++, owner: name, isConstructor: false, isStatic: false });
    };
    if (initialisedSlot !== undefined) {
      add({ name: initialiserName(name), parameters: [], result: VOID, made: 'initialise' });
    }
    if (!syntax.isInterface && !isInternal) this.bridges(interfaces, methods, add);
    if (objectSlots > SLOTS_MAX || methodSlots > SLOTS_MAX) {
      this.error(syntax.name, `class ${name} has more than ${SLOTS_MAX} fields or methods`, 'split it');
    }
    return {
      name,
      isInterface: syntax.isInterface && !isInternal,
      isInternal,
      parent: this.parent?.name,
      interfaces,
      fields,
      methods: [...methods, ...made],
      objectSlots,
      methodSlots,
      initialisedSlot,
      source: { scope: this.scope, syntax },
    };
  }

  private error(span: { start: number; end: number }, message: string, suggestion?: string): void {
    this.table.error(this.scope, span, message, suggestion);
  }

  private findParent(): ClassSymbol | undefined {
    if (this.name === OBJECT_CLASS) return undefined;
    const root = this.table.get(OBJECT_CLASS);
    const { parents, isInterface } = this.syntax;
    if (isInterface || parents.length === 0) return root;
    const name = this.table.require(this.scope, parents[0]);
    if (name === undefined) return root;
    const found = this.table.get(name);
    if (found === undefined) {
      if (this.table.isLinking(name)) this.error(parents[0], `class ${this.name} descends from itself`);
      return root;
    }
    if (found.isInterface) {
      this.error(parents[0], `${name} is an interface`, 'use implements');
      return root;
    }
    if (found.isInternal && name !== OBJECT_CLASS && !EXTENSIBLE_CLASSES.has(name)) {
      this.error(parents[0], `a class cannot extend the kernel's class ${name}`, 'keep one in a field');
      return root;
    }
    return found;
  }

  private interfaces(): string[] {
    const names = this.syntax.isInterface
      ? [...this.syntax.parents, ...this.syntax.interfaces]
      : this.syntax.interfaces;
    return names.flatMap((syntax) => {
      const name = this.table.require(this.scope, syntax);
      if (name === undefined || name === OBJECT_CLASS) return [];
      const found = this.table.get(name);
      if (found === undefined) {
        if (this.table.isLinking(name)) this.error(syntax, `${this.name} descends from itself`);
        return [];
      }
      if (found.isInterface) return [name];
      this.error(syntax, `${name} is no interface`, this.syntax.isInterface ? undefined : 'use extends');
      return [];
    });
  }

  private fields(): FieldSymbol[] {
    const seen = new Set<string>();
    let slot = this.parent?.objectSlots ?? 0;
    let staticSlot = 0;
    const fields: FieldSymbol[] = [];
    for (const syntax of this.syntax.fields) {
      const { name, isStatic } = syntax;
      if (this.syntax.isInterface) {
        this.error(syntax.nameSpan, `an interface has no fields`, 'declare it in the classes that implement it');
        continue;
      }
      const inherited = this.parent === undefined ? undefined : this.table.field(this.parent.name, name);
      if (seen.has(name)) this.error(syntax.nameSpan, `field ${name} is declared twice`);
      else if (inherited !== undefined && !isStatic) {
        this.table.diagnostics.warn(
          this.scope.source,
          syntax.nameSpan,
          `field ${name} hides that of ${inherited.owner}`,
        );
      }
      if (seen.has(name)) continue;
      seen.add(name);
      let type = this.table.type(this.scope, syntax.type);
      if (type.kind === 'void') {
        this.error(syntax, `field ${name} cannot be void`);
        type = ERROR;
      }
      const initial = isStatic ? this.staticInitial(syntax.value, type) : undefined;
      const ordinal = isStatic ? staticSlot++ : slot++;
      fields.push({ name, type, owner: this.name, ordinal, isStatic, initial, syntax });
    }
    return inHashOrder(fields, ({ name }) => name);
  }

  private staticInitial(value: ClassSyntax['fields'][number]['value'], type: Type): FieldSymbol['initial'] {
    if (value === undefined) return constantOf(undefined, type);
    const constant = constantOf(value, type);
    if (constant === undefined && type.kind !== 'error') {
      const what = `a static field begins with a constant of its type, ${typeText(type)}`;
      this.error(value, what, 'assign anything else in a method');
    }
    return constant;
  }

  private methods(isInternal: boolean): MethodSymbol[] {
    const declared = this.syntax.methods.map((syntax) => this.method(syntax));
    const keys = new Map<string, MethodSyntax>();
    for (const method of declared) {
      if (keys.has(method.key)) {
        const suggestion = 'give one another name or other parameters';
        this.error(method.syntax.nameSpan, `${method.syntax.name} with these parameters is declared twice`, suggestion);
      }
      keys.set(method.key, method.syntax);
    }
    const makesConstructor = !declared.some(({ name }) => name === CONSTRUCTOR) && !isInternal;
    const ordered = inHashOrder(declared, ({ key }) => key);
    const own = ordered.map(({ key, forced }) => ({ key, forced }));
    const constructorKey = signatureKey(CONSTRUCTOR, []);
    const numbered = makesConstructor ? [...own, { key: constructorKey, forced: undefined }] : own;
    const inheritedOrdinals = new Map([...this.inherited].map(([key, { ordinal }]) => [key, ordinal]));
    const first = this.firstOwn();
    const ordinals = numberMethods(numbered, inheritedOrdinals, first);
    const symbols = ordered.map(({ key, name, parameters, result, syntax }, i): MethodSymbol & { key: string } => {
      const { isConstructor, isStatic } = syntax;
      return { key, name, ordinal: ordinals[i], owner: this.name, isConstructor, isStatic, parameters, result, syntax };
    });
    this.checkOrdinals(symbols);
    this.checkOverrides(symbols);
    if (makesConstructor) {
      const ordinal = ordinals[ordinals.length - 1];
      symbols.push({
        ...{ key: constructorKey, name: CONSTRUCTOR, ordinal, owner: this.name, isConstructor: true, isStatic: false },
        ...{ parameters: [], result: VOID, made: 'constructor' },
      });
    }
    return inHashOrder(symbols, ({ key }) => key).map(({ key, ...symbol }) => symbol);
  }

  /** The first method number that the parent leaves free. */
  private firstOwn(): number {
    const { parent } = this;
    if (parent === undefined) return ROOT_METHODS;
    if (parent.isInternal && parent.name !== OBJECT_CLASS) return EXTENSION_METHODS;
    return Math.max(ROOT_METHODS, parent.methodSlots);
  }

  private method(syntax: MethodSyntax) {
    const names = new Set<string>();
    const parameters = syntax.parameters.map((parameter): ParameterSymbol => {
      const type = this.table.type(this.scope, parameter.type);
      if (type.kind === 'void') this.error(parameter, `parameter ${parameter.name} cannot be void`);
      if (names.has(parameter.name)) this.error(parameter, `parameter ${parameter.name} is declared twice`);
      names.add(parameter.name);
      return { name: parameter.name, type: type.kind === 'void' ? ERROR : type };
    });
    if (parameters.length > PARAMETERS_MAX) {
      this.error(syntax.nameSpan, `a method takes ${PARAMETERS_MAX} parameters at most`, 'pass an array');
    }
    const name = syntax.isConstructor ? CONSTRUCTOR : syntax.name;
    const result = this.table.type(this.scope, syntax.result);
    const key = signatureKey(
      name,
      parameters.map(({ type }) => type),
    );
    return { key, forced: syntax.ordinal, name, parameters, result, syntax };
  }

  private checkOrdinals(symbols: readonly MethodSymbol[]): void {
    const byOrdinal = new Map<number, MethodSymbol>();
    for (const symbol of symbols) {
      const other = byOrdinal.get(symbol.ordinal);
      const span = symbol.syntax?.nameSpan ?? this.syntax.name;
      if (other !== undefined && this.table.get(OBJECT_CLASS) !== undefined && !this.name.startsWith('.internal.')) {
        this.error(span, `${symbol.name} and ${other.name} both have number ${symbol.ordinal}`);
      }
      if (symbol.ordinal > ORDINAL_MAX) {
        this.error(span, `method number ${symbol.ordinal} is too high`, `the highest is ${ORDINAL_MAX}`);
      }
      byOrdinal.set(symbol.ordinal, symbol);
    }
  }

  /** A method found in the parent's place must keep its promise. */
  private checkOverrides(symbols: readonly (MethodSymbol & { key: string })[]): void {
    for (const { key, ordinal, result, syntax, isConstructor } of symbols) {
      const overridden = this.inherited.get(key);
      if (overridden === undefined || overridden.ordinal !== ordinal || isConstructor || syntax === undefined) continue;
      if (this.keeps(result, overridden.result)) continue;
      const message = `${syntax.name} returns ${typeText(result)}, but overrides ${overridden.owner}'s, `;
      this.error(syntax.nameSpan, `${message}which returns ${typeText(overridden.result)}`, 'return the same type');
    }
  }

  /** Whether who expects `wanted` may get `given`. */
  private keeps(given: Type, wanted: Type): boolean {
    if (sameType(given, wanted) || given.kind === 'error' || wanted.kind === 'error' || given.kind === 'any')
      return true;
    if (wanted.kind === 'any' || (wanted.kind === 'class' && wanted.name === OBJECT_CLASS))
      return given.kind !== 'void';
    if (given.kind !== 'class' || wanted.kind !== 'class') return false;
    if (given.name === this.name) return wanted.name === this.parent?.name || this.syntax.interfaces.length > 0;
    return this.table.descends(given.name, wanted.name) || this.table.implements(given.name, wanted.name);
  }

  private bridges(
    interfaces: readonly string[],
    own: readonly MethodSymbol[],
    add: (method: Omit<MethodSymbol, 'ordinal' | 'owner' | 'isConstructor' | 'isStatic'>) => void,
  ): void {
    const done = new Set<string>();
    const all = interfaces.flatMap((name) => {
      const symbol = this.table.get(name);
      return symbol === undefined ? [] : [symbol, ...this.table.interfacesOf(name)];
    });
    const byKey = new Map(
      own.map((method) => [
        signatureKey(
          method.name,
          method.parameters.map(({ type }) => type),
        ),
        method,
      ]),
    );
    for (const wanted of new Set(all)) {
      for (const method of wanted.methods) {
        const key = signatureKey(
          method.name,
          method.parameters.map(({ type }) => type),
        );
        const bridge = bridgeName(method.name, method.parameters);
        if (method.isConstructor || method.made !== undefined || done.has(bridge)) continue;
        done.add(bridge);
        const found = byKey.get(key) ?? this.inherited.get(key);
        if (found === undefined) {
          const text = `${method.name}(${method.parameters.map(({ name, type }) => ` var ${name} : ${typeText(type)}`)} )`;
          const suggestion = `write ${typeText(method.result)} ${text}`;
          this.error(this.syntax.name, `class ${this.name} lacks ${bridge} of ${wanted.name}`, suggestion);
          continue;
        }
        if (!this.keeps(found.result, method.result)) {
          const message = `${bridge} returns ${typeText(found.result)}; ${wanted.name} wants ${typeText(method.result)}`;
          this.error(found.syntax?.nameSpan ?? this.syntax.name, message);
        }
        if ([...this.inherited.values()].some(({ name }) => name === bridge)) continue;
        const { parameters, result } = method;
        add({ name: bridge, parameters, result, made: 'bridge', bridgeTo: found.ordinal });
      }
    }
  }
}

/** A class from its source. */
export function linkSyntax(table: ClassTable, name: string, scope: FileScope, syntax: ClassSyntax): ClassSymbol {
  return new Linker(table, name, scope, syntax).link();
}
