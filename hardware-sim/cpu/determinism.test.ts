/**
 * The processor is a function: how a run is cut into calls, saved, restored, forked or watched changes nothing. Random guests mix what
 * makes that hard: timer interrupts, repeated string instructions, TLB misses and flushes, code that changes, ports, faults.
 */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Clock } from '../clock.js';
import { CODE, HANDLERS, le32, TestBus, TestGuest } from '../testing/test-guest.js';
import type { CpuStop } from './bus.js';
import { Cpu } from './cpu.js';
import { I486DX_66 } from './profiles/i486dx-66.js';

const DATA = 0x40000;
const TIMER_VECTOR = 0x20;

/** Pieces of guest code; each leaves the stack as it found it. `n` is any byte. */
const PIECES: readonly ((n: number) => number[])[] = [
  (n) => [0x83, 0xc0, n], // add eax, n
  (n) => [0x11, 0x05, ...le32(DATA + 4 * n)], // adc [..], eax
  (n) => [0x8b, 0x15, ...le32(DATA + 0x2000 * (n & 15))], // mov edx, [..]
  (n) => [0x33, 0x15, ...le32(DATA + 4093 + n)], // xor edx, [..], misaligned and across pages
  (n) => [0x89, 0x15, ...le32(DATA + 4094 + 4096 * (n & 7))], // mov [..], edx across pages
  (n) => [0x50, 0x51, 0x6a, n, 0x5a, 0x59, 0x58], // pushes and pops
  () => [0xf7, 0xe2], // mul edx
  (n) => [0xbe, ...le32(DATA), 0xbf, ...le32(DATA + 0x3000 + n), 0xb9, ...le32(n * 8), 0xf3, 0xa5], // rep movsd
  (n) => [0xbf, ...le32(DATA + 0x5000), 0xb9, ...le32(n * 16), 0xf3, 0xaa], // rep stosb
  (n) => [0xfd, 0xbe, ...le32(DATA + 0x7fff), 0xbf, ...le32(DATA + 0x8fff), 0xb9, ...le32(n), 0xf3, 0xa4, 0xfc], // backwards
  (n) => [0xbf, ...le32(DATA), 0xb9, ...le32(n), 0xf2, 0xae], // repne scasb
  () => [0xe6, 0x80], // out: the bus schedules an event
  () => [0xe5, 0x81], // in
  (n) => [0xfa, ...new Array<number>(n & 31).fill(0x40), 0xfb], // cli, work, sti
  () => [0xcd, 0x80], // system call
  () => [0x31, 0xc9, 0xf7, 0xf1], // division by zero: the handler skips it
  (n) => [0x0f, 0x01, 0x3d, ...le32(DATA + 4096 * (n & 15))], // invlpg
  () => [0x50, 0x0f, 0x20, 0xd8, 0x0f, 0x22, 0xd8, 0x58], // reload cr3
  (n) => [0xc6, 0x05, ...le32(CODE + 0xf00), n], // change the constant of the subroutine at CODE + 0xeff
  () => [0xff, 0x15, ...le32(DATA - 8)], // call through memory to that subroutine
  () => [0x9c, 0x58, 0x50, 0x9d], // pushfd, pop eax, push eax, popfd
  (n) => [0x3c, n, 0x72, 0x02, 0x31, 0xc2], // cmp al, n; jb over xor
  () => [0xf4], // hlt: the timer wakes it
];

interface Plan {
  readonly pieces: readonly (readonly [number, number])[];
  readonly period: number;
  readonly cycles: number;
}

const plans = fc.record({
  pieces: fc.array(fc.tuple(fc.nat(PIECES.length - 1), fc.nat(127)), { minLength: 3, maxLength: 40 }),
  period: fc.integer({ min: 60, max: 3000 }),
  cycles: fc.integer({ min: 2000, max: 30_000 }),
});

function connect(clock: Clock, bus: TestBus, plan: Plan): void {
  bus.vector = TIMER_VECTOR;
  clock.register('timer', (_argument, cycle) => {
    bus.interruptPending = true;
    clock.schedule(cycle + plan.period, 'timer');
  });
  clock.register('device', () => {
    bus.interruptPending = true;
  });
  bus.onAccess = (port) => {
    if (port === 0x80) clock.schedule(clock.now + 37, 'device');
  };
}

