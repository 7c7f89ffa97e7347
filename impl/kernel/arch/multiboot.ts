/**
 * What the boot loader tells (Multiboot Specification 0.6.96, 3.3): RAM, command line, modules. It is copied at once,
 * because it lies in memory that is about to be given away.
 *
 * Command line: words separated by spaces; an option is `name=value`.
 */

import { logText } from './log';
import { panic } from './panic';

const MULTIBOOT_MAGIC: u32 = 0x2badb002;

const FLAG_MEMORY: u32 = 0x1;
const FLAG_COMMAND_LINE: u32 = 0x4;
const FLAG_MODULES: u32 = 0x8;
const FLAG_MEMORY_MAP: u32 = 0x40;
const INFO_UPPER_KIB: usize = 8;
const INFO_COMMAND_LINE: usize = 16;
const INFO_MODULE_COUNT: usize = 20;
const INFO_MODULES: usize = 24;
const INFO_MAP_BYTES: usize = 44;
const INFO_MAP: usize = 48;
const MODULE_BYTES: u32 = 16;
const MAP_RAM: u32 = 1;

const ONE_MIB: usize = 0x100000;
/** Persistent memory starts at 2 GiB and frames are identity-mapped below it. */
const RAM_MAX: u64 = 0x80000000;

const COMMAND_LINE_BYTES: u32 = 1024;
const commandLine: usize = memory.data(1024);
let commandLineLength: u32 = 0;

/** Areas of memory, each two words: start, end. */
const RANGES_MAX: u32 = 32;
const ram: usize = memory.data(256, 4);
const modules: usize = memory.data(256, 4);
let ramRanges: u32 = 0;
let moduleRanges: u32 = 0;
let ramEnd: usize = 0;
let bundle: usize = 0;
let bundleLength: u32 = 0;

/** Areas of RAM: `ramStart` and `ramEndOf` of each index below this. */
export function ramCount(): u32 {
  return ramRanges;
}

export function ramStart(index: u32): usize {
  return load<u32>(ram + index * 8);
}

export function ramEndOf(index: u32): usize {
  return load<u32>(ram + index * 8, 4);
}

/** Modules, which lie in RAM. */
export function moduleCount(): u32 {
  return moduleRanges;
}

export function moduleStart(index: u32): usize {
  return load<u32>(modules + index * 8);
}

export function moduleEnd(index: u32): usize {
  return load<u32>(modules + index * 8, 4);
}

/** End of the RAM in use. */
export function ramLimit(): usize {
  return ramEnd;
}

/** The class bundle (the module whose string ends in `classes`), 0 when none was given. */
export function classBundle(): usize {
  return bundle;
}

export function classBundleBytes(): u32 {
  return bundleLength;
}

function textLength(text: usize, limit: u32): u32 {
  let length: u32 = 0;
  while (length < limit && <u32>load<u8>(text + length) != 0) length++;
  return length;
}

/** Whether the `length` characters before `end` are `text`. */
function endsWith(end: usize, length: u32, text: string): bool {
  const count = <u32>text.length;
  if (length < count) return false;
  return same(end - count, text);
}

function same(at: usize, text: string): bool {
  const wanted = changetype<usize>(text);
  for (let i: i32 = 0; i < text.length; i++) {
    if (<u32>load<u8>(at + i) != <u32>load<u16>(wanted + (<usize>i << 1))) return false;
  }
  return true;
}

function addRange(table: usize, count: u32, from: usize, to: usize): void {
  if (count == RANGES_MAX) panic('multiboot: more areas of memory than there is room for');
  store<u32>(table + count * 8, <u32>from);
  store<u32>(table + count * 8, <u32>to, 4);
}

function addRam(from: u64, to: u64): void {
  if (from >= RAM_MAX) return;
  const end = <usize>min<u64>(to, RAM_MAX);
  // Below 1 MiB lie the BIOS's data and adapter memory; it is not worth having.
  const start = max<usize>(<usize>from, ONE_MIB);
  if (start >= end) return;
  addRange(ram, ramRanges++, start, end);
  if (end > ramEnd) ramEnd = end;
}

