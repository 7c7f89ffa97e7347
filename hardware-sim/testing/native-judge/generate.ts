/**
 * Runs random cases on the host processor through judge.c and compares the simulated one; with a file name, writes the cases as the fixture
 * that instructions.test.ts replays. Needs Linux on x86 and `gcc -m32`.
 *
 *   npx tsx hardware-sim/testing/native-judge/generate.ts <seed> <cases> [fixture.gz]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  DATA_BYTES,
  difference,
  type NativeCase,
  type NativeResult,
  Random,
  randomCase,
  SimulatedJudge,
  STACK_BYTES,
} from './cases.js';

const INPUT_BYTES = 40 + 16 + DATA_BYTES + STACK_BYTES;
const OUTPUT_BYTES = 12 + 32 + DATA_BYTES + STACK_BYTES;

function encode(cases: readonly NativeCase[]): Buffer {
  const buffer = Buffer.alloc(cases.length * INPUT_BYTES);
  cases.forEach((testCase, index) => {
    const at = index * INPUT_BYTES;
    buffer.writeUInt32LE(testCase.code.length, at);
    buffer.writeUInt32LE(testCase.flags, at + 4);
    testCase.registers.forEach((value, register) => {
      buffer.writeInt32LE(value | 0, at + 8 + 4 * register);
    });
    buffer.set(testCase.code, at + 40);
    buffer.set(testCase.data, at + 56);
    buffer.set(testCase.stack, at + 56 + DATA_BYTES);
  });
  return buffer;
}

function decode(buffer: Buffer, cases: readonly NativeCase[]): NativeResult[] {
  return cases.map((testCase, index) => {
    const at = index * OUTPUT_BYTES;
    const signal = buffer.readUInt32LE(at);
    const exit = buffer.readUInt32LE(at + 4);
    const outcome = { 0: 'ok', 8: 'divide', 4: 'invalid', 5: 'trap' }[signal] ?? 'fault';
    return {
      outcome,
      eip: signal === 0 ? (exit === 1 ? 64 : testCase.code.length) : exit,
      flags: buffer.readUInt32LE(at + 8),
      registers: Array.from({ length: 8 }, (_, register) => buffer.readInt32LE(at + 12 + 4 * register)),
      data: Array.from(buffer.subarray(at + 44, at + 44 + DATA_BYTES)),
      stack: Array.from(buffer.subarray(at + 44 + DATA_BYTES, at + 44 + DATA_BYTES + STACK_BYTES)),
    };
  });
}

const [seed, count, fixture] = process.argv.slice(2);
const random = new Random(Number(seed));
const cases = Array.from({ length: Number(count) }, () => randomCase(random));
const judge = join(mkdtempSync(join(tmpdir(), 'native-judge-')), 'judge');
execFileSync('gcc', ['-m32', '-O1', '-static', '-no-pie', '-o', judge, join(import.meta.dirname, 'judge.c')]);
const run = spawnSync(judge, { input: encode(cases), maxBuffer: 1 << 30 });
if (run.status !== 0 || run.stdout.length !== cases.length * OUTPUT_BYTES) {
  throw new Error(
    `native judge: ended with ${run.status ?? run.signal}, ${run.stdout.length} bytes of ${cases.length * OUTPUT_BYTES}`,
  );
}
const results = decode(run.stdout, cases);
const simulated = new SimulatedJudge();
const failures = new Map<string, number>();
cases.forEach((testCase, index) => {
  const found = difference(testCase, results[index], simulated.run(testCase));
  if (found === undefined) return;
  const seen = failures.get(testCase.name) ?? 0;
  failures.set(testCase.name, seen + 1);
  if (seen < 4) {
    const code = testCase.code.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const registers = testCase.registers.map((value) => (value >>> 0).toString(16)).join(' ');
    console.log(`${testCase.name}: ${code}: ${found}\n    registers ${registers} flags ${testCase.flags.toString(16)}`);
  }
});
const outcomes = new Map<string, number>();
for (const result of results) outcomes.set(result.outcome, (outcomes.get(result.outcome) ?? 0) + 1);
console.log(
  `${cases.length} cases, outcomes`,
  Object.fromEntries(outcomes),
  'differences',
  Object.fromEntries(failures),
);
if (fixture !== undefined) {
  const hex = (bytes: readonly number[]): string => Buffer.from(bytes).toString('hex');
  const words = (values: readonly number[]): string => values.map((value) => (value >>> 0).toString(16)).join(',');
  /** Bytes that changed as `index:value` pairs, `=` when none did. */
  const changes = (before: readonly number[], after: readonly number[]): string =>
    after.flatMap((byte, at) => (byte === before[at] ? [] : [`${at.toString(16)}:${byte.toString(16)}`])).join(',') ||
    '=';
  const lines = cases.map((testCase, index) => {
    const result = results[index];
    return [
      testCase.name,
      hex(testCase.code),
      words(testCase.registers),
      testCase.flags.toString(16),
      hex(testCase.data),
      hex(testCase.stack),
      testCase.undefinedFlags.toString(16),
      result.outcome,
      result.eip,
      result.flags.toString(16),
      words(result.registers),
      changes(testCase.data, result.data),
      changes(testCase.stack, result.stack),
    ].join(' ');
  });
  writeFileSync(fixture, gzipSync(`${lines.join('\n')}\n`, { level: 9 }));
}
