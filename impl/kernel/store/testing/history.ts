/** A store that writes generations, and what each of them must hold: the measure of what comes up after cuts and faults. */
import { expect } from 'vitest';
import { contents, PAGES, type Versions } from './judge.js';
import { MOUNT_REFUSED, Store, type StoreKernel, type TestDisk } from './store.js';

/** A store that writes generations, and what each of them must hold. */
export class History {
  readonly generations = new Map<number, Versions>([[0, new Map()]]);
  store: Store;
  current: number;

  constructor(
    readonly disk: TestDisk,
    kernel: StoreKernel,
  ) {
    this.store = new Store(kernel, disk);
    expect(this.store.mount(PAGES)).not.toBe(MOUNT_REFUSED);
    this.current = this.store.steps.newest();
  }

  /** Writes a generation that changes these pages. False: it could not be committed. */
  write(pages: readonly number[]): boolean {
    const generation = this.current + 1;
    const versions = new Map(this.generations.get(this.current));
    for (const page of pages) versions.set(page, generation);
    this.generations.set(generation, versions);
    const put = pages.every((page) => this.store.putPage(page, generation, contents(page, generation)));
    if (!put || !this.store.commitAll(generation, generation * 10)) return false;
    this.current = generation;
    return true;
  }
}
