/** Results as JSON, and back. */
import { z } from 'zod';
import { type RunResult, resultSchema } from './schema.js';

/** Keys stand in the schema's order, so equal results are equal bytes. */
export function renderJson(result: RunResult): string {
  return `${JSON.stringify(resultSchema.parse(result), null, 1)}\n`;
}

/** Reads `text` as `schema` says; throws an Error that says in one line what is wrong with it and where. */
export function parseAs<T>(schema: z.ZodType<T>, text: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`not JSON: ${why.replace(/\s+/g, ' ')}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue.path.length > 0 ? z.core.toDotPath(issue.path) : 'the whole';
  throw new Error(`not ${what} of this version: ${where}: ${issue.message}`);
}

/** Reads a report of a run. */
export function parseJson(text: string): RunResult {
  return parseAs(resultSchema, text, 'a report');
}
