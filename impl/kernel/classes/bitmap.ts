/**
 * `.internal.bitmap`: an image read from a binary PPM (Netpbm P6, one byte a sample).
 *
 *     8 loadFromString (text), 9 paintTo: no screen; of ours 10 width, 11 height, 12 pixel (x, y): 0xAARRGGBB as a long
 *
 * Rule: the image is made in parts while nobody else knows it; image and size change in one step.
 */

import { allocate, settle } from '../objects/heap';
import {
  B_HEIGHT,
  B_IMAGE,
  B_WIDTH,
  DATA_MAX,
  K_BINARY,
  O_DATA,
  OPAQUE,
  T_MADE,
  T_PROGRESS,
} from '../objects/layout';
import { internalClass, intValue, isInt, makeInt, makeLong, sizeOf } from '../objects/objects';
import { begin, making, PART, pause } from '../objects/parts';
import { done, doneOrNoMemory, throwNoMemory, throwText } from '../vm/outcome';
import { argument, INHERITED, isString, throwFewArguments, throwNotString, throwWrongType } from './arguments';

const SIDE_MAX: u32 = 32767;
const OPAQUE_ALPHA: u8 = 255;

/** Where the last number was read to; 0: there was none. To be read at once. */
let behind: u32 = 0;

function isBlank(byte: u32): bool {
  return byte == 32 || (byte >= 9 && byte <= 13);
}

/** The next decimal number of a header: blanks and comments from # to the end of the line stand before it. */
function headerNumber(from: u32, end: u32): u32 {
  let at = from;
  let comment = false;
  while (at < end) {
    const byte = <u32>load<u8>(at);
    if (comment) comment = byte != 10;
    else if (byte == 35) comment = true;
    else if (!isBlank(byte)) break;
    at++;
  }
  const first = at;
  let value: u32 = 0;
  while (at < end && <u32>load<u8>(at) - 48 < 10 && value <= SIDE_MAX) {
    value = value * 10 + (<u32>load<u8>(at) - 48);
    at++;
  }
  behind = at == first ? 0 : at;
  return value;
}

function broken(): u32 {
  return throwText('can not parse graphics data');
}

function parse(record: u32, self: u32, text: u32, cell: u32): u32 {
  const start = text + O_DATA;
  const end = start + sizeOf(text);
  if (sizeOf(text) < 2 || load<u8>(start) != 80 || load<u8>(start, 1) != 54) return broken();
  const width = headerNumber(start + 2, end);
  if (behind == 0) return broken();
  const height = headerNumber(behind, end);
  if (behind == 0) return broken();
  const largest = headerNumber(behind, end);
  const data = behind + 1;
  if (behind == 0 || behind >= end || !isBlank(<u32>load<u8>(behind)) || largest != 255) return broken();
  if (width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX) return broken();
  const pixels = width * height;
  if ((end - data) / 3 < pixels) return broken();
  if (pixels > DATA_MAX >>> 2) return throwNoMemory();
  if (!making(record) && !begin(record, allocate(internalClass(K_BINARY), (pixels << 2) | OPAQUE))) {
    return throwNoMemory();
  }
  const image = making(record);
  for (let pixel = load<u32>(record, T_PROGRESS); pixel < pixels; pixel++) {
    const from = data + pixel * 3;
    const to = image + O_DATA + (pixel << 2);
    for (let i: u32 = 0; i < 3; i++) store<u8>(to + i, load<u8>(from + i));
    store<u8>(to, OPAQUE_ALPHA, 3);
    if (pixel % (PART / 4) != 0) continue;
    store<u32>(record, pixel, T_PROGRESS);
    pause();
  }
  settle(self + B_IMAGE, self + B_HEIGHT, cell);
  store<u32>(self, image, B_IMAGE);
  store<u32>(self, width, B_WIDTH);
  store<u32>(self, height, B_HEIGHT);
  store<u32>(record, 0, T_MADE);
  store<u32>(record, 0, T_PROGRESS);
  return done(0);
}

function pixelAt(self: u32, x: u32, y: u32): u32 {
  const width = load<u32>(self, B_WIDTH);
  if (x >= width || y >= load<u32>(self, B_HEIGHT)) return throwText('bitmap pixel is out of bounds');
  const at = load<u32>(self, B_IMAGE) + O_DATA + ((y * width + x) << 2);
  const red = <u32>load<u8>(at);
  const green = <u32>load<u8>(at, 1);
  const blue = <u32>load<u8>(at, 2);
  const alpha = <u32>load<u8>(at, 3);
  return doneOrNoMemory(makeLong(<u64>((alpha << 24) | (red << 16) | (green << 8) | blue)));
}

export function bitmapMethod(record: u32, self: u32, ordinal: u32, count: u32, args: u32, cell: u32): u32 {
  switch (ordinal) {
    case 8: {
      if (count < 1) return throwFewArguments();
      const text = argument(args, 0);
      return isString(text) ? parse(record, self, text, cell) : throwNotString();
    }
    case 9:
      return throwText('no screen');
    case 10:
      return doneOrNoMemory(makeInt(load<i32>(self, B_WIDTH)));
    case 11:
      return doneOrNoMemory(makeInt(load<i32>(self, B_HEIGHT)));
    case 12: {
      if (count < 2) return throwFewArguments();
      const x = argument(args, 0);
      const y = argument(args, 1);
      if (!isInt(x) || !isInt(y)) return throwWrongType();
      return pixelAt(self, <u32>intValue(x), <u32>intValue(y));
    }
  }
  return INHERITED;
}
