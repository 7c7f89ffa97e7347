/**
 * A trace as a behaviour of Superblock: the memory's steps (`memory.ts`), the drive, the copies of the superblock.
 *
 * | event | steps |
 * |---|---|
 * | superblock-write | WriteCopy, the first one after BeginCommit or BeginForget, one more try after Retry |
 * | flush | Flush; with it ends the commit of a list from which a generation was dropped, which nobody announces |
 * | cut | Cut: the medium is what the observer found on it |
 */
import {
  asSet,
  at,
  elements,
  equal,
  mapping,
  member,
  modelValue,
  set,
  text,
  type Value,
} from '../../specs/tla-ts/runtime/index.js';
import * as Superblock from '../specs/Superblock.js';
import type { TraceEvent, TraceEventOf } from './events.js';
import { type CompiledSpec, generationsOf, MemoryMapping, memoryConstants, type Part, placeOfCopy } from './memory.js';
import type { Survey } from './survey.js';
import type { Mapping, Way } from './validate.js';

type State = Superblock.State;
type Constants = Superblock.Constants;

const SPEC: CompiledSpec<State, Constants> = {
  model: Superblock.model,
  take: Superblock as unknown as CompiledSpec<State, Constants>['take'],
  free: Superblock.Memory_Free,
  captured: Superblock.Memory_Captured,
  proposed: Superblock.Memory_Proposed,
};

const COPIES = [0, 1, 2, 3];

export function superblockMapping(part: Part, survey: Survey): Mapping<State, TraceEvent> {
  const constants = {
    ...Superblock.configured,
    ...memoryConstants(part, survey),
    PairA: set<number>(placeOfCopy(0), placeOfCopy(2)),
    PairB: set<number>(placeOfCopy(1), placeOfCopy(3)),
    MaxSequence: survey.superblocks + survey.generations + 2,
  };
  return new SuperblockMapping(SPEC, constants as unknown as Constants, survey, part);
}

class SuperblockMapping extends MemoryMapping<State, Constants> {
  protected flush(): readonly Way<State>[] {
    return [
      {
        moves: [this.step('Flush')],
        shows: 'all is on the medium',
        where: (state) => state.stage !== text('forgetting'),
      },
      {
        moves: [this.step('Flush'), this.step('Commit')],
        shows: 'a generation is dropped',
        where: (state) => state.stage === text('idle'),
      },
    ];
  }

  protected superblockWrite({ copy, sequence, generations }: TraceEventOf<'superblock-write'>): readonly Way<State>[] {
    const place = placeOfCopy(copy);
    const write = this.step('WriteCopy', place);
    const shows = `copy ${copy} has sequence ${sequence} and names generations ${generations.join(', ')}`;
    const where = (state: State): boolean => {
      const written = at(state.disk, place);
      return (
        sequence !== null &&
        equal(at(written, text('sequence')), sequence) &&
        String(generationsOf(at(written, text('kept')))) === String(generations)
      );
    };
    return [
      { moves: [write], shows, where },
      { moves: [this.step('BeginCommit'), write], shows, where },
      { moves: [this.step('BeginForget'), write], shows, where },
      { moves: [this.step('Retry'), write], shows, where },
    ];
  }

  protected cut({ blocks, superblocks }: TraceEventOf<'cut'>): readonly Way<State>[] {
    const found = new Map(blocks);
    const copies = new Map(superblocks);
    // What the medium is depends on what the state says was pending: one step a state.
    const cut = {
      name: 'Cut(what was found on the medium)',
      next: (state: State): Iterable<State> => {
        const medium = mapping(Superblock.Place(this.constants), (place) => this.left(state, place, found, copies));
        return Superblock.Cut(state, this.constants, medium);
      },
    };
    return [{ moves: [cut], shows: 'each place has what was there, or was written since, or is torn' }];
  }

  /** What is left at a place, in the words of the specification. */
  private left(
    state: State,
    place: number,
    found: ReadonlyMap<number, string>,
    copies: ReadonlyMap<number, number | null>,
  ): Value {
    const before = at(state.medium, place);
    const pending = asSet(at(state.pending, place));
    const fates = [before, ...elements(pending)];
    const copy = COPIES.find((one) => placeOfCopy(one) === place);
    if (copy !== undefined) {
      const sequence = copies.get(copy);
      if (sequence === undefined) return elements(pending).length === 0 ? before : NOT_OBSERVED;
      if (sequence === null) return this.constants.Rubbish;
      return fates.find((value) => sequenceOf(value) === sequence) ?? NOT_WRITTEN;
    }
    const content = found.get(place);
    if (elements(pending).length === 0) {
      // Written for something that the part does not know; where it holds something of the part, that must be there still.
      const known = content === undefined || member(place, this.spec.free(state, this.constants));
      return known ? before : text(content);
    }
    if (content === undefined) return NOT_OBSERVED;
    return fates.find((value) => equal(value, text(content))) ?? this.constants.Rubbish;
  }
}

/** What no place can hold: nothing was observed of a place that had been written, or what nobody wrote there. */
const NOT_OBSERVED = modelValue('NotObserved', 100);
const NOT_WRITTEN = modelValue('NotWritten', 101);

function sequenceOf(superblock: Value): Value | undefined {
  const isRecord = typeof superblock === 'object' && 'shape' in superblock;
  return isRecord ? at(superblock, text('sequence')) : undefined;
}
