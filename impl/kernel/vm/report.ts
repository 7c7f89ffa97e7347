/**
 * What the kernel's log says when a thread ends by an error: thread, reason, class, method, line.
 *
 * Rule: it only reads persistent memory, so it may wait for pages and changes nothing.
 */

import { logBytes, logNewline, logNumber, logText } from '../objects/below';
import {
  C_NAME,
  K_STRING,
  M_BYTES,
  M_LENGTH,
  M_LINES,
  M_NAME,
  M_OWNER,
  O_DATA,
  T_CODE,
  T_IP,
  T_NUMBER,
} from '../objects/layout';
import { classOf, isKind, sizeOf } from '../objects/objects';
import { be32 } from './bytes';

/** An entry of a line map: i64 ip, i32 line. */
const LINE_ENTRY: u32 = 12;
const SHOWN_MAX: u32 = 200;

/** Source line of the instruction at `ip` of method `code`, or 0: that of the nearest entry at or before it. */
export function lineOf(code: u32, ip: u32): u32 {
  const map = load<u32>(code, M_LINES);
  if (map == 0) return 0;
  const offset = ip - (code + M_BYTES);
  let line: u32 = 0;
  let best: u32 = 0;
  for (let at: u32 = 0; at + LINE_ENTRY <= sizeOf(map); at += LINE_ENTRY) {
    const entry = map + O_DATA + at;
    const from = be32(entry + 4);
    if (be32(entry) != 0 || from > offset || (line != 0 && from < best)) continue;
    best = from;
    line = be32(entry + 8);
  }
  return line;
}

export function logString(ref: u32): void {
  logBytes(ref + O_DATA, min<u32>(sizeOf(ref), SHOWN_MAX));
}

function logPlace(code: u32, ip: u32): void {
  logText(' in ');
  logString(load<u32>(load<u32>(code, M_OWNER), C_NAME));
  logText('.');
  logString(load<u32>(code, M_NAME));
  const line = lineOf(code, ip);
  if (line) {
    logText(' line ');
    logNumber(line);
  }
  const offset = ip - (code + M_BYTES);
  logText(' at byte ');
  logNumber(offset);
  logText(' of ');
  logNumber(load<u32>(code, M_LENGTH));
  logNewline();
}

function logThread(record: u32): void {
  logText('thread ');
  logNumber(load<u32>(record, T_NUMBER));
}

export function reportUncaught(record: u32, thrown: u32, code: u32, ip: u32): void {
  logThread(record);
  logText(' ended: uncaught exception ');
  if (isKind(thrown, K_STRING)) logString(thrown);
  else {
    logText('of class ');
    logString(load<u32>(classOf(thrown), C_NAME));
  }
  logPlace(code, ip);
}

export function reportMalformed(record: u32, reason: string): void {
  logThread(record);
  logText(' ended: ');
  logText(reason);
  logPlace(load<u32>(record, T_CODE), load<u32>(record, T_IP));
}
