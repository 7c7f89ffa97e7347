/** Paging, TLBs, self-modifying code, the watch. Expectations from the Intel 486 Programmer's Reference Manual, chapters 5.3 and 9. */
import { describe, expect, it } from 'vitest';
import { CODE, HANDLERS, le32, PAGE_DIRECTORY, STACK, TestGuest } from '../testing/test-guest.js';

const HLT = 0xf4;
const PAGE = 0x40000;

function guestWithPaging(writeProtect = false): TestGuest {
  const guest = new TestGuest();
  guest.enablePaging(writeProtect);
  return guest;
}

const load = [0xa1, ...le32(PAGE + 8)]; // mov eax, [PAGE+8]
const store = [0xa3, ...le32(PAGE + 8)]; // mov [PAGE+8], eax

describe('page faults', () => {
  const cases: {
    name: string;
    flags: number;
    code: number[];
    user: boolean;
    writeProtect?: boolean;
    error: number | 'none';
  }[] = [
    { name: 'read, not present, supervisor', flags: 0, code: load, user: false, error: 0 },
    { name: 'write, not present, supervisor', flags: 0, code: store, user: false, error: 2 },
    { name: 'read, not present, user', flags: 0, code: load, user: true, error: 4 },
    { name: 'write, not present, user', flags: 0, code: store, user: true, error: 6 },
    { name: 'read of a supervisor page by user', flags: 3, code: load, user: true, error: 5 },
    { name: 'write of a supervisor page by user', flags: 3, code: store, user: true, error: 7 },
    { name: 'write of a read-only page by user', flags: 5, code: store, user: true, error: 7 },
    { name: 'read of a read-only page by user', flags: 5, code: load, user: true, error: 'none' },
    { name: 'write of a read-only page by supervisor, WP off', flags: 5, code: store, user: false, error: 'none' },
    {
      name: 'write of a read-only page by supervisor, WP on',
      flags: 5,
      code: store,
      user: false,
      writeProtect: true,
      error: 3,
    },
    {
      name: 'read-modify-write of a read-only page, WP on',
      flags: 5,
      code: [0xff, 0x05, ...le32(PAGE)],
      user: false,
      writeProtect: true,
      error: 3,
    },
  ];
  it.each(cases)('$name', ({ flags, code, user, writeProtect, error }) => {
    const guest = guestWithPaging(writeProtect);
    guest.page(PAGE, PAGE, flags);
    if (user) guest.enterUser();
    guest.run([...code, 0x0f, 0x0b]);
    const frame = guest.exception();
    if (error === 'none') {
      expect(frame.vector).toBe(6);
      return;
    }
    expect(frame.vector).toBe(14);
    expect(frame.words[0]).toBe(error);
    expect(frame.words[1]).toBe(CODE);
    expect((guest.cpu.cr2 & ~0xfff) >>> 0).toBe(PAGE);
    expect(guest.memory.read32(PAGE)).toBe(0);
  });

  it('a push that faults leaves ESP; the handler maps the page and the push completes', () => {
    const guest = guestWithPaging();
    guest.page(STACK - 0x1000, 0, 0);
    // The handler needs a stack of its own: run in ring 3.
    guest.gate(14, 0x08, HANDLERS + 14 * 16, 0x8e);
    guest.enterUser();
    guest.run([0x50, 0x0f, 0x0b]);
    const frame = guest.exception();
    expect(frame.vector).toBe(14);
    expect(frame.words.slice(0, 5)).toEqual([6, CODE, 0x1b, frame.words[3], STACK]);
    expect(guest.cpu.cr2).toBe(STACK - 4);
  });

  it('an access that crosses into an absent page changes nothing and reports the second page', () => {
    const guest = guestWithPaging();
    guest.page(PAGE + 0x1000, 0, 0);
    guest.memory.write32(PAGE + 0xffc, 0x11223344);
    guest.run([0xb8, ...le32(-1), 0xa3, ...le32(PAGE + 0xffe), 0x0f, 0x0b]);
    expect(guest.exception().vector).toBe(14);
    expect(guest.exception().words.slice(0, 2)).toEqual([2, CODE + 5]);
    expect(guest.cpu.cr2).toBe(PAGE + 0x1001);
    expect(guest.memory.read32(PAGE + 0xffc)).toBe(0x11223344);
  });

  it('REP MOVSD stops at the fault with the registers of the iterations done', () => {
    const guest = guestWithPaging();
    guest.page(PAGE + 0x1000, 0, 0);
    // mov esi, 0x50000; mov edi, PAGE+0xff0; mov ecx, 10; rep movsd
    const code = [0xbe, ...le32(0x50000), 0xbf, ...le32(PAGE + 0xff0), 0xb9, ...le32(10), 0xf3, 0xa5, 0x0f, 0x0b];
    for (let at = 0; at < 10; at++) guest.memory.write32(0x50000 + 4 * at, at + 1);
    guest.run(code);
    expect(guest.exception().words.slice(0, 2)).toEqual([2, CODE + 15]);
    expect(guest.cpu.cr2).toBe(PAGE + 0x1000);
    expect(guest.cpu.registers[1]).toBe(6);
    expect(guest.cpu.registers[6]).toBe(0x50010);
    expect(guest.cpu.registers[7]).toBe(PAGE + 0x1000);
    expect(guest.memory.read32(PAGE + 0xffc)).toBe(4);
  });

  it('a fetch of an absent page faults at the target; of the second half of an instruction, at the instruction', () => {
    const guest = guestWithPaging();
    guest.page(PAGE, 0, 0);
    guest.run([0xe9, ...le32(PAGE - CODE - 5)]);
    expect(guest.exception().words.slice(0, 2)).toEqual([0, PAGE]);
    expect(guest.cpu.cr2).toBe(PAGE);

    const crossing = guestWithPaging();
    crossing.page(PAGE, 0, 0);
    crossing.load([0xb8, 1], PAGE - 2);
    crossing.run([0xe9, ...le32(PAGE - 2 - CODE - 5)]);
    expect(crossing.exception().words.slice(0, 2)).toEqual([0, PAGE - 2]);
    expect(crossing.cpu.cr2).toBe(PAGE);
  });

  it('page faults in the delivery of a page fault and of the double fault stop the processor', () => {
    const guest = guestWithPaging();
    guest.page(PAGE, 0, 0);
    guest.memory.write32(PAGE_DIRECTORY + 4, 0);
    const state = guest.cpu.saveState();
    guest.cpu.restoreState({ ...state, registers: [0, 0, 0, 0, 0x400000 + 0x800, 0, 0, 0] });
    expect(guest.run(load)).toMatchObject({ kind: 'triple-fault', vector: 14 });
  });
});

