// The programs of campaigns: they print what they printed when the original compiler and machine ran them, and each knows when it is broken.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { classesOf, compileSound, sourcesIn } from '../impl/language/testing/programs.js';
import { Machine } from '../model/vm/index.js';
import { declaresInvariant } from './invariant.js';
import { workloadNames, workloadProgram } from './workload.js';

type Change = readonly [from: string, to: string];

/** What a workload prints on the reference machine in so many instructions; its sources changed where they say `from`, which must be once. */
function printed(name: string, instructionsMax: number, changes: readonly Change[] = []): string[] {
  const sources = sourcesIn(`workloads/${name}`);
  for (const [from, to] of changes) {
    const places = sources.filter(({ text }) => text.includes(from));
    expect(
      places.map(({ text }) => text.split(from).length - 1),
      `places with ${from}`,
    ).toEqual([1]);
    const [place] = places;
    sources[sources.indexOf(place)] = { ...place, text: place.text.replace(from, to) };
  }
  const machine = new Machine({
    classes: classesOf(compileSound(sources)),
    bootClass: `.wl.${name}.main`,
    instructionsMax,
  });
  machine.run();
  return machine.printed.split('\n').slice(0, -1);
}

test.each([
  ['bank', 200_000],
  ['ring', 200_000],
  ['pairs', 1_500_000],
  ['tree', 3_200_000],
  ['text', 100_000],
])('%s prints what the original machine printed', (name, instructions) => {
  const head = readFileSync(new URL(`../fixtures/originals/${name}/${name}.head`, import.meta.url), 'utf8');
  const lines = printed(name, instructions);
  expect(lines.length).toBeGreaterThan(7);
  expect(lines).toEqual(head.split(/\r?\n/).slice(0, lines.length));
});

test('all but the counter in a frame declare an invariant', () => {
  const without = workloadNames().filter((name) => !declaresInvariant(workloadProgram(name)));
  expect(without).toEqual(['ticker']);
});

describe('the invariant', () => {
  const ASK = '{ var word : string = invariant(); if( word == null ) word = ""; boot.16( "asked: " + word + "\\n" ); }';
  const eachRound: Change = ['boot.16( "T| round = "', `${ASK} boot.16( "T| round = "`];
  /** Where it is asked, beside what the program does by itself; what breaks the program; and the word of the invariant then. */
  test.each<[string, number, Change, Change, RegExp]>([
    [
      'bank',
      100_000,
      eachRound,
      ['accounts[to] = accounts[to]', 'if( from != to ) accounts[to] = accounts[to]'],
      /^the accounts hold 6\d{4}, not 64000$/,
    ],
    [
      'ring',
      200_000,
      eachRound,
      ['b.link( a );', 'b.link( a.next() );'],
      /^the ring closes after \d+ nodes, not 1000$/,
    ],
    [
      'ring',
      200_000,
      ['head = ring();', `head = ring(); ${ASK}`],
      ['last.link( first );', ''],
      /^the ring is open after 1000 nodes$/,
    ],
    [
      'pairs',
      1_000_000,
      eachRound,
      ['right[k] = right[k] + by', 'if( k != 77 ) right[k] = right[k] + by'],
      /^pair 77 is \d+ and 77$/,
    ],
    ['tree', 2_000_000, eachRound, ['if( k < key )', 'if( k < key + 9 )'], /^the tree is not in order$/],
    [
      'tree',
      2_000_000,
      eachRound,
      ['size += root.put( key )', 'root.put( key ); size += 1'],
      /^the tree has \d+ nodes, not 3001$/,
    ],
    [
      'text',
      100_000,
      eachRound,
      ['book + line( i )', 'book + line( i % 300 )'],
      /^the book says line 0; li where it should say line 300; $/,
    ],
    [
      'crew',
      20_000,
      ['one.work() + "\\n" );\n        lock.unlock();', `one.work() + "\\n" );\n        lock.unlock(); ${ASK}`],
      ['done += 1', 'if( done != 5 ) done += 1'],
      /^the workers have done \d+ turns, not 5$/,
    ],
    [
      'hog',
      200_000,
      ['if( writes % 16 == 0 ) {', `if( writes % 16 == 0 ) { ${ASK}`],
      ['second.setByte( place( seed ), writes & 255 )', 'second.setByte( place( seed ), writes & 127 )'],
      /^byte \d+ is (1[3-9]\d|2\d\d) and \d+$/,
    ],
    [
      'churn',
      200_000,
      ['rounds += 1;', `rounds += 1; ${ASK}`],
      ['new .wl.churn.node( n + 1 )', 'new .wl.churn.node( n + 1 + (n % 50 == 9) )'],
      /^ring 9 holds a wrong number$/,
    ],
    [
      'loading',
      50_000,
      ['rounds += 1;', `rounds += 1; ${ASK}`],
      ['{ return 7; }', '{ return 8; }'],
      /^part 7 says it is 8$/,
    ],
  ])('of %s holds, and says what is broken', (name, instructions, ask, damage, complaint) => {
    const asked = (...changes: Change[]): string[] =>
      printed(name, instructions, changes).flatMap((line) => (line.startsWith('asked: ') ? [line.slice(7)] : []));
    const sound = asked(ask);
    expect(sound.length).toBeGreaterThan(0);
    expect(sound.filter((answer) => answer !== '')).toEqual([]);
    expect(asked(ask, damage).filter((answer) => complaint.test(answer)).length).toBeGreaterThan(0);
  });
});
