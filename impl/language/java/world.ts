/**
 * The classes of a translation, and where their members are: which number a method has, which slot a field.
 *
 * Rules. Numbers depend on a class and its ancestors alone, so classes may be translated at different times. A method
 * that overrides has the number of the one it overrides; constructors and private methods have numbers of their own, so
 * a call by number reaches them and no other. Interfaces have no numbers: their methods are called by a name that is name
 * and descriptor, and a class that gets a default method gets a copy of it.
 *
 * A Java class `a/B` is the Phantom class `.a.B`; its static methods are the methods, and its static fields the fields,
 * of the one object of `.a.B$static`, which hangs on the class object `.a.B` (static slot 0).
 */

import {
  ACC_ABSTRACT,
  ACC_PRIVATE,
  ACC_PROTECTED,
  ACC_PUBLIC,
  ACC_STATIC,
  JavaClass,
  type JavaField,
  type JavaMethod,
} from './class-reader.js';
import { JavaError } from './errors.js';
import { decode } from './instructions.js';
import { BINDINGS } from './machine.js';
import { kindOf } from './stack-flow.js';

export const OBJECT = 'java/lang/Object';
/** Kernel methods 0 to 15 come first. */
const FIRST_ORDINAL = 16;
/** Of a `$static` class: `phantom$init`. */
export const INIT_ORDINAL = 16;
const ANCESTORS_MAX = 500;

/** Where class files come from: given ones, those beside them, the library's. */
export interface ClassSource {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly isLibrary: boolean;
}
export type FindJavaClass = (name: string) => ClassSource | undefined;

export interface Slot {
  readonly ordinal: number;
  /** Class whose method it is; of a copied default method the interface. */
  readonly owner: ClassInfo;
  readonly method: JavaMethod;
  /** A default method of an interface, copied. */
  readonly isCopy: boolean;
}

export interface Accessors {
  readonly get: number;
  readonly set: number;
}

export interface FieldPlace {
  readonly owner: ClassInfo;
  readonly field: JavaField;
  readonly slot: number;
  readonly accessors: Accessors;
}

/** Name of a Phantom class. */
export function phantomName(name: string): string {
  return BINDINGS.get(name)?.className ?? `.${name.replaceAll('/', '.')}`;
}

export const keyOf = ({ name, descriptor }: { readonly name: string; readonly descriptor: string }): string =>
  name + descriptor;

function packageOf(name: string): string {
  return name.slice(0, name.lastIndexOf('/') + 1);
}

export class ClassInfo {
  /** Instance fields, inherited ones too, by name and descriptor. */
  readonly fields = new Map<string, FieldPlace>();
  readonly ownFields: FieldPlace[] = [];
  readonly statics = new Map<string, FieldPlace>();
  /** Methods a call by number finds, inherited ones too. */
  readonly virtual = new Map<string, Slot>();
  /** Private methods and constructors. */
  readonly direct = new Map<string, Slot>();
  readonly staticMethods = new Map<string, Slot>();
  /** Methods that call a method of an ancestor on `this`, by `CLASS.NAME` and descriptor: their numbers. */
  readonly superCalls = new Map<string, number>();
  slots = 0;
  nextOrdinal = FIRST_ORDINAL;
  nextStatic = INIT_ORDINAL + 1;
  staticSlots = 0;

  constructor(
    readonly java: JavaClass,
    readonly isLibrary: boolean,
    readonly parent: ClassInfo | undefined,
    readonly interfaces: readonly ClassInfo[],
  ) {
    if (parent !== undefined) {
      for (const [key, place] of parent.fields) this.fields.set(key, place);
      for (const [key, slot] of parent.virtual) this.virtual.set(key, slot);
      this.slots = parent.slots;
      this.nextOrdinal = parent.nextOrdinal;
    }
    for (const field of java.fields) this.addField(field);
    for (const method of java.methods) this.addMethod(method);
    if (!java.isInterface) this.copyDefaults();
    this.findSuperCalls();
  }

  get name(): string {
    return this.java.name;
  }

  /** One of the library's array classes, which say themselves what they are. */
  get isLibraryArray(): boolean {
    return this.isLibrary && /^phantom\/jvm\/\w*Array$/.test(this.name);
  }

