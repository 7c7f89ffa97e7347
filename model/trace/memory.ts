/**
 * From the events of a trace to steps of the specifications: what both levels, SnapshotCow and Superblock, have in common.
 *
 * A trace is held against a specification in parts of a few pages: a part knows these pages only, and the blocks in
 * which generations have them. That loses nothing: what the specifications say of two pages is that no block is used for both, and a block
 * that is written for another page while one of the part is in it breaks the rule of the part.
 *
 * The abstraction: a page is its number, what it holds is the hash of it, a block is its number. Of a page that is
 * stored twice the specification knows the first copy. Index blocks it does not know; they must be free, like all it
 * does not know, and have a rule of their own (`references.ts`). The system begins where a new disk has been formatted.
 *
 * | event | steps |
 * |---|---|
 * | page-in | PageIn, after an Evict that nobody saw; or none: the page is there already, in another frame |
 * | page-write | Write, after CopyOnWrite or Settle, where the page is frozen |
 * | (none) | Write of what the page holds already: it was made writable, and then not written |
 * | page-out | none: it holds what was written |
 * | demarcation | Demarcate |
 * | block-write | Stabilise or PageOut of the page for which a generation comes to name the block; else none, and the block is free |
 * | generation | Settle of pages written out before, BeginCommit; the index has the blocks that the disk's reader found |
 * | abandoned | Abandon |
 * | power-on, recovered | PowerOn, Recover |
 */
import {
  asSet,
  at,
  domain,
  elements,
  equal,
  len,
  type Model,
  member,
  type SetOf,
  set,
  show,
  text,
  type Value,
} from '../../specs/tla-ts/runtime/index.js';
import type { TraceEvent, TraceEventOf } from './events.js';
import type { Survey } from './survey.js';
import type { Mapping, Move, Way } from './validate.js';

/** The values of the variables by name; of SnapshotCow's variables each state of either specification has all. */
export interface MemoryState {
  readonly mode: Value;
  readonly frame: Value;
  readonly early: Value;
  readonly index: Value;
  readonly disk: Value;
  readonly kept: Value;
  readonly generation: Value;
  readonly stage: Value;
}

/** A compiled specification as the mapping uses it. */
export interface CompiledSpec<State, Constants> {
  readonly model: Model<State, Constants>;
  /** The actions by name. */
  readonly take: Readonly<
    Record<string, (state: State, constants: Constants, ...parameters: Value[]) => Iterable<State>>
  >;
  /** The blocks that may be written. */
  free(state: State, constants: Constants): SetOf<Value>;
  /** What the page held at the demarcation. */
  captured(state: State, constants: Constants, page: Value): Value;
  /** The generations that a commit under way would keep. */
  proposed(state: State, constants: Constants): Value;
}

/** Pages of a trace, and the blocks in which generations have them. */
export interface Part {
  readonly pages: readonly number[];
  readonly contents: readonly string[];
  readonly blocks: readonly number[];
}

/** The copies of the superblock are in these blocks. */
const SUPERBLOCK_BLOCKS = [16, 528, 1040, 1552];
export const placeOfCopy = (copy: number): number => SUPERBLOCK_BLOCKS[copy];

export function partOf(pages: readonly number[], events: readonly TraceEvent[], survey: Survey): Part {
  const contents = new Set([survey.zero, ...pages.flatMap((page) => [...(survey.contents.get(page) ?? [])])]);
  const blocks = new Set<number>();
  for (const event of events) {
    if (event.kind !== 'generation') continue;
    for (const [page, block] of event.pages) if (pages.includes(page)) blocks.add(block);
  }
  return { pages, contents: [...contents], blocks: [...blocks] };
}

/** The constants that both specifications have. */
export function memoryConstants({ pages, contents, blocks }: Part, survey: Survey) {
  // The disk is larger than what the part uses of it: there is always space.
  const spare = Array.from({ length: 3 * pages.length }, (_, i) => 2 ** 30 + i);
  return {
    Page: set<number>(...pages),
    Value: set(...contents.map(text)),
    Zero: text(survey.zero),
    Block: set<number>(...blocks, ...spare),
    Keep: survey.keep,
    KeepLeast: 2,
    MaxGeneration: survey.generations + 1,
  };
}

