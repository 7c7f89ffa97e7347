// The check before a commit (check.ts): a generation that is not sound is not committed, the one before it stays, and the
// system goes on. That sound ones pass is what every other test of the persistent memory shows.
import { describe, expect, test } from 'vitest';
import { compile, formatDiagnostic } from '../../language/index.js';
import { Lives } from '../vm/testing/lives.js';

/** Makes 3000 objects, each kept in an array and with a reference that nothing follows, and a line for every thousand. */
function keeper(): { classes: Map<string, Uint8Array>; bootClass: string } {
  const text = `package .t;
    class keeper
    {
      var items : .t.keeper[];
      var next : .t.keeper;
      void setNext( var to : .t.keeper ) { next = to; }
      void startup( var boot ) [8] {
        items = new .t.keeper[]();
        boot.16( "begun;" );
        boot.21( 200 );
        for( var i : int = 1; i <= 3000; i += 1 ) {
          var made : .t.keeper = new .t.keeper();
          made.setNext( this );
          items[i] = made;
          if( i % 1000 == 0 ) boot.16( i + ";" );
        }
        boot.21( 200 );
      }
    };`;
  const { classes, diagnostics } = compile([{ file: 'keeper.ph', text }]);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return { classes: new Map(classes.map(({ name, bytes }) => [name, bytes])), bootClass: '.t.keeper' };
}

async function live(defects: readonly string[]): Promise<Lives> {
  const lives = await Lives.of(keeper(), { defects, words: 'snapshot.interval=20 persistent.mib=4' });
  lives.boot({ ramBytes: 16 << 20 });
  lives.until(() => lives.console.includes('begun;'));
  expect(lives.toEnd()).toMatchObject({ kind: 'exit', status: 1 });
  // Whatever is found, the program runs to its end.
  expect(lives.console).toBe('begun;1000;2000;3000;');
  return lives;
}

describe('the check before a commit', () => {
  test('lets sound generations pass', async () => {
    const lives = await live([]);
    expect(lives.log).not.toContain('abandoned');
    expect(lives.commits).toBeGreaterThan(1);
    lives.cut();
  });

  test.each([
    ['storeBadReference', /object 800\w+, class \.t\.keeper, at 800\w+ holds 800\w+: no object begins there/],
    ['badHeaderSize', /object 800\w+, class [.\w]+, at 800\w+ holds \w+: it does not end where the next object begins/],
  ])('keeps a generation with the defect %s from being committed', async (defect, message) => {
    const lives = await live([defect]);
    expect(lives.log).toMatch(message);
    expect(lives.log).toMatch(/generation \d+ is abandoned \(what it holds is not sound\); the last one kept is \d+/);
    // The object is named once, however often it is tried again.
    expect(lives.log.match(/is not sound: /g)?.length).toBeLessThan(lives.log.match(/is abandoned/g)?.length ?? 0);
    // Fails when what is on the disk is not sound, by the verifier outside.
    lives.cut();
  });
});
