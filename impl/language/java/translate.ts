/**
 * Java class files to Phantom class files.
 *
 * Rule: what comes out is a function of the classes given and found, and of their order; a class that is named anywhere is
 * translated too, so the result can run. Whatever a class file holds, this ends in classes or in problems.
 */

import { type ClassFile, disassemble, writeClassFile } from '../../../model/classfile/index.js';
import { type Assembler, Label } from '../assembler.js';
import { BEGUN_SLOT, ClassOutput, HOLDER_SLOT, initialiserOf, Literals, staticName } from './class-output.js';
import { ACC_NATIVE, ACC_SYNCHRONIZED, JavaClass, type LoadedConstant, methodType } from './class-reader.js';
import { CodeEmitter } from './emit-code.js';
import { JavaError } from './errors.js';
import { BINDINGS, MACHINE } from './machine.js';
import { NATIVES } from './natives.js';
import { kindOf } from './stack-flow.js';
import {
  type ClassInfo,
  type FieldPlace,
  type FindJavaClass,
  INIT_ORDINAL,
  isAbstract,
  keyOf,
  OBJECT,
  phantomName,
  type Slot,
  World,
} from './world.js';

export interface JavaInput {
  /** As messages show it. */
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface TranslatedClass {
  readonly name: string;
  readonly classFile: ClassFile;
  readonly bytes: Uint8Array;
}

export interface Translation {
  /** Empty when there is a problem. */
  readonly classes: readonly TranslatedClass[];
  readonly problems: readonly JavaError[];
  /** Names of the classes one can start with: those whose source has a `main`. */
  readonly startClasses: readonly string[];
}

const PROBLEMS_MAX = 20;
/** Method of the boot class that the kernel calls. */
const STARTUP_ORDINAL = 8;
const MAIN = 'main([Ljava/lang/String;)V';
/** What the initialisation of other classes needs: begun before there are threads, so it locks nothing. */
const LOCK = 'phantom/jvm/Initialisation';

const PREFIXES: Record<string, string | undefined> = { J: 'prefix_long', F: 'prefix_float', D: 'prefix_double' };

class ClassTranslator {
  private readonly output: ClassOutput;
  private readonly statics: ClassOutput;

  constructor(
    private readonly world: World,
    private readonly cls: ClassInfo,
    private readonly problem: (error: JavaError) => void,
  ) {
    const literals = new Literals(phantomName(cls.name));
    this.output = new ClassOutput(world, phantomName(cls.name), literals);
    this.statics = new ClassOutput(world, staticName(cls), literals);
  }

  translate(): ClassFile[] {
    const { cls } = this;
    const parent = cls.parent === undefined || cls.java.isInterface ? '.internal.object' : phantomName(cls.parent.name);
    if (!cls.java.isInterface) {
      for (const slot of cls.ownSlots) this.method(this.output, slot, false);
      for (const place of cls.ownFields) this.accessors(this.output, place);
      this.identity();
      for (const [key, ordinal] of cls.superCalls) this.guarded(() => this.superCall(key, ordinal));
    }
    const main = this.output.finish(parent, cls.slots, cls.nextOrdinal);
    if (!cls.hasStatics) return [main];
    for (const slot of cls.staticMethods.values()) this.method(this.statics, slot, true);
    for (const place of cls.statics.values()) this.accessors(this.statics, place);
    this.guarded(() => this.initialiser());
    if (cls.staticMethods.has(MAIN)) this.guarded(() => this.startup());
    return [main, this.statics.finish('.internal.object', cls.staticSlots, cls.nextStatic)];
  }

  private guarded(emit: () => void): void {
    const { java } = this.cls;
    try {
      emit();
    } catch (error) {
      if (!(error instanceof JavaError)) throw error;
      this.problem(error.at({ file: java.file, className: java.name }));
    }
  }

