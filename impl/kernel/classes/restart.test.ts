import { describe, expect, test } from 'vitest';
import { ENTER, type Line, program } from '../vm/testing/assembler.js';
import { persistentPart, runInV8 } from '../vm/testing/v8.js';
import { str } from '../vm/testing/words.js';
import { CLASSES, ROOT_METHODS } from './testing/restart.js';

const ORDINALS = 48;
const say: Line[] = [['os_set32', 1], ['os_get32', 0], ['os_get32', 1], ['call_10', 1], ['os_drop']];

/** An object of the class on the stack, such that a method without arguments need not wait. */
function object(name: string): Line[] {
  if (name === '.internal.boot') return [['os_get32', 0]];
  if (name === '.internal.thread') return [['summon_thread']];
  if (name === '.internal.class') return [['summon_class_class']];
  const made: Line[] = [['summon_by_name', name], ['new']];
  if (name === '.internal.sema') return [...made, ['os_dup'], ['call_0B', 0], ['os_drop']];
  if (name !== '.internal.container.array.iterator') return made;
  return [['summon_by_name', '.internal.container.array'], ['new'], ['call_08', 0]];
}

/** Ordinals that the class answers, each called without arguments on an object of its own. */
async function answered(name: string): Promise<number[]> {
  const code = Array.from({ length: ORDINALS }, (_, ordinal): Line[] => [
    ['summon_string_class'],
    ['push_catcher', `thrown${ordinal}`],
    ...object(name),
    ['call_32bit', ordinal, 0],
    ['os_drop'],
    ['pop_catcher'],
    str('done'),
    `thrown${ordinal}:`,
    ...say,
    str(`=${ordinal}\n`),
    ...say,
  ]).flat();
  const startup = { ordinal: 8, code: [...ENTER, ...code, ['ret']] as Line[] };
  const run = await runInV8({ ...program({ name: '.t.main', methods: [startup] }), typed: 'x' });
  expect({ failed: run.failed, log: run.log }).toMatchObject({ failed: 0 });
  const lines = run.console.trimEnd().split('\n');
  expect(lines.length).toBe(ORDINALS);
  return lines.flatMap((line) =>
    /^(invalid syscall called|no method \d+ in .*)=/.test(line) ? [] : [Number(line.slice(line.lastIndexOf('=') + 1))],
  );
}

describe('the table of what a power cut means', () => {
  test.each(CLASSES.map((entry) => [entry.name, entry] as const))('lists the methods of %s', async (name, entry) => {
    const listed = new Set([...ROOT_METHODS, ...(entry.freezes ? [14] : []), ...entry.methods.keys()]);
    expect(await answered(name)).toEqual([...listed].sort((a, b) => a - b));
  });
});

describe('a boot makes devices ready', () => {
  const NEXT = 16;
  const BOOT = 20;
  const BOOTS = 12;
  const DEVICES = 68;
  const BASE = 0x80000000;

  test('before any thread of the program runs', async () => {
    // Two terminals and a connection; the program is cut off while it prints, and then finds itself in boot 2.
    const terminal: Line[] = [['summon_by_name', '.internal.io.tty'], ['new'], ['call_1B', 0], ['os_drop']];
    const connection: Line[] = [['summon_by_name', '.internal.connection'], ['new'], str('tmr:'), ['call_08', 1]];
    const code: Line[] = [...terminal, ...terminal, ...connection, ['os_drop'], str('here'), ...say];
    const startup = { ordinal: 8, code: [...ENTER, ...code, ['ret']] as Line[] };
    const what = { ...program({ name: '.t.main', methods: [startup] }), waitEvery: 3 };
    const whole = await runInV8(what);
    const first = await runInV8({ ...what, cutAtWait: whole.waits });
    const rest = await runInV8({ ...what, memory: persistentPart(first.memory) });
    const view = new DataView(rest.memory.buffer);
    const boots: number[] = [];
    for (let at = view.getUint32(BASE + DEVICES, true); at !== 0; at = view.getUint32(at + NEXT, true)) {
      boots.push(view.getUint32(at + BOOT, true));
    }
    expect(view.getUint32(BASE + BOOTS, true)).toBe(1);
    expect(boots).toEqual([2, 2, 2]);
    // In the log the boot says so when it starts the threads; the devices were ready then.
    expect(rest.log).toContain('objects: boot 2, threads 1');
  });
});