describe('translation caches', () => {
  it('sets the accessed bit on reads and the dirty bit on writes only', () => {
    const guest = guestWithPaging();
    guest.run([...load, HLT]);
    expect(guest.pageEntry(PAGE) & 0x60).toBe(0x20);
    const writer = guestWithPaging();
    writer.run([...load, ...store, HLT]);
    expect(writer.pageEntry(PAGE) & 0x60).toBe(0x60);
    expect(writer.memory.read32(PAGE_DIRECTORY) & 0x20).toBe(0x20);
  });

  const remap = [0xc7, 0x05, ...le32(0x6000 + (PAGE >>> 10)), ...le32(0x50000 | 7)]; // mov dword [pte], 0x50007
  it.each([
    { name: 'keep a stale entry', refresh: [], expected: 0xaaaa },
    { name: 'drop it at INVLPG', refresh: [0x0f, 0x01, 0x3d, ...le32(PAGE)], expected: 0xbbbb },
    { name: 'drop it at a CR3 load', refresh: [0x0f, 0x20, 0xd8, 0x0f, 0x22, 0xd8], expected: 0xbbbb },
  ])('$name', ({ refresh, expected }) => {
    const guest = guestWithPaging();
    guest.memory.write32(PAGE + 8, 0xaaaa);
    guest.memory.write32(0x50008, 0xbbbb);
    guest.run([...load, ...remap, ...refresh, ...load, HLT]);
    expect(guest.cpu.registers[0]).toBe(expected);
  });

  it('keep a stale entry across saved state', () => {
    const guest = guestWithPaging();
    guest.memory.write32(PAGE + 8, 0xaaaa);
    guest.memory.write32(0x50008, 0xbbbb);
    const code = [...load, ...remap, ...load, HLT];
    guest.load(code);
    guest.cpu.run(1e6, 2);
    guest.cpu.restoreState(JSON.parse(JSON.stringify(guest.cpu.saveState())));
    guest.cpu.run(1e6);
    expect(guest.cpu.registers[0]).toBe(0xaaaa);
  });

  it('drop the entry of an address that faulted', () => {
    const guest = guestWithPaging(true);
    guest.page(PAGE, PAGE, 5);
    // Handler: make the page writable, without INVLPG, and return.
    guest.load(
      [0x83, 0xc4, 4, 0xc7, 0x05, ...le32(0x6000 + (PAGE >>> 10)), ...le32(PAGE | 7), 0xcf],
      HANDLERS + 14 * 16,
    );
    const stop = guest.run([...load, 0xb8, 5, 0, 0, 0, ...store, HLT]);
    expect(stop.kind).toBe('halted-forever');
    expect(guest.memory.read32(PAGE + 8)).toBe(5);
  });

  it('charge a page walk for each miss', () => {
    const cycles = (paging: boolean): number => {
      const guest = new TestGuest();
      if (paging) guest.enablePaging();
      guest.run([...load, ...load, HLT]);
      return guest.clock.now;
    };
    // One walk for the code page, one for the data page.
    expect(cycles(true) - cycles(false)).toBe(2 * 13);
  });
});

