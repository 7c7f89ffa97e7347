/**
 * Classes by name: the internal ones, those of the bundle, those a program's own class loader gives.
 *
 * Rules. Of a name only the words count that dots and slashes separate: `.a.b`, `a.b` and `a/b` are one class. A name
 * once known keeps its class. A parent is loaded before its child; a child has never fewer field or method slots than
 * its parent (D7) and inherits the methods it does not define; an internal parent counts as the root class. A class
 * file that defines another class than the one it was found for is broken.
 */

import { BrokenFile, type LoadedClass, readForMachine } from './class-file.js';
import { type Method, PhantomClass, StringObject, USER } from './objects.js';

/** In the order of the original's table (phantom-os 3.5); `.internal.object` is another name of the first. */
export const INTERNAL_CLASSES = [
  '.internal.void',
  '.internal.class',
  '.internal.interface',
  '.internal.code',
  '.internal.int',
  '.internal.long',
  '.internal.string',
  '.internal.container.array',
  '.internal.container.page',
  '.internal.thread',
  '.internal.call_frame',
  '.internal.istack',
  '.internal.ostack',
  '.internal.estack',
  '.internal.boot',
  '.internal.io.tty',
  '.internal.mutex',
  '.internal.cond',
  '.internal.sema',
  '.internal.binary',
  '.internal.bitmap',
  '.internal.closure',
  '.internal.world',
  '.internal.udp',
  '.internal.tcp',
  '.internal.window',
  '.internal.directory',
  '.internal.connection',
  '.internal.float',
  '.internal.double',
  '.internal.net',
  '.internal.http',
  '.internal.time',
  '.internal.stat',
  '.internal.io',
  '.internal.port',
  '.internal.ui.control',
  '.internal.ui.font',
  '.internal.container.array.iterator',
  '.internal.weakref',
] as const;

const ANCESTORS_MAX = 1000;

export function normalName(name: string): string {
  return name.replaceAll('/', '.').replace(/^\.+/, '');
}

/** Internal classes that a class file can extend: those whose objects have a state and an identity. */
const EXTENSIBLE: ReadonlySet<string> = new Set([
  ...['.internal.container.array', '.internal.directory', '.internal.closure', '.internal.mutex', '.internal.cond'],
  ...['.internal.sema', '.internal.bitmap', '.internal.connection', '.internal.io.tty', '.internal.io'],
  '.internal.weakref',
]);

/** Fields of the objects of a class with so many in its file: the last is that of an internal class it extends. */
function slotsOf(fields: number, parent: PhantomClass): number {
  const core = parent.kind === USER ? parent.extended !== undefined : parent.kind !== '.internal.void';
  const inherited = parent.slots - (core && parent.kind === USER ? 1 : 0);
  return Math.max(fields, inherited) + (core ? 1 : 0);
}

/** How a search for a class ends when there is none yet: text to throw, or a name to ask the program's loader for. */
export type Missing = { readonly thrown: string } | { readonly ask: string };

export class ClassTable {
  /** By normal name, in the order they became known. */
  readonly known = new Map<string, PhantomClass>();
  private readonly internal = new Map<string, PhantomClass>();
  private readonly bundle = new Map<string, Uint8Array>();

  /** `bundle`: class files by the name they are found under; `taken` is told the bytes of what is made. */
  constructor(
    bundle: ReadonlyMap<string, Uint8Array>,
    private readonly taken: (bytes: number) => void,
  ) {
    // The first of two files for one name is found.
    for (const [name, file] of [...bundle].reverse()) this.bundle.set(normalName(name.replace(/\.pc$/, '')), file);
    const classes = new PhantomClass('.internal.class', '.internal.class', null, 0);
    const root = new PhantomClass('.internal.void', '.internal.void', null, 0, classes);
    for (const name of INTERNAL_CLASSES) {
      const cls =
        name === root.name ? root : name === classes.name ? classes : new PhantomClass(name, name, root, 0, classes);
      this.internal.set(name, cls);
      this.known.set(normalName(name), cls);
    }
    this.known.set('internal.object', root);
    Object.assign(classes, { parent: root });
  }

