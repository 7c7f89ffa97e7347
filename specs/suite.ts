// The specifications as data: what each says, with which constants it is checked, and the mutants that show that each of
// its properties can fail. One function runs a check and says whether it came out as it must.
//
// Rules: a specification holds and takes each of its actions in at least one of its configurations; a mutant, an edit of
// the text, violates the one property it names and is checked for that alone.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Edit, edited } from './edit.js';
import { type CheckResult, type Coverage, checkFile, checkTexts } from './tla-ts/index.js';

export interface Configuration {
  /** The configuration's file without its ending. */
  readonly name: string;
  /** What it adds to the others. */
  readonly about: string;
  /** The states that there are; they change with the specification, and the test says to what. */
  readonly distinct: number;
  /** Too long for the everyday suite. */
  readonly long: boolean;
}

export interface Specification {
  /** The module, and its file without its ending. */
  readonly name: string;
  /** What it says, in a few words. */
  readonly says: string;
  /** The specification one level up that it refines. */
  readonly refines: string | undefined;
  readonly configurations: readonly Configuration[];
}

/** An edit of one file of a specification; `file` is a module without its ending. */
export interface FileEdit extends Edit {
  readonly file: string;
}

export interface Mutant {
  /** The defect in a few words. */
  readonly name: string;
  /** The property that it violates, in this configuration. */
  readonly violates: string;
  readonly config: string;
  /** Too long for the everyday suite: a liveness property is violated only when all states are known. */
  readonly long?: true;
  readonly edits: readonly FileEdit[];
}

/** Most abstract first, as one reads them. */
export const SPECIFICATIONS: readonly Specification[] = [
  {
    name: 'SnapshotAtomic',
    says: 'what users are promised',
    refines: undefined,
    configurations: [{ name: 'SnapshotAtomic', about: 'two pages', distinct: 378, long: false }],
  },
  {
    name: 'SnapshotCow',
    says: 'a memory is captured at one instant without being copied',
    refines: 'SnapshotAtomic',
    configurations: [
      { name: 'SnapshotCow', about: 'one page, liveness', distinct: 4248, long: false },
      { name: 'SnapshotCowWide', about: 'two pages, safety', distinct: 18161, long: false },
    ],
  },
  {
    name: 'DiskCache',
    says: 'a disk with a volatile write cache',
    refines: undefined,
    configurations: [{ name: 'DiskCache', about: 'three places', distinct: 3375, long: false }],
  },
  {
    name: 'Superblock',
    says: 'the commit is one step on such a disk',
    refines: 'SnapshotCow',
    configurations: [
      { name: 'Superblock', about: 'one generation, liveness', distinct: 10768, long: false },
      {
        name: 'SuperblockWide',
        about: 'commits tried again, generations forgotten, safety',
        distinct: 7580,
        long: false,
      },
      { name: 'SuperblockLarge', about: 'two generations, safety', distinct: 37476, long: true },
    ],
  },
  {
    name: 'RestartPromise',
    says: 'what a thread sees of a power cut',
    refines: undefined,
    configurations: [{ name: 'RestartPromise', about: 'a window and a socket', distinct: 1189, long: false }],
  },
  {
    name: 'Restart',
    says: 'objects that stand for devices live through a power cut',
    refines: 'RestartPromise',
    configurations: [
      { name: 'Restart', about: 'one thread, a window and a socket', distinct: 12927, long: false },
      { name: 'RestartLock', about: 'two threads and a lock', distinct: 723, long: false },
      { name: 'RestartLarge', about: 'two threads, a lock and a socket, safety', distinct: 27469, long: true },
    ],
  },
  {
    name: 'CollectorPromise',
    says: 'what programs see of the garbage collector',
    refines: undefined,
    configurations: [{ name: 'CollectorPromise', about: 'two objects', distinct: 76, long: false }],
  },
  {
    name: 'Collector',
    says: 'garbage is collected while programs run',
    refines: 'CollectorPromise',
    configurations: [{ name: 'Collector', about: 'two objects, one cut', distinct: 6582, long: false }],
  },
];

const textOf = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** The mutants of a specification, from mutants/NAME.json. */
export function mutantsOf(specification: Specification): readonly Mutant[] {
  return JSON.parse(textOf(`mutants/${specification.name}.json`));
}

/** The names that a configuration asks to be checked: its invariants and properties. */
export function propertiesOf(configuration: string): readonly string[] {
  return [...textOf(`${configuration}.cfg`).matchAll(/^(?:INVARIANTS?|PROPERT(?:Y|IES)) (.*)$/gm)].flatMap(
    ([, names]) => names.split(' '),
  );
}

/** Checks a specification in one of its configurations. */
export function checkSpecification(specification: Specification, configuration: Configuration): CheckResult {
  return checkFile(pathOf(`${specification.name}.tla`), pathOf(`${configuration.name}.cfg`));
}

/** The actions that no result has taken, as `name line:column`. */
export function neverTaken(results: readonly CheckResult[]): string[] {
  const taken = new Map<string, boolean>();
  for (const { coverage } of results) {
    for (const action of coverage) taken.set(nameOf(action), taken.get(nameOf(action)) || action.generated > 0);
  }
  return [...taken].filter(([, once]) => !once).map(([name]) => name);
}

function nameOf({ action, line, column }: Coverage): string {
  return `${action} ${line}:${column}`;
}

/** Whether a check of one property found it violated. A step of a refinement has no name of its own but its place. */
export function isViolated({ result, violatedName }: CheckResult, property: string): boolean {
  return violatedName === property || result === 'action-property';
}

/** Checks a mutant for the property it violates and nothing else. Throws when one of its edits does not apply. */
export function checkMutant(specification: Specification, mutant: Mutant): CheckResult {
  const texts = new Map(SPECIFICATIONS.map(({ name }) => [name, textOf(`${name}.tla`)]));
  for (const { file, ...edit } of mutant.edits) {
    const text = texts.get(file);
    if (text === undefined) throw new Error(`The mutant "${mutant.name}" edits ${file}, which is no specification.`);
    texts.set(file, edited(text, edit));
  }
  const config = textOf(`${mutant.config}.cfg`).replace(/^(INVARIANTS?|PROPERT(Y|IES)) .*$/gm, '');
  const isInvariant = new RegExp(`^INVARIANTS? .*\\b${mutant.violates}\\b`, 'm').test(textOf(`${mutant.config}.cfg`));
  return checkTexts({
    module: texts.get(specification.name) ?? '',
    config: `${config}${isInvariant ? 'INVARIANT' : 'PROPERTY'} ${mutant.violates}\n`,
    modules: Object.fromEntries(texts),
  });
}
