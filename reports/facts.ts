/** What all faces of a report say in the same words: figures with units, states of properties, the sentence of a cut. */
import type { CutResult, PropertyResult, RunEvent, RunResult } from './schema.js';

/** The whole number that a user wrote, in decimal or as 0x…; undefined when it is none from `least` to `most`. */
export function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** A whole number with a space between groups of three digits, the same in every locale. */
export function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Whether a line of the kernel's log says that a thread ended by an error: `thread 1 ended: uncaught exception … in … line 5 …`. */
export function isThreadEnd(text: string): boolean {
  return /^thread \d+ ended: /.test(text);
}

export type PropertyState = 'held' | 'failed' | 'vacuous' | 'not met';

/** `vacuous`: claimed, and nothing happened that could have shown a failure; that counts as failed. */
export function propertyState(property: PropertyResult): PropertyState {
  if (property.failed > 0) return 'failed';
  if (property.witnesses > 0) return 'held';
  return property.claimed ? 'vacuous' : 'not met';
}

export function describeCut(cut: CutResult): string {
  const lost = cut.unflushed - cut.survived;
  const disk =
    cut.unflushed === 0 ? 'nothing unflushed' : `${lost} of ${plural(cut.unflushed, 'unflushed sector')} lost`;
  return `power cut at cycle ${grouped(cut.cycle)} of boot ${cut.boot}${cut.duringRecovery ? ', before it had recovered' : ''}: ${disk}`;
}

export function describeEvent(event: RunEvent): string {
  switch (event.kind) {
    case 'power-on':
      return 'power on';
    case 'booted':
      return 'kernel booted';
    case 'decayed':
      return `the disk has lost something: ${event.detail}`;
    case 'passed-over':
      return `generation ${event.generation} was not tried: ${event.detail}; newer generations stay until the first commit`;
    case 'recovered':
      return event.generation === 0
        ? 'nothing to recover: a new system'
        : `recovered generation ${event.generation} (console at byte ${grouped(event.consolePosition ?? 0)})`;
    case 'demarcation':
      return `demarcation of generation ${event.generation}, ${plural(event.amount ?? 0, 'page')} written`;
    case 'commit':
      return `generation ${event.generation} committed`;
    case 'abandoned':
      return `generation ${event.generation} abandoned (${event.detail})`;
    case 'finished':
      return `programs ended${event.amount ? `, ${plural(event.amount, 'thread')} by an error` : ''}`;
    case 'panic':
      return `kernel panic: ${event.detail}`;
    case 'typed':
      return `typed: ${event.detail}`;
    case 'fault':
      return `the disk: ${event.detail}`;
    case 'cut':
      return `power cut${event.detail ? `: ${event.detail}` : ''}`;
    case 'restarted':
      return 'the system has started the machine again';
    case 'stopped':
      return `stopped${event.detail ? `: ${event.detail}` : ''}`;
  }
}

/** What the command of a report is for. */
export function commandPurpose({ disk }: RunResult): string {
  return disk === 'new' ? 'Repeat it' : 'Go on with it';
}

const CONTROLLER_NAMES = { ide: 'IDE', virtio: 'virtio-blk' } as const;

/** Name and value of everything that has to be the same for the run to be the same. */
export function conditions(result: RunResult): [string, string][] {
  const { options, machine, kernel } = result;
  const continued = result.disk === 'continued';
  return [
    ['Seed', String(result.seed)],
    [continued ? 'Classes offered' : 'Program', result.program.map((one) => one.name).join(' ')],
    ['Boot class', continued ? 'none started: the system on the disk went on' : options.bootClass],
    [
      'Kernel image',
      `${kernel.sha256}${kernel.defects.length > 0 ? ` with seeded defects: ${kernel.defects.join(', ')}` : ''}`,
    ],
    ['Machine', `${machine.profile}, timing ${machine.timing}, engine ${machine.engine}, ${options.ramMiB} MiB of RAM`],
    [
      'Disk',
      `${options.diskMiB} MiB on ${CONTROLLER_NAMES[options.diskController]}, ${options.persistentMiB} MiB of persistent memory`,
    ],
    ...(options.generation === undefined
      ? []
      : [['Generation', `${options.generation}, which the first boot was asked for`] satisfies [string, string]]),
    ['Snapshots', `every ${options.snapshotIntervalMs} ms of the machine's time`],
    ['Console', options.output === 'held' ? 'held until committed: at most once' : 'at least once'],
    [
      'Length',
      `${plural(result.boots, 'boot')}, ${plural(result.cycles, 'cycle')}, ${plural(result.instructions, 'instruction')}`,
    ],
  ];
}

/** Console lines a report prints of a long run: the first and the last ones. */
export function excerpt<T>(
  lines: readonly T[],
  most: number,
): { first: readonly T[]; left: number; last: readonly T[] } {
  if (lines.length <= most) return { first: lines, left: 0, last: [] };
  const half = Math.floor(most / 2);
  return { first: lines.slice(0, half), left: lines.length - 2 * half, last: lines.slice(-half) };
}

/** Threads that had ended by an uncaught exception or malformed code when the last program ended; 0 as long as one runs. */
export function failedThreads(events: readonly RunEvent[]): number {
  return events.findLast(({ kind }) => kind === 'finished')?.amount ?? 0;
}
