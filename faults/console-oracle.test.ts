import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { ConsoleOracle } from './console-oracle.js';

function print(oracle: ConsoleOracle, text: string): void {
  for (const byte of Buffer.from(text)) oracle.byte(byte);
}

/** What a program prints that counts from 1. */
function ticks(count: number): string {
  let text = '';
  for (let n = 1; n <= count; n++) text += `tick = ${n}\n`;
  return text;
}

describe('P19 output goes on', () => {
  test.prop([fc.array(fc.tuple(fc.nat(400), fc.nat(400)), { maxLength: 6 })])(
    'a program that repeats itself from where it was recovered is accepted, torn lines included',
    (lives) => {
      const all = ticks(200);
      const oracle = new ConsoleOracle();
      for (const [back, forward] of lives) {
        print(oracle, all.slice(oracle.position, Math.min(all.length, oracle.position + forward)));
        oracle.recovered(Math.max(0, oracle.position - back));
      }
      print(oracle, all.slice(oracle.position));
      expect(oracle.takeProblems()).toEqual([]);
      expect(oracle.exact).toBe(true);
      expect(oracle.fresh).toBe(200);
    },
  );

  test('bytes the world never saw are missing', () => {
    const oracle = new ConsoleOracle();
    print(oracle, 'tick = 1\ntick');
    oracle.recovered(18);
    expect(oracle.takeProblems()).toEqual([
      'the system came up at console position 18, but the world saw 13 bytes: 5 bytes are missing',
    ]);
  });

  test('a line left out, a line said twice and a line said wrong are found', () => {
    const cases = ['tick = 3\n', 'tick = 1\n', 'tick = 4711\n'];
    for (const again of cases) {
      const oracle = new ConsoleOracle();
      print(oracle, ticks(5));
      oracle.recovered(9);
      print(oracle, again);
      expect(oracle.takeProblems()).toEqual([`expected the line "tick = 2" again, found "${again.trim()}"`]);
    }
  });

  test('a recovery inside a line judges the whole line', () => {
    const oracle = new ConsoleOracle();
    print(oracle, ticks(3));
    oracle.recovered(9 + 7);
    print(oracle, '9\n');
    expect(oracle.takeProblems()).toEqual(['expected the line "tick = 2" again, found "tick = 9"']);
  });

  test('threads may interleave differently, each in its own order', () => {
    const oracle = new ConsoleOracle();
    print(oracle, 'anna 1\nbert 1\nanna 2\nanna 3\nbert 2\n');
    oracle.recovered(14);
    print(oracle, 'bert 2\nbert 3\nanna 2\nanna 3\nanna 4\n');
    expect(oracle.takeProblems()).toEqual([]);
    expect(oracle.exact).toBe(false);
    oracle.recovered(14);
    print(oracle, 'anna 2\nanna 4\n');
    expect(oracle.takeProblems()).toEqual(['expected the line "anna 3" again, found "anna 4"']);
  });

  test('a life shorter than the one before does not forget what that one printed', () => {
    const oracle = new ConsoleOracle();
    print(oracle, ticks(6));
    oracle.recovered(9);
    print(oracle, 'tick = 2\n');
    oracle.recovered(18);
    print(oracle, 'tick = 3\ntick = 5\n');
    expect(oracle.takeProblems()).toEqual(['expected the line "tick = 4" again, found "tick = 5"']);
  });

  test('a system with an unknown past is judged from its first whole line on', () => {
    const oracle = new ConsoleOracle();
    oracle.begin(1000);
    print(oracle, '= 7\ntick = 8\ntick = 9\n');
    expect(oracle.position).toBe(1022);
    oracle.recovered(1004);
    print(oracle, 'tick = 9\n');
    expect(oracle.takeProblems()).toEqual(['expected the line "tick = 8" again, found "tick = 9"']);
    oracle.recovered(999);
    expect(oracle.takeProblems()[0]).toContain('before 1000, from where its output is known');
  });

  test('output before the last commit is forgotten, and what comes after is judged as before', () => {
    const text = ticks(100_000);
    const [forgetful, other] = [new ConsoleOracle(), new ConsoleOracle()];
    for (const oracle of [forgetful, other]) print(oracle, text);
    forgetful.committed(1, text.length - 20);
    for (const oracle of [forgetful, other]) {
      expect(oracle.position).toBe(text.length);
      oracle.recovered(text.length - 20);
      print(oracle, `${text.slice(-20)}tick = 100001\ntick`);
      expect([oracle.takeProblems(), oracle.repeated, oracle.fresh, oracle.exact]).toEqual([[], 2, 100_001, true]);
      oracle.recovered(text.length);
      print(oracle, 'tick = 7\n');
      expect(oracle.takeProblems()).toEqual(['expected the line "tick = 100001" again, found "tick = 7"']);
    }
    forgetful.recovered(100);
    expect(forgetful.takeProblems()[0]).toContain('from where its output is known');
  });

  test('a fork goes its own way', () => {
    const oracle = new ConsoleOracle();
    print(oracle, ticks(3));
    const fork = oracle.fork();
    fork.recovered(0);
    print(fork, 'tick = 2\n');
    expect(fork.takeProblems()).toHaveLength(1);
    print(oracle, 'tick = 4\n');
    expect([oracle.takeProblems(), oracle.fresh]).toEqual([[], 4]);
  });
});

describe('P19 held output comes at most once', () => {
  /** A system that has printed and been told that it may, generation after generation. */
  function held(...positions: readonly number[]): ConsoleOracle {
    const oracle = new ConsoleOracle('held');
    oracle.begin(0);
    for (const [i, position] of positions.entries()) {
      oracle.committed(i + 1, position);
      print(oracle, ticks(9).slice(oracle.position, position));
    }
    return oracle;
  }

  test('what leaves after its commit is accepted, and a cut may lose what the last commit set free', () => {
    const oracle = held(9, 18);
    oracle.committed(3, 27);
    print(oracle, 'ti');
    oracle.recovered(27);
    expect(oracle.takeProblems()).toEqual([]);
    // From there on nothing is free before the next commit.
    oracle.committed(4, 36);
    print(oracle, 'tick = 4\n');
    expect(oracle.takeProblems()).toEqual([]);
  });

  test('a byte before its commit, a byte that comes again and one that a commit had waited for are found', () => {
    const early = held(9);
    print(early, 'tick');
    expect(early.takeProblems()).toEqual([
      'byte 9 of the output left before a generation that contains it was committed',
    ]);

    const again = held(9);
    again.recovered(4);
    expect(again.takeProblems()).toEqual(['the system came up at console position 4: 5 bytes come again']);

    const missing = held(9);
    missing.committed(2, 18);
    print(missing, 'ti');
    missing.committed(3, 27);
    expect(missing.takeProblems()).toEqual([
      'generation 3 was committed with 7 bytes of what the generation before it set free still unseen',
    ]);
    missing.recovered(27);
    expect(missing.takeProblems()).toEqual([
      'the system came up at console position 27 and the world saw 11 bytes: 7 bytes that a commit had waited for are missing',
    ]);
  });
});
