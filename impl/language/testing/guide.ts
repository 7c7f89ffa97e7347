/** The examples of a guide, and running them. */
import { compileAndRun } from './programs.js';

/** Compiles sources, of which the first has the boot class, and gives the lines printed. */
export async function runGuided(texts: readonly string[]): Promise<string[]> {
  const sources = texts.map((text, i) => ({ file: `guide${i}.ph`, text }));
  const run = await compileAndRun(sources, '.guide.main');
  if (run.failed !== 0) throw new Error(`the example fails: ${run.console}${run.log}`);
  return run.console.split('\n').slice(0, -1);
}

export interface Block {
  /** The word behind `phantom`, or nothing. */
  readonly kind: string;
  readonly text: string;
}

/** The blocks of Phantom in a Markdown text. */
export function blocksOf(markdown: string): Block[] {
  const blocks = markdown.matchAll(/^```phantom ?(\w*)\n([\s\S]*?)^```$/gm);
  return [...blocks].map(([, kind, text]) => ({ kind, text }));
}

/** What comments behind `say` promise; a comma separates what one line prints several times. */
export function promised(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const comment = line.match(/(?:say\(.*|^\s*\} +)\/\/ (.*)$/)?.[1];
    return comment?.split(', ') ?? [];
  });
}
