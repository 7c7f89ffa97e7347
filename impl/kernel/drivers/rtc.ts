/**
 * Time of day from the MC146818 clock (Motorola data sheet), ports 0x70 and 0x71, read once at boot; after that the
 * tick counts. The century is taken to be 20xx.
 */

import { inb, outb } from '../arch/hw';
import { milliseconds } from './pit';

const INDEX: u32 = 0x70;
const DATA: u32 = 0x71;
const REGISTER_A: u32 = 0x0a;
const UPDATE_IN_PROGRESS: u32 = 0x80;
const REGISTER_B: u32 = 0x0b;
const BINARY: u32 = 0x04;
const HOURS_24: u32 = 0x02;
const PM: u32 = 0x80;
/** An update lasts 2 ms; a port read at least 0.1 us. */
const POLLS_MAX: u32 = 100000;
const READS_MAX: u32 = 8;

let bootSeconds: u32 = 0;

function read(register: u32): u32 {
  outb(INDEX, register);
  return inb(DATA);
}

function decode(value: u32, binary: bool): u32 {
  return binary ? value : (value >> 4) * 10 + (value & 15);
}

/** Days from 1970-01-01 to `year`-`month`-`day`, Gregorian. */
function daysSince1970(year: u32, month: u32, day: u32): u32 {
  // Years counted from March, so that the leap day is the last of a year.
  const marchYear = month <= 2 ? year - 1 : year;
  const marchMonth = month <= 2 ? month + 9 : month - 3;
  const leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400;
  return marchYear * 365 + leapDays + (marchMonth * 153 + 2) / 5 + day - 1 - 719468;
}

function readSeconds(): u32 {
  for (let poll: u32 = 0; poll < POLLS_MAX && (read(REGISTER_A) & UPDATE_IN_PROGRESS) != 0; poll++) {}
  const mode = read(REGISTER_B);
  const binary = (mode & BINARY) != 0;
  const second = decode(read(0), binary);
  const minute = decode(read(2), binary);
  const hours = read(4);
  let hour = decode(hours & ~PM, binary);
  if (!(mode & HOURS_24)) hour = (hour % 12) + (hours & PM ? 12 : 0);
  const day = decode(read(7), binary);
  const month = decode(read(8), binary);
  const year = 2000 + decode(read(9), binary);
  return daysSince1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

/** Reads until two readings agree: an update between two registers would tear one. */
export function rtcInit(): void {
  let last = readSeconds();
  for (let i: u32 = 0; i < READS_MAX; i++) {
    const again = readSeconds();
    if (again == last) break;
    last = again;
  }
  bootSeconds = last;
}

/** Seconds since 1970-01-01 00:00 UTC, the clock being set to UTC. */
export function timeOfDay(): u32 {
  return bootSeconds + milliseconds() / 1000;
}
