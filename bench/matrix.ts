/**
 * The whole fault x block-kind matrix (`faults/matrix.ts`): `npm run matrix [-- --fault NAME] [--kind NAME] [--when TIME] [--defect NAME] [--controller ide | virtio] [--json]
 * [--only-failing]`. Prints the table as Markdown; a name is the beginning of one. Exit code 0: no cell is silent, stuck or panicked, 1: one is,
 * 2: a usage error.
 */
import { Command, Option } from 'commander';
import { buildMatrixKernel, type CellQuestion, MatrixExaminer, matrixOf, matrixQuestions } from '../faults/matrix.js';
import { DISK_CONTROLLERS, type DiskController } from '../hardware-sim/index.js';
import { buildKernel } from '../impl/image/index.js';
import { type MatrixCell, matrixVerdict, renderMatrix } from '../reports/matrix.js';

interface Flags {
  readonly fault?: string;
  readonly kind?: string;
  readonly when?: string;
  readonly defect: string[];
  readonly controller: DiskController;
  readonly json?: boolean;
}

function selected({ fault = '', kind = '', when = '' }: Flags): CellQuestion[] {
  return matrixQuestions().filter(
    (one) => one.fault.startsWith(fault) && one.kind.startsWith(kind) && one.when.startsWith(when),
  );
}

async function main(): Promise<number> {
  const flags: Flags = new Command()
    .option('--fault <name>', 'faults whose name begins so')
    .option('--kind <name>', 'block kinds whose name begins so')
    .option('--when <time>', 'running, recovery or page-in')
    .option('--defect <name>', 'seed a defect in the kernel', (name, list: string[]) => [...list, name], [])
    .addOption(
      new Option('--controller <name>', 'what the disk is connected to').choices(DISK_CONTROLLERS).default('ide'),
    )
    .option('--json', 'print the matrix as one JSON object')
    .parse()
    .opts();
  const questions = selected(flags);
  if (questions.length === 0) {
    process.stderr.write('no cell of the matrix has such a name; `npm run matrix` prints them all\n');
    return 2;
  }
  const kernel = await buildMatrixKernel(flags.defect);
  const examiner = new MatrixExaminer(kernel, flags.controller);
  const cells: MatrixCell[] = [];
  for (const question of questions) {
    const cell = examiner.examine(question);
    if (cell === undefined) continue;
    cells.push(cell);
    if (cell.verdict === 'held') continue;
    const copies = cell.copies === 2 ? ', both copies' : '';
    process.stderr.write(`${cell.verdict}: ${cell.fault}, ${cell.kind}${copies}, ${cell.when}: ${cell.note}\n`);
  }
  const { sha256: system } = await buildKernel({ defects: flags.defect });
  const matrix = { ...matrixOf(kernel, cells), system };
  process.stdout.write(flags.json ? `${JSON.stringify(matrix, undefined, 1)}\n` : `${renderMatrix(matrix)}\n`);
  process.stdout.write(flags.json ? '' : `${matrixVerdict(matrix)}\n`);
  return cells.every(({ verdict }) => verdict === 'held') ? 0 : 1;
}

process.exitCode = await main();
