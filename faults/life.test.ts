// The judgements of one life, on a machine that plays a script: what a right kernel shows passes, and each thing a wrong
// one could show is found under its property.
import { beforeAll, describe, expect, test } from 'vitest';
import { type LinearWatchHooks, type MachineHooks, MemoryMedium, type StopReason } from '../hardware-sim/index.js';
import { goldenPrograms } from '../impl/kernel/vm/testing/programs.js';
import { persistentPart, runInV8 } from '../impl/kernel/vm/testing/v8.js';
import { type MemoryImage, pagedImage } from '../model/heap/index.js';
import { ROOT } from '../model/heap/layout.js';
import type { CutResult, PropertyResult } from '../reports/schema.js';
import type { DiskImage } from './disk-image.js';
import { Evidence } from './evidence.js';
import { Life, type LifeState, type WatchedMachine } from './life.js';
import type { Past } from './life-judge.js';
import type { MemoryAudit } from './memory-audit.js';
import { PAGE_BYTES, PageHashes, pageWords } from './page-hash.js';

const BASE = 0x80000000;
const FIRST = BASE / PAGE_BYTES;
const PAGES = 8;
const RECORD = 0x1000;

type Step = (machine: ScriptedMachine) => void;

/** Plays one step every 100 cycles, then halts for ever. */
class ScriptedMachine implements WatchedMachine {
  cycles = 0;
  instructions = 0;
  readonly diskFaults = [];
  readonly medium = new MemoryMedium(16384);
  readonly frames = Array.from({ length: 32 }, () => new Uint8Array(PAGE_BYTES));
  watching: LinearWatchHooks | undefined;
  disk: DiskImage = diskWith(0, 0, []);
  private stopped: StopReason | undefined;

  constructor(
    readonly hooks: MachineHooks,
    private readonly script: Step[],
  ) {}

  run({ untilCycle }: { untilCycle: number }): StopReason {
    this.stopped = undefined;
    while (this.stopped === undefined) {
      if (this.cycles + 100 > untilCycle) {
        this.cycles = untilCycle;
        return { kind: 'cycle' };
      }
      const step = this.script.shift();
      if (step === undefined) return { kind: 'halted-forever', eip: 0 };
      this.cycles += 100;
      step(this);
    }
    return this.stopped;
  }

  injectSerial(): void {}

  typeKeys(cycle: number): number {
    return cycle;
  }

  screenView(): undefined {
    return undefined;
  }

  requestStop(): void {
    this.stopped ??= { kind: 'requested' };
  }

  exit(status: number): void {
    this.stopped = { kind: 'exit', status };
  }

  readPhysical(address: number, bytes: number): Uint8Array {
    const offset = address % PAGE_BYTES;
    return this.frames[Math.floor(address / PAGE_BYTES)].slice(offset, offset + bytes);
  }

  viewPage(page: number): Uint8Array {
    return this.frames[page];
  }

  peekSector(): Uint8Array {
    throw new Error('a scripted life is not recorded');
  }

  watch(_base: number, _pages: number, hooks: LinearWatchHooks): void {
    this.watching = hooks;
  }

  rearmWrites(): void {}

  announce(...words: number[]): void {
    const view = new DataView(this.frames[1].buffer);
    for (let i = 0; i < 4; i++) view.setUint32(i * 4, words[i] ?? 0, true);
    // The hooks of a life do not use the machine they are handed beyond reading its memory.
    this.hooks.onProbe?.(RECORD, this as never);
  }
}

const booted: Step = (machine) => machine.announce(1, BASE, PAGES, 1);
const recovered =
  (generation: number, position: number): Step =>
  (machine) =>
    machine.announce(2, generation, position, 0);
const demarcation =
  (generation: number, position: number): Step =>
  (machine) =>
    machine.announce(3, generation, position, 1);
/** The disk holds at the commit what it must, but for `wrong`. */
const commit =
  (generation: number, wrong: Partial<DiskImage> = {}): Step =>
  (machine) => {
    machine.disk = { ...diskWith(generation, 0, []), ...wrong };
    machine.announce(4, generation);
  };
const finished: Step = (machine) => machine.announce(6);
const exit: Step = (machine) => machine.exit(1);
const store =
  (page: number, frame: number, value: number): Step =>
  (machine) => {
    machine.watching?.onMap(FIRST + page, frame, true);
    machine.frames[frame][8] = value;
  };