export abstract class MemoryMapping<State extends MemoryState, Constants extends { readonly None: Value }>
  implements Mapping<State, TraceEvent>
{
  readonly initial: readonly State[];
  private begun = false;
  private readonly pages: ReadonlySet<number>;
  private readonly blocks: ReadonlySet<number>;

  constructor(
    protected readonly spec: CompiledSpec<State, Constants>,
    protected readonly constants: Constants,
    private readonly survey: Survey,
    private readonly part: Part,
  ) {
    this.initial = [...spec.model.init(constants)];
    this.pages = new Set(part.pages);
    this.blocks = new Set(part.blocks);
  }

  /** What this level makes of the events that concern the drive alone. */
  protected abstract flush(): readonly Way<State>[];
  protected abstract superblockWrite(event: TraceEventOf<'superblock-write'>): readonly Way<State>[];
  protected abstract cut(event: TraceEventOf<'cut'>): readonly Way<State>[];

  protected step(name: string, ...parameters: Value[]): Move<State> {
    const take = this.spec.take[name];
    if (take === undefined) throw new Error(`${this.spec.model.name} has no action ${name}`);
    return {
      name: parameters.length === 0 ? name : `${name}(${parameters.map(show).join(', ')})`,
      next: (state) => take(state, this.constants, ...parameters),
    };
  }

  protected maybe(name: string, ...parameters: Value[]): Move<State> {
    return { ...this.step(name, ...parameters), optional: true };
  }

  ways(event: TraceEvent): readonly Way<State>[] | undefined {
    if (!this.begun) return this.begin(event);
    switch (event.kind) {
      case 'power-on':
        return [{ moves: [this.step('PowerOn')], shows: 'the power is on' }];
      case 'booted':
      case 'write-back':
        return undefined;
      case 'recovered':
        return [
          {
            moves: [this.step('Recover')],
            shows: `it goes on from generation ${event.generation}`,
            where: (state) => state.generation === event.generation + 1,
          },
        ];
      case 'page-in':
        return this.pageIn(event);
      case 'page-write':
        return this.pageWrite(event);
      case 'page-out':
        if (!this.pages.has(event.page)) return undefined;
        return [{ moves: [], ...this.holds(event.page, event.content) }];
      case 'demarcation':
        return this.demarcation(event);
      case 'block-write':
        return this.blockWrite(event);
      case 'generation':
        return this.generation(event);
      case 'superblock-write':
        return this.superblockWrite(event);
      case 'flush':
        return this.flush();
      case 'commit':
        return [
          {
            moves: [this.step('Commit')],
            shows: `generation ${event.generation} is the newest that is kept`,
            where: (state) => newestKept(state.kept) === event.generation,
          },
        ];
      case 'abandoned':
        return [
          {
            moves: [this.step('Abandon')],
            shows: `the snapshot of generation ${event.generation} is given up`,
            where: (state) => state.generation === event.generation + 1,
          },
        ];
      case 'cut':
        return this.cut(event);
    }
  }

  /** The specification begins with a formatted disk: at the first recovery that finds one. */
  private begin(event: TraceEvent): readonly Way<State>[] | undefined {
    if (event.kind !== 'recovered') return undefined;
    this.begun = true;
    return [
      {
        moves: [],
        shows: 'the disk is new; a trace begins with a new disk',
        where: (state) => event.generation === 0 && state.generation === 1,
      },
    ];
  }

  private holds(page: number, content: string): Pick<Way<State>, 'shows' | 'where'> {
    return {
      shows: `page ${page} in memory holds ${content}`,
      where: (state) => equal(at(state.frame, page), text(content)),
    };
  }

  private pageIn({ page, content }: TraceEventOf<'page-in'>): readonly Way<State>[] | undefined {
    if (!this.pages.has(page)) return undefined;
    const holds = this.holds(page, content);
    return [
      { moves: [], ...holds },
      { moves: [this.maybe('Evict', page), this.step('PageIn', page)], ...holds },
    ];
  }

  private pageWrite(event: TraceEventOf<'page-write'>): readonly Way<State>[] | undefined {
    const { page } = event;
    if (!this.pages.has(page)) return undefined;
    const write = this.step('Write', page, text(this.survey.written.get(event) ?? this.survey.zero));
    const shows = 'the page is written';
    return [
      { moves: [write], shows },
      { moves: [this.step('CopyOnWrite', page), write], shows },
      { moves: [this.step('Settle', page), write], shows },
    ];
  }

  private demarcation(event: TraceEventOf<'demarcation'>): readonly Way<State>[] {
    const { generation, pages } = event;
    const own = pages.filter(([page]) => this.pages.has(page));
    const held = own.map(([page, content]) => `page ${page} held ${content}`);
    const shows = `generation ${generation} ends${held.length === 0 ? '' : `, ${held.join(', ')}`}`;
    // What the pages hold does not change with the demarcation, and what it froze is no longer changed.
    const where = (state: State): boolean =>
      state.generation === generation + 1 &&
      own.every(([page, content]) => equal(this.live(state, page), text(content)));
    const stabilised = this.survey.stabilised.get(event);
    const touched = this.part.pages.filter(
      (page) => stabilised?.has(page) && !own.some(([written]) => written === page),
    );
    return [{ moves: [...touched.map((page) => this.touch(page, true)), this.step('Demarcate')], shows, where }];
  }

  /** The page was made writable, and then not written: a write of what it holds. */
  private touch(page: number, optional?: boolean): Move<State> {
    return {
      name: `Write(${page}, what it holds)`,
      optional,
      next: (state) => this.spec.take.Write(state, this.constants, page, at(state.frame, page)),
    };
  }

  /** What programs see of a page. */
  private live(state: State, page: number): Value {
    const { None } = this.constants;
    const frame = at(state.frame, page);
    if (!equal(frame, None)) return frame;
    const early = at(state.early, page);
    const block = equal(early, None) ? at(state.index, page) : early;
    return equal(block, None) ? text(this.survey.zero) : at(state.disk, block);
  }

  /** A block that no generation comes to name is free, whatever is written to it and for whichever page. */
  private blockWrite(event: TraceEventOf<'block-write'>): readonly Way<State>[] | undefined {
    const { block, content } = event;
    if (!this.blocks.has(block)) return undefined;
    const purpose = this.survey.purposes.get(event);
    const isFree = (state: State): boolean => member(block, this.spec.free(state, this.constants));
    if (purpose === undefined || purpose.role === 'index' || !this.pages.has(purpose.page)) {
      return [{ moves: [], shows: `block ${block} is free`, where: isFree }];
    }
    const { page } = purpose;
    if (purpose.role === 'second copy') {
      const where = (state: State): boolean =>
        isFree(state) && equal(this.spec.captured(state, this.constants, page), text(content));
      return [{ moves: [], shows: `block ${block} is free, and the snapshot has ${content} of page ${page}`, where }];
    }
    const stored = {
      shows: `block ${block} holds ${content}`,
      where: (state: State) => equal(at(state.disk, block), text(content)),
    };
    return [
      { moves: [this.step('Stabilise', page, block)], ...stored },
      { moves: [this.step('PageOut', page, block)], ...stored },
      { moves: [this.touch(page), this.step('PageOut', page, block)], ...stored },
    ];
  }

  private generation({ generation, pages }: TraceEventOf<'generation'>): readonly Way<State>[] {
    const blocks = new Map<number, number[]>(this.part.pages.map((page) => [page, []]));
    for (const [page, block] of pages) blocks.get(page)?.push(block);
    const where = (state: State): boolean => {
      const table = tableOf(this.spec.proposed(state, this.constants), generation);
      if (table === undefined) return false;
      return [...blocks].every(([page, [first]]) => equal(at(table, page), first ?? this.constants.None));
    };
    const shows = `the table of generation ${generation} has the blocks that are on the disk`;
    return [
      { moves: [], shows, where },
      { moves: [...this.part.pages.map((page) => this.maybe('Settle', page)), this.step('BeginCommit')], shows, where },
    ];
  }

  key(state: State): string {
    return this.values(state)
      .map(([, value]) => show(value))
      .join('\n');
  }

  private values(state: State): readonly (readonly [string, Value])[] {
    const values = state as unknown as Readonly<Record<string, Value>>;
    return this.spec.model.variables.map((name) => [name, values[name]]);
  }

  /** Places of which nothing is known are left out. */
  show(state: State): string {
    return this.values(state)
      .map(([name, value]) => `${name} = ${name in BY_PLACE ? showPlaces(value) : show(value)}`)
      .join('\n');
  }

  broken(state: State): string | undefined {
    return this.spec.model.invariants.find((invariant) => !invariant.holds(state, this.constants))?.name;
  }

  possible(state: State): readonly string[] {
    return this.spec.model.actions.flatMap((action) => {
      const names = new Set<string>();
      for (const { parameters } of action.next(state, this.constants)) {
        const given = Object.entries(parameters).map(([name, value]) => {
          const shown = show(value);
          return shown.length > SHOWN_LENGTH ? name : shown;
        });
        names.add(given.length === 0 ? action.name : `${action.name}(${given.join(', ')})`);
        if (names.size === SHOWN_EACH) break;
      }
      return [...names];
    });
  }
}

