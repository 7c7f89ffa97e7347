/**
 * `npm run readme`: the run that README.md shows, made again and written into it. The text between is whatever stands there: the block
 * after the sentence that names the command in backticks.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { phantom } from '../cli/testing/captured.js';
import { buildKernel } from '../impl/image/index.js';

const README = fileURLToPath(new URL('../README.md', import.meta.url));

/** The command, and after it the block with what it prints. */
const SHOWN = /(`npx phantom (run [^`]+)`[^`]*```text\n)([\s\S]*?)(\n```)/;

/** `readme` with the block replaced by what the command prints now. */
export async function withRealRun(readme: string): Promise<string> {
  const shown = SHOWN.exec(readme);
  if (shown === null) throw new Error('README.md: no `npx phantom run …` with a text block after it');
  // Whether it has to be built is not a part of the run.
  await buildKernel();
  const home = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'phantom-readme-'));
  process.chdir(folder);
  try {
    const { code, screen } = await phantom(...shown[2].split(' '));
    if (code !== 0) throw new Error(`README.md: ${shown[2]} ended with exit code ${code}: ${screen}`);
    return readme.replace(SHOWN, (_, before, __, ___, after) => `${before}${screen.trimEnd()}${after}`);
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(README, await withRealRun(readFileSync(README, 'utf8')));
}
