// What README, ARCHITECTURE and CONTRIBUTING say, held against what is there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { withRealRun } from './readme-run.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const NOT_OURS = new Set(['node_modules', 'dist', '.git', 'coverage', 'phantom-reports']);

/** Every file and folder (with a slash at its end) of the project. */
function everything(folder: string, prefix = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((one) => {
    if (NOT_OURS.has(one.name)) return [];
    const path = `${prefix}${one.name}`;
    return one.isDirectory() ? [`${path}/`, ...everything(join(folder, one.name), `${path}/`)] : [path];
  });
}

/** Inline code of a Markdown text that looks like a path of the project. */
function pathsIn(text: string): string[] {
  const inline = text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g);
  return [...inline]
    .map(([, code]) => code)
    .filter((code) => /^[\w.-]+(\/[\w.-]+)*(\.(ts|mjs|json|md|grit)|\/)$/.test(code));
}

test.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'])('every path that %s names exists', (document) => {
  const there = everything('.').map((path) => `/${path}`);
  const paths = pathsIn(readFileSync(join(root, document), 'utf8'));
  // A path may be told from the room that is spoken of: `persist/fault.ts`. What is built is not there yet.
  const missing = paths.filter((path) => path !== 'dist/' && !there.some((one) => one.endsWith(`/${path}`)));
  expect(missing).toEqual([]);
});

test('the run that README.md shows is what the command prints (`npm run readme` writes it anew)', async () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  expect(readme).toBe(await withRealRun(readme));
});
