import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Alu, Fetch, Op } from './opcodes.js';

/** `case N: // NAME` and `case N: // NAME + K` of the hot loop. */
function labels(): { number: number; name: string }[] {
  const source = readFileSync(join(import.meta.dirname, 'execute.ts'), 'utf8');
  return [...source.matchAll(/case (\d+): \/\/ ([A-Z0-9_]+)(?: \+ (\d+))?$/gm)].map(([, number, name, plus]) => ({
    number: Number(number) - Number(plus ?? 0),
    name,
  }));
}

describe('the hot loop and the operation numbers', () => {
  it('agree on every label', () => {
    const known: Record<string, number[]> = {};
    for (const table of [Op, Fetch, Alu]) {
      for (const [name, number] of Object.entries(table)) (known[name] ??= []).push(number);
    }
    const found = labels();
    expect(found.length).toBeGreaterThan(90);
    for (const { number, name } of found) expect(known[name], name).toContain(number);
  });

  it('cover every operation below FIRST_GENERAL', () => {
    const names = new Set(labels().map(({ name }) => name));
    for (const [name, number] of Object.entries(Op)) {
      if (number < Op.FIRST_GENERAL && name !== 'FIRST_GENERAL') expect(names, name).toContain(name);
    }
  });
});
