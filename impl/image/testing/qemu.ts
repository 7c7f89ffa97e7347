/**
 * Runs a kernel image under `qemu-system-i386`, where it is installed: the second opinion on the simulated machine. The
 * machine is QEMU's `pc` (PIIX3 IDE; its virtio-blk by the legacy interface), with the exit port the kernel knows.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DiskController } from '../../../hardware-sim/index.js';

export interface QemuRun {
  /** What came out of COM1 and COM2. */
  readonly console: string;
  readonly log: string;
  /** The process's exit status: (v << 1) | 1 for a kernel that wrote v to the exit port. */
  readonly status: number | null;
  /** The disk as the machine left it. */
  readonly disk: Uint8Array;
}

export interface QemuOptions {
  readonly elf: Uint8Array;
  readonly commandLine?: string;
  /** The module whose string ends in `classes`. */
  readonly bundle?: Uint8Array;
  readonly ramMib?: number;
  /** The disk's contents; 32 MiB of zeroes when not given. */
  readonly disk?: Uint8Array;
  /** What the disk is connected to; `ide` when not given. */
  readonly diskController?: DiskController;
  readonly timeoutMs?: number;
  /** Somebody at QEMU's monitor while the machine runs; what is thrown there fails the run. */
  readonly operator?: (monitor: QemuMonitor) => Promise<void>;
}

/** Asks QEMU's monitor; gives what it answers up to its next prompt. */
export type QemuMonitor = (command: string) => Promise<string>;

const PROGRAM = 'qemu-system-i386';

/** Why QEMU cannot be used here, or undefined when it can. */
export function qemuMissing(): string | undefined {
  const { status } = spawnSync(PROGRAM, ['--version'], { stdio: 'ignore' });
  return status === 0 ? undefined : `${PROGRAM} is not installed (Debian package qemu-system-x86)`;
}

function monitorOf({ stdin, stdout }: ChildProcessByStdio<Writable, Readable, null>): QemuMonitor {
  let said = '';
  stdout.on('data', (data: Buffer) => {
    said += data.toString('latin1');
  });
  // A machine that has ended takes no more commands.
  stdin.on('error', () => undefined);
  const prompt = async (): Promise<string> => {
    while (!said.endsWith('(qemu) ') && !stdout.readableEnded) await sleep(10);
    const answer = said;
    said = '';
    return answer;
  };
  return async (command) => {
    await prompt();
    stdin.write(`${command}\n`);
    const answer = await prompt();
    said = '(qemu) ';
    return answer;
  };
}

/** Runs the image until the kernel ends the machine; kills it after `timeoutMs`, 30 s when not given. */
export async function runQemu(options: QemuOptions): Promise<QemuRun> {
  const folder = mkdtempSync(join(tmpdir(), 'phantom-qemu-'));
  try {
    const file = (name: string): string => join(folder, name);
    writeFileSync(file('kernel.elf'), options.elf);
    writeFileSync(file('disk.img'), options.disk ?? '');
    truncateSync(file('disk.img'), options.disk?.length ?? 32 * 1024 * 1024);
    const isVirtio = options.diskController === 'virtio';
    const words = [
      ...['-display', 'none', '-no-reboot', '-m', String(options.ramMib ?? 32), '-kernel', file('kernel.elf')],
      ...['-append', options.commandLine ?? ''],
      ...['-drive', `file=${file('disk.img')},if=${isVirtio ? 'none,id=disk' : 'ide'},format=raw`],
      ...(isVirtio ? ['-device', 'virtio-blk-pci,drive=disk,disable-modern=on'] : []),
      ...['-serial', `file:${file('com1')}`, '-serial', `file:${file('com2')}`],
      ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=4'],
    ];
    if (options.bundle !== undefined) {
      writeFileSync(file('bundle'), options.bundle);
      words.push('-initrd', `${file('bundle')} classes`);
    }
    const { operator } = options;
    if (operator !== undefined) words.push('-monitor', 'stdio');
    const child = spawn(PROGRAM, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 30_000);
    const operated = operator?.(monitorOf(child));
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    clearTimeout(timer);
    await operated;
    const [console, log] = ['com1', 'com2'].map((name) => readFileSync(file(name), 'latin1'));
    return { console, log, status, disk: readFileSync(file('disk.img')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
