/**
 * What the objects in a generation's memory come to, read from outside (`model/heap`).
 *
 * The rule: a memory is judged by itself, whatever led to it, and is a function of its contents; so what was found of a digest holds for that
 * digest. A memory of which a page is lost is not judged: nobody can say what it held.
 *
 * Threads that wait: a mutex or a monitor passes to who has waited longest in the step that lets go of it (`impl/kernel/vm/waiting.ts`), so there is
 * no instant at which somebody waits for one that is free; where there is, nobody will ever hand it over. One that is held by a thread
 * that has ended is the program's own doing.
 */
import { Heap, type MemoryImage, verifyHeap } from '../model/heap/index.js';
import {
  AS_MONITOR,
  BASE,
  HEADER,
  LAYOUT,
  MAGIC,
  MONITOR_BYTES,
  MONITOR_COUNT,
  MONITORS,
  RECORD,
  ROOT,
} from '../model/heap/layout.js';

export interface MemoryAudit {
  /** Whether there are objects at all. */
  readonly hasBegun: boolean;
  /** What is not as the layout has it: references that lead nowhere, objects of a wrong size, counts that are off. */
  readonly problems: readonly string[];
  /** Those of them that may be addresses of the kernel's own memory. */
  readonly kernelAddresses: readonly string[];
  /** Threads that wait for what is free. */
  readonly stuck: readonly string[];
  /** Threads that wait for a mutex or a monitor. */
  readonly waiting: number;
  /** Whether garbage was collected in it. */
  readonly wasCollected: boolean;
  /** Classes of a plan's guests that it has loaded. */
  readonly guests: readonly string[];
}

/** Where kernel text begins: an address of the kernel is between this and persistent memory. */
const KERNEL_START = 0x0010_0000;
const GUEST = /^\.hostile\./;
const AUDITS_KEPT = 64;

/** Whether a memory has objects, in today's layout: the root structure's magic is written last. */
export function hasObjects(image: MemoryImage): boolean {
  return image.word(BASE + ROOT.magic) === MAGIC && image.word(BASE + ROOT.layout) === LAYOUT;
}

/** Boots that had recovered from a generation, up to the one it was captured in. */
export function bootsOf(image: MemoryImage): number {
  return image.word(BASE + ROOT.boots);
}

/** Judges a memory. */
export function auditMemory(image: MemoryImage): MemoryAudit {
  const heap = new Heap(image);
  const hasBegun = hasObjects(image);
  const problems = verifyHeap(image);
  const { stuck, waiting } = hasBegun ? waits(heap) : { stuck: [], waiting: 0 };
  return {
    hasBegun,
    problems,
    kernelAddresses: problems.filter(namesKernelAddress),
    stuck,
    waiting,
    wasCollected: hasBegun && heap.free.size > 0,
    guests: hasBegun ? guestsOf(heap) : [],
  };
}

/** Audits by digest of the memory, shared by all forks of a run. */
export class MemoryAudits {
  private readonly known = new Map<string, MemoryAudit>();

  /** Throws what reading `image` throws. */
  of(digest: string, image: () => MemoryImage): MemoryAudit {
    const known = this.known.get(digest);
    if (known !== undefined) return known;
    const audit = auditMemory(image());
    this.known.set(digest, audit);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= AUDITS_KEPT) break;
      this.known.delete(oldest);
    }
    return audit;
  }
}

function namesKernelAddress(problem: string): boolean {
  const named = [...problem.matchAll(/0x([0-9a-f]+)/g)].map(([, digits]) => Number.parseInt(digits, 16));
  return named.some((address) => address >= KERNEL_START && address < BASE);
}

function guestsOf(heap: Heap): string[] {
  const names = [...heap.cacheEntries()].map(({ entry }) => heap.text(heap.word(entry + HEADER)));
  return names.filter((name) => GUEST.test(name)).sort();
}

function waits(heap: Heap): { stuck: string[]; waiting: number } {
  const held = heldMonitors(heap);
  const stuck: string[] = [];
  let waiting = 0;
  for (const record of heap.threads()) {
    const word = heap.word(record + RECORD.waits);
    const object = (word & ~AS_MONITOR) >>> 0;
    const asMonitor = (word & AS_MONITOR) !== 0;
    if (object === 0 || !(asMonitor || heap.isOf(object, 'mutex'))) continue;
    waiting++;
    if (asMonitor ? held.has(object) : heap.word(object + HEADER) !== 0) continue;
    const what = `${asMonitor ? 'the monitor of' : 'mutex'} 0x${object.toString(16)}`;
    stuck.push(`thread ${heap.word(record + RECORD.number)} waits for ${what}, which is free`);
  }
  return { stuck, waiting };
}

/** Objects whose monitor somebody holds. */
function heldMonitors(heap: Heap): ReadonlySet<number> {
  const held = new Set<number>();
  for (let i = 0; i < MONITOR_COUNT; i++) held.add(heap.word(MONITORS + i * MONITOR_BYTES));
  return held;
}
