/** Running the examples of the guide. */
import { compileAndRun } from './programs.js';

/** Compiles sources, of which the first has the boot class, and gives the lines printed. */
export async function runGuided(texts: readonly string[]): Promise<string[]> {
  const sources = texts.map((text, i) => ({ file: `guide${i}.ph`, text }));
  const run = await compileAndRun(sources, '.guide.main');
  if (run.failed !== 0) throw new Error(`the example fails: ${run.console}${run.log}`);
  return run.console.split('\n').slice(0, -1);
}
