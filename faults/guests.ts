/**
 * Programs that a plan starts beside the one under test: class files that nobody has checked.
 *
 * The rule: the program under test does not notice. A class of the bed's extends the boot class; its method 8 starts a thread for each guest,
 * which sleeps, and goes on with the boot class's own method 8. The guest's thread, when its time has come, loads the class by its name,
 * makes an object and calls its method 8 with null: it is given nothing (P33), and whatever it throws ends that thread alone.
 *
 * Method 8 of a boot class is called with the boot object whatever the class file says of its parameters, by the kernel and so by the bed's
 * class: the compiler is shown the classes of the program with that method as it is called.
 */

import { compile, formatDiagnostic } from '../impl/language/index.js';
import {
  type ClassFile,
  ClassFileError,
  type Method,
  readClassFile,
  type TypeName,
  writeClassFile,
} from '../model/classfile/index.js';
import type { PlannedProgram } from '../reports/plan.js';
import { SetupError } from './check-setup.js';
import type { ProgramClass, RunSetup } from './setup.js';

const PACKAGE = '.bed.guests';
const BOOT_CLASS = `${PACKAGE}.main`;
const GUEST_CLASS = `${PACKAGE}.guest`;
const START_METHOD = 8;
/** No method of a program is named so: one that were would be another meaning of the call. */
const START_NAME = 'startBesideGuests';

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
    `    void ${START_NAME}( var b ) [${START_METHOD}]`,
    '    {',
    ...start,
    `        super.${START_NAME}( b );`,
    '    }',
    '};',
    '',
  ].join('\n');
}

const typeName = (className: string): TypeName => ({ isContainer: false, className, contained: '' });

/** The class with its method 8 as the kernel calls it. */
function asStarted(bytes: Uint8Array, name: string): Uint8Array {
  let file: ClassFile;
  try {
    file = readClassFile(bytes, name);
  } catch (error) {
    // The compiler says what is wrong with it.
    if (error instanceof ClassFileError) return bytes;
    throw error;
  }
  const methods = file.methods.map((method): Method => {
    if (method.ordinal !== START_METHOD) return method;
    const parameters = [{ name: 'b', type: typeName('.internal.object') }];
    return { ...method, name: START_NAME, parameters, result: typeName('.internal.void') };
  });
  return writeClassFile({ ...file, methods });
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
      return found === undefined
        ? undefined
        : { kind: 'class', file: `${name}.pc`, bytes: asStarted(found.bytes, name) };
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
