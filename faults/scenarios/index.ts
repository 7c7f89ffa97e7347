/** The scenarios by name. */
import { LIVE_OBJECTS, MADE_BY_THE_KERNEL, REFERENCES_MOVE, ROOM_AGAIN, WEAK_TAKEN } from './collection.js';
import {
  BAD_BLOCKS,
  CROWD,
  FLUSHES_FAIL,
  GENERATION_ASKED,
  INDEX_MERGED,
  LARGER_DISK,
  LATER_VERSION,
  LEAF_LOST,
  LIST_OF_NEWER,
  NOTE_OF_BEFORE,
  NOTHING_ELSE,
  PANICS_IN_A_ROW,
  RECORD_LOST,
  ROT_INSIDE,
  SUPERBLOCK_COPY_LOST,
  SUPERBLOCKS_LOST,
  UNKNOWN_FEATURE,
  WRITES_REFUSED,
} from './disks.js';
import { SMALL_DISK, UNDER_PRESSURE } from './history.js';
import { BUSY_QUEUE, DRIVE_GONE, DRIVE_LATE, ERROR_PASSES } from './queue.js';
import { CLOCK_SET_BACK, DEVICES_AGAIN, DURABLE_NUMBERS, WAITS_GO_ON } from './reboot.js';
import type { Scenario } from './scenario.js';
import { DISK_FULL, OUT_OF_MEMORY } from './space.js';
import {
  CAPTURED_HALF_CLEARED,
  CHECKED_BEFORE_COMMIT,
  DIRTY_PAGES_FIRST,
  LARGE_OBJECT,
  LAYOUT_NAMED,
  MANY_COMPUTE,
  OBJECTS_KEPT,
} from './system.js';
import { HANDLERS_KEPT, MUTEX_KEPT, STORES_WAIT } from './threads.js';

export const SCENARIOS = {
  'under pressure': UNDER_PRESSURE,
  'small disk': SMALL_DISK,
  'a later version': LATER_VERSION,
  'an unknown feature': UNKNOWN_FEATURE,
  'a larger disk': LARGER_DISK,
  'a generation asked for': GENERATION_ASKED,
  'panics in a row': PANICS_IN_A_ROW,
  'a note of before': NOTE_OF_BEFORE,
  'nothing else takes blocks': NOTHING_ELSE,
  'the index merged': INDEX_MERGED,
  'a leaf lost': LEAF_LOST,
  'a list of newer ones': LIST_OF_NEWER,
  crowd: CROWD,
  'disk full': DISK_FULL,
  'out of memory': OUT_OF_MEMORY,
  'flushes fail': FLUSHES_FAIL,
  'bad blocks': BAD_BLOCKS,
  'writes refused': WRITES_REFUSED,
  'a superblock copy lost': SUPERBLOCK_COPY_LOST,
  'superblocks lost': SUPERBLOCKS_LOST,
  'rot inside a page': ROT_INSIDE,
  'a record lost': RECORD_LOST,
  'busy queue, ide': BUSY_QUEUE.ide,
  'busy queue, virtio': BUSY_QUEUE.virtio,
  'drive gone and back': DRIVE_GONE,
  'drive spins up': DRIVE_LATE,
  'write error passes': ERROR_PASSES,
  'live objects': LIVE_OBJECTS,
  'made by the kernel': MADE_BY_THE_KERNEL,
  'references move': REFERENCES_MOVE,
  'weak taken': WEAK_TAKEN,
  'objects kept': OBJECTS_KEPT,
  'handlers kept': HANDLERS_KEPT,
  'mutex kept': MUTEX_KEPT,
  'stores wait': STORES_WAIT,
  'room again': ROOM_AGAIN,
  'dirty pages first': DIRTY_PAGES_FIRST,
  'layout named': LAYOUT_NAMED,
  'devices again': DEVICES_AGAIN,
  'waits go on': WAITS_GO_ON,
  'clock set back': CLOCK_SET_BACK,
  'durable numbers': DURABLE_NUMBERS,
  'many compute': MANY_COMPUTE,
  'large object': LARGE_OBJECT,
  'captured half cleared': CAPTURED_HALF_CLEARED,
  'checked before commit': CHECKED_BEFORE_COMMIT,
} as const satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof SCENARIOS;
