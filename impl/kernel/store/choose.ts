/**
 * Which generation recovery tries first: the newest, but for the one that was asked for, and for those that were panicked of too often (`format.ts`,
 * "Panic note", has the rule).
 */

import { log, logNewline, logNumber, logText } from '../arch/log';
import { ignorePanics, takeAnotherGeneration } from '../defects';
import { REFERENCE_BYTES, REFERENCE_GENERATION, SB_RECORDS } from './format';
import { logLastPanic, panicCount, panickedGeneration } from './panics';

/** No place in a list. */
export const NONE: u32 = 0xffffffff;

/** Why the newest generation was not tried. */
export const PASSED_NONE: u32 = 0;
/** Another one was asked for. */
export const PASSED_OPTION: u32 = 1;
/** It, or what was tried since, was panicked of too often. */
export const PASSED_PANICS: u32 = 2;
let passed: u32 = PASSED_NONE;
/** Generation to recover, 0: no one in particular; and how many panics in a row a generation may cause, 0: any number. */
let wanted: u32 = 0;
let panicsMax: u32 = 0;

/** Before the disk is mounted: the generation to recover, 0 for the newest that is good, and the panics in a row one may cause, 0 for any number. */
export function chooseGeneration(generation: u32, panics: u32): void {
  wanted = generation;
  panicsMax = panics;
}

/** Whether a generation was asked for: it is recovered or none is. */
export function isWanted(): bool {
  return wanted != 0;
}

/** Why the newest generation was not tried, PASSED_NONE when it was. */
export function passedOver(): u32 {
  return passed;
}

/** Place of a generation among those that the superblock at `at` lists, or NONE. */
function placeOf(generation: u32, at: usize, listed: u32): u32 {
  for (let i: u32 = 0; i < listed; i++) {
    if (load<u32>(at + SB_RECORDS + i * REFERENCE_BYTES + REFERENCE_GENERATION) == generation) return i;
  }
  return NONE;
}

/** The place of the newest generation that may be recovered; NONE when the one wanted is not there. */
export function firstToTry(at: usize, listed: u32): u32 {
  passed = PASSED_NONE;
  if (wanted != 0) {
    const place = placeOf(wanted, at, listed);
    if (place == NONE && takeAnotherGeneration) return 0;
    if (place != NONE && place != 0) passed = PASSED_OPTION;
    return place;
  }
  const tried = placeOf(panickedGeneration(), at, listed);
  if (tried == NONE) return 0;
  const limit = panicCount() >= panicsMax && panicsMax != 0;
  logText('store: panics after recovering generation ');
  logNumber(panickedGeneration());
  logText(': ');
  logNumber(panicCount());
  logText(', the last one ');
  logLastPanic();
  log(limit ? '; it is given up' : '');
  if (ignorePanics || panicsMax == 0) return 0;
  const first = limit ? tried + 1 : tried;
  if (first == listed) {
    log('store: there is no earlier generation; going on with the oldest');
    passed = tried == 0 ? PASSED_NONE : PASSED_PANICS;
    return tried;
  }
  if (first != 0) passed = PASSED_PANICS;
  return first;
}

/** Log: what was asked for, and what there is. `at`: the superblock, which lists `listed`. */
export function logWanted(at: usize, listed: u32): void {
  logText('store: generation ');
  logNumber(wanted);
  logText(listed == 0 ? ' was asked for; the disk keeps none' : ' was asked for; the disk keeps');
  for (let i: u32 = 0; i < listed; i++) {
    logText(i == 0 ? ' ' : ', ');
    logNumber(load<u32>(at + SB_RECORDS + i * REFERENCE_BYTES + REFERENCE_GENERATION));
  }
  logNewline();
}
