// Puts the kernel image into dist/, so that the package runs without the sources. Part of `npm run build`.
import { fileURLToPath } from 'node:url';
import { shipKernel } from '../impl/image/index.js';

const folder = fileURLToPath(new URL('../dist/impl/image', import.meta.url));
const image = await shipKernel(folder, { onProgress: (text) => process.stderr.write(`${text}\n`) });
process.stderr.write(`kernel image ${image.sha256}, ${image.elf.length} bytes\n`);