  private method(output: ClassOutput, slot: Slot, isStatic: boolean): void {
    const { method, owner, ordinal } = slot;
    if (isAbstract(method)) return;
    const key = keyOf(method);
    const place = { file: owner.java.file, className: owner.name, method: key, source: owner.java.source };
    const { parameters, result } = methodType(method.descriptor);
    const options = { isVoid: result === 'V', isConstructor: method.name === '<init>' };
    // A search by name finds methods of interfaces, which no private method or constructor is.
    const isDirect = this.cls.direct.has(key) && !isStatic;
    const name = method.name === '<init>' ? '<init>' : isDirect ? `private ${owner.name}.${key}` : key;
    try {
      if ((method.flags & ACC_NATIVE) !== 0) {
        const emit = owner.isLibrary ? NATIVES.get(`${owner.name}.${key}`) : undefined;
        if (emit === undefined) throw new JavaError('native methods are not supported');
        output.synthesise(name, ordinal, parameters.length, (out) => emit(out, owner), options);
        return;
      }
      const isSynchronized = (method.flags & ACC_SYNCHRONIZED) !== 0;
      const context = { output, cls: owner, target: this.cls, method, isStatic, isSynchronized };
      const code = new CodeEmitter(context).emit(this.problem);
      if (code !== undefined) output.add(name, ordinal, parameters.length, code, options);
    } catch (error) {
      if (!(error instanceof JavaError)) throw error;
      this.problem(error.at(place));
    }
  }

  private accessors(output: ClassOutput, { field, slot, accessors }: FieldPlace): void {
    const access = (out: Assembler, instruction: string): void => {
      if (slot < 256) out.withByte(`${instruction}8`, slot);
      else out.withWord(`${instruction}32`, slot);
    };
    output.synthesise(`get ${field.name}`, accessors.get, 0, (out) => {
      access(out, 'os_load');
      out.plain('ret');
    });
    const set = (out: Assembler): void => {
      out.withWord('os_get32', 0);
      access(out, 'os_save');
      out.plain('ret');
    };
    output.synthesise(`set ${field.name}`, accessors.set, 1, set, { isVoid: true });
  }

  /** Methods by which an object tells what it is, and is copied. */
  private identity(): void {
    const { cls, output } = this;
    const text = (key: string, value: string): void =>
      output.synthesise(key, output.objectMethod(key), 0, (out) => {
        output.pushText(out, value);
        out.plain('ret');
      });
    // The root class and the arrays say it themselves.
    if (cls.parent !== undefined && !cls.isLibraryArray) text('phantom$name()Lphantom/jvm/Text;', cls.name);
    const interfaces = [...cls.allInterfaces];
    if (cls.interfaces.length > 0 && !cls.isLibraryArray) {
      text('phantom$interfaces()Lphantom/jvm/Text;', interfaces.map(({ name }) => `;${name};`).join(''));
    }
    const numeric = cls.numericFields;
    if (cls.ownFields.some(({ field }) => kindOf(field.descriptor) !== 'A')) {
      const key = 'phantom$defaults()V';
      const defaults = (out: Assembler): void => {
        for (const { field, slot } of numeric) {
          this.pushZero(out, field.descriptor);
          if (slot < 256) out.withByte('os_save8', slot);
          else out.withWord('os_save32', slot);
        }
        out.plain('ret');
      };
      output.synthesise(key, output.objectMethod(key), 0, defaults, { isVoid: true });
    }
    if (interfaces.some(({ name }) => name === 'java/lang/Cloneable') && !cls.isLibraryArray) this.copier();
  }

  /** `Object.clone` of a class that is Cloneable. */
  private copier(): void {
    const { cls, output } = this;
    const key = 'phantom$copy()Ljava/lang/Object;';
    output.synthesise(key, output.objectMethod(key), 0, (out) => {
      out.withText('summon_by_name', output.name);
      out.plain('new');
      for (const { owner, slot, accessors } of cls.fields.values()) {
        // The monitor is each object's own.
        if (owner.name === OBJECT) continue;
        out.plain('os_dup');
        if (slot < 256) out.withByte('os_load8', slot);
        else out.withWord('os_load32', slot);
        out.call(accessors.set, 1);
        out.plain('os_drop');
      }
      out.plain('ret');
    });
  }

  private pushZero(out: Assembler, descriptor: string): void {
    const prefix = PREFIXES[descriptor];
    // No bits set is 0 in every kind.
    if (descriptor === 'J' || descriptor === 'D') out.plain(prefix ?? '');
    out.plain('iconst_0');
    if (prefix !== undefined) out.plain(prefix);
    out.plain('i2o');
  }