  get hasStatics(): boolean {
    return this.staticMethods.size > 0 || this.statics.size > 0;
  }

  /** Primitive instance fields, inherited ones too: they begin as 0, not as null. */
  get numericFields(): FieldPlace[] {
    return [...this.fields.values()].filter(({ field }) => kindOf(field.descriptor) !== 'A');
  }

  /** All interfaces, of ancestors too. */
  get allInterfaces(): Set<ClassInfo> {
    const found = new Set<ClassInfo>(this.parent?.allInterfaces);
    for (const one of this.interfaces) {
      found.add(one);
      for (const more of one.allInterfaces) found.add(more);
    }
    return found;
  }

  private addField(field: JavaField): void {
    const key = `${field.name}:${field.descriptor}`;
    if ((field.flags & ACC_STATIC) !== 0) {
      const accessors = { get: this.nextStatic++, set: this.nextStatic++ };
      this.statics.set(key, { owner: this, field, slot: this.staticSlots++, accessors });
      return;
    }
    const accessors = { get: this.nextOrdinal++, set: this.nextOrdinal++ };
    const place = { owner: this, field, slot: this.slots++, accessors };
    this.fields.set(key, place);
    this.ownFields.push(place);
  }

  private addMethod(method: JavaMethod): void {
    const key = keyOf(method);
    const slot = (ordinal: number): Slot => ({ ordinal, owner: this, method, isCopy: false });
    if ((method.flags & ACC_STATIC) !== 0) {
      this.staticMethods.set(key, slot(this.nextStatic++));
    } else if (method.name === '<init>' || (method.flags & ACC_PRIVATE) !== 0) {
      this.direct.set(key, slot(this.nextOrdinal++));
    } else {
      const forced = this.isLibrary ? /^phantom\$(\d+)$/.exec(method.name) : null;
      const inherited = this.virtual.get(key);
      const ordinal =
        forced !== null
          ? Number(forced[1])
          : inherited !== undefined && this.overrides(inherited)
            ? inherited.ordinal
            : this.nextOrdinal++;
      this.virtual.set(key, slot(ordinal));
    }
  }

  private overrides({ owner, method }: Slot): boolean {
    if ((method.flags & (ACC_PUBLIC | ACC_PROTECTED)) !== 0) return true;
    return packageOf(owner.name) === packageOf(this.name);
  }

  /** Default methods of interfaces, where no class has the method: the most specific one. */
  private copyDefaults(): void {
    const interfaces = [...this.allInterfaces];
    for (const one of interfaces) {
      for (const slot of one.virtual.values()) {
        const key = keyOf(slot.method);
        if (slot.owner !== one || slot.method.code === undefined) continue;
        const known = this.virtual.get(key);
        if (known !== undefined && !known.isCopy) continue;
        if (known?.owner === one || known?.owner.allInterfaces.has(one)) continue;
        this.virtual.set(key, { ...slot, isCopy: true, ordinal: known?.ordinal ?? this.nextOrdinal++ });
      }
    }
  }

  /** Methods whose code this class holds. */
  get ownSlots(): Slot[] {
    const declared = [...this.direct.values(), ...this.virtual.values()].filter(({ owner }) => owner === this);
    const copies = [...this.virtual.values()].filter(
      (slot) => slot.isCopy && this.parent?.virtual.get(keyOf(slot.method))?.owner !== slot.owner,
    );
    return [...declared, ...copies];
  }

  private findSuperCalls(): void {
    if (this.java.isInterface) return;
    for (const { method, owner } of this.ownSlots) {
      if (method.code === undefined) continue;
      for (const { name, operand } of decode(method.code)) {
        if (name !== 'invokespecial') continue;
        const member = owner.java.member(operand);
        if (member.name === '<init>' || this.direct.has(keyOf(member))) continue;
        const key = `${member.owner}.${keyOf(member)}`;
        if (!this.superCalls.has(key)) this.superCalls.set(key, this.nextOrdinal++);
      }
    }
  }
}

export class World {
  private readonly infos = new Map<string, ClassInfo>();
  private readonly loading = new Set<string>();

  constructor(private readonly find: FindJavaClass) {}