function readMemory(info: usize, flags: u32): void {
  if (flags & FLAG_MEMORY_MAP) {
    let at = <usize>load<u32>(info, INFO_MAP);
    const end = at + load<u32>(info, INFO_MAP_BYTES);
    while (at < end) {
      const from = load<u64>(at, 4);
      if (load<u32>(at, 20) == MAP_RAM) addRam(from, from + load<u64>(at, 12));
      at += load<u32>(at) + 4;
    }
  } else if (flags & FLAG_MEMORY) {
    addRam(ONE_MIB, <u64>ONE_MIB + (<u64>load<u32>(info, INFO_UPPER_KIB) << 10));
  } else {
    panic('multiboot: the boot loader did not say how much memory there is');
  }
}

function readModules(info: usize): void {
  const count = load<u32>(info, INFO_MODULE_COUNT);
  let at = <usize>load<u32>(info, INFO_MODULES);
  for (let i: u32 = 0; i < count; i++) {
    const from = <usize>load<u32>(at);
    const to = <usize>load<u32>(at, 4);
    const name = <usize>load<u32>(at, 8);
    const length = name == 0 ? 0 : textLength(name, COMMAND_LINE_BYTES);
    addRange(modules, moduleRanges++, from, to);
    if (endsWith(name + length, length, 'classes')) {
      bundle = from;
      bundleLength = <u32>(to - from);
    }
    at += MODULE_BYTES;
  }
}

function readCommandLine(info: usize): void {
  const text = <usize>load<u32>(info, INFO_COMMAND_LINE);
  commandLineLength = textLength(text, COMMAND_LINE_BYTES);
  if (commandLineLength == COMMAND_LINE_BYTES) panic('multiboot: the command line is longer than 1023 characters');
  memory.copy(commandLine, text, commandLineLength);
}

/** Reads the loader's information. */
export function multibootInit(magic: u32, info: usize): void {
  if (magic != MULTIBOOT_MAGIC) panic('multiboot: not started by a Multiboot loader');
  const flags = load<u32>(info);
  readMemory(info, flags);
  if (flags & FLAG_MODULES) readModules(info);
  if (flags & FLAG_COMMAND_LINE) readCommandLine(info);
}

/** Address of the value of option `name`, or 0; it ends after `optionLength` characters. */
export function optionFind(name: string): usize {
  const length = <u32>name.length;
  let at: u32 = 0;
  while (at < commandLineLength) {
    const end = at + wordLength(at);
    if (end > at + length && same(commandLine + at, name) && <u32>load<u8>(commandLine + at + length) == 61) {
      return commandLine + at + length + 1;
    }
    at = end + 1;
  }
  return 0;
}

function wordLength(from: u32): u32 {
  let at = from;
  while (at < commandLineLength && <u32>load<u8>(commandLine + at) != 32) at++;
  return at - from;
}

/** Characters of an option's value. */
export function optionLength(value: usize): u32 {
  return wordLength(<u32>(value - commandLine));
}

/** Whether option `name` is given with this value. */
export function optionIs(name: string, value: string): bool {
  const text = optionFind(name);
  return text != 0 && optionLength(text) == <u32>value.length && same(text, value);
}

function refuseNumber(name: string): void {
  logText('command line: ');
  logText(name);
  panic('command line: the option has to be a decimal number below 1,000,000,000');
}

/** A decimal option; `fallback` when it is not given; a value that is no number is a panic. */
export function optionNumber(name: string, fallback: u32): u32 {
  const text = optionFind(name);
  if (text == 0) return fallback;
  const length = optionLength(text);
  if (length == 0 || length > 9) refuseNumber(name);
  let value: u32 = 0;
  for (let i: u32 = 0; i < length; i++) {
    const digit = <u32>load<u8>(text + i) - 48;
    if (digit > 9) refuseNumber(name);
    value = value * 10 + digit;
  }
  return value;
}
