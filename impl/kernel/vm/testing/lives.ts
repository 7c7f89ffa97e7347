/** A program over several lives on the kernel as it is in the sources, or with defects. */
import { Lives as LivesOf, type LivesProgram } from '../../../../faults/lives.js';
import { buildKernel } from '../../../image/index.js';

export interface LivesOptions {
  /** Words of the command line besides `root.boot`. */
  readonly words?: string;
  /** Seeded in the kernel, names of `impl/kernel/defects.ts`. */
  readonly defects?: readonly string[];
}

export class Lives extends LivesOf {
  static async of(
    program: LivesProgram,
    { words = 'snapshot.interval=20', defects = [] }: LivesOptions = {},
  ): Promise<Lives> {
    const { elf } = await buildKernel({ defects });
    return new Lives(elf, program, words);
  }
}
