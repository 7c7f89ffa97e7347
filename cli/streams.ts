/**
 * Standard output and standard error of the process.
 *
 * The rule: a reader that goes away (`phantom run | head`) ends the output and nothing else; any other failure to write is an error
 * of the set-up, reported once by whoever waits for the output next.
 */
import { reasonOf, UserError } from './errors.js';

/** A pipe whose reader has ended, a terminal that was closed. */
const READER_GONE: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO']);

const gone = new Set<NodeJS.WriteStream>();
let failure: UserError | undefined;
let guarded = false;

/** From here on no failing stream ends the process by itself. To be called before anything is written. */
export function guardStreams(): void {
  if (guarded) return;
  guarded = true;
  for (const [name, stream] of [
    ['standard output', process.stdout],
    ['standard error', process.stderr],
  ] as const) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!gone.has(stream) && !READER_GONE.has(error.code)) {
        failure ??= new UserError(`${name} cannot be written: ${reasonOf(error)}`);
      }
      gone.add(stream);
    });
  }
}

/** Writes, unless nobody reads; resolves when the reader has taken it. */
export function writeTo(stream: NodeJS.WriteStream, data: string | Uint8Array): Promise<void> {
  if (gone.has(stream)) return Promise.resolve();
  return new Promise((resolve) => {
    stream.write(data, () => resolve());
  });
}

/** Throws the failure of a stream, if there was one since the last call. */
export function throwStreamFailure(): void {
  const error = failure;
  failure = undefined;
  if (error !== undefined) throw error;
}

/** Resolves when everything written so far has been taken. Throws UserError when it could not be. */
export async function drainStreams(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => writeTo(stream, '')));
  // A stream tells of its error after it has called back.
  await new Promise((resolve) => setImmediate(resolve));
  throwStreamFailure();
}
