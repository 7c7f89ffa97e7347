/** The three faces of a report as files of one folder. */
import { accessSync, constants, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type RunResult, renderHtml, renderJson, renderMarkdown } from '../reports/index.js';
import { reasonOf, UserError } from './errors.js';

/** Makes sure before a run that its report can be written. Throws UserError. */
export function prepareFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UserError(`${folder}: cannot write reports there: ${reasonOf(error)}`);
  }
}

/** Writes the report; returns the paths: JSON, Markdown, HTML. */
export function writeReports(folder: string, result: RunResult): string[] {
  const faces: [string, (result: RunResult) => string][] = [
    ['json', renderJson],
    ['md', renderMarkdown],
    ['html', renderHtml],
  ];
  return faces.map(([ending, render]) => {
    const path = join(folder, `run-${result.seed}.${ending}`);
    try {
      writeFileSync(`${path}.${process.pid}`, render(result));
      renameSync(`${path}.${process.pid}`, path);
    } catch (error) {
      throw new UserError(`${path}: cannot write the report: ${reasonOf(error)}`);
    }
    return path;
  });
}