const print =
  (text: string): Step =>
  (machine) => {
    for (const byte of Buffer.from(text)) machine.hooks.onSerial?.(1, byte, machine.cycles);
  };
const write =
  (lba: number): Step =>
  (machine) =>
    machine.hooks.onDiskEvent?.({ kind: 'write', lba, count: 1, cycle: machine.cycles, sequence: 0 }, machine as never);

/** A page of a disk or a frame that holds `value` where `store` puts it. */
function content(value: number): Int32Array {
  const bytes = new Uint8Array(PAGE_BYTES);
  bytes[8] = value;
  return pageWords(bytes);
}

function diskWith(generation: number, position: number, pages: [number, number][], kept: number[] = []): DiskImage {
  const hashes = PageHashes.zero(PAGES);
  for (const [page, value] of pages) hashes.set(page, content(value));
  return {
    fresh: generation === 0,
    pages: 1024,
    newest: generation === 0 ? undefined : { generation, consolePosition: position },
    superblockCopies: generation === 0 ? 0 : 2,
    keptBlocks: new Set(kept),
    damaged: [],
    usedTwice: [],
    leaked: [],
    lists: 1,
    refused: undefined,
    hashes: () => ({ hashes, lost: [] }),
    memory: () => undefined,
    without: () => diskWith(generation, position, pages, kept),
  };
}

let golden: Uint8Array;

beforeAll(async () => {
  const program = goldenPrograms().find(({ name }) => name === 'dirobj');
  if (program === undefined) throw new Error('no golden program dirobj');
  golden = persistentPart((await runInV8(program)).memory);
}, 120_000);

