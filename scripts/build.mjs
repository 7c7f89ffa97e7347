// npm run build: compiles the sources to dist/, puts the default program and the demonstrations beside them and the kernel image inside, so
// that the packed package runs where neither the AssemblyScript compiler nor the sources are.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs node on a script of the project or of a package; ends the build when it fails. */
function node(...words) {
  const result = spawnSync(process.execPath, words, { cwd: root, stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

rmSync(`${root}dist`, { recursive: true, force: true });
rmSync(`${root}specs/tla-ts/dist`, { recursive: true, force: true });
node('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
node('node_modules/typescript/bin/tsc', '-p', 'specs/tla-ts/tsconfig.build.json');
chmodSync(`${root}dist/cli/main.js`, 0o755);
cpSync(`${root}fixtures/workloads`, `${root}dist/fixtures/workloads`, {
  recursive: true,
  filter: (source) => !source.endsWith('.lstc'),
});
for (const name of ['intloop', 'fieldloop', 'callloop', 'listchurn']) {
  cpSync(`${root}fixtures/golden/bench_${name}`, `${root}dist/fixtures/golden/bench_${name}`, {
    recursive: true,
    filter: (source) => statSync(source).isDirectory() || source.endsWith('.pc'),
  });
}
cpSync(`${root}faults/corpus`, `${root}dist/faults/corpus`, { recursive: true });
cpSync(`${root}impl/library`, `${root}dist/impl/library`, {
  recursive: true,
  filter: (source) =>
    statSync(source).isDirectory() ||
    (source.endsWith('.ph') && !source.endsWith('.test.ph')) ||
    source.endsWith('.class'),
});
// The specifications, which `phantom tla --all` checks; the checker's sources are compiled with the command.
cpSync(`${root}specs`, `${root}dist/specs`, {
  recursive: true,
  filter: (source) =>
    !source.startsWith(`${root}specs/tla-ts`) && (statSync(source).isDirectory() || /\.(tla|cfg|json)$/.test(source)),
});
node('scripts/build-kernel.mjs');
