// The test runner's settings. One kernel image is built before any test (scripts/test/global-setup.ts), property
// tests share one printed seed (scripts/test/seed.ts), and two workers are enough: the machine is the subject, not the host.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', 'coverage/**'],
    globalSetup: ['scripts/test/global-setup.ts'],
    setupFiles: ['scripts/test/seed.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default'],
    coverage: {
      provider: 'v8',
      include: ['cli/**', 'faults/**', 'reports/**', 'model/**', 'hardware-sim/**', 'impl/**'],
      exclude: ['**/*.test.ts', '**/testing/**', 'impl/kernel/**', 'impl/compiler/runtime/**'],
      reporter: ['text-summary', 'json', 'html'],
    },
  },
});
