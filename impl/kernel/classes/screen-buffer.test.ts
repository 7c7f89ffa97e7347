/** Terminals on screens: what they show, in V8 and on the reference machine. */
import { test as property } from '@fast-check/vitest';
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Line, program } from '../vm/testing/assembler.js';
import { compareMachines } from '../vm/testing/differential.js';
import { str } from '../vm/testing/words.js';

const OPEN = 29;
const PUT = 17;
const call = (ordinal: number, text: string): Line[] => [
  ['os_load8', 0],
  str(text),
  ['call_32bit', ordinal, 1],
  ['os_drop'],
];

/** A program whose object holds a terminal on a screen, which prints these strings. */
function printing(strings: readonly string[]): ReturnType<typeof program> {
  const code: Line[] = [
    ['summon_by_name', '.internal.io.tty'],
    ['new'],
    ['os_save8', 0],
    ...call(OPEN, 'screen'),
    ...strings.flatMap((text) => call(PUT, text)),
    ['ret'],
  ];
  return program({ name: '.t.main', methods: [{ ordinal: 8, code }], fields: 1 });
}

const digits = fc.oneof(
  fc.constant(''),
  fc.integer({ min: 0, max: 100 }).map(String),
  fc.constantFrom('2', '300', '9999'),
);
const parameters = fc.array(digits, { maxLength: 9 }).map((all) => all.join(';'));
const sequence = fc
  .tuple(parameters, fc.constantFrom(...'ABCDGdHfJKmx'))
  .map(([given, final]) => `\x1b[${given}${final}`);
const colour = fc
  .tuple(fc.constantFrom(38, 48), fc.integer({ min: 0, max: 0xffffff }))
  .map(([which, rgb]) => `\x1b[${which};2;${rgb >> 16};${(rgb >> 8) & 255};${rgb & 255}m`);
/** Attributes one after another, each seen on a character. */
const attributes = fc
  .array(
    fc.oneof(fc.constantFrom(0, 1, 7, 22, 39, 49), fc.integer({ min: 28, max: 50 }), fc.integer({ min: 88, max: 109 })),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map((codes) => codes.map((code) => `\x1b[${code}mx`).join(''));
const piece = fc.oneof(
  { weight: 2, arbitrary: attributes },
  { weight: 4, arbitrary: fc.string({ maxLength: 100 }) },
  { weight: 4, arbitrary: sequence },
  { weight: 2, arbitrary: colour },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '\n',
      '\r',
      '\t',
      '\b',
      '\x7f',
      '\x1b',
      '\x1bc',
      '\x1b]0;title\x07',
      '\n\n\n',
      `${'\t'.repeat(11)}x`,
      `${'-'.repeat(80)}\b\t`,
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'binary', minLength: 1, maxLength: 20 })
      .map((text) => text.replace(/[^\0-\xff]/g, '\xdb')),
  },
);
const strings = fc.array(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('').replaceAll('\0', ' ')),
  { maxLength: 6 },
);

property.prop([strings], { numRuns: 60 })('P31 a screen shows what the reference machine says', async (printed) => {
  const { difference, skipped } = await compareMachines(printing(printed), { bytecodesMax: 100_000 });
  expect({ difference, skipped }).toEqual({ difference: undefined, skipped: undefined });
});
