/**
 * What is looked at before the power comes on.
 *
 * The rule: a set-up that the machine or the kernel could only refuse is refused here, in words for who made it; what passes is
 * judged by the run. A name that reaches the kernel's command line can add no option to it.
 */
import { DISK_CONTROLLERS, readElf } from '../hardware-sim/index.js';
import { BUNDLE_NAME_BYTES, bundleBytes } from '../impl/image/index.js';
import { CONSOLES, OPTION_LIMITS } from '../reports/schema.js';
import { commandLine, type RunSetup } from './setup.js';

/** A set-up cannot be run; a mistake of who made it, not of the system under test. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

/** Parts after dots; the kernel takes `.pc` at the end of a name in the bundle for a file's ending. */
const CLASS_NAME = /^\.?[^\s=.\p{Cc}]+(\.[^\s=.\p{Cc}]+)*$/u;
const COMMAND_LINE_BYTES = 1023;

/** What the kernel needs beside itself and the classes, measured: for each page of persistent memory, and for stacks, buffers and working frames. */
const BYTES_PER_PERSISTENT_PAGE = 50;
const WORKING_BYTES = 512 * 1024;
const PAGES_PER_MIB = 256;
const MIB = 2 ** 20;

/** Throws SetupError. */
export function checkSetup(setup: RunSetup): void {
  const { options, program, disk } = setup;
  for (const [name, [least, most]] of Object.entries(OPTION_LIMITS) as [
    keyof typeof OPTION_LIMITS,
    [number, number],
  ][]) {
    const value = options[name];
    if (Number.isInteger(value) && value >= least && value <= most) continue;
    throw new SetupError(`${name} ${value}: expected a whole number from ${least} to ${most}`);
  }
  if (!DISK_CONTROLLERS.includes(options.diskController)) {
    throw new SetupError(`diskController ${options.diskController}: expected ${DISK_CONTROLLERS.join(' or ')}`);
  }
  if (!CONSOLES.includes(options.console)) {
    throw new SetupError(`console ${options.console}: expected ${CONSOLES.join(' or ')}`);
  }
  if (options.generation !== undefined && disk === 'new') {
    throw new SetupError(`generation ${options.generation}: a new disk has none to go on from`);
  }
  const names = new Set<string>();
  for (const { name } of program) {
    checkName('class', name);
    if (names.has(name)) throw new SetupError(`class ${name} comes twice in the program`);
    names.add(name);
  }
  checkName('boot class', options.bootClass);
  if (disk !== 'continued' && !names.has(options.bootClass)) {
    throw new SetupError(`boot class ${options.bootClass} is not in the program: it has ${[...names].join(', ')}`);
  }
  const line = Buffer.byteLength(commandLine(options));
  if (line > COMMAND_LINE_BYTES) {
    throw new SetupError(
      `boot class: its name makes a kernel command line of ${line} bytes, at most ${COMMAND_LINE_BYTES}`,
    );
  }
  checkMemory(setup);
}

function checkName(what: string, name: string): void {
  const bytes = Buffer.byteLength(name);
  if (bytes >= BUNDLE_NAME_BYTES) {
    throw new SetupError(
      `${what} ${name.slice(0, 60)}...: its name has ${bytes} bytes, the kernel takes ${BUNDLE_NAME_BYTES - 1} at most`,
    );
  }
  if (CLASS_NAME.test(name) && !name.endsWith('.pc')) return;
  throw new SetupError(
    `${what} ${JSON.stringify(name)}: a class name is words with dots between, without blanks or '=', and does not end in .pc`,
  );
}

function checkMemory({ kernel, options, program }: RunSetup): void {
  const ends = readElf(kernel.elf).segments.map((segment) => segment.address + segment.memoryBytes);
  const classes = bundleBytes(program);
  const tables = options.persistentMiB * PAGES_PER_MIB * BYTES_PER_PERSISTENT_PAGE;
  const needed = Math.ceil((Math.max(...ends) + classes + tables + WORKING_BYTES) / MIB);
  if (options.ramMiB >= needed) return;
  throw new SetupError(
    `${options.ramMiB} MiB of RAM are not enough for the kernel, ${Math.ceil(classes / 1024)} KiB of classes and ` +
      `${options.persistentMiB} MiB of persistent memory: give it ${needed} MiB`,
  );
}
