/** The objects that programs can reach on the reference machine, as a graph to compare (`model/heap/graph.ts`). */

import { bytesText, canonicalGraph, type Shape, type Value } from '../heap/graph.js';
import { methodText } from '../heap/heap-graph.js';
import type { Machine } from './machine.js';
import {
  ArrayObject,
  BinaryObject,
  BitmapObject,
  ClosureObject,
  ConnectionObject,
  DirectoryObject,
  InputOutputObject,
  IteratorObject,
  LongObject,
  MutexObject,
  PhantomClass,
  type PhantomObject,
  RealObject,
  type Reference,
  SemaphoreObject,
  StringObject,
  TerminalObject,
  ThreadObject,
  UserObject,
  WeakReferenceObject,
} from './objects.js';
import type { Screen } from './screen.js';

type Named = readonly [string, Value<PhantomObject>];

function toValue(reference: Reference | undefined): Value<PhantomObject> {
  if (reference === null || reference === undefined) return null;
  return typeof reference === 'number' ? { int: reference } : { object: reference };
}

function numbered(references: readonly Reference[]): Named[] {
  return references.map((reference, i) => [String(i), toValue(reference)]);
}

function classContent(cls: PhantomClass): { data: string; references: Named[] } {
  const methods = [...cls.methods].flatMap((method, ordinal) =>
    method === undefined ? [] : [methodText(ordinal, method.owner.name, method.name, method.code, method.isVoid)],
  );
  return {
    data: [cls.name, cls.slots, ...methods].join(' '),
    references: [
      ['parent', toValue(cls.parent)],
      ['statics', toValue(cls.statics)],
      ...[...cls.constants].map((text, i): Named => [`constant ${i}`, toValue(text)]),
    ],
  };
}

function content(object: PhantomObject): { data: string; references: Named[] } {
  const bytes = Buffer.alloc(8);
  if (object instanceof UserObject) return { data: '', references: numbered(object.fields) };
  if (object instanceof ArrayObject) return { data: '', references: numbered(object.elements) };
  if (object instanceof DirectoryObject) {
    const entries = [...object.entries].sort(([a], [b]) => (a < b ? -1 : 1));
    const references = entries.flatMap(([, { key, value }]): Named[] => [
      ['key', toValue(key)],
      ['value', toValue(value)],
    ]);
    return { data: '', references };
  }
  if (object instanceof IteratorObject) {
    return { data: String(object.cursor), references: [['array', toValue(object.array)]] };
  }
  if (object instanceof MutexObject) return { data: '', references: [['owner', toValue(object.owner)]] };
  if (object instanceof SemaphoreObject) return { data: String(object.value), references: [] };
  if (object instanceof ClosureObject) {
    return { data: String(object.ordinal), references: [['object', toValue(object.object)]] };
  }
  if (object instanceof ThreadObject) {
    return {
      data: String(object.number),
      references: [
        ['environment', null],
        ['owner', null],
      ],
    };
  }
  if (object instanceof WeakReferenceObject) return { data: '', references: [['target', toValue(object.target)]] };
  if (object instanceof BitmapObject) {
    return { data: `${object.width} ${object.height}`, references: [['image', toValue(object.image)]] };
  }
  if (object instanceof InputOutputObject) {
    return {
      data: '',
      references: [
        ['name', toValue(object.openAs)],
        ['variables', toValue(object.variables)],
      ],
    };
  }
  if (object instanceof ConnectionObject) {
    return { data: String(object.connected), references: [['name', toValue(object.connectedTo)]] };
  }
  if (object instanceof TerminalObject) return { data: screenContent(object.screen), references: [] };
  if (object instanceof PhantomClass) return classContent(object);
  if (object instanceof LongObject) {
    bytes.writeBigInt64LE(object.value);
    return { data: bytesText(bytes), references: [] };
  }
  if (object instanceof RealObject || object instanceof StringObject || object instanceof BinaryObject) {
    return { data: bytesText(object.bytes), references: [] };
  }
  return { data: '', references: [] };
}

/** Of a terminal on a screen: its number, where its cursor is, the attribute of what comes, and its cells. */
function screenContent(screen: Screen | undefined): string {
  if (screen === undefined) return '';
  const { number, column, row, attribute, cells } = screen;
  const bytes = Buffer.from(cells.flatMap((cell) => [cell & 255, cell >> 8]));
  return [number, column, row, attribute, bytesText(bytes)].join(' ');
}

function shapeOf(object: PhantomObject): Shape<PhantomObject> {
  const { identity, immutable } = object;
  return { className: object.cls.name, identity, immutable, ...content(object) };
}

/** The graph that a machine's roots reach. */
export function machineGraph(machine: Machine): string[] {
  const classes = [...machine.classes.known].map(([name, cls]): Named => [`class ${name}`, toValue(cls)]);
  const roots: Named[] = [
    ['program', toValue(machine.program)],
    ['loader', toValue(machine.loader)],
    ['os interface', toValue(machine.osInterface)],
    ['environment', toValue(machine.environment)],
    ['boot object', toValue(machine.boot)],
    ...classes.sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return canonicalGraph(roots, shapeOf);
}
