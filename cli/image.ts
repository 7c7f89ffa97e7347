/**
 * `phantom image`: disk images looked at from outside, by the independent reader of the disk format (`model/disk-reader.ts`). Only `create`
 * writes, to a file that is not there yet, and `rollback`, one pair of superblock copies. A disk that a machine is running from is refused.
 */
import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { blocksOf } from '../faults/index.js';
import { type DurableMedium, FileMedium, SECTOR_BYTES } from '../hardware-sim/index.js';
import {
  BLOCK_BYTES,
  type BlockSource,
  blockLedger,
  type DiskContents,
  type Generation,
  PANICS_MAX,
  type Problem,
  readDisk,
  readPage,
} from '../model/disk-reader.js';
import { blankSystem, rollback } from '../model/superblock-writer.js';
import { grouped, plural } from '../reports/facts.js';
import { numberOf, parseFile } from './arguments.js';
import { UserError } from './errors.js';
import { EXIT_FAILED, EXIT_HELD } from './exit-codes.js';

const SECTORS_PER_BLOCK = BLOCK_BYTES / SECTOR_BYTES;
const BLOCKS_PER_MIB = 256;
const BYTES_PER_LINE = 16;
const KIND_NAMES: Readonly<Record<Problem['kind'], string>> = {
  page: 'page',
  leaf: 'index leaf',
  root: 'index root',
  record: 'generation record',
  delta: 'index delta',
  superseded: 'superseded list',
  'bad-list': 'bad-block list',
};

/** What can be done about a block that is not good. */
const ADVICE: Readonly<Record<Problem['kind'], string>> = {
  page: 'programs that need it get `object lost`; an older generation may have another block of it (phantom image rollback)',
  leaf: 'if its second copy is bad too, pages under it are lost one by one; else nothing is',
  root: 'if its second copy is bad too, the generation before is recovered; else nothing is lost',
  record: 'if its second copy is bad too, the generation before is recovered; else nothing is lost',
  delta: 'if its second copy is bad too, the generation before is recovered; else nothing is lost',
  superseded: 'if its second copy is bad too, generations before this one are given up at the next boot',
  'bad-list': 'if its second copy is bad too, bad blocks are found again when they are written',
};

interface CreateFlags {
  readonly size: number;
  readonly memory: number;
  readonly generations: number;
}
interface DumpFlags {
  readonly superblock?: true;
  readonly block?: number;
  readonly page?: number;
  readonly generation?: number;
}
interface JsonFlag {
  readonly json?: true;
}

/** `ended` is told the exit code. */
export function imageCommand(ended: (exitCode: number) => void): Command {
  const image = new Command('image').description('make disk images, and look at them from outside');
  const file = ['<file>', 'disk image', parseFile] as const;
  image.addCommand(
    new Command('create')
      .description('make a disk image of a new system; phantom run --disk goes on from it')
      .argument(...file)
      .option('--size <MiB>', 'size of the disk', numberOf('a number of MiB', 8, 131_072), 256)
      .option('--memory <MiB>', 'persistent memory, rounded up to 4 MiB', numberOf('a number of MiB', 4, 1024), 64)
      .option('--generations <number>', 'generations to keep', numberOf('a number of generations', 2, 8), 3)
      .action((name: string, flags: CreateFlags) => ended(create(name, flags))),
  );
  image.addCommand(
    new Command('list')
      .description('print the generations a disk keeps')
      .argument(...file)
      .option('--json', 'print one JSON object')
      .action((name: string, flags: JsonFlag) => ended(withDisk(name, (source) => list(name, source, flags)))),
  );
  image.addCommand(
    new Command('check')
      .description('verify everything on a disk: every copy of every block of every generation it keeps')
      .argument(...file)
      .option('--json', 'print one JSON object')
      .addHelpText('after', '\nExit codes: 0 all is well; 1 something is bad; 2 usage error, or no disk of a system.')
      .action((name: string, flags: JsonFlag) => ended(withDisk(name, (source) => check(name, source, flags)))),
  );
  image.addCommand(
    new Command('dump')
      .description('print a block, a page or the superblock copies')
      .argument(...file)
      .addOption(new Option('--superblock', 'the four copies').conflicts(['block', 'page', 'generation']))
      .option('--block <number>', 'a block of 4 KiB, in hexadecimal', numberOf('a block', 0, 2 ** 29))
      .option('--page <number>', 'a page of persistent memory, in hexadecimal', numberOf('a page', 0, 262_143))
      .option('--generation <number>', 'of --page (default: the newest)', numberOf('a generation', 1, 2 ** 32 - 1))
      .action((name: string, flags: DumpFlags) => ended(withDisk(name, (source) => dump(name, source, flags)))),
  );
  image.addCommand(
    new Command('rollback')
      .description('make an older generation the newest; what came after it is gone')
      .argument(...file)
      .argument('<generation>', 'one that phantom image list names', numberOf('a generation', 1, 2 ** 32 - 1))
      .action((name: string, generation: number) => ended(goBack(name, generation))),
  );
  return image;
}