  /** An internal class by its full name. */
  of(name: string): PhantomClass {
    const cls = this.internal.get(name);
    if (cls === undefined) throw new Error(`no internal class ${name}`);
    return cls;
  }

  find(name: string): PhantomClass | undefined {
    return this.known.get(normalName(name));
  }

  inBundle(name: string): boolean {
    return this.bundle.has(normalName(name));
  }

  /** Enters a class unless the name has one; the class the name has. */
  enter(name: string, cls: PhantomClass): PhantomClass {
    const normal = normalName(name);
    const has = this.known.get(normal);
    if (has !== undefined) return has;
    this.known.set(normal, cls);
    return cls;
  }

  /** The class of that name, loaded with its ancestors. `loader`: whether the program has a class loader of its own. */
  load(name: string, loader: boolean): PhantomClass | Missing {
    const files: { readonly name: string; readonly file: LoadedClass }[] = [];
    let wanted = name;
    let parent = this.find(wanted);
    while (parent === undefined) {
      if (files.length > ANCESTORS_MAX) return { thrown: `broken class file ${name}: the class descends from itself` };
      if (files.length > 0 && loader) return { ask: wanted };
      const bytes = this.bundle.get(normalName(wanted));
      if (bytes === undefined) {
        return { thrown: files.length === 0 ? `${name} - class load error` : `class ${wanted} not found` };
      }
      const file = this.read(bytes, wanted);
      if (file instanceof BrokenFile) return { thrown: `broken class file ${wanted}: ${file.message}` };
      files.push({ name: files.length === 0 ? name : file.name, file });
      wanted = file.parent;
      parent = this.find(wanted);
    }
    let cls = parent;
    for (const { name: under, file } of files.reverse()) {
      cls = this.enter(
        under,
        this.make(file, cls.kind === USER || EXTENSIBLE.has(cls.kind) ? cls : this.of('.internal.void')),
      );
    }
    return cls;
  }

  /** A class with the methods and constants of another, known to nobody by its name. */
  derive(name: string, fields: number, parent: PhantomClass): PhantomClass {
    const slots = slotsOf(fields, parent);
    const cls = new PhantomClass(USER, name, parent, slots, this.of('.internal.class'), parent.constants);
    cls.methods.push(...parent.methods);
    this.taken(4 * cls.methods.length);
    return cls;
  }

  private read(bytes: Uint8Array, name: string): LoadedClass | BrokenFile {
    try {
      const file = readForMachine(bytes);
      return normalName(file.name) === normalName(name) ? file : new BrokenFile('it defines a class of another name');
    } catch (error) {
      if (error instanceof BrokenFile) return error;
      throw error;
    }
  }

  private make(file: LoadedClass, parent: PhantomClass): PhantomClass {
    const slots = slotsOf(file.fieldSlots, parent);
    const cls = new PhantomClass(USER, file.name, parent, slots, this.of('.internal.class'));
    for (const [id, bytes] of file.constants.entries()) {
      cls.constants[id] = bytes === undefined ? undefined : new StringObject(this.of('.internal.string'), bytes);
    }
    cls.methods.length = Math.max(file.methodSlots, parent.methods.length);
    for (const [ordinal, method] of parent.methods.entries()) cls.methods[ordinal] = method;
    for (const { name, ordinal, code } of file.methods) {
      const method: Method = { owner: cls, name, ordinal, code, constants: cls.constants, isVoid: false, lines: [] };
      cls.methods[ordinal] = method;
    }
    const own = (ordinal: number): Method | undefined => {
      const method = cls.methods[ordinal];
      return method?.owner === cls ? method : undefined;
    };
    for (const ordinal of file.voids) {
      const method = own(ordinal);
      if (method !== undefined) method.isVoid = true;
    }
    for (const [ordinal, lines] of file.lines) {
      const method = own(ordinal);
      if (method !== undefined) method.lines = lines;
    }
    const code = file.methods.reduce((sum, method) => sum + method.code.length, 0);
    this.taken(cls.methods.length * 4 + cls.constants.length * 4 + code);
    return cls;
  }
}
