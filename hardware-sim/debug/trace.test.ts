import { expect, test } from 'vitest';
import { Machine } from '../machine.js';
import { deviceGuest } from '../testing/device-guest.js';
import { CODE_BASE, multibootImage } from '../testing/multiboot-image.js';
import { disassemble } from './disassemble.js';
import { formatTraceEntry, type TraceEntry, trace } from './trace.js';

test('code is shown in the syntax of NASM, with its addresses', () => {
  const code = Uint8Array.of(0x8b, 0x44, 0x24, 0x08, 0xeb, 0xfa, 0xf4);
  expect(disassemble(code, 0x1000).map(({ address, text }) => [address, text])).toEqual([
    [0x1000, 'mov eax,[esp+8]'],
    [0x1004, 'jmp short 00001000h'],
    [0x1006, 'hlt'],
  ]);
  expect(disassemble(code, 0x1000, 1)[0].bytes).toEqual(code.subarray(0, 4));
});

test('each instruction is reported once, before where it is executed', () => {
  const machine = new Machine({ ramBytes: 2 << 20 });
  const code = Uint8Array.of(0xb9, 2, 0, 0, 0, 0x49, 0x75, 0xfd, 0xfa, 0xf4);
  machine.loadMultiboot({ image: multibootImage(code), commandLine: '', modules: [] });
  const entries: TraceEntry[] = [];
  const stop = trace(machine, { untilCycle: 1e6 }, (entry) => entries.push(entry));
  expect(stop.kind).toBe('halted-forever');
  expect(entries.map(({ eip, text }) => [eip - CODE_BASE, text])).toEqual([
    [0, 'mov ecx,2'],
    [5, 'dec ecx'],
    [6, 'jne short 00100011h'],
    [5, 'dec ecx'],
    [6, 'jne short 00100011h'],
    [8, 'cli'],
    [9, 'hlt'],
  ]);
  expect(formatTraceEntry(entries[0])).toBe('           0  0010000c  mov ecx,2');
});

test('a traced machine does what an untraced one does, interrupts and idle time included', () => {
  const traced = deviceGuest();
  const plain = deviceGuest();
  // The timer part of the guest: ten ticks with HLT between them.
  const pit = (transcript: string): boolean => transcript.includes('pit: status=34');
  while (!pit(traced.transcript())) traced.machine.run({ untilCycle: traced.machine.cycles + 1000 });
  const untilInstruction = traced.machine.instructions + 1500;
  const entries: TraceEntry[] = [];
  trace(traced.machine, { untilCycle: 1e9, untilInstruction }, (entry) => entries.push(entry));
  plain.machine.run({ untilCycle: 1e9, untilInstruction });
  expect(traced.machine.digest()).toBe(plain.machine.digest());
  expect(entries.filter((entry) => entry.kind === 'instruction').length).toBe(1500);
  expect(entries.some((entry) => entry.kind === 'interrupt')).toBe(true);
  expect(entries.some((entry) => entry.text === 'hlt')).toBe(true);
});
