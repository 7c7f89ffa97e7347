import { describe, expect, test } from 'vitest';
import { PAGE_BYTES } from './page-hash.js';
import { PersistentWatch } from './persistent-watch.js';

const FIRST = 0x80000;

/** A few frames and a watch over 8 persistent pages, driven as the MMU would. */
function bed() {
  const frames = Array.from({ length: 16 }, () => new Uint8Array(PAGE_BYTES));
  const watch = new PersistentWatch(FIRST, 8, (page) => frames[page]);
  /** A store through the persistent address. */
  const store = (page: number, frame: number, value: number) => {
    watch.onMap(FIRST + page, frame, true);
    frames[frame][100] = value;
  };
  return { frames, watch, store };
}

describe('the digest of persistent memory from outside', () => {
  test('a demarcation sees what was written, and only a change changes it', () => {
    const { watch, store } = bed();
    watch.recovered(undefined);
    store(3, 1, 7);
    const first = watch.demarcate().digest('');
    expect(watch.demarcate().digest('')).toBe(first);
    store(3, 1, 8);
    const second = watch.demarcate().digest('');
    expect(second).not.toBe(first);
    store(3, 1, 7);
    expect(watch.demarcate().digest('')).toBe(first);
    expect(watch.takeProblems()).toEqual([]);
  });

  test('a page that leaves and returns unchanged is right, in another frame too', () => {
    const { watch, store, frames } = bed();
    watch.recovered(undefined);
    store(3, 1, 7);
    watch.onInvalidate(FIRST + 3);
    frames[9].set(frames[1]);
    frames[1].fill(0xee);
    watch.onMap(FIRST + 3, 9, false);
    expect(watch.takeProblems()).toEqual([]);
    expect(watch.takeCompared()).toBe(2);
  });

  test('a page that comes back changed is found', () => {
    const { watch, store, frames } = bed();
    watch.recovered(undefined);
    store(3, 1, 7);
    watch.onInvalidate(FIRST + 3);
    frames[1][2000] ^= 1;
    watch.onMap(FIRST + 3, 1, true);
    expect(watch.takeProblems().map((problem) => problem.page)).toEqual([3]);
  });

  test('copy on write to another frame keeps the content', () => {
    const { watch, store, frames } = bed();
    watch.recovered(undefined);
    store(3, 1, 7);
    const captured = watch.demarcate();
    frames[2].set(frames[1]);
    watch.onInvalidate(FIRST + 3);
    store(3, 2, 8);
    expect(watch.takeProblems()).toEqual([]);
    expect(watch.demarcate().digest('')).not.toBe(captured.digest(''));
  });

  test('after recovery each page is judged by the generation when it is first mapped', () => {
    const { watch, store, frames } = bed();
    watch.recovered(undefined);
    store(3, 1, 7);
    store(4, 2, 9);
    const table = watch.demarcate();
    store(4, 2, 10);

    const next = new PersistentWatch(FIRST, 8, (page) => frames[page]);
    next.onMap(FIRST + 3, 1, false);
    next.recovered(table);
    expect(next.takeProblems()).toEqual([]);
    next.onMap(FIRST + 4, 2, true);
    expect(next.takeProblems().map((problem) => problem.page)).toEqual([4]);
    next.onMap(FIRST + 5, 12, false);
    expect([next.takeProblems(), next.takeCompared()]).toEqual([[], 3]);
  });

  test('a page mapped before recovery was announced is judged too, and may not have been written', () => {
    const { watch, store, frames } = bed();
    watch.recovered(undefined);
    store(3, 1, 7);
    const table = watch.demarcate();
    const next = new PersistentWatch(FIRST, 8, (page) => frames[page]);
    frames[1][5] = 1;
    next.onMap(FIRST + 3, 1, true);
    next.recovered(table);
    const messages = next.takeProblems().map((problem) => problem.message);
    expect(messages).toHaveLength(2);
    expect(messages[1]).toBe('persistent page 3 was written before recovery was announced');
  });

  test('a fresh system may be written before it says so', () => {
    const { watch, store } = bed();
    store(0, 1, 1);
    watch.onInvalidate(FIRST);
    watch.onMap(FIRST, 1, false);
    watch.recovered(undefined);
    watch.onMap(FIRST, 1, true);
    expect(watch.takeProblems()).toEqual([]);
  });

  test('a fork over another machine goes its own way', () => {
    const { watch, store, frames } = bed();
    watch.recovered(undefined);
    store(3, 1, 7);
    const theirs = frames.map((frame) => frame.slice());
    const fork = watch.fork((page) => theirs[page]);
    theirs[1][100] = 8;
    expect(fork.demarcate().digest('')).not.toBe(watch.demarcate().digest(''));
  });
});
