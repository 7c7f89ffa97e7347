/**
 * A trace as a behaviour of SnapshotCow: the memory's steps (`memory.ts`). A block is safe there once it is written, and the
 * list of kept generations is one thing.
 *
 * | event | steps |
 * |---|---|
 * | superblock-write | BeginCommit or BeginForget, with the first copy; none with the second |
 * | flush | none; Commit of a list from which a generation was dropped, which nobody announces |
 * | cut | Cut |
 */
import { text } from '../../specs/tla-ts/runtime/index.js';
import * as SnapshotCow from '../specs/SnapshotCow.js';
import type { TraceEvent, TraceEventOf } from './events.js';
import { type CompiledSpec, generationsOf, MemoryMapping, memoryConstants, type Part } from './memory.js';
import type { Survey } from './survey.js';
import type { Mapping, Way } from './validate.js';

type State = SnapshotCow.State;
type Constants = SnapshotCow.Constants;

const SPEC: CompiledSpec<State, Constants> = {
  model: SnapshotCow.model,
  take: SnapshotCow as unknown as CompiledSpec<State, Constants>['take'],
  free: SnapshotCow.Free,
  captured: SnapshotCow.Captured,
  proposed: SnapshotCow.Proposed,
};

export function snapshotCowMapping(part: Part, survey: Survey): Mapping<State, TraceEvent> {
  const constants = { ...SnapshotCow.configured, ...memoryConstants(part, survey) };
  return new SnapshotCowMapping(SPEC, constants as unknown as Constants, survey, part);
}

class SnapshotCowMapping extends MemoryMapping<State, Constants> {
  protected flush(): readonly Way<State>[] {
    return [
      { moves: [], shows: 'no generation is being dropped', where: (state) => state.stage !== text('forgetting') },
      {
        moves: [this.step('Commit')],
        shows: 'a generation is dropped',
        where: (state) => state.stage === text('idle'),
      },
    ];
  }

  protected superblockWrite({ generations }: TraceEventOf<'superblock-write'>): readonly Way<State>[] {
    const shows = `the kept generations become ${generations.join(', ')}`;
    const where = (state: State): boolean =>
      state.stage !== text('idle') &&
      String(generationsOf(SnapshotCow.Proposed(state, this.constants))) === String(generations);
    return [
      { moves: [], shows, where },
      { moves: [this.step('BeginCommit')], shows, where },
      { moves: [this.step('BeginForget')], shows, where },
    ];
  }

  protected cut(_event: TraceEventOf<'cut'>): readonly Way<State>[] {
    return [
      { moves: [this.step('Cut')], shows: 'the kept generations stay, or those that were to follow them are there' },
    ];
  }
}