/** Variables that are functions of all blocks. */
const BY_PLACE: Readonly<Record<string, true>> = { disk: true, medium: true, pending: true };
const UNKNOWN = new Set(['Rubbish', '{}']);

function showPlaces(value: Value): string {
  const entries = elements(asSet(domain(value)))
    .map((place) => [show(place), show(at(value, place))])
    .filter(([, held]) => !UNKNOWN.has(held));
  return entries.length === 0 ? 'nothing' : entries.map(([place, held]) => `${place} :> ${held}`).join(' @@ ');
}

/** Of each action so many are shown, and parameters that are longer by their name. */
const SHOWN_EACH = 4;
const SHOWN_LENGTH = 40;

/** The generations of a list of kept ones, newest first, as the superblock names them: generation 0 is that of a new disk. */
export function generationsOf(kept: Value): number[] {
  const numbers: number[] = [];
  for (let i = 1; i <= len(kept); i++) {
    const generation = at(at(kept, i), text('generation'));
    if (typeof generation === 'number' && generation > 0) numbers.push(generation);
  }
  return numbers;
}

export function newestKept(kept: Value): number | undefined {
  return generationsOf(kept)[0];
}

function tableOf(kept: Value, generation: number): Value | undefined {
  for (let i = 1; i <= len(kept); i++) {
    if (equal(at(at(kept, i), text('generation')), generation)) return at(at(kept, i), text('table'));
  }
  return undefined;
}
