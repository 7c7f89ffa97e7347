/** A run's result as JSON, and back. */
import { z } from 'zod';
import { type RunResult, resultSchema } from './schema.js';

/** Keys stand in the schema's order, so equal results are equal bytes. */
export function renderJson(result: RunResult): string {
  return `${JSON.stringify(resultSchema.parse(result), null, 1)}\n`;
}

/** Reads a report; throws an Error that says in one line what is wrong with the text and where. */
export function parseJson(text: string): RunResult {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`not JSON: ${why.replace(/\s+/g, ' ')}`);
  }
  const parsed = resultSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue.path.length > 0 ? z.core.toDotPath(issue.path) : 'the whole';
  throw new Error(`not a report of this version: ${where}: ${issue.message}`);
}
