/**
 * A thread that may do what it likes, beside objects it was not given.
 *
 * Rule (capabilities): what a thread can reach is what it was given and what it made. Given is what its stacks and the
 * names that everyone knows reach when it starts: classes with their static values, the OS interface; and, if it was
 * handed the boot object, that with the class loader and the environment. All other objects have every bit they had
 * when it ends, and nothing outside them refers to one of them.
 */
import { flatImage, Heap, verifyHeap } from '../../../../model/heap/index.js';
import { type ClassText, type Line, program } from './assembler.js';
import type { Runnable } from './noise.js';
import { runInV8, type VmRun } from './v8.js';
import { int } from './words.js';

const OWNER = '.v.owner';
/** Objects of the owner alone: itself, a vault, its strings, array with page, directory with page, binary. */
const PRIVATE_MIN = 10;

/** What the guest's thread is handed: the boot object, as its argument, or nothing. */
export type Handed = 'boot' | 'nothing';

/**
 * An owner whose first field holds a vault of objects; it starts a thread on an object of the guest's class and ends.
 */
function owner(guest: string, handed: Handed): readonly ClassText[] {
  const code: Line[] = [
    ['arg_count', 1],
    ['stack_reserve', 2, 0],
    ['summon_by_name', '.v.vault'],
    ['new'],
    ['os_save8', 0],
    ['os_load8', 0],
    ['os_get32', 0],
    ['call_14', 1],
    ['os_drop'],
    // Whatever is wrong with the guest's class file is caught.
    ['summon_by_name', '.internal.object'],
    ['push_catcher', 'end'],
    ...(handed === 'boot'
      ? ([['os_get32', 0]] as Line[])
      : ([['summon_by_name', '.internal.world'], ['new']] as Line[])),
    ['os_get32', 0],
    ['sconst_bin', guest],
    ['call_08', 1],
    ['new'],
    ...(handed === 'boot' ? ([['call_12', 1]] as Line[]) : ([['summon_null'], ['call_09', 2]] as Line[])),
    'end:',
    ['ret'],
  ];
  const fill: Line[] = [
    ['arg_count', 1],
    ['sconst_bin', 'a secret'],
    ['os_save8', 0],
    ['sconst_bin', 'in an array'],
    ...int(1 << 30),
    ['summon_this'],
    ['os_compose32', 3],
    ['os_save8', 1],
    ['summon_by_name', '.internal.directory'],
    ['new'],
    ['os_dup'],
    ['sconst_bin', 'key'],
    ['sconst_bin', 'value'],
    ['call_08', 2],
    ['os_drop'],
    ['os_save8', 2],
    ['os_get32', 0],
    ...int(100),
    ['call_13', 1],
    ['os_save8', 3],
    ['summon_null'],
    ['ret'],
  ];
  return [
    { name: OWNER, fields: 1, methods: [{ ordinal: 8, code }] },
    { name: '.v.vault', fields: 4, methods: [{ ordinal: 20, code: fill }] },
  ];
}

/** Everything that references lead to from some objects. */
function closure(heap: Heap, roots: Iterable<number>): Set<number> {
  const found = new Set<number>();
  const pending = [...roots];
  for (let object = pending.pop(); object !== undefined; object = pending.pop()) {
    if (found.has(object) || !heap.objects.has(object)) continue;
    found.add(object);
    pending.push(heap.classOf(object));
    for (const [, value] of heap.references(object)) pending.push(value);
  }
  return found;
}

/** What every thread of its sort can get at. */
function common(heap: Heap, handed: Handed): number[] {
  const everyone = ['osInterface', 'noMemory', 'empty'] as const;
  const boot = ['bootObject', 'loader', 'environment'] as const;
  const roots = [...everyone, ...(handed === 'boot' ? boot : [])].map((name) => heap.root(name));
  return [...roots, ...[...heap.cacheEntries()].map(({ entry }) => entry)];
}

function threadRoots(heap: Heap): number[] {
  return [...heap.threads()].flatMap((record) => [
    heap.word(record + 48),
    ...[...heap.stackCells(record)].map(([, value]) => value),
  ]);
}

const copyOf = (heap: Heap, object: number): string =>
  Buffer.from(heap.image.bytes(object, 16 + heap.size(object))).toString('latin1');

export interface Isolation {
  /** What went wrong, nothing when all is well. */
  readonly problems: readonly string[];
  /** Whether the guest's thread started at all. */
  readonly started: boolean;
  readonly bytecodes: number;
  readonly run: VmRun;
}

/** Runs a program's boot class as a guest beside an owner. `harm` is done to memory when the guest starts. */
export async function runGuest(
  guest: Runnable,
  bytecodesMax = 20_000,
  harm: (memory: Uint8Array) => void = () => undefined,
  handed: Handed = 'boot',
): Promise<Isolation> {
  const host = program(...owner(guest.bootClass, handed));
  const classes = new Map([...host.classes, ...guest.classes]);
  const before = new Map<number, string>();
  let secrets = 0;
  let starts = 0;
  let withheld = false;
  const run = await runInV8({
    classes,
    bootClass: OWNER,
    bytecodesMax,
    persistentBytes: 64 << 20,
    waitsEnd: true,
    onThread: (memory) => {
      // The first builds the system, the second is the owner, the third the guest.
      if (++starts !== 3) return;
      const heap = new Heap(flatImage(memory));
      const given = closure(heap, [...common(heap, handed), ...threadRoots(heap)]);
      for (const object of heap.objects) if (!given.has(object)) before.set(object, copyOf(heap, object));
      withheld = before.has(heap.root('bootObject'));
      secrets = [...closure(heap, [heap.root('program')])].filter((object) => before.has(object)).length;
      harm(memory);
    },
  });
  const problems = verifyHeap(flatImage(run.memory));
  const started = starts > 2;
  if (!started) return { problems, started, bytecodes: run.bytecodes, run };
  const heap = new Heap(flatImage(run.memory));
  if (handed === 'nothing' && !withheld) problems.push('the boot object could be reached at the start');
  if (secrets < PRIVATE_MIN) problems.push(`only ${secrets} objects were the owner's alone`);
  for (const [object, bytes] of before) {
    const kind = heap.kindOf(object);
    // Stacks of threads that ended are used again.
    if (kind !== undefined && kind >= 11 && kind <= 13) continue;
    if (copyOf(heap, object) !== bytes) problems.push(`object 0x${object.toString(16)} of others has changed`);
  }
  const reachable = closure(heap, [...common(heap, handed), ...threadRoots(heap)]);
  for (const object of reachable) {
    if (before.has(object)) problems.push(`object 0x${object.toString(16)} of others can be reached`);
  }
  return { problems, started, bytecodes: run.bytecodes, run };
}
