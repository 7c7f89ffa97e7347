/**
 * What the bed knows of a run so far, all boots together: what the kernel announced, what memory and output were, what
 * was judged. A value that can be forked, so that a run can go on twice from one point.
 */
import type { MemoryImage } from '../model/heap/index.js';
import type { ConsoleLine, CutResult, RunEvent, RunResult } from '../reports/schema.js';
import { Atlas } from './atlas.js';
import { ConsoleOracle, type ConsolePolicy } from './console-oracle.js';
import { type MemoryAudit, MemoryAudits } from './memory-audit.js';
import type { PageHashes } from './page-hash.js';
import { PropertyLedger } from './properties.js';
import { Strikes } from './strikes.js';

/** One captured instant. */
export interface Captured {
  readonly generation: number;
  readonly hashes: PageHashes;
  readonly consolePosition: number;
  readonly digest: string;
}

/** A run without an end keeps this many of its newest lines, events and digests. */
const KEPT = 100_000;

/** Adds to a history; drops its oldest half when it is twice as long as is kept. */
function append<T>(history: T[], item: T): void {
  history.push(item);
  if (history.length >= 2 * KEPT) history.splice(0, history.length - KEPT);
}

/** Generations remembered behind the newest commit; the disk keeps at most 8. */
const REMEMBERED = 10;

export class Evidence {
  ledger = new PropertyLedger();
  console: ConsoleOracle;
  atlas = new Atlas();
  strikes = new Strikes();
  /** Shared by forks: what a memory comes to does not depend on who asks. */
  private audits = new MemoryAudits();
  readonly events: RunEvent[] = [];
  readonly digests: RunResult['digests'] = [];
  readonly cuts: CutResult[] = [];
  readonly lines: ConsoleLine[] = [];
  readonly kernelLog: ConsoleLine[] = [];
  private readonly captured = new Map<number, Captured>();
  /** What a disk of unknown past had lost before this bed had it: bad copies, and pages without a good one. */
  readonly decayed = { copies: new Set<string>(), pages: new Set<number>() };
  /** Newest generation whose commit was announced, and newest demarcated one, in the line of history that counts. */
  committed = 0;
  demarcated = 0;
  /** Of all boots that are over. */
  cycles = 0;
  instructions = 0;

  constructor(policy?: ConsolePolicy) {
    this.console = new ConsoleOracle(policy);
  }

  fork(): Evidence {
    const copy = new Evidence();
    copy.ledger = this.ledger.fork();
    copy.console = this.console.fork();
    copy.atlas = this.atlas.fork();
    copy.strikes = this.strikes.fork();
    copy.audits = this.audits;
    copy.events.push(...this.events);
    copy.digests.push(...this.digests);
    copy.cuts.push(...this.cuts);
    copy.lines.push(...this.lines);
    copy.kernelLog.push(...this.kernelLog);
    for (const [generation, captured] of this.captured) copy.captured.set(generation, captured);
    for (const one of this.decayed.copies) copy.decayed.copies.add(one);
    for (const page of this.decayed.pages) copy.decayed.pages.add(page);
    copy.committed = this.committed;
    copy.demarcated = this.demarcated;
    copy.cycles = this.cycles;
    copy.instructions = this.instructions;
    return copy;
  }

  addEvent(event: RunEvent): void {
    append(this.events, event);
  }

  addDigest(digest: RunResult['digests'][number]): void {
    append(this.digests, digest);
  }

  addConsoleLine(line: ConsoleLine): void {
    append(this.lines, line);
  }

  addKernelLine(line: ConsoleLine): void {
    append(this.kernelLog, line);
  }

  remember(captured: Captured): void {
    this.captured.set(captured.generation, captured);
    for (const generation of this.captured.keys()) {
      if (generation < this.committed - REMEMBERED) this.captured.delete(generation);
    }
  }

  recall(generation: number): Captured | undefined {
    return this.captured.get(generation);
  }

  /** What the objects of a memory with that digest come to. */
  audit(digest: string, image: () => MemoryImage): MemoryAudit {
    return this.audits.of(digest, image);
  }

  /** Generations after `generation` never happened. */
  rollBack(generation: number): void {
    for (const newer of this.captured.keys()) if (newer > generation) this.captured.delete(newer);
    this.committed = generation;
    this.demarcated = generation;
  }
}
