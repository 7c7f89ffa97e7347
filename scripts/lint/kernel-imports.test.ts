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

  test('a room above is refused, the same and lower ones pass', () => {
    expect(kernel("import { a } from '../persist/pages';")).toEqual([
      'impl/kernel/store/io.ts:1: imports ../persist/pages; store may not use persist, which is above it',
    ]);
    expect(
      kernel("import { a } from './blocks';\nimport { b } from '../arch/hw';\nimport { c } from '../defects';"),
    ).toEqual([]);
    expect(foreignImports('impl/kernel', 'impl/kernel/classes/native.ts', "import { a } from '../vm/calls';")).toEqual(
      [],
    );
    expect(foreignImports('impl/kernel', 'impl/kernel/boot.ts', "import { a } from './vm/init';")).toEqual([]);
  });

  test('the project itself passes, and its files are looked at', () => {
    expect(lintKernelImports(root)).toEqual([]);
    expect(assemblyScriptFiles(root, 'impl/kernel')).toContain('impl/kernel/boot.ts');
    expect(assemblyScriptFiles(root, 'impl/kernel').length).toBeGreaterThan(40);
  });
});
