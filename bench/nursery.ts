/**
 * Whether a nursery would pay: pages dirtied and cycles when garbage is collected so often that new objects lie on pages
 * that the snapshot has to write anyway, which is all that a nursery could save where objects do not move. Counted on
 * listchurn, whose objects are all garbage soon, with and without looking for such pages.
 *
 * `npx tsx bench/nursery.ts` prints the table that README.md shows.
 */
import { buildKernel } from '../impl/image/index.js';
import { Machine as ReferenceMachine } from '../model/vm/index.js';
import { BENCHMARKS, classesOf, simulate } from './interpreter.js';

const REPETITIONS = 900;
const SNAPSHOT_MS = 100;
const [listchurn] = BENCHMARKS.filter(({ name }) => name === 'listchurn');
const BOOT_CLASS = '.ga.bench.listchurn.main';

const classes = classesOf(listchurn, REPETITIONS);
const reference = new ReferenceMachine({ classes, bootClass: BOOT_CLASS });
reference.run();
const { instructions: bytecodes } = reference;
process.stdout.write(
  '| new objects | collection after | pages dirtied/million bytecodes | cycles/bytecode |\n|---|---|---|---|\n',
);
for (const defects of [['dirtyPagesLast'], []]) {
  const { elf } = await buildKernel({ defects });
  for (const kib of [1024, 256, 64, 16]) {
    const words = `persistent.mib=8 collect.kib=${kib}`;
    const { cycles, pages } = simulate(elf, classes, BOOT_CLASS, SNAPSHOT_MS, words);
    const where = defects.length > 0 ? 'next fit' : 'dirty pages first';
    const figures = [(pages / bytecodes) * 1e6, cycles / bytecodes].map((figure) => figure.toFixed(1));
    process.stdout.write(`| ${where} | ${kib} KiB | ${figures.join(' | ')} |\n`);
  }
}
