// The states found so far: rows of value codes in one array, found again through a hash table.
//
// Two states are one exactly when their keys are equal code by code; there are no fingerprints and no collisions. The key
// is the state itself, or with SYMMETRY the least of its images, or with VIEW the view's value. States are numbered in the order
// in which they are found, which is breadth-first: the queue is the numbering.
import { mix } from '../values/interning.js';

export class StateStore {
  count = 0;
  private rows: Int32Array;
  private keys: Int32Array;
  private parents = new Int32Array(1024);
  private depths = new Int32Array(1024);
  private labels = new Int32Array(1024);
  private table = new Int32Array(4096).fill(-1);
  private readonly ownKeys: boolean;

  constructor(
    /** Codes of a state. */
    readonly width: number,
    /** Codes of a key; the same as the state where that is its own key. */
    readonly keyWidth: number,
    ownKeys: boolean,
  ) {
    this.ownKeys = ownKeys;
    this.rows = new Int32Array(1024 * width);
    this.keys = ownKeys ? new Int32Array(1024 * keyWidth) : this.rows;
  }

  private find(key: Int32Array): number {
    const { keyWidth, keys, table } = this;
    let hash = keyWidth;
    for (let i = 0; i < keyWidth; i++) hash = mix(hash, key[i]);
    const mask = table.length - 1;
    let slot = hash & mask;
    for (let state = table[slot]; state !== -1; state = table[(slot = (slot + 1) & mask)]) {
      const base = state * keyWidth;
      let i = 0;
      while (i < keyWidth && keys[base + i] === key[i]) i++;
      if (i === keyWidth) return state;
    }
    return ~slot;
  }

  /** The state's number, or the complement of a number that is new with this call. */
  add(row: Int32Array, key: Int32Array, parent: number, label: number): number {
    const found = this.find(key);
    if (found >= 0) return found;
    const state = this.count++;
    if (state === this.parents.length) this.grow();
    this.table[~found] = state;
    this.rows.set(row, state * this.width);
    if (this.ownKeys) this.keys.set(key, state * this.keyWidth);
    this.parents[state] = parent;
    this.depths[state] = parent < 0 ? 1 : this.depths[parent] + 1;
    this.labels[state] = label;
    if (this.count * 2 > this.table.length) this.rehash();
    return ~state;
  }

  private grow(): void {
    const larger = (array: Int32Array): Int32Array<ArrayBuffer> => {
      const copy = new Int32Array(array.length * 2);
      copy.set(array);
      return copy;
    };
    this.rows = larger(this.rows);
    this.keys = this.ownKeys ? larger(this.keys) : this.rows;
    this.parents = larger(this.parents);
    this.depths = larger(this.depths);
    this.labels = larger(this.labels);
  }

  private rehash(): void {
    const { keys, keyWidth } = this;
    this.table = new Int32Array(this.table.length * 2).fill(-1);
    const mask = this.table.length - 1;
    for (let state = 0; state < this.count; state++) {
      let hash = keyWidth;
      for (let i = 0; i < keyWidth; i++) hash = mix(hash, keys[state * keyWidth + i]);
      let slot = hash & mask;
      while (this.table[slot] !== -1) slot = (slot + 1) & mask;
      this.table[slot] = state;
    }
  }

  /** One code of a state. */
  code(state: number, variable: number): number {
    return this.rows[state * this.width + variable];
  }

  parent(state: number): number {
    return this.parents[state];
  }

  depth(state: number): number {
    return this.depths[state];
  }

  label(state: number): number {
    return this.labels[state];
  }

  /** Bytes of the arrays. */
  get bytes(): number {
    const own = this.ownKeys ? this.keys.byteLength : 0;
    return this.rows.byteLength + own + this.table.byteLength + 3 * this.parents.byteLength;
  }

  /** States from an initial one to this one. */
  path(state: number): number[] {
    const result: number[] = [];
    for (let at = state; at >= 0; at = this.parents[at]) result.push(at);
    return result.reverse();
  }
}
