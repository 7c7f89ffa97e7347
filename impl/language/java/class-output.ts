/**
 * A Phantom class being made of a Java class: constants, methods, and the sequences that several methods share.
 *
 * A class with static members is two Phantom classes, `.a.B` and `.a.B$static`. The class object `.a.B` keeps, as its
 * statics:
 *
 *     0    the object of `.a.B$static`, once the class is initialised
 *     1    the same while it is being initialised, for the thread that does it
 *     2..  the string literals of both classes, as Java strings, each from its first use on
 */

import type { ClassFile, Method } from '../../../model/classfile/index.js';
import { Assembler, Label } from '../assembler.js';
import { ConstantPool } from '../emit-values.js';
import { type ClassInfo, INIT_ORDINAL, OBJECT, phantomName, type Slot, type World } from './world.js';

/** Methods of the kernel's class objects. */
const STATIC_SET = 10;
const STATIC_GET = 11;
export const HOLDER_SLOT = 0;
export const BEGUN_SLOT = 1;
const FIRST_LITERAL = 2;

const NO_VERSION = '00000000000000000';
const UNTYPED = { isContainer: false, className: '', contained: '' };
const VOID = { isContainer: false, className: '.internal.void', contained: '' };

export function staticName(cls: ClassInfo): string {
  return `${phantomName(cls.name)}$static`;
}

/** The kinds of strings: all below 128, all below 256 (one byte each), else two bytes each, high byte first. */
export function encodeLiteral(text: string): { readonly bytes: string; readonly coder: number } {
  let highest = 0;
  for (let i = 0; i < text.length; i++) highest = Math.max(highest, text.charCodeAt(i));
  if (highest < 256) return { bytes: text, coder: highest < 128 ? 0 : 1 };
  let bytes = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes += String.fromCharCode(unit >> 8, unit & 255);
  }
  return { bytes, coder: 2 };
}

/** String literals of a Java class: their slots among the statics of its class object. */
export class Literals {
  private readonly slots = new Map<string, number>();

  constructor(readonly className: string) {}

  slot(text: string): number {
    const known = this.slots.get(text) ?? FIRST_LITERAL + this.slots.size;
    this.slots.set(text, known);
    return known;
  }
}

export class ClassOutput {
  readonly pool = new ConstantPool();
  private readonly methods: Method[] = [];
  private readonly texts = new Map<string, number>();

  constructor(
    readonly world: World,
    readonly name: string,
    readonly literals: Literals,
  ) {}

  add(
    name: string,
    ordinal: number,
    parameters: number,
    code: { readonly code: Uint8Array; readonly lines?: Method['lines'] },
    options: { readonly isVoid?: boolean; readonly isConstructor?: boolean } = {},
  ): void {
    this.methods.push({
      name,
      ordinal,
      code: code.code,
      lines: code.lines,
      isConstructor: options.isConstructor ?? false,
      result: options.isVoid ? VOID : UNTYPED,
      parameters: Array.from({ length: parameters }, (_, i) => ({ name: `p${i}`, type: UNTYPED })),
    });
  }

  /** A method that is made here, not in Java. */
  synthesise(
    name: string,
    ordinal: number,
    parameters: number,
    emit: (out: Assembler) => void,
    options: { readonly isVoid?: boolean } = {},
  ): void {
    const out = new Assembler();
    emit(out);
    const prologue = new Assembler();
    prologue.withByte('arg_count', parameters);
    this.add(name, ordinal, parameters, out.finish(prologue), options);
  }

  finish(parent: string, objectSlots: number, methodSlots: number): ClassFile {
    return {
      generation: 2,
      name: this.name,
      objectSlots,
      methodSlots,
      parent,
      version: NO_VERSION,
      methods: this.methods,
      fields: [],
      constants: this.pool.contents,
      extra: [],
    };
  }

  /** Id of a constant that the machine sees: names, texts of the library. Bytes in Latin-1. */
  text(text: string): number {
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    const id = this.pool.literal(text);
    this.texts.set(text, id);
    return id;
  }