  private constant(out: Assembler, constant: LoadedConstant): void {
    switch (constant.kind) {
      case 'string':
        this.statics.literal(out, constant.text);
        return;
      case 'int':
        this.statics.number(out, constant.value);
        out.plain('i2o');
        return;
      case 'long':
        out.wide(constant.value);
        out.plain('prefix_long');
        out.plain('i2o');
        return;
      case 'float':
      case 'double': {
        const bytes = Buffer.alloc(8);
        if (constant.kind === 'float') {
          bytes.writeFloatBE(constant.value);
          this.statics.number(out, bytes.readInt32BE());
        } else {
          bytes.writeDoubleBE(constant.value);
          out.plain('prefix_double');
          out.wide(bytes.readBigInt64BE());
        }
        out.plain(`prefix_${constant.kind}`);
        out.plain('i2o');
        return;
      }
      case 'class':
        throw new JavaError('broken class file: a class as the value of a field');
    }
  }

  /** A method that calls an ancestor's method on `this`: code has `this` below the arguments, the machine wants it above. */
  private superCall(key: string, ordinal: number): void {
    const { world, output } = this;
    const dot = key.indexOf('.');
    const owner = key.slice(0, dot);
    const name = key.slice(dot + 1);
    const { parameters } = methodType(name.slice(name.indexOf('(')));
    const named = world.get(owner);
    const slot = named.virtual.get(name);
    if (slot === undefined || isAbstract(slot.method)) throw world.missing(owner, `method ${name}`);
    if (named.java.isInterface) {
      // A default method called as `I.super.m()`: a copy of its own.
      const context = { output, cls: slot.owner, target: this.cls, method: slot.method, isStatic: false };
      const code = new CodeEmitter({ ...context, isSynchronized: false }).emit(this.problem);
      if (code !== undefined) output.add(`super ${key}`, ordinal, parameters.length, code);
      return;
    }
    output.synthesise(`super ${key}`, ordinal, parameters.length, (out) => {
      for (let i = 0; i < parameters.length; i++) out.withWord('os_get32', i);
      out.plain('summon_this');
      out.withText('summon_by_name', phantomName(owner));
      out.withWord('static_invoke', slot.ordinal, parameters.length);
      out.plain('ret');
    });
  }

  /**
   * `phantom$init` of the new object of static members: the object that is in force afterwards. The class is locked while
   * it is initialised; the thread that does it meets the object that has begun (JVMS 5.5).
   */
  private initialiser(): void {
    const { cls, statics } = this;
    const name = phantomName(cls.name);
    const lock = (out: Assembler, key: string): void => {
      if (cls.name === LOCK) return;
      statics.callLibrary(out, LOCK, key, 0);
      out.plain('os_drop');
    };
    statics.synthesise('phantom$init', INIT_ORDINAL, 0, (out) => {
      const found = new Label();
      const failed = new Label();
      lock(out, 'enter()V');
      for (const slot of [HOLDER_SLOT, BEGUN_SLOT]) {
        const absent = new Label();
        statics.getStatic(out, name, slot);
        out.plain('os_dup');
        out.plain('os_isnull');
        out.plain('log_not');
        out.jump('jz', absent);
        out.jump('jmp', found);
        out.place(absent);
        out.plain('os_drop');
      }
      statics.setStatic(out, name, BEGUN_SLOT, () => out.plain('summon_this'));
      out.withText('summon_by_name', '.internal.object');
      out.jump('push_catcher', failed);
      for (const { field, slot } of cls.statics.values()) {
        if (field.constant !== undefined) this.constant(out, field.constant);
        else if (kindOf(field.descriptor) !== 'A') this.pushZero(out, field.descriptor);
        else continue;
        if (slot < 256) out.withByte('os_save8', slot);
        else out.withWord('os_save32', slot);
      }
      const ancestor = cls.parent === undefined || cls.java.isInterface ? undefined : initialiserOf(cls.parent);
      if (ancestor !== undefined) {
        statics.holder(out, ancestor);
        out.plain('os_drop');
      }
      const own = cls.staticMethods.get('<clinit>()V');
      if (own !== undefined) {
        out.plain('summon_this');
        out.call(own.ordinal, 0);
        out.plain('os_drop');
      }
      out.plain('pop_catcher');
      statics.setStatic(out, name, HOLDER_SLOT, () => out.plain('summon_this'));
      statics.setStatic(out, name, BEGUN_SLOT, () => out.plain('summon_null'));
      out.plain('summon_this');
      out.place(found);
      lock(out, 'leave()V');
      out.plain('ret');
      out.place(failed);
      statics.setStatic(out, name, BEGUN_SLOT, () => out.plain('summon_null'));
      lock(out, 'leave()V');
      statics.callLibrary(out, 'phantom/jvm/Trap', 'initialising(Ljava/lang/Object;)Ljava/lang/Throwable;', 1);
      out.plain('throw');
    });
  }

