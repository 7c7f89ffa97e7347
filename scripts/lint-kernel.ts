// Part of `npm run lint`: the AssemblyScript rules
// (impl/compiler/kernel-lint.ts) over the kernel and the compiler's runtime.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lintKernelSource } from '../impl/compiler/kernel-lint.js';
import { assemblyScriptFiles, SEALED_FOLDERS } from './lint/kernel-imports.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const problems = SEALED_FOLDERS.flatMap((folder) =>
  assemblyScriptFiles(root, folder).flatMap((file) => lintKernelSource(file, readFileSync(join(root, file), 'utf8'))),
);
for (const { file, line, rule, message } of problems) process.stderr.write(`${file}:${line}: ${rule}: ${message}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