describe('code that changes', () => {
  it('the next instruction is the one just written', () => {
    const guest = guestWithPaging();
    // mov byte [next], 0x40 (inc eax); next: nop; hlt
    guest.run([0xc6, 0x05, ...le32(CODE + 7), 0x40, 0x90, HLT]);
    expect(guest.cpu.registers[0]).toBe(1);
  });

  it('also through another linear address, and in a loop already decoded', () => {
    const guest = guestWithPaging();
    guest.page(PAGE, CODE, 7);
    // loop: nop; mov byte [alias of loop], 0x40; dec ecx; jnz loop; hlt with ecx 3
    const code = [0xb9, 3, 0, 0, 0, 0x90, 0xc6, 0x05, ...le32(PAGE + 5), 0x40, 0x49, 0x75, 0xf5, HLT];
    guest.run(code);
    expect(guest.cpu.registers[0]).toBe(2);
  });

  it('also by device writes, and on an instruction that crosses a page', () => {
    const guest = guestWithPaging();
    const at = PAGE - 2;
    guest.bus.onAccess = () => guest.memory.writeBytes(PAGE, Uint8Array.from([7]));
    // out; mov eax, imm32 across the page, twice
    guest.load([0xb8, 1, 0, 0, 0, 0xe6, 0x80, 0xeb, 0xf7], at);
    guest.load([0xe6, 0x80, 0xb8, 1, 0, 0, 0, HLT], PAGE - 4);
    guest.run([0xe9, ...le32(PAGE - 4 - CODE - 5)]);
    expect(guest.cpu.registers[0]).toBe(0x701);
  });

  it('data on a code page does not disturb the code', () => {
    const guest = guestWithPaging();
    // mov ecx, 100; loop: inc dword [CODE+0x800]; dec ecx; jnz loop; hlt
    guest.run([0xb9, 100, 0, 0, 0, 0xff, 0x05, ...le32(CODE + 0x800), 0x49, 0x75, 0xf7, HLT]);
    expect(guest.memory.read32(CODE + 0x800)).toBe(100);
  });

  it('code on a page with data is seen changed after the data was written', () => {
    const guest = guestWithPaging();
    // mov byte [CODE+0x800], 1; mov byte [next], 0x40; next: nop; hlt
    guest.run([0xc6, 0x05, ...le32(CODE + 0x800), 1, 0xc6, 0x05, ...le32(CODE + 14), 0x40, 0x90, HLT]);
    expect(guest.cpu.registers[0]).toBe(1);
  });

  it('a page may be written, executed, written and executed again', () => {
    const guest = guestWithPaging();
    // A routine of one instruction and RET at PAGE: inc eax, then dec eax twice.
    const write = (opcode: number): number[] => [0xc6, 0x05, ...le32(PAGE), opcode];
    const code: number[] = [0xc6, 0x05, ...le32(PAGE + 1), 0xc3];
    for (const opcode of [0x40, 0x48, 0x48]) {
      code.push(...write(opcode));
      code.push(0xe8, ...le32(PAGE - CODE - code.length - 5));
    }
    guest.run([...code, HLT]);
    expect(guest.cpu.registers[0]).toBe(-1);
  });

  it('a fork and its origin change the same code differently', () => {
    const guest = guestWithPaging();
    // jmp to itself until patched
    guest.load([0xeb, 0xfe, HLT]);
    guest.cpu.run(200);
    const memory = guest.memory.fork();
    guest.memory.writeBytes(CODE, Uint8Array.from([0x40, HLT]));
    expect(guest.cpu.run(10_000).kind).toBe('halted-forever');
    expect(guest.cpu.registers[0]).toBe(1);
    expect(memory.read16(CODE)).toBe(0xfeeb);
  });
});

