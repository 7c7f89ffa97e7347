// The edges between stored states, in the order in which states were expanded.

export class Graph {
  private starts = new Int32Array(1024);
  private targets = new Int32Array(4096);
  private used = 0;

  /** The edges added from now on leave this state; states come in order. */
  open(state: number): void {
    if (state + 1 >= this.starts.length) {
      const larger = new Int32Array(this.starts.length * 2);
      larger.set(this.starts);
      this.starts = larger;
    }
    this.starts[state] = this.used;
    this.starts[state + 1] = this.used;
  }

  add(target: number): void {
    if (this.used === this.targets.length) {
      const larger = new Int32Array(this.used * 2);
      larger.set(this.targets);
      this.targets = larger;
    }
    this.targets[this.used++] = target;
  }

  close(states: number): void {
    this.open(states);
  }

  first(state: number): number {
    return this.starts[state];
  }

  /** One past the last edge of a state. */
  end(state: number): number {
    return this.starts[state + 1];
  }

  target(edge: number): number {
    return this.targets[edge];
  }

  get edges(): number {
    return this.used;
  }

  get bytes(): number {
    return this.starts.byteLength + this.targets.byteLength;
  }
}
