/**
 * The demonstration programs of the package: a folder each in `demo/`, sources in the Phantom language.
 *
 * The rule: demonstration NAME is of package `.demo.NAME` and starts with its class `main`; the first line of that class's source is a
 * comment that says what it shows.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('demo/', import.meta.url));

/** What a demonstration's name begins with on the command line, as in `demo/bank`. */
export const DEMO_FOLDER = 'demo';

export interface Demo {
  readonly name: string;
  /** What it shows, one line. */
  readonly about: string;
}

/** By name. */
export function demos(): Demo[] {
  const names = readdirSync(FOLDER, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  return names.sort().map((name) => {
    const [first] = readFileSync(mainSource(name), 'utf8').split('\n', 1);
    return { name, about: first.replace(/^\/\/\s*/, '') };
  });
}

/** The folder with the sources of demonstration `name`; undefined when there is none. */
export function demoFolder(name: string): string | undefined {
  return /^[a-z]+$/.test(name) && existsSync(mainSource(name)) ? join(FOLDER, name) : undefined;
}

function mainSource(name: string): string {
  return join(FOLDER, name, `${DEMO_FOLDER}.${name}.main.ph`);
}