/** The memory of a real program, with these words of its root structure. */
function objects(words: Partial<Record<keyof typeof ROOT, number>>): MemoryImage {
  const bytes = golden.slice();
  const view = new DataView(bytes.buffer);
  for (const [name, value] of Object.entries(words)) view.setUint32(ROOT[name as keyof typeof ROOT], value, true);
  return pagedImage((page) => bytes.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
}

interface Lived {
  readonly state: LifeState;
  readonly evidence: Evidence;
  readonly life: Life<ScriptedMachine>;
}

function live(script: Step[], past: Past = { kind: 'new' }, evidence = new Evidence(), until = 1_000_000): Lived {
  const boot = past.kind === 'cut' ? 1 : 0;
  let played: ScriptedMachine | undefined;
  const make = (hooks: MachineHooks) => (played = new ScriptedMachine(hooks, script));
  const look = () => played?.disk ?? diskWith(0, 0, []);
  const life = Life.powerOn(boot, past, evidence, {}, make, look);
  const state = life.advance(until);
  life.close();
  return { state, evidence, life };
}

function failed(evidence: Evidence): string[] {
  return evidence.ledger
    .results(new Set())
    .filter((property) => property.failed > 0)
    .map((property) => property.id);
}

function property(evidence: Evidence, id: string): PropertyResult | undefined {
  return evidence.ledger.results(new Set()).find((one) => one.id === id);
}

/** A first life that committed generation 1 (page 3 holds 7, 5 bytes printed), went on, demarcated 2 and lost its power. */
function firstLife(): Evidence {
  const { evidence } = live([
    booted,
    recovered(0, 0),
    store(3, 4, 7),
    print('one 1\n'),
    demarcation(1, 6),
    commit(1),
    store(3, 4, 8),
    print('two 2\n'),
    demarcation(2, 12),
    print('thr'),
  ]);
  expect(failed(evidence)).toEqual(['P14']);
  const cut: CutResult = {
    boot: 0,
    cycle: 1000,
    totalCycle: 1000,
    unflushed: 4,
    survived: 2,
    demarcated: evidence.demarcated,
    committed: evidence.committed,
    recovered: null,
    duringRecovery: false,
  };
  const fresh = new Evidence();
  Object.assign(fresh, evidence.fork());
  // The script's end is a halt; only the judgements of the second life are of interest.
  fresh.ledger = new Evidence().ledger;
  fresh.cuts.push(cut);
  return fresh;
}

const right = () => ({ kind: 'cut', image: diskWith(1, 6, [[3, 7]]), tornSuperblock: true }) as const;
/** The recovered page as it is paged in to frame 9. */
const pageIn: Step = (machine) => {
  machine.frames[9][8] = 7;
  machine.watching?.onMap(FIRST + 3, 9, false);
};

describe('a right recovery', () => {
  test('passes, with a witness for everything that was at stake', () => {
    const { state, evidence } = live(
      [booted, recovered(1, 6), pageIn, print('two 2\n'), finished, exit],
      right(),
      firstLife(),
    );
    expect(state).toBe('finished');
    expect(failed(evidence)).toEqual([]);
    for (const id of ['P1', 'P2', 'P3', 'P4', 'P6', 'P8', 'P19'])
      expect(property(evidence, id)?.witnesses).toBeGreaterThan(0);
    expect(evidence.cuts[0].recovered).toBe(1);
    const digestAt = (at: string) => evidence.digests.find((one) => one.at === at && one.generation === 1)?.digest;
    expect(digestAt('recovered')).toMatch(/^[0-9a-f]{64}$/);
    expect(digestAt('recovered')).toBe(digestAt('demarcation'));
  });

  test('of the generation whose commit was on the disk and not yet announced passes', () => {
    const past = { kind: 'cut', image: diskWith(2, 12, [[3, 8]]), tornSuperblock: false } as const;
    const { evidence } = live([booted, recovered(2, 12), print('three 3\n'), finished, exit], past, firstLife());
    expect(failed(evidence)).toEqual([]);
  });

  test('of a system that this bed never saw is judged by its own disk', () => {
    const past = { kind: 'unknown', image: diskWith(9, 1000, [[3, 7]]) } as const;
    const script = [booted, recovered(9, 1000), pageIn, print('x\none 1\n'), finished, exit];
    expect(failed(live(script, past).evidence)).toEqual([]);
  });
});

describe('a disk that decayed before this bed had it', () => {
  const image = {
    ...diskWith(9, 1000, [[3, 7]]),
    damaged: [{ block: 77, text: 'leaf 0 of generation 4 in block 77: checksum' }],
    hashes: (pages: number) => ({ hashes: diskWith(9, 1000, [[3, 7]]).hashes(pages).hashes, lost: [5] }),
  };
  const script = (wrong: Partial<DiskImage>) => [
    booted,
    recovered(9, 1000),
    pageIn,
    demarcation(10, 1000),
    commit(10, wrong),
    finished,
    exit,
  ];

  test('is told of, and the system goes on', () => {
    const { evidence } = live(script({ damaged: image.damaged }), { kind: 'unknown', image });
    expect(failed(evidence)).toEqual([]);
    expect(evidence.events.filter(({ kind }) => kind === 'decayed').map(({ detail }) => detail)).toEqual([
      image.damaged[0].text,
      'page 5 of generation 9 has no good copy',
    ]);
  });

  test('and what goes bad later is a finding', () => {
    const { evidence } = live(script({ damaged: [{ block: 78, text: 'leaf 1' }] }), { kind: 'unknown', image });
    expect(failed(evidence)).toEqual(['P5']);
  });

  test('after a power cut it is a finding', () => {
    const cut = { ...right(), image: { ...right().image, hashes: image.hashes } };
    const { evidence } = live([booted, recovered(1, 6), finished, exit], cut, firstLife());
    expect(failed(evidence)).toEqual(['P1']);
  });
});

describe('a wrong kernel is found', () => {
  const cases: [string, string[], Step[], Past?][] = [
    [
      'a page of the disk from another generation',
      ['P1'],
      [booted, recovered(1, 6), finished, exit],
      { ...right(), image: diskWith(1, 6, [[3, 8]]) },
    ],
    [
      'a page in memory that is not the one on the disk',
      ['P2'],
      [booted, recovered(1, 6), store(3, 20, 1), finished, exit],
    ],
    [
      'a generation older than an announced commit',
      ['P1', 'P3', 'P4', 'P8'],
      [booted, recovered(0, 0), finished, exit],
    ],
    [
      'a generation that was never demarcated',
      ['P1', 'P2', 'P3', 'P4', 'P8'],
      [booted, recovered(3, 6), finished, exit],
    ],
    ['another console position', ['P2', 'P19'], [booted, recovered(1, 15 + 6), finished, exit]],
    ['a line that comes again wrong', ['P19'], [booted, recovered(1, 6), print('two 3\n'), finished, exit]],
    ['a write before the recovery', ['P10'], [booted, write(9000), recovered(1, 6), finished, exit]],
    ['a panic', ['P14'], [booted, (machine) => machine.announce(7, 0x2000)]],
    ['an end nobody asked for', ['P14'], [booted, recovered(1, 6), exit]],
    ['a machine that nothing can wake', ['P14'], [booted, recovered(1, 6)]],
    [
      'a write to a committed block',
      ['P5'],
      [booted, recovered(1, 6), write(8 * 100 + 3), finished, exit],
      { ...right(), image: diskWith(1, 6, [[3, 7]], [100]) },
    ],
    [
      'a damaged kept generation',
      ['P5'],
      [booted, recovered(1, 6), finished, exit],
      { ...right(), image: { ...diskWith(1, 6, [[3, 7]]), damaged: [{ block: 79, text: 'generation 1' }] } },
    ],
    [
      'a block used twice',
      ['P6'],
      [booted, recovered(1, 6), finished, exit],
      { ...right(), image: { ...diskWith(1, 6, [[3, 7]]), usedTwice: ['block 9'] } },
    ],
    [
      'a block that nothing will free',
      ['P7'],
      [booted, recovered(1, 6), demarcation(2, 6), commit(2, { leaked: ['block 9'] }), finished, exit],
    ],
    [
      'a reference that leads nowhere in what was recovered',
      ['P17'],
      [booted, recovered(1, 6), finished, exit],
      { ...right(), image: { ...diskWith(1, 6, [[3, 7]]), memory: () => objects({ program: BASE + 0x40 }) } },
    ],
    [
      "an address of the kernel's own memory in what was recovered",
      ['P17', 'P18'],
      [booted, recovered(1, 6), finished, exit],
      { ...right(), image: { ...diskWith(1, 6, [[3, 7]]), memory: () => objects({ program: 0x0020_0040 }) } },
    ],
    [
      'a boot that is counted twice',
      ['P18'],
      [
        booted,
        recovered(1, 6),
        demarcation(2, 6),
        commit(2, { memory: () => objects({ boots: 6 }) }),
        demarcation(3, 6),
        commit(3, { memory: () => objects({ boots: 6 }) }),
        finished,
        exit,
      ],
      { ...right(), image: { ...diskWith(1, 6, [[3, 7]]), memory: () => objects({ boots: 4 }) } },
    ],
    ['a demarcation with an older number', ['P3'], [booted, recovered(1, 6), demarcation(1, 6), finished, exit]],
    ['a commit without a demarcation', ['P3'], [booted, recovered(1, 6), commit(2), finished, exit]],
    [
      'a commit of which the disk knows nothing',
      ['P4'],
      [booted, recovered(1, 6), demarcation(2, 6), commit(2, diskWith(1, 6, [])), finished, exit],
    ],
    [
      'a commit with one superblock copy',
      ['P8'],
      [booted, recovered(1, 6), demarcation(2, 6), commit(2, { superblockCopies: 1 }), finished, exit],
    ],
    [
      'a commit with a bad second copy',
      ['P5'],
      [
        booted,
        recovered(1, 6),
        demarcation(2, 6),
        commit(2, { damaged: [{ block: 80, text: 'page 1' }] }),
        finished,
        exit,
      ],
    ],
    [
      'a commit that uses a block twice',
      ['P6'],
      [booted, recovered(1, 6), demarcation(2, 6), commit(2, { usedTwice: ['block 9'] }), finished, exit],
    ],
    [
      'a commit before its output was seen',
      ['P19'],
      [booted, recovered(1, 6), demarcation(2, 40), commit(2), finished, exit],
    ],
    [
      'a console position behind what the world saw',
      ['P19'],
      [booted, recovered(1, 6), print('two 2\n'), demarcation(2, 6), finished, exit],
    ],
    ['an announcement that is none', ['P14'], [booted, (machine) => machine.announce(99)]],
    ['a recovery announced before the boot', ['P14'], [recovered(1, 6)]],
  ];
  test.each(cases)('%s: %s', (_, expected, script, past = right()) => {
    const { evidence } = live(script, past, firstLife());
    expect(failed(evidence).sort()).toEqual([...expected].sort());
    expect(evidence.ledger.findings.length).toBeGreaterThan(0);
  });
});

describe('what the objects of a generation come to', () => {
  test.each<[string, string[], Partial<MemoryAudit>]>([
    ['nothing to be said', [], {}],
    [
      'a thread that waits for what is free',
      ['P15'],
      { waiting: 1, stuck: ['thread 1 waits for mutex 0x80, which is free'] },
    ],
    ['damage where a guest was loaded', ['P17', 'P23'], { guests: ['.hostile.a'], problems: ['a class of no size'] }],
  ])('%s: %j', (_, expected, found) => {
    const sound = {
      hasBegun: true,
      problems: [],
      kernelAddresses: [],
      stuck: [],
      waiting: 0,
      wasCollected: false,
      guests: [],
    };
    const evidence = Object.assign(firstLife(), { audit: (): MemoryAudit => ({ ...sound, ...found }) });
    const past = { ...right(), image: { ...diskWith(1, 6, [[3, 7]]), memory: () => objects({}) } };
    live([booted, recovered(1, 6), finished, exit], past, evidence);
    expect(failed(evidence)).toEqual(expected);
  });
});

test('a generation that is recovered from a new disk: P3', () => {
  const { evidence } = live([booted, recovered(1, 6), finished, exit]);
  expect(failed(evidence)).toContain('P3');
});

describe('a drive that reads wrong', () => {
  /** The disk has generation 2 to who can read block 9, else generation 1. */
  const found = (): Past => {
    const image = {
      ...diskWith(2, 12, [[3, 8]]),
      without: (blocks: ReadonlySet<number>) => (blocks.has(9) ? diskWith(1, 6, [[3, 7]]) : image),
    };
    return { kind: 'cut', image, tornSuperblock: false };
  };
  const script = [booted, recovered(1, 6), finished, exit];

  test.each<[string, number[], string[]]>([
    ['may give an earlier generation', [9], []],
    ['gives none where it reads right', [], ['P1']],
    ['gives none by reading something else wrong', [11], ['P1']],
  ])('%s', (_, misread, expected) => {
    const evidence = firstLife();
    for (const block of misread) evidence.atlas.misread.add(block);
    expect(failed(live([...script], found(), evidence).evidence)).toEqual(expected);
  });
});

describe('moments', () => {
  const lives = (script: Step[]) =>
    Life.powerOn(0, { kind: 'new' }, new Evidence(), {}, (hooks) => new ScriptedMachine(hooks, script));

  test('a cut at a cycle comes at that cycle', () => {
    const life = lives([booted, recovered(0, 0), booted]);
    expect(life.arm({ kind: 'cycle', cycle: 250 })).toBe(true);
    expect([life.advance(100), life.machine.cycles]).toEqual(['slice', 100]);
    expect([life.advance(1000), life.machine.cycles]).toEqual(['due', 250]);
  });

  test('a cut tied to an event comes after the n-th of them, or at the latest', () => {
    const script = () => [booted, recovered(0, 0), write(9000), write(9001), write(9002), write(9003)];
    const moment = { kind: 'event', event: 'disk-write', nth: 2, plus: 50, latest: 580 } as const;
    const life = lives(script());
    life.arm(moment);
    expect([life.advance(1000), life.machine.cycles]).toEqual(['due', 450]);
    const late = lives(script());
    late.arm({ ...moment, nth: 9 });
    expect([late.advance(1000), late.machine.cycles]).toEqual(['due', 580]);
  });

  test('other moments are alarms, in the order in which they were set, and the cut of the same cycle comes before them', () => {
    const life = lives([booted, recovered(0, 0), write(9000), write(9001), write(9002)]);
    life.setAlarm(7, { kind: 'event', event: 'disk-operation', nth: 2, plus: 30, latest: 900 });
    life.setAlarm(3, { kind: 'cycle', cycle: 430 });
    expect([life.advance(1000), life.machine.cycles, life.takeAlarms()]).toEqual(['alarm', 430, [7, 3]]);
    expect(life.takeAlarms()).toEqual([]);
    life.setAlarm(1, { kind: 'cycle', cycle: 500 });
    life.arm({ kind: 'cycle', cycle: 500 });
    expect([life.advance(1000), life.takeAlarms()]).toEqual(['due', [1]]);
  });

  test('a moment that is over cannot be armed', () => {
    const life = lives([booted, recovered(0, 0), booted]);
    life.advance(200);
    expect(life.arm({ kind: 'cycle', cycle: 100 })).toBe(false);
    expect(life.arm({ kind: 'event', event: 'recovered', nth: 1, plus: 0, latest: 900 })).toBe(false);
    expect(life.arm({ kind: 'cycle', cycle: 300 })).toBe(true);
  });
});
