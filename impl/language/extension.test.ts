/** Classes that extend the kernel's: on the reference machine, in V8 and on the simulated machine. */
import { expect, test } from 'vitest';
import { program as assembled, ENTER, type Line, printTop } from '../kernel/vm/testing/assembler.js';
import { compareMachines, compareOnMachine } from '../kernel/vm/testing/differential.js';
import type { Runnable } from '../kernel/vm/testing/noise.js';
import { runInV8 } from '../kernel/vm/testing/v8.js';
import { int } from '../kernel/vm/testing/words.js';
import { compileFiles } from './files.js';

/** What the classes of this text print, begun with `main`'s method 8 with the boot object. */
function compiled(
  body: string,
  others = '',
): { readonly bootClass: string; readonly classes: Map<string, Uint8Array> } {
  const text = `package .t;
class main
{
    void startup( var boot : .internal.boot ) [8]
    {
${body}
    }
};
${others}`;
  const { classes } = compileFiles([], [], [{ file: 'extension.ph', text }]);
  return { bootClass: '.t.main', classes: new Map(classes.map(({ name, bytes }) => [name, bytes])) };
}

/** The reference machine prints the same, ends the same and leaves the same objects. */
async function expectSame(program: Runnable): Promise<void> {
  const { difference, skipped } = await compareMachines(program, { typed: true });
  expect({ difference, skipped }).toEqual({});
}

const REGISTER = `
class register extends .internal.directory
{
    var puts : int = 0;
    int put( var key : string, var value )
    {
        puts += 1;
        return super.put( key, value );
    }
    int count() { return puts; }
    string toString() { return "a register of " + size(); }
};
class named extends register
{
    var name : string;
    void named( var n : string ) { name = n; }
    string getName() { return name; }
};`;

test('methods of the class it extends work on the object, overridden ones and fields are its own, down to grandchildren', async () => {
  const program = compiled(
    `var one : named = new named( "ann" );
        one.put( "k", "v" );
        one.put( "k2", one );
        boot.16( one.getName() + " " + one.get( "k" ) + " " + one.size() + " " + one.count() + " " + one + "\\n" );
        var as : .internal.directory = one;
        as.put( "k3", "w" );
        boot.16( as.size() + " " + one.count() + "\\n" );
        var other : register = new register();
        boot.16( other.size() + " " + ( one :== one.get( "k2" ) ) + "\\n" );`,
    REGISTER,
  );
  const { console } = await runInV8(program);
  expect(console).toBe('ann v 2 2 a register of 2\n3 3\n0 1\n');
  await expectSame(program);
  expect((await compareOnMachine(program, { typed: true })).difference).toBeUndefined();
});

test('a mutex that counts, waited on by a condition; an array with a sum; a foreach over it', async () => {
  const program = compiled(
    `var lock : counting = new counting();
        lock.lock();
        new .internal.cond().twait( lock, 1 );
        lock.unlock();
        boot.16( lock.taken() + "\\n" );
        var list : summed = new summed();
        list.set( 3, 0 );
        list.set( 4, 1 );
        foreach( n in list ) boot.16( n + ";" );
        boot.16( list.sum() + "\\n" );`,
    `class counting extends .internal.mutex
{
    var times : int = 0;
    void lock() { super.lock(); times += 1; }
    int taken() { return times; }
};
class summed extends .internal.container.array
{
    int sum()
    {
        var all : int = 0;
        for( var i : int = 0; i < size(); i += 1 ) all += (int)get( i );
        return all;
    }
};`,
  );
  const { console } = await runInV8(program);
  expect(console).toBe('1\n3;4;7\n');
  await expectSame(program);
});

test('a program that puts something else in the place of what its object works on is refused, and nothing is harmed', async () => {
  const child = {
    name: '.t.child',
    parent: '.internal.directory',
    fields: 1,
    methods: [
      { ordinal: 70, code: [['arg_count', 0], ...int(5), ['os_save8', 1], ['summon_null'], ['ret']] as Line[] },
    ],
  };
  const code: Line[] = [
    ...ENTER,
    ['summon_string_class'],
    ['push_catcher', 'handler'],
    ['summon_by_name', '.t.child'],
    ['new'],
    ['os_dup'],
    ['call_8bit', 70, 0],
    ['os_drop'],
    ['call_0B', 0],
    'handler:',
    ...printTop(),
    ['ret'],
  ];
  const harmful = assembled({ name: '.t.main', methods: [{ ordinal: 8, code }] }, child);
  const { console } = await runInV8(harmful);
  expect(console).toBe('type assert failed ');
  await expectSame(harmful);
});

test('a copy would share what the object works on, so there is none', async () => {
  const child = { name: '.t.child', parent: '.internal.directory', fields: 1, methods: [] };
  const code: Line[] = [
    ...ENTER,
    ['summon_string_class'],
    ['push_catcher', 'handler'],
    ['summon_by_name', '.t.child'],
    ['new'],
    ['copy'],
    'handler:',
    ...printTop(),
    ['ret'],
  ];
  const copying = assembled({ name: '.t.main', methods: [{ ordinal: 8, code }] }, child);
  const { console } = await runInV8(copying);
  expect(console).toBe('void clone called ');
  await expectSame(copying);
});
