/**
 * Whether the kernel's stacks are deep enough, from the depths that the compiler computes.
 *
 * Rule: on a stack lie at most its own calls and three traps: a page fault, whose handler touches no memory that is paged; an
 * interrupt in it, and no second one, since interrupt gates keep interrupts off; an exception that ends the kernel. Each is
 * taken at the worst case of all traps. What is left has to be the margin that every trap checks for. A thread's stack begins
 * with a function of the function table, and which one is decided as the kernel runs; so it has to be deep enough for each.
 */

import { type CompiledImage, trapFrameBytes } from '../compiler/index.js';

export interface StackUse {
  readonly stack: 'boot' | 'thread';
  /** The function that it begins with; of several the one that needs most. */
  readonly entry: string;
  /** Bytes it takes at most, traps and margin included. */
  readonly needed: number;
  readonly available: number;
}

export interface StackSizes {
  readonly bootStackBytes: number;
  readonly threadStackBytes: number;
  readonly marginBytes: number;
}

const TRAPS = 3;
const BOOT_ENTRY = '_start';
const THREADS_FILE = 'impl/kernel/sched/thread.ts';
const MARGIN_FILE = 'impl/kernel/arch/stack.ts';

function declared(files: ReadonlyMap<string, string>, path: string, name: string): number {
  const found = new RegExp(`^(?:export )?const ${name}: u32 = (\\d+);$`, 'm').exec(files.get(path) ?? '');
  if (found === null) throw new Error(`${path} has to declare const ${name}: u32 = <decimal number>;`);
  return Number(found[1]);
}

/** The sizes as the kernel's sources declare them. */
export function stackSizes(files: ReadonlyMap<string, string>, bootStackBytes: number): StackSizes {
  return {
    bootStackBytes,
    threadStackBytes: declared(files, THREADS_FILE, 'STACK_BYTES'),
    marginBytes: declared(files, MARGIN_FILE, 'STACK_MARGIN'),
  };
}

/** What the stacks of the image take. Throws when one has no bound or is too small. */
export function checkStacks(
  image: Pick<CompiledImage, 'stackDepths' | 'tableFunctions'>,
  sizes: StackSizes,
): StackUse[] {
  const depth = (entry: string): { bytes: number; path: readonly string[] } => {
    const found = image.stackDepths.get(entry);
    if (found === undefined) throw new Error(`the stack depth of ${entry} is not known: it is not in the image`);
    const { bytes, path, cycles } = found;
    if (bytes !== undefined) return { bytes, path };
    const circles = cycles.map((cycle) => [...cycle, cycle[0]].join(' > ')).join('; ');
    throw new Error(`the kernel must not recurse, or its stacks have no bound: ${entry} reaches ${circles}`);
  };
  const trap = depth('trap');
  const traps = TRAPS * (trapFrameBytes + trap.bytes);
  const use = (stack: StackUse['stack'], available: number, entries: readonly string[]): StackUse => {
    const [{ entry, bytes, path }] = entries
      .map((name) => ({ entry: name, ...depth(name) }))
      .sort((a, b) => b.bytes - a.bytes);
    const needed = bytes + traps + sizes.marginBytes;
    if (needed <= available) return { stack, entry, needed, available };
    throw new Error(
      `the ${stack} stack can overflow: calls from ${entry} on take up to ${bytes} bytes, ${TRAPS} traps ${traps}, ` +
        `the margin is ${sizes.marginBytes}; it has ${available} bytes, not ${needed}. Deepest calls: ` +
        `${path.join(' > ')}; deepest trap: ${trap.path.join(' > ')}`,
    );
  };
  const boot = use('boot', sizes.bootStackBytes, [BOOT_ENTRY]);
  if (image.tableFunctions.length === 0) return [boot];
  return [boot, use('thread', sizes.threadStackBytes, image.tableFunctions)];
}