describe('pages shared with a fork', () => {
  it('are seen changed after a device write, through every translation', () => {
    const guest = guestWithPaging();
    guest.page(PAGE + 0x1000, PAGE, 7);
    guest.memory.write32(PAGE + 8, 1);
    let fork: TestGuest['memory'] | undefined;
    guest.bus.onAccess = () => {
      fork = guest.memory.fork();
      guest.memory.writeBytes(PAGE + 8, Uint8Array.from([2]));
    };
    // read both aliases; out; read both again
    const alias = [0x8b, 0x1d, ...le32(PAGE + 0x1008)]; // mov ebx, [alias]
    guest.run([...load, ...alias, 0xe6, 0x80, ...load, ...alias, HLT]);
    expect(guest.cpu.registers[0]).toBe(2);
    expect(guest.cpu.registers[3]).toBe(2);
    expect(fork?.read32(PAGE + 8)).toBe(1);
  });

  it('are seen changed after a write through an alias', () => {
    const guest = guestWithPaging();
    guest.page(PAGE + 0x1000, PAGE, 7);
    guest.bus.onAccess = () => guest.memory.fork();
    guest.run([...load, 0xe6, 0x80, 0xc6, 0x05, ...le32(PAGE + 0x1008), 9, ...load, HLT]);
    expect(guest.cpu.registers[0]).toBe(9);
  });

  it('stay right when the pool grows during a fetch', () => {
    const guest = guestWithPaging();
    const { pool } = guest.memory;
    guest.bus.onAccess = () => {
      guest.memory.fork();
      while (pool.framesUsed + 2 < pool.words.length / 1024) pool.allocate();
    };
    // The store takes the last frame; the walk for the next code page copies the page table into a grown pool.
    const storeByte = (value: number): number[] => [0xc7, 0x05, ...le32(PAGE), ...le32(value)];
    guest.load([...storeByte(2), HLT], CODE + 0x3000);
    const before = pool.generation;
    guest.run([...storeByte(7), 0xe6, 0x80, ...storeByte(1), 0xe9, ...le32(0x3000 - 27)]);
    expect(pool.generation).toBe(before + 1);
    expect(guest.memory.read32(PAGE)).toBe(2);
  });

  it('may hold the code that is being executed and changed', () => {
    const guest = guestWithPaging();
    guest.bus.onAccess = () => guest.memory.fork();
    // out; mov byte [next], 0x40; next: nop; hlt, with the page decoded already
    guest.run([0xe6, 0x80, 0xc6, 0x05, ...le32(CODE + 9), 0x40, 0x90, HLT]);
    expect(guest.cpu.registers[0]).toBe(1);
  });
});

describe('the watch', () => {
  const events = (guest: TestGuest): string[] => {
    const seen: string[] = [];
    guest.cpu.watch(PAGE, 2, {
      onMap: (linear, physical, write) =>
        seen.push(`${write ? 'write' : 'map'} ${linear.toString(16)} ${physical.toString(16)}`),
      onInvalidate: (linear) => seen.push(`invalidate ${linear.toString(16)}`),
      onFlush: () => seen.push('flush'),
    });
    return seen;
  };

  it('reports fills, first writes, INVLPG and CR3 loads of its range only', () => {
    const guest = guestWithPaging();
    guest.page(PAGE, 0x50000, 7);
    const seen = events(guest);
    guest.run([
      ...load,
      ...store,
      ...store,
      0xa1,
      ...le32(0x60000),
      0x0f,
      0x01,
      0x3d,
      ...le32(PAGE),
      ...store,
      0x0f,
      0x20,
      0xd8,
      0x0f,
      0x22,
      0xd8,
      ...load,
      HLT,
    ]);
    expect(seen).toEqual([
      'map 40 50',
      'write 40 50',
      'invalidate 40',
      'map 40 50',
      'write 40 50',
      'flush',
      'map 40 50',
    ]);
  });

  it('reports again after rearmWrites, and changes neither cycles nor state', () => {
    const code = [...store, 0xe6, 0x80, ...store, 0xff, 0x05, ...le32(PAGE), HLT];
    const watched = guestWithPaging();
    const seen = events(watched);
    watched.bus.onAccess = () => watched.cpu.rearmWrites();
    watched.run(code);
    expect(seen).toEqual(['map 40 40', 'write 40 40', 'write 40 40']);
    const plain = guestWithPaging();
    plain.run(code);
    expect(plain.clock.now).toBe(watched.clock.now);
    expect(plain.cpu.saveState()).toEqual(watched.cpu.saveState());
  });
});
