/**
 * What a campaign and its workers say to each other over a queue, whatever carries it.
 *
 * The rule: one campaign at a time stands on a queue, announced with the build of the program that runs it; a worker of another build refuses, for its
 * outcomes could be others. What all tasks need travels once, named by its hash, and is held against it. A task is on the queue until its outcome is: who
 * takes it and is lost gives it back by being silent, and of two outcomes of one task the first counts; they are the same.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { RunSetup } from '../../faults/index.js';
import type { CampaignKinds, CampaignSupplies } from '../campaign-crew.js';
import { packageFile } from '../package-file.js';

export const announcementSchema = z.object({
  /** Of this campaign alone. */
  id: z.string(),
  /** Version and build of the program (`buildOf`). */
  build: z.string(),
  /** SHA-256 of what `packSupplies` made, under which it stands on the queue. */
  supplies: z.string(),
  /** What repeats the campaign. */
  command: z.string(),
});
export type Announcement = z.infer<typeof announcementSchema>;

export interface QueueJob {
  /** The campaign it belongs to. */
  readonly campaign: string;
  readonly kind: keyof CampaignKinds & string;
  readonly task: CampaignKinds[keyof CampaignKinds]['task'];
}

export type QueueAnswer =
  | { readonly outcome: CampaignKinds[keyof CampaignKinds]['outcome'] }
  /** What the task threw. */
  | { readonly error: string };

/** The connection, of either side. */
export interface QueueLine {
  /** Why the queue cannot be reached any more; undefined while it can. */
  readonly lost: string | undefined;
  close(): Promise<void>;
}

/** The side of the one who has a campaign. */
export interface CoordinatorLine extends QueueLine {
  /** Puts it up; the one that stands there already, where there is one, and nothing is changed then. */
  announce(announcement: Announcement, supplies: Uint8Array): Promise<Announcement | undefined>;
  /** The answer of the first worker that has one. Rejects when too many workers were lost at it. `key`: the job's own. */
  submit(key: string, job: QueueJob): Promise<QueueAnswer>;
  /** Says that the campaign goes on, which is to be said more often than every `KEPT_MS`. False: the queue has forgotten it. */
  keep(): Promise<boolean>;
  /** How many workers there are. */
  workers(): Promise<number>;
  /** Takes the campaign away with all that is left of it. */
  withdraw(): Promise<void>;
}

/** The side of a worker. */
export interface WorkerLine extends QueueLine {
  /** The campaign that stands there. */
  announcement(): Promise<Announcement | undefined>;
  /** What is named so by its hash. */
  supplies(sha256: string): Promise<Uint8Array | undefined>;
  /** Begins to take jobs, `width` at once, until it is closed. What `work` answers with undefined goes back to the queue. */
  take(width: number, work: (job: QueueJob) => Promise<QueueAnswer | undefined>): void;
}

/** The name of the queue where none is given. */
export const QUEUE_NAME = 'campaigns';
/** A campaign that nobody speaks for any more is gone after this. */
export const KEPT_MS = 30_000;

const BASE64 = 'base64';

/** Bytes, and the set-ups' one kernel once. */
export function packSupplies({ setups, job, corpus }: CampaignSupplies): Uint8Array {
  const kernels = [...new Map([...setups.values()].map(({ kernel }) => [kernel.sha256, kernel])).values()];
  const packed = {
    kernels: kernels.map((one) => ({ ...one, elf: Buffer.from(one.elf).toString(BASE64) })),
    setups: [...setups].map(([name, { kernel, program, ...rest }]) => ({
      ...rest,
      name,
      kernel: kernel.sha256,
      program: program.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString(BASE64) })),
    })),
    job,
    corpus,
  };
  return gzipSync(JSON.stringify(packed));
}

/** The other way round. Throws Error when the bytes are not those that `sha256` names. */
export function unpackSupplies(bytes: Uint8Array, sha256: string): CampaignSupplies {
  const found = hashOf(bytes);
  if (found !== sha256) throw new Error(`the set-ups on the queue: expected content ${sha256}, found ${found}`);
  const { kernels, setups, job, corpus } = JSON.parse(gunzipSync(bytes).toString()) as {
    kernels: { elf: string; sha256: string; defects: string[] }[];
    setups: (Omit<RunSetup, 'kernel' | 'program'> & {
      name: string;
      kernel: string;
      program: { name: string; bytes: string }[];
    })[];
  } & Pick<CampaignSupplies, 'job' | 'corpus'>;
  const bySha = new Map(kernels.map((one) => [one.sha256, { ...one, elf: bytesOf(one.elf) }]));
  return {
    setups: new Map(
      setups.map(({ name, kernel, program, ...rest }) => {
        const known = bySha.get(kernel);
        if (known === undefined) throw new Error(`the set-ups on the queue: no kernel ${kernel}`);
        return [
          name,
          { ...rest, kernel: known, program: program.map((one) => ({ ...one, bytes: bytesOf(one.bytes) })) },
        ];
      }),
    ),
    job,
    corpus,
  };
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, BASE64));
}

/** The rooms whose code decides what a task comes to, and what is said over a queue. */
const ROOMS = ['cli', 'faults', 'hardware-sim', 'impl', 'model', 'reports', 'specs'];

/** Version of the package, and a hash of its code as it runs here and of the versions it depends on. */
export function buildOf(): string {
  const root = new URL('../../', import.meta.url);
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  const hash = createHash('sha256');
  const files = ROOMS.flatMap((room) => codeBelow(fileURLToPath(new URL(room, root)), room, ending)).sort();
  for (const file of files) hash.update(file).update(readFileSync(fileURLToPath(new URL(file, root))));
  const { version, text } = packageFile();
  return `${version}-${hash.update(text).digest('hex').slice(0, BUILD_DIGITS)}`;
}

const BUILD_DIGITS = 12;

function codeBelow(folder: string, name: string, ending: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${name}/${entry.name}`;
    if (entry.isDirectory())
      return entry.name === 'node_modules' ? [] : codeBelow(`${folder}/${entry.name}`, path, ending);
    return entry.name.endsWith(ending) && !entry.name.endsWith(`.test${ending}`) ? [path] : [];
  });
}
