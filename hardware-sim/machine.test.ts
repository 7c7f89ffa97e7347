import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DiskEvent } from './disk/disk.js';
import { MemoryMedium, SECTOR_BYTES } from './disk/durable-medium.js';
import { Machine, type MachineHooks } from './machine.js';
import { type MachineConfig, MachineConfigError } from './machine-config.js';
import { collecting, deviceGuest, GUEST_EXIT_STATUS, QEMU_TRANSCRIPT } from './testing/device-guest.js';
import { multibootImage } from './testing/multiboot-image.js';

const FAR = 1e12;

/** A machine about to run hand-made code at CODE_BASE. */
function running(code: number[], hooks: MachineHooks = {}, config: MachineConfig = {}): Machine {
  const machine = new Machine({ ramBytes: 2 << 20, ...config }, hooks);
  machine.loadMultiboot({ image: multibootImage(Uint8Array.from(code)), commandLine: '', modules: [] });
  return machine;
}

const movEax = (value: number): number[] => [0xb8, value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
const movDx = (port: number): number[] => [0x66, 0xba, port & 255, port >> 8];
const OUT_AL = 0xee;
const OUT_EAX = 0xef;
const HLT = 0xf4;
const LOOP_FOREVER = [0xeb, 0xfe];

/** What the whole guest does when nothing disturbs it. */
const reference = (() => {
  const { machine, transcript } = deviceGuest();
  const stop = machine.run({ untilCycle: FAR });
  return {
    stop,
    transcript: transcript(),
    cycles: machine.cycles,
    instructions: machine.instructions,
    digest: machine.digest(),
  };
})();

describe('the device guest', () => {
  test('says what it says on QEMU', () => {
    expect(reference.transcript).toBe(QEMU_TRANSCRIPT);
    expect(reference.stop).toEqual({ kind: 'exit', status: GUEST_EXIT_STATUS });
  });

  test('same inputs, same cycles, instructions and digest', () => {
    const { machine } = deviceGuest();
    machine.run({ untilCycle: FAR });
    expect(machine.cycles).toBe(reference.cycles);
    expect(machine.instructions).toBe(reference.instructions);
    expect(machine.digest()).toBe(reference.digest);
  });

  test('a machine that has exited stays so', () => {
    const { machine } = deviceGuest();
    machine.run({ untilCycle: FAR });
    expect(machine.run({ untilCycle: 2 * FAR })).toEqual({ kind: 'exit', status: GUEST_EXIT_STATUS });
    expect(machine.fork().run({ untilCycle: 2 * FAR })).toEqual({ kind: 'exit', status: GUEST_EXIT_STATUS });
    expect(machine.digest()).toBe(reference.digest);
  });
});

const somewhere = fc.integer({ min: 1, max: reference.cycles });

property.prop([fc.array(somewhere, { maxLength: 30 }), fc.array(fc.nat(1_000_000), { maxLength: 5 })], { numRuns: 4 })(
  'P22 slicing a run changes nothing',
  (cycles, instructions) => {
    const { machine, transcript } = deviceGuest();
    for (const untilInstruction of instructions.sort((a, b) => a - b)) {
      machine.run({ untilCycle: FAR, untilInstruction });
      if (untilInstruction < reference.instructions) expect(machine.instructions).toBe(untilInstruction);
    }
    for (const untilCycle of cycles.sort((a, b) => a - b)) machine.run({ untilCycle });
    machine.run({ untilCycle: FAR });
    expect(transcript()).toBe(QEMU_TRANSCRIPT);
    expect(machine.cycles).toBe(reference.cycles);
    expect(machine.digest()).toBe(reference.digest);
  },
);

property.prop([somewhere, somewhere], { numRuns: 3 })(
  'P22 a fork goes on as the original, and neither disturbs the other',
  (first, second) => {
    const { machine, transcript } = deviceGuest();
    machine.run({ untilCycle: Math.min(first, second) });
    const before = machine.digest();
    let more = transcript();
    const fork = machine.fork(
      collecting({}, (character) => {
        more += character;
      }),
    );
    expect(fork.digest()).toBe(before);
    fork.run({ untilCycle: Math.max(first, second) });
    expect(machine.digest()).toBe(before);
    machine.run({ untilCycle: FAR });
    fork.run({ untilCycle: FAR });
    expect([machine.digest(), fork.digest()]).toEqual([reference.digest, reference.digest]);
    expect([transcript(), more]).toEqual([QEMU_TRANSCRIPT, QEMU_TRANSCRIPT]);
    machine.dispose();
    fork.dispose();
  },
);

property.prop([fc.integer({ min: 1, max: 400 })], { numRuns: 3 })(
  'P22 a checkpoint within disk traffic can be restored any number of times',
  (wanted) => {
    let events = 0;
    const { machine } = deviceGuest({
      onDiskEvent: (_event, at) => {
        if (++events === wanted) at.requestStop();
      },
    });
    machine.run({ untilCycle: FAR });
    const state = machine.checkpoint();
    machine.run({ untilCycle: FAR });
    for (let times = 0; times < 2; times++) {
      const restored = Machine.fromCheckpoint(state);
      expect(restored.cycles).toBe(state.cycle);
      restored.run({ untilCycle: FAR });
      expect(restored.digest()).toBe(reference.digest);
      restored.dispose();
    }
    state.dispose();
  },
);

describe('power cut', () => {
  test('the events of the disk are stamped in order, and every write is seen', () => {
    const events: DiskEvent[] = [];
    const { machine } = deviceGuest({ onDiskEvent: (event) => events.push(event) });
    machine.run({ untilCycle: FAR });
    const writes = events.filter((event) => event.kind === 'write');
    expect(writes.length).toBe(3 + 4 + 128);
    expect(writes.map((event) => event.sequence)).toEqual(writes.map((_, index) => index));
    expect(events.every((event, index) => index === 0 || event.cycle >= events[index - 1].cycle)).toBe(true);
    expect(events.filter((event) => event.kind === 'flush').map((event) => event.count)).toEqual([3 + 4 + 128, 0]);
  });

  test.each([
    ['none', 0],
    ['all', 60],
  ] as const)('before the flush with %s surviving, %i sectors are there; the next machine boots', (survive, count) => {
    let writes = 0;
    const { machine } = deviceGuest({
      onDiskEvent: (event, at) => {
        if (event.kind === 'write' && ++writes === 67) at.requestStop();
      },
    });
    expect(machine.run({ untilCycle: FAR }).kind).toBe('requested');
    expect(machine.unflushedWrites().length).toBe(67);
    const medium = machine.cutPower({ survive });
    expect(() => machine.run({ untilCycle: FAR })).toThrow(/power is off/);
    const bytes = new Uint8Array(SECTOR_BYTES);
    let present = 0;
    for (let lba = 3000; lba < 3128; lba++) {
      medium.readSector(lba, bytes);
      if (bytes.some((byte) => byte !== 0)) present++;
    }
    expect(present).toBe(count);
    const next = deviceGuest({}, medium);
    next.machine.run({ untilCycle: FAR });
    expect(next.transcript()).toBe(QEMU_TRANSCRIPT);
  });

  test('after the flush everything is there whatever the plan', () => {
    const { machine } = deviceGuest();
    machine.run({ untilCycle: FAR });
    const fork = machine.fork();
    expect(machine.cutPower({ survive: 'none' }).digest()).toBe(fork.cutPower({ survive: 'all' }).digest());
  });

  test('a machine without a disk has none to cut', () => {
    expect(() => running([HLT]).cutPower({ survive: 'none' })).toThrow(/no disk/);
  });
});

describe('ports of the bed', () => {
  test('a 32-bit OUT to the probe port is handed over, narrower ones are not', () => {
    const seen: [number, number][] = [];
    const machine = running(
      [...movEax(0x89abcdef), ...movDx(0x5c0), OUT_AL, OUT_EAX, ...movEax(3), OUT_EAX, ...LOOP_FOREVER],
      {
        onProbe: (value, at) => {
          seen.push([value, at.instructions]);
          if (value === 3) at.requestStop();
        },
      },
    );
    expect(machine.run({ untilCycle: FAR })).toEqual({ kind: 'requested' });
    expect(seen.map(([value]) => value)).toEqual([0x89abcdef, 3]);
    expect(machine.instructions).toBe(6);
    expect(machine.run({ untilCycle: machine.cycles + 100 })).toEqual({ kind: 'cycle' });
  });

  test('the exit port ends the machine with (v << 1) | 1', () => {
    const machine = running([...movEax(0x10), ...movDx(0xf4), OUT_EAX, ...LOOP_FOREVER]);
    expect(machine.run({ untilCycle: FAR })).toEqual({ kind: 'exit', status: 0x21 });
  });

  test('HLT with interrupts off is the end', () => {
    expect(running([0xfa, HLT]).run({ untilCycle: FAR }).kind).toBe('halted-forever');
  });

  test('an exception without descriptor tables is a triple fault', () => {
    expect(running([0x0f, 0x0b]).run({ untilCycle: FAR }).kind).toBe('triple-fault');
  });

  test('untilInstruction counts', () => {
    const machine = running(LOOP_FOREVER);
    expect(machine.run({ untilCycle: FAR, untilInstruction: 1234 })).toEqual({ kind: 'instruction' });
    expect(machine.instructions).toBe(1234);
  });
});

describe('host input', () => {
  /** Polls COM1, echoes each byte; firmware has left the port at 9600 baud. */
  const ECHO = [
    ...[...movDx(0x3fd), 0xec, 0xa8, 0x01, 0x74, 0xf7], // wait for LSR bit 0
    ...[...movDx(0x3f8), 0xec, OUT_AL, 0xeb, 0xef],
  ];

  test('arrives at its cycle, one character time apart, and is part of the state', () => {
    const echoed: [number, number][] = [];
    const hooks: MachineHooks = { onSerial: (_port, byte, cycle) => echoed.push([byte, cycle]) };
    const machine = running(ECHO, hooks);
    machine.run({ untilCycle: 1000 });
    machine.injectSerial(100_000, 1, 0x68, 0x69);
    machine.run({ untilCycle: 60_000 });
    const fork = machine.fork(hooks);
    fork.run({ untilCycle: 1_000_000 });
    const byFork = echoed.splice(0);
    machine.run({ untilCycle: 1_000_000 });
    expect(echoed).toEqual(byFork);
    const character = (10 * 66_000_000) / 9600;
    expect(echoed.map(([byte]) => byte)).toEqual([0x68, 0x69]);
    expect(echoed[0][1]).toBeGreaterThanOrEqual(100_000 + character);
    expect(echoed[0][1]).toBeLessThan(100_200 + character);
    expect(echoed[1][1]).toBeGreaterThanOrEqual(100_000 + 2 * character);
  });

  test('cannot come from the past', () => {
    const machine = running(ECHO);
    machine.run({ untilCycle: 1000 });
    expect(() => machine.injectSerial(10, 1, 0x68)).toThrow(/before the current cycle/);
  });
});

describe('keyboard and screen', () => {
  /** Polls the keyboard controller, puts each byte it has on the screen, from the top left on. */
  const SHOW = [
    ...[0xbf, 0x00, 0x80, 0x0b, 0x00], // mov edi, 0xb8000
    ...[0xb4, 0x1f], // mov ah, 0x1f
    ...[0xe4, 0x64, 0xa8, 0x01, 0x74, 0xfa], // wait for status bit 0
    ...[0xe4, 0x60, 0x66, 0xab, 0xeb, 0xf4], // in al, 0x60; stosw; again
  ];
  /** mov al, 0xfe; out 0x64, al */
  const RESET = [0xb0, 0xfe, 0xe6, 0x64, ...LOOP_FOREVER];

  test('a key comes at its cycle, is part of the state, and is seen on the screen', () => {
    const machine = running(SHOW);
    machine.run({ untilCycle: 1000 });
    machine.injectKey(100_000, 'KeyH', true);
    machine.injectKey(400_000, 'KeyH', false);
    machine.run({ untilCycle: 60_000 });
    const fork = machine.fork();
    for (const one of [machine, fork]) {
      one.run({ untilCycle: 399_000 });
      expect(one.screenText()?.trimEnd()).toBe('#'); // 0x23, the make code
      one.run({ untilCycle: 1_000_000 });
      expect(one.screenText()?.split('\n')[0]).toBe('#ú'); // 0xa3
      expect(one.screenView()?.cells.slice(0, 4)).toEqual(Uint8Array.of(0x23, 0x1f, 0xa3, 0x1f));
    }
    expect(fork.digest()).toBe(machine.digest());
    expect(() => machine.injectKey(10, 'KeyH', true)).toThrow(/before the current cycle/);
  });

  test('the reset line ends the machine', () => {
    const machine = running(RESET);
    expect(machine.run({ untilCycle: FAR })).toEqual({ kind: 'reset' });
    expect(machine.fork().run({ untilCycle: FAR })).toEqual({ kind: 'reset' });
  });

  test('a machine without them', () => {
    const machine = running(
      [...RESET.slice(0, 4), 0xe4, 0x64, ...movDx(0x3d5), OUT_AL, 0xec, ...LOOP_FOREVER],
      {},
      {
        keyboard: false,
        screen: false,
      },
    );
    expect(machine.run({ untilCycle: 1000 })).toEqual({ kind: 'cycle' });
    expect(machine.cpu.registers[0] & 0xff).toBe(0xff);
    expect(machine.screenText()).toBeUndefined();
    expect(() => machine.injectKey(2000, 'KeyA', true)).toThrow(/no keyboard/);
  });
});

describe('inspection', () => {
  test('linear and physical memory agree while paging is off', () => {
    const machine = running(LOOP_FOREVER);
    expect(machine.readLinear(0x10000c, 2)).toEqual(Uint8Array.from(LOOP_FOREVER));
    expect(machine.readPhysical(0x10000c, 2)).toEqual(Uint8Array.from(LOOP_FOREVER));
    expect(machine.readPhysical(machine.ramBytes - 1, 2)[1]).toBe(0xff);
  });

  test('hooks cannot do what changes the machine', () => {
    const problems: string[] = [];
    const machine = running([...movDx(0x5c0), OUT_EAX, 0xfa, HLT], {
      onProbe: (_value, at) => {
        const actions = [
          () => at.checkpoint(),
          () => at.digest(),
          () => at.fork(),
          () => at.run({ untilCycle: 1 }),
          () => at.dispose(),
        ];
        for (const action of actions) {
          try {
            action();
          } catch (error) {
            problems.push(error instanceof Error ? error.message : '');
          }
        }
      },
    });
    machine.run({ untilCycle: FAR });
    expect(problems.length).toBe(5);
    for (const problem of problems) expect(problem).toMatch(/inside a hook/);
  });
});

describe('configuration', () => {
  test.each([
    ['one page of RAM', { ramBytes: 4096 }, /ramBytes.*4096/],
    ['2 GiB of RAM', { ramBytes: 2 ** 31 }, /ramBytes/],
    ['part of a page', { ramBytes: (2 << 20) + 1 }, /multiple of 4096/],
    ['a word as time', { rtcStart: 'now' }, /rtcStart.*'now'/],
    ['a negative disk', { diskSectors: -1 }, /diskSectors.*-1/],
    ['a jitter that swallows ticks', { timerJitter: { seed: 1, most: 1e6 } }, /timerJitter.*200000.*1000000/],
    ['two disks', { diskSectors: 8, medium: new MemoryMedium(8) }, /not both/],
  ] as const)('refuses %s', (_name, config, message) => {
    expect(() => new Machine(config)).toThrow(MachineConfigError);
    expect(() => new Machine(config)).toThrow(message);
  });

  test('what differs is told apart by the digest', () => {
    const configs: MachineConfig[] = [
      {},
      { ramBytes: 4 << 20 },
      { rtcStart: '2001-01-01T00:00:00' },
      { diskSectors: 8 },
      { diskSectors: 9 },
      { keyboard: false },
      { screen: false },
      { diskSectors: 8, diskFaults: [{ kind: 'read-error', lba: 1 }] },
    ];
    expect(new Set(configs.map((config) => new Machine(config).digest())).size).toBe(configs.length);
  });

  test('a kernel is loaded once', () => {
    const machine = running(LOOP_FOREVER);
    const options = { image: multibootImage(Uint8Array.of(HLT)), commandLine: '', modules: [] };
    expect(() => machine.loadMultiboot(options)).toThrow(/once/);
  });
});