function goBack(name: string, generation: number): number {
  const medium = FileMedium.open(name);
  try {
    const disk = contents(name, blocksOf(medium), false);
    const found = disk.generations.find((kept) => kept.generation === generation);
    const blocks = rollback(disk, generation);
    if (found === undefined || blocks === undefined) {
      const kept = disk.generations.map((one) => one.generation);
      throw new UserError(
        `${name} keeps ${kept.length === 0 ? 'no generation' : `generations ${kept.join(', ')}`}, not ${generation}`,
      );
    }
    if (!found.whole)
      throw new UserError(`${name}: generation ${generation} is damaged; phantom image check says where`);
    writeBlocks(medium, blocks);
  } finally {
    medium.close();
  }
  say(`${name}: generation ${generation} is the newest now; the next run goes on from it`);
  return EXIT_HELD;
}

function writeBlocks(medium: DurableMedium, blocks: ReadonlyMap<number, Uint8Array>): void {
  for (const [block, bytes] of blocks) {
    for (let i = 0; i < SECTORS_PER_BLOCK; i++) {
      medium.writeSector(block * SECTORS_PER_BLOCK + i, bytes, i * SECTOR_BYTES);
    }
  }
  medium.sync();
}

function create(name: string, { size, memory, generations: keep }: CreateFlags): number {
  if (existsSync(name)) throw new UserError(`${name} is there already; an image is made only where no file is`);
  const blocks = size * BLOCKS_PER_MIB;
  const pages = Math.ceil(memory / 4) * 4 * BLOCKS_PER_MIB;
  const medium = FileMedium.open(name, { createSectors: blocks * SECTORS_PER_BLOCK });
  try {
    writeBlocks(medium, blankSystem({ blocks, pages, keep }));
  } finally {
    medium.close();
  }
  say(
    `${name}: ${grouped(size)} MiB, ${grouped(pages / BLOCKS_PER_MIB)} MiB of persistent memory, keeps ${keep} generations`,
  );
  return EXIT_HELD;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function withDisk(name: string, action: (source: BlockSource) => number): number {
  const medium = FileMedium.open(name);
  try {
    return action(blocksOf(medium));
  } finally {
    medium.close();
  }
}

/** What is on the disk. Throws UserError when it is not the disk of a system. */
function contents(name: string, source: BlockSource, checkPages: boolean): DiskContents {
  const disk = readDisk(source, { checkPages });
  if (disk.newest === undefined) {
    const why = disk.recovery.kind === 'refused' ? disk.recovery.why : 'the disk is blank: no kernel has written to it';
    throw new UserError(`${name}: ${why}`);
  }
  return disk;
}

function list(name: string, source: BlockSource, { json }: JsonFlag): number {
  const disk = contents(name, source, false);
  const ledger = blockLedger(disk);
  const generations = disk.generations.map((generation) => ({
    generation: generation.generation,
    whole: generation.whole,
    usedPages: generation.pages.size,
    changedPages: generation.changedPages,
    deltas: generation.deltas.length,
    consolePosition: generation.consolePosition,
  }));
  const figures = {
    blocks: disk.blocks,
    freeBlocks: disk.blocks - ledger.allocated,
    badBlocks: disk.generations.at(0)?.badBlocks.length ?? 0,
    persistentMiB: (disk.newest?.pages ?? 0) / BLOCKS_PER_MIB,
    keep: disk.newest?.keep ?? 0,
    sequence: disk.newest?.sequence ?? 0,
  };
  if (json) {
    say(JSON.stringify({ ...figures, generations, recovery: disk.recovery, panics: disk.panics }));
    return EXIT_HELD;
  }
  say(
    `${name}: ${plural(figures.blocks, 'block')} of 4 KiB, ${grouped(figures.freeBlocks)} free, ` +
      `${grouped(figures.badBlocks)} bad; ${grouped(figures.persistentMiB)} MiB of persistent memory; ` +
      `keeps ${figures.keep} generations`,
  );
  if (generations.length === 0) say('no generation was committed yet');
  const rows = generations.map((g) => [
    String(g.generation),
    grouped(g.usedPages),
    grouped(g.changedPages),
    String(g.deltas),
    grouped(g.consolePosition),
    g.whole ? 'whole' : 'damaged',
  ]);
  if (rows.length > 0) say(table([['generation', 'pages', 'changed', 'deltas', 'console', ''], ...rows]));
  for (const line of describeChoice(disk)) say(line);
  return EXIT_HELD;
}

/** What the next boot does that is not as usual. */
function describeChoice({ panics, recovery }: DiskContents): string[] {
  const lines: string[] = [];
  if (panics !== undefined) {
    const { generation, count, message } = panics;
    lines.push(
      count === 0
        ? `the system panicked after committing generation ${generation}: ${message}`
        : `${plural(count, 'panic')} in a row after recovering generation ${generation}, at ${PANICS_MAX} it is given up; the last: ${message}`,
    );
  }
  if (recovery.kind === 'generation' && recovery.passedOver !== undefined) {
    lines.push(`the next boot goes on from generation ${recovery.generation}; phantom run --generation takes another`);
  }
  return lines;
}

function table(rows: readonly string[][]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padStart(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A problem, and the generations that share it. */
interface Finding {
  readonly block: number;
  readonly what: string;
  readonly generations: number[];
  readonly advice: string;
}

function check(name: string, source: BlockSource, { json }: JsonFlag): number {
  const disk = contents(name, source, true);
  const findings = findingsOf(disk);
  const pages = new Set(disk.generations.flatMap((g) => [...g.pages.values()].map(({ block }) => block))).size;
  const recovers =
    disk.recovery.kind === 'generation'
      ? `generation ${disk.recovery.generation} is recovered`
      : disk.recovery.kind === 'fresh'
        ? 'a new system comes up'
        : `nothing is recovered: ${disk.recovery.why}`;
  if (json) say(JSON.stringify({ blocks: disk.blocks, recovery: disk.recovery, pages, findings }));
  else {
    for (const { block, what, generations, advice } of findings) {
      const of =
        generations.length === 0
          ? ''
          : ` (kept in ${plural(generations.length, 'generation')}: ${generations.join(', ')})`;
      say(`block ${block}, ${what}${of}: ${advice}`);
    }
    for (const line of describeChoice(disk)) say(line);
    say(
      `${name}: ${findings.length === 0 ? 'all is well' : plural(findings.length, 'problem')}; ` +
        `${plural(disk.generations.length, 'generation')}, ${plural(pages, 'block')} of pages verified; ${recovers}`,
    );
  }
  return findings.length === 0 ? EXIT_HELD : EXIT_FAILED;
}

function findingsOf(disk: DiskContents): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { state, block, copy, problem } of disk.superblocks) {
    if (state === 'valid' || state === 'blank') continue;
    const advice = 'one good copy suffices; commits write it again';
    findings.set(`superblock ${copy}`, { block, what: `superblock copy ${copy}: ${problem}`, generations: [], advice });
  }
  for (const { generation, problems } of disk.generations) {
    for (const { block, kind, index, generation: written, text } of problems) {
      const what = `${KIND_NAMES[kind]} ${index} written by generation ${written}: ${text}`;
      const known = findings.get(`${block} ${what}`);
      if (known !== undefined) known.generations.push(generation);
      else findings.set(`${block} ${what}`, { block, what, generations: [generation], advice: ADVICE[kind] });
    }
  }
  // With damage the ledger has holes that are only its consequence.
  if (findings.size === 0) {
    const advice = 'a defect of the kernel that wrote it; please report it with the image';
    for (const { block, text } of blockLedger(disk).problems) {
      findings.set(`${block} ${text}`, { block, what: text, generations: [], advice });
    }
  }
  return [...findings.values()];
}

function dump(name: string, source: BlockSource, flags: DumpFlags): number {
  const chosen = [flags.superblock, flags.block, flags.page].filter((flag) => flag !== undefined).length;
  if (chosen !== 1) throw new UserError('phantom image dump: choose one of --superblock, --block and --page');
  if (flags.block !== undefined) {
    if (flags.block >= source.blocks)
      throw new UserError(`${name} has blocks 0 to ${source.blocks - 1}, not ${flags.block}`);
    say(hexadecimal(source.read(flags.block) ?? new Uint8Array(BLOCK_BYTES)));
    return EXIT_HELD;
  }
  const disk = contents(name, source, false);
  if (flags.superblock) say(disk.superblocks.map(describeCopy).join('\n'));
  else if (flags.page !== undefined) dumpPage(name, source, disk, flags.page, flags.generation);
  return EXIT_HELD;
}

function describeCopy({
  copy,
  block,
  state,
  problem,
  sequence,
  pages,
  keep,
  records,
}: DiskContents['superblocks'][number]): string {
  const head = `copy ${copy}, block ${block}: ${state}${problem === '' ? '' : ` (${problem})`}`;
  if (state !== 'valid') return head;
  const kept = records.map(
    ({ generation, block: record, second }) => `${generation} in blocks ${record} and ${second}`,
  );
  return `${head}, sequence ${sequence}, ${grouped(pages)} pages, keeps ${keep}; records: ${kept.join(', ') || 'none'}`;
}

function dumpPage(
  name: string,
  source: BlockSource,
  disk: DiskContents,
  page: number,
  wanted: number | undefined,
): void {
  const kept = disk.generations.map(({ generation }) => generation);
  const found: Generation | undefined =
    wanted === undefined ? disk.generations.at(0) : disk.generations.find(({ generation }) => generation === wanted);
  if (found === undefined) {
    throw new UserError(
      `${name} keeps ${kept.length === 0 ? 'no generation' : `generations ${kept.join(', ')}`}, not ${wanted ?? 'one to look at'}`,
    );
  }
  const pages = disk.newest?.pages ?? 0;
  if (page >= pages) throw new UserError(`${name} has pages 0 to ${pages - 1} of persistent memory, not ${page}`);
  const bytes = readPage(source, found, page);
  if (bytes === undefined)
    throw new UserError(`${name}: page ${page} of generation ${found.generation} has no good copy`);
  const reference = found.pages.get(page);
  const where =
    reference === undefined
      ? 'never written'
      : `block ${reference.block}, written by generation ${reference.generation}`;
  say(`page ${page} of generation ${found.generation}: ${where}`);
  say(hexadecimal(bytes));
}

/** Lines of 16 bytes; a run of lines that are all zero is one `*`. */
function hexadecimal(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const part = bytes.subarray(at, at + BYTES_PER_LINE);
    if (part.every((byte) => byte === 0)) {
      if (lines.at(-1) !== '*') lines.push('*');
      continue;
    }
    const hex = [...part].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = [...part].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(3, '0')}  ${hex}  ${text}`);
  }
  return lines.join('\n');
}
