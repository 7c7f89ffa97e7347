// Part of `npm run lint`: see lint/kernel-imports.ts.
import { fileURLToPath } from 'node:url';
import { lintKernelImports } from './lint/kernel-imports.js';

const problems = lintKernelImports(fileURLToPath(new URL('..', import.meta.url)));
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