  /** What the kernel calls: the boot object goes to the console, then `main` with no words; an exception it does not catch is told and ends the thread. */
  private startup(): void {
    const { cls, statics } = this;
    const main = cls.staticMethods.get(MAIN);
    const array = this.world.get('phantom/jvm/ObjectArray');
    const maker = array.direct.get('<init>(ILphantom/jvm/Text;)V');
    if (main === undefined || maker === undefined) return;
    const startup = (out: Assembler): void => {
      const failed = new Label();
      statics.holder(out, this.world.get(LOCK));
      out.plain('os_drop');
      out.withText('summon_by_name', '.internal.object');
      out.jump('push_catcher', failed);
      out.withWord('os_get32', 0);
      statics.callLibrary(out, 'phantom/jvm/Console', 'attach(Lphantom/jvm/Boot;)V', 1);
      out.plain('os_drop');
      out.withText('summon_by_name', phantomName(array.name));
      out.plain('new');
      out.plain('os_dup');
      out.plain('iconst_0');
      out.plain('i2o');
      statics.pushText(out, '[Ljava/lang/String;');
      out.call(maker.ordinal, 2);
      out.plain('os_drop');
      statics.callStatic(out, main, 1, () => statics.holder(out, cls));
      out.plain('os_drop');
      out.plain('pop_catcher');
      out.plain('summon_null');
      out.plain('ret');
      out.place(failed);
      statics.callLibrary(out, 'phantom/jvm/Trap', 'uncaught(Ljava/lang/Object;)Ljava/lang/Throwable;', 1);
      out.plain('throw');
    };
    statics.synthesise('startup', STARTUP_ORDINAL, 1, startup, { isVoid: true });
  }
}

/** Names of the classes that a Phantom class needs to run. */
function namedClasses(file: ClassFile): string[] {
  const summoned = file.methods.flatMap(({ code }) =>
    disassemble(code).flatMap(({ name, operands }) =>
      name === 'summon_by_name' ? Buffer.from(JSON.parse(operands[0]), 'latin1').toString('utf8') : [],
    ),
  );
  return [file.parent, ...summoned];
}

/**
 * Translates Java classes and all they need. `find` gives the other class files, by name with slashes: those beside the
 * given ones and the library's.
 */
export function translate(inputs: readonly JavaInput[], find: FindJavaClass): Translation {
  const problems: JavaError[] = [];
  const problem = (error: JavaError): void => {
    if (problems.length < PROBLEMS_MAX) problems.push(error);
  };
  const parsed = new Map<string, JavaClass>();
  for (const { file, bytes } of inputs) {
    try {
      const java = new JavaClass(bytes, file);
      const other = parsed.get(java.name);
      if (other !== undefined) throw new JavaError(`class ${java.name} is in ${other.file} already`, { file });
      parsed.set(java.name, java);
    } catch (error) {
      if (!(error instanceof JavaError)) throw error;
      problem(error);
    }
  }
  const given = new Map([...parsed.values()].map((java) => [java.name, inputs.find(({ file }) => file === java.file)]));
  const world = new World((name) => {
    const input = given.get(name);
    return input === undefined ? find(name) : { ...input, isLibrary: false };
  });
  const classes: TranslatedClass[] = [];
  const startClasses: string[] = [];
  const wanted = [...parsed.keys()];
  const seen = new Set(wanted);
  const want = (phantom: string): void => {
    const name = phantom
      .slice(1)
      .replace(/\$static$/, '')
      .replaceAll('.', '/');
    if (phantom.startsWith('.internal') || seen.has(name)) return;
    seen.add(name);
    wanted.push(name);
  };
  for (let i = 0; i < wanted.length && problems.length < PROBLEMS_MAX; i++) {
    const name = wanted[i];
    if (BINDINGS.has(name) || name === MACHINE) continue;
    try {
      const cls = world.get(name);
      if (!cls.isLibrary && cls.staticMethods.has(MAIN)) startClasses.push(staticName(cls));
      const files = new ClassTranslator(world, cls, problem).translate();
      for (const classFile of files)
        classes.push({ name: classFile.name, classFile, bytes: writeClassFile(classFile) });
      for (const file of files) for (const named of namedClasses(file)) want(named);
    } catch (error) {
      if (!(error instanceof JavaError)) throw error;
      problem(error);
    }
  }
  return { classes: problems.length > 0 ? [] : classes, problems, startClasses };
}
