/**
 * The objects that programs can reach in a persistent memory, as a graph to compare (`graph.ts`).
 *
 * Rule: the graph shows what a program could see: an array's elements and not its page, a directory's entries by key, a
 * boxed int as its value, of a class its methods and constants.
 */

import { crc32c } from '../crc32c.js';
import { bytesText, canonicalGraph, type Shape, type Value } from './graph.js';
import { Heap, type MemoryImage } from './heap.js';
import { BUFFER, CLASS, CODE, HEADER, KIND, METHOD_VOID, USER } from './layout.js';

/** A class's line: what it inherits and defines. `code`: length and checksum of the method's bytes. */
export function methodText(ordinal: number, owner: string, name: string, code: Uint8Array, isVoid: boolean): string {
  return `${ordinal}=${owner}.${name}(${code.length}:${crc32c(code).toString(16)}${isVoid ? ' void' : ''})`;
}

/** A class name without what does not count in it. */
export function plainName(name: string): string {
  return name.replaceAll('/', '.').replace(/^\.+/, '');
}

export class HeapGraph {
  constructor(readonly heap: Heap) {}

  value(reference: number): Value<number> {
    if (reference === 0) return null;
    if (reference & 1) return { int: (reference | 0) >> 1 };
    return this.heap.isOf(reference, 'int') ? { int: this.heap.word(reference + HEADER) | 0 } : { object: reference };
  }

  /** What programs can get at without being handed it, by name. */
  roots(): (readonly [string, Value<number>])[] {
    const { heap } = this;
    const classes = [...heap.cacheEntries()].map(({ entry }): readonly [string, Value<number>] => {
      const name = plainName(heap.text(heap.word(entry + HEADER)));
      return [`class ${name}`, this.value(heap.word(entry + HEADER + 4))];
    });
    return [
      ['program', this.value(heap.root('program'))],
      ['loader', this.value(heap.root('loader'))],
      ['os interface', this.value(heap.root('osInterface'))],
      ['environment', this.value(heap.root('environment'))],
      ['boot object', this.value(heap.root('bootObject'))],
      ...classes.sort(([a], [b]) => (a < b ? -1 : 1)),
    ];
  }

  shape(object: number): Shape<number> {
    const { heap } = this;
    const kind = heap.kindOf(object) ?? -1;
    const { data, references } = this.content(object, kind);
    return {
      className: heap.className(heap.classOf(object)),
      identity: heap.word(object + 8),
      immutable: (heap.word(object + 12) & 1) !== 0,
      data,
      references,
    };
  }

  private content(object: number, kind: number): Pick<Shape<number>, 'data' | 'references'> {
    const { heap } = this;
    const at = (word: number): number => heap.word(object + HEADER + 4 * word);
    const named = (name: string, reference: number): readonly [string, Value<number>] => [name, this.value(reference)];
    const words = (page: number, count: number): (readonly [string, Value<number>])[] =>
      Array.from({ length: count }, (_, i) => named(String(i), heap.word(page + HEADER + 4 * i)));
    switch (kind) {
      case USER:
        return { data: '', references: words(object, heap.size(object) / 4) };
      case KIND.page:
        return { data: '', references: words(object, heap.size(object) / 4) };
      case KIND.array:
        return { data: '', references: words(at(0), at(1)) };
      case KIND.directory:
        return { data: '', references: this.entries(at(0)) };
      case KIND.iterator:
        return { data: String(at(1)), references: [named('array', at(0))] };
      case KIND.mutex:
        return { data: '', references: [named('owner', at(0))] };
      case KIND.sema:
        return { data: String(at(1)), references: [] };
      case KIND.closure:
        return { data: String(at(1) | 0), references: [named('object', at(0))] };
      case KIND.thread:
        return { data: String(at(1)), references: [named('environment', at(2)), named('owner', at(3))] };
      case KIND.class:
        return this.cls(object);
      case KIND.weakref:
        return { data: '', references: [named('target', at(0))] };
      case KIND.bitmap:
        return { data: `${at(1)} ${at(2)}`, references: [named('image', at(0))] };
      case KIND.io:
        return { data: '', references: [named('name', at(0)), named('variables', at(1))] };
      case KIND.connection:
        return { data: String(at(1) !== 0), references: [named('name', at(2))] };
      case KIND.cond:
        return { data: '', references: [] };
      case KIND.long:
      case KIND.float:
      case KIND.double:
      case KIND.string:
      case KIND.binary:
        return { data: bytesText(heap.data(object)), references: [] };
      case KIND.tty:
        return { data: this.screen(at(2), at(3)), references: [] };
      default:
        return { data: '', references: [] };
    }
  }

  /** Of a terminal on a screen: its number, where its cursor is, the attribute of what comes, and its cells. */
  private screen(buffer: number, screen: number): string {
    if (!this.heap.isOf(buffer, 'binary')) return '';
    const data = this.heap.data(buffer);
    const { column, row, attribute, cells } = BUFFER;
    return [screen, data[column], data[row], data[attribute], bytesText(data.subarray(cells))].join(' ');
  }

  private entries(page: number): (readonly [string, Value<number>])[] {
    const { heap } = this;
    const entries: { readonly key: number; readonly value: number; readonly text: string }[] = [];
    const end = page === 0 ? 0 : page + HEADER + heap.size(page);
    for (let pair = page + HEADER; pair < end; pair += 8) {
      const key = heap.word(pair);
      if (heap.isOf(key, 'string')) entries.push({ key, value: heap.word(pair + 4), text: heap.text(key) });
    }
    entries.sort((a, b) => (a.text < b.text ? -1 : 1));
    return entries.flatMap(({ key, value }) => [
      ['key', this.value(key)] as const,
      ['value', this.value(value)] as const,
    ]);
  }

  private cls(cls: number): Pick<Shape<number>, 'data' | 'references'> {
    const { heap } = this;
    const methods: string[] = [];
    for (let ordinal = 0; ordinal < heap.word(cls + CLASS.methods); ordinal++) {
      const code = heap.word(cls + CLASS.table + 4 * ordinal);
      if (code === 0) continue;
      const bytes = heap.image.bytes(code + CODE.bytes, heap.word(code + CODE.length));
      const isVoid = (heap.word(code + CODE.flags) & METHOD_VOID) !== 0;
      const owner = heap.className(heap.word(code + CODE.owner));
      methods.push(methodText(ordinal, owner, heap.text(heap.word(code + CODE.name)), bytes, isVoid));
    }
    const constants = heap.word(cls + CLASS.constants);
    const count = constants === 0 ? 0 : heap.size(constants) / 4;
    const slots = heap.word(cls + CLASS.instance) / 4;
    return {
      data: [heap.className(cls), slots, ...methods].join(' '),
      references: [
        ['parent', this.value(heap.word(cls + CLASS.parent))],
        ['statics', this.value(heap.word(cls + CLASS.statics))],
        ...Array.from({ length: count }, (_, i): readonly [string, Value<number>] => [
          `constant ${i}`,
          this.value(heap.word(constants + HEADER + 4 * i)),
        ]),
      ],
    };
  }
}

/** The graph that the roots of a persistent memory reach. */
export function heapGraph(image: MemoryImage): string[] {
  const graph = new HeapGraph(new Heap(image));
  return canonicalGraph(graph.roots(), (object) => graph.shape(object));
}
