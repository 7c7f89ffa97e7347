/**
 * What the Java library knows of the Phantom machine: Java classes that stand for the kernel's (`BINDINGS`) and the
 * static methods of `phantom.jvm.Machine`, which are instructions.
 *
 * Rule: values cross as the machine has them. An int or boolean is boxed to an `.internal.int`; a `phantom.jvm.Text` is the
 * kernel's string, so a Java string is never one; `null` is null.
 */

import type { Assembler } from '../assembler.js';

export interface Binding {
  readonly className: string;
  /** Numbers of the kernel's methods by name and descriptor. */
  readonly methods: ReadonlyMap<string, number>;
}

function binding(className: string, methods: Record<string, number>): Binding {
  return { className, methods: new Map(Object.entries(methods)) };
}

const TEXT = 'Lphantom/jvm/Text;';
const ANY = 'Ljava/lang/Object;';

/** By name of the Java class. */
export const BINDINGS: ReadonlyMap<string, Binding> = new Map([
  [
    'phantom/jvm/Text',
    binding('.internal.string', {
      [`same(${TEXT})Z`]: 4,
      [`substring(II)${TEXT}`]: 8,
      'charAt(I)I': 9,
      [`concat(${TEXT})${TEXT}`]: 10,
      'length()I': 11,
      [`find(${TEXT})I`]: 12,
      [`number()${ANY}`]: 20,
    }),
  ],
  [
    'phantom/jvm/Items',
    binding('.internal.container.array', {
      'subarray(II)Lphantom/jvm/Items;': 9,
      [`get(I)${ANY}`]: 10,
      [`set(${ANY}I)V`]: 11,
      'size()I': 12,
    }),
  ],
  ['phantom/jvm/Directory', binding('.internal.directory', { [`put(${TEXT}${ANY})I`]: 8, [`get(${TEXT})${ANY}`]: 9 })],
  ['phantom/jvm/Mutex', binding('.internal.mutex', { 'lock()V': 8, 'unlock()V': 9 })],
  [
    'phantom/jvm/Condition',
    binding('.internal.cond', { 'await(Lphantom/jvm/Mutex;)V': 8, 'broadcast()V': 10, 'signal()V': 11 }),
  ],
  ['phantom/jvm/Boot', binding('.internal.boot', { [`print(${TEXT})V`]: 16 })],
  ['phantom/jvm/World', binding('.internal.world', { [`thread(${ANY}${ANY})I`]: 9 })],
  ['phantom/jvm/Clock', binding('.internal.time', { 'sleep(I)V': 18 })],
]);

export const MACHINE = 'phantom/jvm/Machine';
/** `Machine.text( "literal" )`: the literal as a string of the kernel's. */
export const TEXT_LITERAL = `text(Ljava/lang/String;)${TEXT}`;

/** Number of the root class's `toString` and `hashCode`. */
const TO_STRING = 5;
const HASH_CODE = 15;

const nothing = (): void => undefined;
const boxed =
  (prefix: string | undefined, ...then: readonly (() => (out: Assembler) => void)[]) =>
  (out: Assembler): void => {
    if (prefix !== undefined) out.plain(prefix);
    out.plain('i2o');
    for (const step of then) step()(out);
  };
const made = (name: string) => (out: Assembler) => {
  out.withText('summon_by_name', name);
  out.plain('new');
};
const toText = () => (out: Assembler) => out.call(TO_STRING, 0);

/** Static methods of `phantom.jvm.Machine`; arguments and result lie on the stacks as any value of their types does. */
export const INSTRUCTIONS: ReadonlyMap<string, (out: Assembler) => void> = new Map([
  ['world()Lphantom/jvm/World;', made('.internal.world')],
  ['clock()Lphantom/jvm/Clock;', made('.internal.time')],
  [`thread()${ANY}`, (out) => out.plain('summon_thread')],
  [
    `identity(${ANY})I`,
    (out) => {
      out.call(HASH_CODE, 0);
      out.plain('o2i');
    },
  ],
  [`box(I)${ANY}`, boxed(undefined)],
  [`box(J)${ANY}`, boxed('prefix_long')],
  [`box(F)${ANY}`, boxed('prefix_float')],
  [`box(D)${ANY}`, boxed('prefix_double')],
  [`intOf(${ANY})I`, (out) => out.plain('o2i')],
  [
    `doubleIn(${ANY})D`,
    (out) => {
      out.plain('prefix_double');
      out.plain('o2i');
    },
  ],
  [`textOf(I)${TEXT}`, boxed(undefined, toText)],
  [`textOf(J)${TEXT}`, boxed('prefix_long', toText)],
  [`textOf(F)${TEXT}`, boxed('prefix_float', toText)],
  [`textOf(D)${TEXT}`, boxed('prefix_double', toText)],
  // A float is an integer cell, a double two, high word first, as an int and a long are.
  ['bits(F)I', nothing],
  ['bits(D)J', nothing],
  ['floatOf(I)F', nothing],
  ['doubleOf(J)D', nothing],
]);
