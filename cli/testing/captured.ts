/** The command in this process, its streams captured: all that tests of words and exit codes need, without a process each. */
import { execute } from '../command.js';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** With both streams as one screen shows them. */
export interface Captured extends Ended {
  readonly screen: string;
}

type Write = typeof process.stdout.write;

/** Runs `phantom` with these words. Not to be called twice at once: there is one process.stdout. */
export async function phantom(...words: string[]): Promise<Captured> {
  const taken: Record<'stdout' | 'stderr' | 'screen', Buffer[]> = { stdout: [], stderr: [], screen: [] };
  const before = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const name of ['stdout', 'stderr'] as const) {
    const write = (data: string | Uint8Array, ...rest: unknown[]): boolean => {
      const bytes = Buffer.from(data);
      taken[name].push(bytes);
      taken.screen.push(bytes);
      const done = rest.find((one) => typeof one === 'function');
      if (done !== undefined) queueMicrotask(() => done());
      return true;
    };
    process[name].write = write as Write;
  }
  try {
    const code = await execute(words);
    const [stdout, stderr, screen] = [taken.stdout, taken.stderr, taken.screen].map((parts) =>
      Buffer.concat(parts).toString(),
    );
    return { code, stdout, stderr, screen };
  } finally {
    process.stdout.write = before.stdout;
    process.stderr.write = before.stderr;
  }
}
