/**
 * From an older layout of objects to today's, before anything that was laid out so is used.
 *
 * Rule: each step may be done twice, and the number of the layout is written last; so a power cut in the middle finds the older number and
 * does it again. What cannot be what it was, because an object of today has no place in one of then, is lost to the program as a device is
 * whose hardware is gone: it throws `connection lost`.
 *
 * From 3 to 4: a terminal has got words for what it shows. One that has no place for them leaves the chain of devices for good.
 */

import { log } from '../objects/below';
import {
  K_TTY,
  N_NEXT,
  O_SIZE,
  R_DEVICES,
  R_LAYOUT,
  ROOT,
  ROOT_LAYOUT,
  SIZE_MASK,
  TTY_BYTES,
} from '../objects/layout';
import { isKind } from '../objects/objects';
import { detach } from './device';

/** Whether a terminal is of a layout in which it had no place for what it shows. */
export function isOldTerminal(tty: u32): bool {
  return (load<u32>(tty, O_SIZE) & SIZE_MASK) < TTY_BYTES;
}

/** May block. */
export function upgrade(): void {
  if (load<u32>(ROOT + R_LAYOUT) == ROOT_LAYOUT) return;
  log('objects: an older layout is brought up to date');
  let device = load<u32>(ROOT + R_DEVICES);
  while (device != 0) {
    const next = load<u32>(device, N_NEXT);
    if (isKind(device, K_TTY) && isOldTerminal(device)) detach(device, 0);
    device = next;
  }
  store<u32>(ROOT + R_LAYOUT, ROOT_LAYOUT);
}
