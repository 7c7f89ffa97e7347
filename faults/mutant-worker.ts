/**
 * A worker thread of `phantom check --mutants`: gets one mutant after the other.
 *
 * The rule: nothing is kept from one to the next, so that any worker gives the same outcome.
 */
import { judgeMutant, type MutantOutcome, type MutantTask } from './mutants.js';

export function mutantTask(task: MutantTask): Promise<MutantOutcome> {
  return judgeMutant(task);
}
