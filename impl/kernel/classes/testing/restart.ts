/**
 * What a power cut inside a method of the kernel means to the thread that is in it, for every method of every internal
 * class; `restart.test.ts` holds the table against the kernel, `blocking.test.ts` cuts the power inside each that waits.
 *
 *     at-once  it ends within its bytecode, or works in parts whose progress is in persistent memory: executed again, it
 *              goes on where it was
 *     wait     (a) it waits for something persistent, or for time: the wait goes on unseen
 *     commit   (b) it waits for a commit: recovered from that commit or a later one, it returns as if it had been there
 *     device   (c) it uses something outside persistent memory, which the boot has made ready before the thread runs; of
 *              what could not be made ready it throws `connection lost`
 *
 * What has a number with the root class and is not listed under its own class is the root class's.
 */

export type Restart = 'at-once' | 'wait' | 'commit' | 'device';

export interface ClassMethods {
  readonly name: string;
  /** Method 14, setImmutable, is there. */
  readonly freezes?: boolean;
  readonly methods: ReadonlyMap<number, readonly [name: string, ...restart: readonly Restart[]]>;
}

type Row = readonly [ordinal: number, name: string, ...restart: readonly Restart[]];

function cls(name: string, rows: readonly Row[], freezes = false): ClassMethods {
  const methods = rows.map(([ordinal, method, ...restart]): [number, [string, ...Restart[]]] => [
    ordinal,
    [method, ...(restart.length === 0 ? (['at-once'] as const) : restart)],
  ]);
  return { name, freezes, methods: new Map(methods) };
}

const value: readonly Row[] = [
  [3, 'clone'],
  [4, 'equals'],
  [5, 'toString'],
  [6, 'toXML'],
];

/** Methods of every object. */
export const ROOT_METHODS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 15];

export const CLASSES: readonly ClassMethods[] = [
  cls('.internal.int', value, true),
  cls('.internal.long', value, true),
  cls('.internal.float', value, true),
  cls('.internal.double', value, true),
  cls(
    '.internal.string',
    [
      [3, 'clone'],
      [4, 'equals'],
      [5, 'toString'],
      [8, 'substring'],
      [9, 'charAt'],
      [10, 'concat'],
      [11, 'length'],
      [12, 'find'],
      [16, 'toInt'],
      [17, 'toLong'],
      [18, 'toFloat'],
      [19, 'toDouble'],
      [20, 'parseJson'],
    ],
    true,
  ),
  cls('.internal.container.array', [
    [3, 'clone'],
    [8, 'iterator'],
    [9, 'subarray'],
    [10, 'get'],
    [11, 'set'],
    [12, 'size'],
  ]),
  cls('.internal.container.array.iterator', [[8, 'current']]),
  cls('.internal.binary', [
    [3, 'clone'],
    [8, 'getByte'],
    [9, 'setByte'],
    [10, 'setRange'],
  ]),
  cls('.internal.bitmap', [
    [8, 'loadFromString'],
    [9, 'paintTo'],
    [10, 'width'],
    [11, 'height'],
    [12, 'pixel'],
  ]),
  cls('.internal.closure', [
    [9, 'getOrdinal'],
    [10, 'setOrdinal'],
    [11, 'setObject'],
  ]),
  cls('.internal.directory', [
    [4, 'equals'],
    [8, 'put'],
    [9, 'get'],
    [10, 'remove'],
    [11, 'size'],
    [12, 'iterate'],
    [13, 'keys'],
  ]),
  cls('.internal.class', [
    [8, 'newClass'],
    [10, 'setStatic'],
    [11, 'getStatic'],
    [14, 'instanceOf'],
  ]),
  cls('.internal.thread', [
    [10, 'pause'],
    [11, 'unpause'],
    [12, 'getEnvironment'],
    [13, 'getUser'],
    [14, 'getOsInterface'],
  ]),
  cls('.internal.world', [
    [8, 'getMyThread'],
    [9, 'startThread'],
    [10, 'log'],
  ]),
  cls('.internal.boot', [
    [8, 'loadClass'],
    [16, 'print'],
    [17, 'registerClassLoader'],
    [18, 'startThread'],
    [19, 'createBinary'],
    [20, 'setScreenBackground'],
    [21, 'sleep', 'wait'],
    [22, 'setOsInterface'],
    [23, 'getEnvironment'],
    [24, 'reboot', 'commit'],
    [25, 'bootNumber'],
    [26, 'waitForBoot', 'wait'],
    [27, 'durable', 'commit'],
    [30, 'setProgram'],
  ]),
  cls('.internal.mutex', [
    [8, 'lock', 'wait'],
    [9, 'unlock'],
    [10, 'trylock'],
  ]),
  cls('.internal.cond', [
    [8, 'wait', 'wait'],
    [9, 'twait', 'wait'],
    [10, 'broadcast'],
    [11, 'signal'],
  ]),
  cls('.internal.sema', [
    [8, 'acquire', 'wait'],
    [9, 'tacquire', 'wait'],
    [10, 'zero'],
    [11, 'release'],
  ]),
  cls('.internal.time', [
    [16, 'unixTime'],
    [17, 'sleepSec', 'wait'],
    [18, 'sleepMsec', 'wait'],
  ]),
  cls('.internal.stat', [
    [16, 'getStat'],
    [17, 'getIdle'],
  ]),
  cls('.internal.weakref', [
    [8, 'get'],
    [9, 'set'],
  ]),
  cls('.internal.io', [
    [8, 'open'],
    [9, 'close'],
    [10, 'read'],
    [11, 'write'],
    [12, 'setVar'],
    [13, 'getVar'],
    [14, 'reset'],
  ]),
  cls('.internal.connection', [
    [8, 'connect'],
    [9, 'disconnect'],
    [10, 'check'],
    [11, 'invoke', 'device'],
    [12, 'setCallback'],
    [13, 'block', 'wait', 'device'],
  ]),
  cls('.internal.io.tty', [
    [1, 'destruct'],
    [16, 'getwc', 'wait', 'device'],
    [17, 'putws', 'device'],
    [18, 'debug'],
    [19, 'gotoxy', 'device'],
    [20, 'clear', 'device'],
    [21, 'setColor', 'device'],
    [22, 'fill'],
    [23, 'putblock'],
    [24, 'moveWindow'],
    [25, 'setTitle', 'device'],
    [26, 'setBgColor', 'device'],
    [27, 'typed', 'device'],
    [28, 'tgetwc', 'wait', 'device'],
    [29, 'open', 'device'],
  ]),
];

/** `CLASS ORDINAL` of every method that waits. */
export const WAITING: readonly string[] = CLASSES.flatMap(({ name, methods }) =>
  [...methods]
    .filter(([, [, ...restart]]) => restart.includes('wait') || restart.includes('commit'))
    .map(([ordinal]) => `${name} ${ordinal}`),
);

/** Most of a wait that a power cut takes back: the pieces in which the kernel waits (`vm/waiting.ts`). */
export const NAP_MS = 40;
