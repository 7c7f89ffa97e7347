/**
 * Makes a disk image of today's kernel for `fixtures/disks`: `npx tsx scripts/disk-fixture.ts FILE.img.gz [CLASS.pc]`. The program is that class,
 * the ticker when none is named, on a disk of 8 MiB with 8 MiB of persistent memory that keeps 3 generations; its power goes, nothing unflushed survives, once COMMITS generations
 * were committed. The image is a function of the kernel. What is in it is printed: it goes into `fixtures/disks/README.md`.
 *
 * An image that is checked in is never made again: later kernels must come up from what this one wrote.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { blocksOf } from '../faults/index.js';
import { Machine, MemoryMedium, SECTOR_BYTES } from '../hardware-sim/index.js';
import { buildKernel, makeBundle } from '../impl/image/index.js';
import { readDisk } from '../model/disk-reader.js';
import { blankSystem } from '../model/superblock-writer.js';

const SECTORS_PER_BLOCK = 8;
const BLOCKS = 2048;
const PAGES = 2048;
const COMMITS = 6;
const COMMIT = 4;
const CYCLES_MAX = 2_000_000_000;

const TICKER = fileURLToPath(new URL('../fixtures/generation-1/ticker/wl.ticker.main.pc', import.meta.url));
const [file, program = TICKER] = process.argv.slice(2);
if (file === undefined || existsSync(file)) {
  process.stderr.write(
    'usage: npx tsx scripts/disk-fixture.ts FILE.img.gz [CLASS.pc]; the first is a file that is not there yet\n',
  );
  process.exit(2);
}
const medium = new MemoryMedium(BLOCKS * SECTORS_PER_BLOCK);
for (const [block, bytes] of blankSystem({ blocks: BLOCKS, pages: PAGES, keep: 3 })) {
  for (let i = 0; i < SECTORS_PER_BLOCK; i++)
    medium.writeSector(block * SECTORS_PER_BLOCK + i, bytes, i * SECTOR_BYTES);
}
let commits = 0;
let printed = '';
const machine = new Machine(
  { ramBytes: 16 * 2 ** 20, medium },
  {
    onSerial: (port, byte) => {
      if (port === 1) printed += String.fromCharCode(byte);
    },
    onProbe: (address, running) => {
      const kind = new DataView(running.readPhysical(address, 4).slice().buffer).getUint32(0, true);
      if (kind === COMMIT && ++commits === COMMITS) running.requestStop();
    },
  },
);
const name = `.${basename(program, '.pc')}`;
machine.loadMultiboot({
  image: (await buildKernel()).elf,
  commandLine: `phantom root.boot=${name}`,
  modules: [{ bytes: makeBundle([{ name, bytes: readFileSync(program) }]), commandLine: 'classes' }],
});
const stop = machine.run({ untilCycle: CYCLES_MAX });
if (stop.kind !== 'requested')
  throw new Error(`expected ${COMMITS} commits, found ${commits}: ${JSON.stringify(stop)}`);
const after = machine.cutPower({ survive: 'none' });
const image = new Uint8Array(BLOCKS * SECTORS_PER_BLOCK * SECTOR_BYTES);
for (let sector = 0; sector < BLOCKS * SECTORS_PER_BLOCK; sector++)
  after.readSector(sector, image, sector * SECTOR_BYTES);
const { generations } = readDisk(blocksOf(after));
for (const { generation, consolePosition } of generations) {
  process.stdout.write(`generation ${generation}, console position ${consolePosition}\n`);
}
process.stdout.write(`${printed.split('\n').at(-2)}\n`);
writeFileSync(file, gzipSync(image, { level: 9 }));
