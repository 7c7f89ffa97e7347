// What is compiled computes what the checker computes: on random expressions the values, on random specifications the graphs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@fast-check/vitest';
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { Context } from '../evaluate/context.js';
import { type AnyState, EvaluationError, type Model, show, type Value } from '../runtime/index.js';
import { compileTexts } from './compile.js';
import { compare, specificationOfTexts } from './testing/graph.js';
import { Expressions, expressionModule, specifications } from './testing/random-texts.js';

const HOST = { print: () => undefined, register: () => 0, setRegister: () => undefined };
const runtime = fileURLToPath(new URL('../runtime/index.ts', import.meta.url));

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tla-ts-compile-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

let count = 0;

interface Texts {
  readonly module: string;
  readonly config: string;
}

async function compiledModule(texts: Texts): Promise<Record<string, unknown>> {
  const path = join(directory, `module${count++}.ts`);
  writeFileSync(path, compileTexts(texts, { runtime }));
  return (await import(/* @vite-ignore */ path)) as Record<string, unknown>;
}

/** The value as a text, or that there is none. */
function outcome(compute: () => Value): string {
  try {
    return show(compute());
  } catch (error) {
    if (error instanceof EvaluationError) return 'no value';
    throw error;
  }
}

const EXPRESSIONS = new Expressions(['x']);
const anyExpression = fc.oneof(
  ...(['int', 'sure', 'bool', 'set', 'function', 'record', 'sequence'] as const).map((kind) => EXPRESSIONS.of(kind, 3)),
);

test.prop([fc.array(anyExpression, { minLength: 30, maxLength: 30 })], { numRuns: 15, endOnFailure: true })(
  'a compiled expression has the value that the checker computes',
  async (expressions) => {
    const texts = expressionModule(expressions);
    const compiled = await compiledModule(texts);
    const { compiler, module } = specificationOfTexts(texts);
    expressions.forEach((text, i) => {
      const symbol = module.names.get(`E${i}`);
      if (symbol?.kind !== 'definition' || !symbol.body) throw new Error(`E${i} is defined`);
      const code = compiler.compile(symbol.body, compiler.root);
      const call = compiled[`E${i}`] as (state: AnyState) => Value;
      for (const x of [0, 1, 2, 3]) {
        const context = new Context(1, HOST);
        context.enter([x]);
        expect(`${text}: ${outcome(() => call({ x }))}`).toBe(`${text}: ${outcome(() => code.run(context))}`);
      }
    });
  },
);

test.prop([specifications], { numRuns: 60, endOnFailure: true })(
  'a compiled specification has the state graph that the checker explores',
  async (texts) => {
    const { model } = (await compiledModule(texts)) as { model: Model<AnyState, unknown> };
    expect(compare(specificationOfTexts(texts), model).differences).toEqual([]);
  },
);