  /** Adds a class that was given; its name is known only then. */
  add(java: JavaClass): ClassInfo {
    return this.infos.get(java.name) ?? this.make(java, false);
  }

  /** The class of that name. Throws JavaError when there is none, or it is broken. */
  get(name: string): ClassInfo {
    const known = this.infos.get(name);
    if (known !== undefined) return known;
    const source = this.find(name);
    if (source === undefined) {
      throw new JavaError(
        `class ${name.replaceAll('/', '.')} is neither given, nor beside the given files, nor in the library`,
      );
    }
    const java = new JavaClass(source.bytes, source.file);
    if (java.name !== name)
      throw new JavaError(`it defines class ${java.name}, and ${name} was expected`, { file: source.file });
    return this.make(java, source.isLibrary);
  }

  private make(java: JavaClass, isLibrary: boolean): ClassInfo {
    const place = { file: java.file, className: java.name };
    if (this.loading.has(java.name)) throw new JavaError('broken class file: the class descends from itself', place);
    if (this.loading.size > ANCESTORS_MAX) throw new JavaError('the class has too many ancestors', place);
    this.loading.add(java.name);
    try {
      if (java.name.startsWith('[')) throw new JavaError('broken class file: an array is no class');
      if (java.superName === undefined && java.name !== OBJECT) throw new JavaError('broken class file: no superclass');
      const parent = java.superName === undefined ? undefined : this.get(java.superName);
      if (parent?.java.isInterface)
        throw new JavaError(`broken class file: ${parent.name} is an interface, not a class`);
      const interfaces = java.interfaces.map((name) => this.get(name));
      const wrong = interfaces.find((one) => !one.java.isInterface);
      if (wrong !== undefined) throw new JavaError(`broken class file: ${wrong.name} is no interface`);
      const info = new ClassInfo(java, isLibrary, parent, interfaces);
      this.infos.set(java.name, info);
      return info;
    } catch (error) {
      if (error instanceof JavaError) throw error.at(place);
      throw error;
    } finally {
      this.loading.delete(java.name);
    }
  }

  /** The class declares or inherits a static field of that name. Throws JavaError. */
  staticField(owner: string, name: string, descriptor: string): FieldPlace {
    const key = `${name}:${descriptor}`;
    for (let cls: ClassInfo | undefined = this.get(owner); cls !== undefined; cls = cls.parent) {
      const found =
        cls.statics.get(key) ?? [...cls.allInterfaces].map((one) => one.statics.get(key)).find((one) => one);
      if (found !== undefined) return found;
    }
    throw this.missing(owner, `static field ${name} of type ${descriptor}`);
  }

  instanceField(owner: string, name: string, descriptor: string): FieldPlace {
    const found = this.get(owner).fields.get(`${name}:${descriptor}`);
    if (found === undefined) throw this.missing(owner, `field ${name} of type ${descriptor}`);
    return found;
  }

  staticMethod(owner: string, key: string): Slot {
    for (let cls: ClassInfo | undefined = this.get(owner); cls !== undefined; cls = cls.parent) {
      const found = cls.staticMethods.get(key);
      if (found !== undefined) return found;
    }
    throw this.missing(owner, `static method ${key}`);
  }

  /** A slot, or the interface whose method has to be called by name. Throws JavaError. */
  instanceMethod(owner: string, key: string): Slot | 'by name' {
    const cls = this.get(owner);
    if (!cls.java.isInterface) {
      const slot = cls.direct.get(key) ?? cls.virtual.get(key);
      if (slot !== undefined) return slot;
    }
    const object = this.get(OBJECT).virtual.get(key);
    if (object !== undefined) return object;
    for (const one of [cls, ...cls.allInterfaces]) {
      if (one.java.isInterface && one.virtual.get(key)?.owner === one) return 'by name';
    }
    throw this.missing(owner, `method ${key}`);
  }

  missing(owner: string, what: string): JavaError {
    const library = this.get(owner).isLibrary ? ' of the library' : '';
    return new JavaError(`class ${owner.replaceAll('/', '.')}${library} has no ${what}`);
  }
}

export function isAbstract(method: JavaMethod): boolean {
  return (method.flags & ACC_ABSTRACT) !== 0;
}
