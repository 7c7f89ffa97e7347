import { describe, expect, test } from 'vitest';
import type { StackDepth } from '../compiler/index.js';
import { buildKernel } from './kernel.js';
import { checkStacks, stackSizes } from './stacks.js';

const sizes = { bootStackBytes: 4096, threadStackBytes: 2048, marginBytes: 100 };

function image(depths: Record<string, StackDepth>) {
  const stackDepths = new Map(Object.entries({ handler: bounded(20, 'handler'), ...depths }));
  return { stackDepths, tableFunctions: ['handler', 'begin'] };
}

function bounded(bytes: number, ...path: string[]): StackDepth {
  return { bytes, path, cycles: [] };
}

describe('check of the stacks', () => {
  // A trap: eflags, cs, eip, error code, vector, eight registers, and what `trap` takes.
  const trapBytes = 13 * 4 + 48;

  test('a stack holds its calls, three traps and the margin', () => {
    const full = 2048 - 3 * trapBytes - 100;
    const fits = image({ _start: bounded(64), begin: bounded(full), trap: bounded(48) });
    expect(checkStacks(fits, sizes)).toEqual([
      { stack: 'boot', entry: '_start', needed: 64 + 3 * trapBytes + 100, available: 4096 },
      { stack: 'thread', entry: 'begin', needed: 2048, available: 2048 },
    ]);
    const more = image({ _start: bounded(64), begin: bounded(full + 4, 'begin', 'work'), trap: bounded(48, 'trap') });
    expect(() => checkStacks(more, sizes)).toThrow(
      'the thread stack can overflow: calls from begin on take up to 1652 bytes, 3 traps 300, the margin is 100; ' +
        'it has 2048 bytes, not 2052. Deepest calls: begin > work; deepest trap: trap',
    );
    const boot = image({ _start: bounded(3700), begin: bounded(4), trap: bounded(48) });
    expect(() => checkStacks(boot, sizes)).toThrow(
      'the boot stack can overflow: calls from _start on take up to 3700 bytes',
    );
  });

  test('recursion is named', () => {
    const cycles = [['resolve', 'lose', 'touch']];
    const endless = image({ _start: bounded(4), begin: bounded(4), trap: { bytes: undefined, path: [], cycles } });
    expect(() => checkStacks(endless, sizes)).toThrow('trap reaches resolve > lose > touch > resolve');
  });

  test('a size that the kernel does not declare as expected is missed', () => {
    const thread = 'impl/kernel/sched/thread.ts';
    const stack = 'impl/kernel/arch/stack.ts';
    const files = new Map([
      [thread, '/** Text. */\nexport const STACK_BYTES: u32 = 8192;\n'],
      [stack, 'const STACK_MARGIN: u32 = 512;\n'],
    ]);
    expect(stackSizes(files, 16384)).toEqual({ bootStackBytes: 16384, threadStackBytes: 8192, marginBytes: 512 });
    files.set(stack, 'const STACK_MARGIN: u32 = 2 * 256;\n');
    expect(() => stackSizes(files, 16384)).toThrow(`${stack} has to declare const STACK_MARGIN: u32`);
  });
});

test('every entry of the kernel has a bound, and its stacks have room to spare', async () => {
  const { stackDepths, stacks } = await buildKernel();
  expect([...stackDepths].filter(([, { bytes }]) => bytes === undefined)).toEqual([]);
  const thread = 'impl/kernel/vm/threads/runRecord';
  for (const entry of ['_start', 'kmain', 'trap', thread]) expect(stackDepths.has(entry)).toBe(true);
  expect(stacks.map(({ stack, entry, available }) => [stack, entry, available])).toEqual([
    ['boot', '_start', 16384],
    ['thread', 'impl/kernel/sched/thread/begin', 8192],
  ]);
  for (const { needed, available } of stacks) expect(needed).toBeLessThan(available);
  // The virtual machine is not missed: a thread that runs it is the deepest.
  const begin = stackDepths.get('impl/kernel/sched/thread/begin');
  expect(begin?.path).toContain('impl/kernel/vm/interpret/interpret');
});
