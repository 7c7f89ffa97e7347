// Part of npm run build: puts the kernel image into dist/. It runs the built program, not the sources, because the
// compiler that runs is part of what names an image.
import { fileURLToPath } from 'node:url';

const { shipKernel } = await import('../dist/impl/image/index.js');
const folder = fileURLToPath(new URL('../dist/impl/image', import.meta.url));
const image = await shipKernel(folder, { onProgress: (text) => process.stderr.write(`${text}\n`) });
process.stderr.write(`kernel image ${image.sha256.slice(0, 16)}, ${image.elf.length} bytes\n`);
for (const { stack, entry, needed, available } of image.stacks) {
  process.stderr.write(`${stack} stack: at most ${needed} of ${available} bytes, from ${entry} on\n`);
}
