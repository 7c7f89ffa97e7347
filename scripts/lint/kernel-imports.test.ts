import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { assemblyScriptFiles, foreignImports, lintKernelImports } from './kernel-imports.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const kernel = (text: string) => foreignImports('impl/kernel', 'impl/kernel/store/io.ts', text);

describe('the kernel imports only itself', () => {
  test('imports that stay pass', () => {
    expect(kernel("import { a } from '../drivers/disk';\nimport './format';\nexport { b } from './index';\n")).toEqual(
      [],
    );
    expect(kernel("import {\n  a,\n} from '../sched/thread';\n")).toEqual([]);
  });

  test.each([
    ["import { a } from '../../compiler/index';", '../../compiler/index'],
    ["export { a } from '../../../model/disk-reader';", '../../../model/disk-reader'],
    ["import 'node:fs';", 'node:fs'],
    ["import {\n  a,\n} from '../../image/index';", '../../image/index'],
  ])('%s is refused', (text, specifier) => {
    const line = text.split('\n').length;
    expect(kernel(text)).toEqual([
      `impl/kernel/store/io.ts:${line}: imports ${specifier}; files of impl/kernel import only from there`,
    ]);
  });

  test('the project itself passes, and its files are looked at', () => {
    expect(lintKernelImports(root)).toEqual([]);
    expect(assemblyScriptFiles(root, 'impl/kernel')).toContain('impl/kernel/boot.ts');
    expect(assemblyScriptFiles(root, 'impl/kernel').length).toBeGreaterThan(40);
  });
});