  pushText(out: Assembler, text: string): void {
    out.withWord('const_pool', this.text(text));
  }

  number(out: Assembler, value: number): void {
    if (value === 0 || value === 1) out.plain(`iconst_${value}`);
    else if (value > 0 && value < 256) out.withByte('iconst_8bit', value);
    else out.withWord('iconst_32bit', value);
  }

  /** The object of a class's static members; the class is initialised. */
  holder(out: Assembler, cls: ClassInfo): void {
    const there = new Label();
    this.getStatic(out, phantomName(cls.name), HOLDER_SLOT);
    out.plain('os_dup');
    out.plain('os_isnull');
    out.jump('jz', there);
    out.plain('os_drop');
    out.withText('summon_by_name', staticName(cls));
    out.plain('new');
    out.call(INIT_ORDINAL, 0);
    out.place(there);
  }

  getStatic(out: Assembler, className: string, slot: number): void {
    out.withText('summon_by_name', className);
    this.number(out, slot);
    out.plain('i2o');
    out.call(STATIC_GET, 1);
  }

  /** `value` pushes one object. */
  setStatic(out: Assembler, className: string, slot: number, value: () => void): void {
    out.withText('summon_by_name', className);
    this.number(out, slot);
    out.plain('i2o');
    value();
    out.call(STATIC_SET, 2);
    out.plain('os_drop');
  }

  /** Calls a static method whose arguments are on the object stack; its result is left there. */
  callStatic(out: Assembler, slot: Slot, args: number, pushHolder: () => void): void {
    pushHolder();
    out.withText('summon_by_name', staticName(slot.owner));
    out.withWord('static_invoke', slot.ordinal, args);
  }

  /** Calls a static method of the library by class, name and descriptor. */
  callLibrary(out: Assembler, owner: string, key: string, args: number): void {
    const slot = this.world.staticMethod(owner, key);
    this.callStatic(out, slot, args, () => this.holder(out, slot.owner));
  }

  /** Number of a method every Java object has. */
  objectMethod(key: string): number {
    const slot = this.world.get(OBJECT).virtual.get(key);
    if (slot === undefined) throw this.world.missing(OBJECT, `method ${key}`);
    return slot.ordinal;
  }

  /** Initialises a class before code uses it; `own`: the class whose code this is. */
  initialise(out: Assembler, cls: ClassInfo, own: ClassInfo): void {
    const first = initialiserOf(cls);
    if (first === undefined) return;
    for (let known: ClassInfo | undefined = own; known !== undefined; known = known.parent) if (known === first) return;
    this.holder(out, first);
    out.plain('os_drop');
  }

  /** The Java string of a literal. */
  literal(out: Assembler, text: string): void {
    const there = new Label();
    const { className } = this.literals;
    const slot = this.literals.slot(text);
    const { bytes, coder } = encodeLiteral(text);
    this.getStatic(out, className, slot);
    out.plain('os_dup');
    out.plain('os_isnull');
    out.jump('jz', there);
    out.plain('os_drop');
    this.setStatic(out, className, slot, () => {
      this.pushText(out, bytes);
      this.number(out, coder);
      out.plain('i2o');
      this.callLibrary(out, 'java/lang/String', 'literal(Lphantom/jvm/Text;I)Ljava/lang/String;', 2);
    });
    this.getStatic(out, className, slot);
    out.place(there);
  }
}

/** The nearest of a class and its ancestors whose initialisation does something, now or in an ancestor. */
export function initialiserOf(cls: ClassInfo): ClassInfo | undefined {
  for (let at: ClassInfo | undefined = cls; at !== undefined; at = at.parent) {
    if (at.staticMethods.has('<clinit>()V')) return nearestWithStatics(cls);
  }
  return undefined;
}

function nearestWithStatics(cls: ClassInfo): ClassInfo | undefined {
  for (let at: ClassInfo | undefined = cls; at !== undefined; at = at.parent) if (at.hasStatics) return at;
  return undefined;
}