function build(plan: Plan): TestGuest {
  const guest = new TestGuest();
  guest.enablePaging();
  connect(guest.clock, guest.bus, plan);
  guest.clock.schedule(plan.period, 'timer');
  guest.load([0xff, 0x05, ...le32(0x30000), 0xcf], HANDLERS + TIMER_VECTOR * 16); // inc dword [0x30000]; iretd
  guest.load([0x35, ...le32(0x55aa), 0xcf], HANDLERS + 0x80 * 16); // xor eax, 0x55aa; iretd
  guest.load([0x83, 0x04, 0x24, 2, 0xcf], HANDLERS); // add dword [esp], 2; iretd
  guest.load([0xb0, 1, 0xc3], CODE + 0xeff); // mov al, 1; ret
  guest.memory.write32(DATA - 8, CODE + 0xeff);
  const body = plan.pieces.flatMap(([piece, n]) => PIECES[piece](n));
  guest.load([0xfb, ...body, 0xe9, ...le32(-(body.length + 5))]);
  return guest;
}

interface Parts {
  readonly cpu: Cpu;
  readonly clock: Clock;
  readonly bus: TestBus;
  readonly memory: TestGuest['memory'];
}

function runTo(parts: Parts, cycle: number): void {
  const stop: CpuStop = parts.cpu.run(cycle);
  if (stop.kind !== 'limit') throw new Error(`the guest stopped: ${JSON.stringify(stop)}`);
}

function observe(parts: Parts): unknown {
  return {
    cpu: parts.cpu.saveState(),
    clock: parts.clock.saveState(),
    ports: parts.bus.accesses,
    pending: parts.bus.interruptPending,
    memory: Buffer.from(parts.memory.digest()).toString('hex'),
  };
}

test.prop([plans, fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 60 })], { numRuns: 40 })(
  'P1 slicing a run changes nothing',
  (plan, slices) => {
    const whole = build(plan);
    runTo(whole, plan.cycles);
    const sliced = build(plan);
    for (let at = 0; sliced.clock.now < plan.cycles; at++) {
      runTo(sliced, Math.min(plan.cycles, sliced.clock.now + slices[at % slices.length]));
    }
    expect(observe(sliced)).toEqual(observe(whole));
  },
);

test.prop([plans, fc.integer({ min: 1, max: 2000 })], { numRuns: 40 })(
  'P2 stopping at an instruction count changes nothing',
  (plan, count) => {
    const whole = build(plan);
    runTo(whole, plan.cycles);
    const counted = build(plan);
    counted.cpu.run(plan.cycles, count);
    expect(counted.cpu.instructions <= count || counted.clock.now >= plan.cycles).toBe(true);
    if (counted.clock.now < plan.cycles) runTo(counted, plan.cycles);
    expect(observe(counted)).toEqual(observe(whole));
  },
);

test.prop([plans, fc.integer({ min: 5, max: 95 })], { numRuns: 40 })(
  'P3 a fork goes on like its origin, and neither sees the other',
  (plan, where) => {
    const whole = build(plan);
    runTo(whole, plan.cycles);
    const origin = build(plan);
    runTo(origin, Math.floor((plan.cycles * where) / 100));
    const memory = origin.memory.fork();
    const clock = new Clock();
    const bus = new TestBus();
    connect(clock, bus, plan);
    bus.accesses.push(...origin.bus.accesses);
    bus.interruptPending = origin.bus.interruptPending;
    clock.restoreState(origin.clock.saveState());
    const fork: Parts = { memory, clock, bus, cpu: new Cpu(memory, bus, clock, I486DX_66) };
    fork.cpu.restoreState(JSON.parse(JSON.stringify(origin.cpu.saveState())));
    // Interleaved, so that a write of one that reached the other would show.
    const middle = Math.floor((origin.clock.now + plan.cycles) / 2);
    runTo(origin, middle);
    runTo(fork, plan.cycles);
    runTo(origin, plan.cycles);
    expect(observe(origin)).toEqual(observe(whole));
    expect(observe(fork)).toEqual(observe(whole));
  },
);

test.prop([plans, fc.integer({ min: 50, max: 2000 })], { numRuns: 40 })(
  'P4 watching and rearming change nothing, and every page written is reported',
  (plan, interval) => {
    const plain = build(plan);
    const watched = build(plan);
    const pages = 16;
    const content = (): Buffer => Buffer.from(watched.memory.readBytes(DATA, pages * 4096));
    const written = new Set<number>();
    watched.cpu.watch(DATA, pages, {
      onMap: (linear, _physical, write) => {
        if (write) written.add(linear - (DATA >>> 12));
      },
      onInvalidate: () => {},
      onFlush: () => {},
    });
    for (let at = 0; at < plan.cycles; at = watched.clock.now) {
      watched.cpu.rearmWrites();
      written.clear();
      const before = content();
      runTo(watched, Math.min(plan.cycles, at + interval));
      runTo(plain, watched.clock.now);
      const after = content();
      for (let page = 0; page < pages; page++) {
        const same = before.compare(after, page * 4096, (page + 1) * 4096, page * 4096, (page + 1) * 4096) === 0;
        if (!same && !written.has(page)) throw new Error(`page ${page} was written and not reported`);
      }
    }
    expect(observe(watched)).toEqual(observe(plain));
  },
);
