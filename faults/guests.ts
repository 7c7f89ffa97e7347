/**
 * Programs that a plan starts beside the one under test: class files that nobody has checked.
 *
 * The rule: the program under test does not notice. A class of the bed's extends the boot class; its method 8 starts a thread for each guest,
 * which sleeps, and goes on with the boot class's own method 8. The guest's thread, when its time has come, loads the class by its name,
 * makes an object and calls its method 8 with null: it is given nothing (P33), and whatever it throws ends that thread alone.
 */
import { compile, formatDiagnostic } from '../impl/language/index.js';
import type { PlannedProgram } from '../reports/plan.js';
import { SetupError } from './check-setup.js';
import type { ProgramClass, RunSetup } from './setup.js';

const PACKAGE = '.bed.guests';
const BOOT_CLASS = `${PACKAGE}.main`;
const GUEST_CLASS = `${PACKAGE}.guest`;

const GUEST = `package ${PACKAGE};

class guest
{
    var name : string;
    var milliseconds : int;

    void guest( var n : string, var ms : int ) { name = n; milliseconds = ms; }

    void run( var b ) [8]
    {
        var boot : .internal.boot = b;
        boot.sleep( milliseconds );
        var made = boot.8( name );
        var object = new *( made )();
        object.8( null );
    }
};
`;

function mainText(bootClass: string, programs: readonly PlannedProgram[]): string {
  const start = programs.map(({ name, after }) => `        b.18( new ${GUEST_CLASS}( "${name}", ${after} ) );`);
  return [
    `package ${PACKAGE};`,
    `class main extends ${bootClass.startsWith('.') ? bootClass : `.${bootClass}`}`,
    '{',
    '    void startup( var b ) [8]',
    '    {',
    ...start,
    '        super.startup( b );',
    '    }',
    '};',
    '',
  ].join('\n');
}

/** The set-up whose boot class starts the guests too; the set-up itself when there are none. Throws SetupError. */
export function withGuests(setup: RunSetup, programs: readonly PlannedProgram[]): RunSetup {
  if (programs.length === 0) return setup;
  const { program, options } = setup;
  const known = new Map(program.map((one) => [one.name, one]));
  const sources = [
    { file: `${BOOT_CLASS.slice(1)}.ph`, text: mainText(options.bootClass, programs) },
    { file: `${GUEST_CLASS.slice(1)}.ph`, text: GUEST },
  ];
  const { classes, diagnostics } = compile(sources, {
    find: (name) => {
      const found = known.get(name);
      return found === undefined ? undefined : { kind: 'class', file: `${name}.pc`, bytes: found.bytes };
    },
  });
  if (classes.length === 0) {
    const why = diagnostics.map(formatDiagnostic).join(' ');
    throw new SetupError(`programs of the plan cannot be started beside ${options.bootClass}: ${why}`);
  }
  const guests: ProgramClass[] = programs.map(({ name, base64 }) => ({
    name,
    bytes: new Uint8Array(Buffer.from(base64, 'base64')),
  }));
  const starter = classes.map(({ name, bytes }) => ({ name, bytes }));
  return {
    ...setup,
    program: [...program, ...starter, ...guests],
    options: { ...options, bootClass: BOOT_CLASS },
  };
}
