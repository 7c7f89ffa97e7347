/** The scenarios by name. */
import {
  BAD_BLOCKS,
  FLUSHES_FAIL,
  GENERATION_ASKED,
  LATER_VERSION,
  PANICS_IN_A_ROW,
  RECORD_LOST,
  ROT_INSIDE,
  UNKNOWN_FEATURE,
} from './disks.js';
import { SMALL_DISK, UNDER_PRESSURE } from './history.js';
import { BUSY_QUEUE, DRIVE_GONE, DRIVE_LATE, ERROR_PASSES } from './queue.js';
import type { Scenario } from './scenario.js';

export const SCENARIOS = {
  'under pressure': UNDER_PRESSURE,
  'small disk': SMALL_DISK,
  'a later version': LATER_VERSION,
  'an unknown feature': UNKNOWN_FEATURE,
  'a generation asked for': GENERATION_ASKED,
  'panics in a row': PANICS_IN_A_ROW,
  'flushes fail': FLUSHES_FAIL,
  'bad blocks': BAD_BLOCKS,
  'rot inside a page': ROT_INSIDE,
  'a record lost': RECORD_LOST,
  'busy queue, ide': BUSY_QUEUE.ide,
  'busy queue, virtio': BUSY_QUEUE.virtio,
  'drive gone and back': DRIVE_GONE,
  'drive spins up': DRIVE_LATE,
  'write error passes': ERROR_PASSES,
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;
