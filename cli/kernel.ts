/** The kernel image of a run, built if it must be. */
import type { Kernel } from '../faults/index.js';
import { buildKernel } from '../impl/image/index.js';
import { messageOf, UserError } from './errors.js';
import type { Terminal } from './terminal.js';

/** Throws UserError when the image cannot be had. */
export async function getKernel(defects: readonly string[], terminal: Terminal): Promise<Kernel> {
  try {
    return await buildKernel({ defects, onProgress: (text) => terminal.say(text) });
  } catch (error) {
    throw new UserError(messageOf(error));
  } finally {
    await terminal.flush();
  }
}
