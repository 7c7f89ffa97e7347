/** The kernel image of a run, built if it must be. */
import { createHash } from 'node:crypto';
import type { Kernel } from '../faults/index.js';
import { buildKernel, type KernelBuildOptions } from '../impl/image/index.js';
import { messageOf, UserError } from './errors.js';
import { readBytes } from './read-file.js';
import type { Terminal } from './terminal.js';

/** The package's kernel, with defects seeded, or the multiboot image in `file`. Throws UserError when it cannot be had. */
export async function getKernel(defects: readonly string[], terminal: Terminal, file?: string): Promise<Kernel> {
  return file === undefined ? build({ defects }, terminal) : readKernel(file, defects);
}

/** A kernel with another `entry`, for a measurement. Throws UserError when it cannot be had. */
export async function getKernelFor(entry: string, terminal: Terminal): Promise<Kernel> {
  return build({ entry }, terminal);
}

async function build(options: KernelBuildOptions, terminal: Terminal): Promise<Kernel> {
  try {
    return await buildKernel({ ...options, onProgress: (text) => terminal.say(text) });
  } catch (error) {
    throw new UserError(messageOf(error));
  } finally {
    await terminal.flush();
  }
}

/** A kernel of the user's own. Throws UserError. */
function readKernel(file: string, defects: readonly string[]): Kernel {
  if (defects.length > 0)
    throw new UserError('--defect cannot be used with --kernel: defects are seeded where a kernel is built');
  const elf = readBytes(file, 'the kernel');
  // "\x7fELF", 32-bit, little-endian: what multiboot loads.
  if (Buffer.from(elf.subarray(0, 6)).toString('latin1') !== '\x7fELF\x01\x01') {
    throw new UserError(`${file}: expected a 32-bit ELF image with a multiboot header, found something else`);
  }
  return { elf, sha256: createHash('sha256').update(elf).digest('hex'), defects: [] };
}
