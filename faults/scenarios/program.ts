/**
 * Scenarios that are a program: what one short program, over some lives, must print and leave.
 *
 * The rule: a program's text and lives are a function of the seed; all that goes wrong with them (something that does not come, other words than
 * those that must come, a panic, memory that is not sound) is one thing, the property that the program is about.
 */
import { FLASH_MODULE, I486_PC, type StopReason } from '../../hardware-sim/index.js';
import { compile, formatDiagnostic } from '../../impl/language/index.js';
import { Lives, LivesError, type LivesProgram } from '../lives.js';
import { type RandomStream, randomStream } from '../random.js';
import { type Caught, caught, type Scenario } from './scenario.js';

/** A disk without moving parts: more snapshots in fewer cycles. */
export const FLASH = { name: 'i486-pc-flash', cpu: I486_PC.cpu, disk: FLASH_MODULE };
export const MIB = 2 ** 20;
/** Cycles of a millisecond. */
export const MS = I486_PC.cpu.clockHz / 1000;
/** Characters of the log and of the console that a finding shows. */
const SHOWN = 160;

export interface Story {
  /** Classes of package `.t` in the Phantom language; `.t.main` is the boot class. */
  readonly text: string;
  /** Words of the command line, of all lives. */
  readonly words: string;
  /** Lives the program through. What is wrong; undefined: nothing. */
  live(lives: Lives): string | undefined;
}

/** The classes, compiled. Throws Error with what the compiler says: a scenario's text is ours. */
export function compiled(text: string): LivesProgram {
  const { classes, diagnostics } = compile([{ file: 'scenario.ph', text: `package .t;\n${text}` }]);
  if (classes.length === 0) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return { classes: new Map(classes.map(({ name, bytes }) => [name, bytes])), bootClass: '.t.main' };
}

export function story(property: string, draw: (random: RandomStream) => Story, seeded?: readonly string[]): Scenario {
  const judge = (kernel: { readonly elf: Uint8Array }, seed: number): Caught | undefined => {
    const { text, words, live } = draw(randomStream(seed, 'story'));
    const lives = new Lives(kernel.elf, compiled(text), words);
    try {
      const complaint = live(lives);
      return complaint === undefined ? undefined : caught(property, complaint);
    } catch (error) {
      if (!(error instanceof LivesError)) throw error;
      return caught(property, shortened(error.message));
    } finally {
      lives.dispose();
    }
  };
  return { entry: 'system', ...(seeded === undefined ? {} : { with: seeded }), judge };
}

/** Its beginning and its end: the last that the log says is what matters. */
function shortened(message: string): string {
  return message.length <= 2 * SHOWN ? message : `${message.slice(0, SHOWN)} ... ${message.slice(-SHOWN)}`;
}

/** Goes on to the end of the programs. What is wrong when they end otherwise, or have printed something else in all lives. */
export function endsWith(lives: Lives, expected: string, cycles: number): string | undefined {
  const stop = lives.toEnd(cycles);
  if (stop.kind === 'exit' && stop.status === ENDED && lives.console === expected) return undefined;
  return `the programs print ${quoted(lives.console)} and ${ending(stop, lives.log)}; expected ${quoted(expected)}, and then their end`;
}

/** Exit status of a system whose programs have all ended, none of them by an exception. */
const ENDED = 1;

function ending(stop: StopReason, log: string): string {
  const [panic] = /^.*panic:.*$/m.exec(log) ?? [];
  if (panic !== undefined) return panic;
  return stop.kind === 'exit' ? `end with status ${stop.status}` : 'do not end';
}

export function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}

/** Generations that the check before a commit refused, by the kernel's log. */
export function refused(lives: Lives): string | undefined {
  return /^.*is not sound.*$/m.exec(lives.log)?.[0];
}
