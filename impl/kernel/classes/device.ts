/**
 * Objects that stand for something outside persistent memory: terminals, connections. They hang on a chain in the root
 * structure, newest first, and carry the number of the boot in which they were last made ready; what the kernel knows
 * of them beyond that is transient and made anew.
 *
 * Rules. An object joins the chain by one step: its own two words and the head of the chain change together. Each boot
 * runs `restartDevices` before any thread (DESIGN: restart methods). An object of an older boot is stale: nothing of it
 * may be used before its restart.
 */

import { settle } from '../objects/heap';
import { acceptStaleHandles, restartSkipsNewest } from '../defects';
import { screenPresent } from '../objects/below';
import { K_TTY, N_BOOT, N_NEXT, R_BOOTS, R_DEVICES, R_FOREGROUND, R_SHOWN, ROOT, Y_SCREEN } from '../objects/layout';
import { isKind } from '../objects/objects';

/** Number of this boot, from 1. */
export function bootNumber(): u32 {
  return load<u32>(ROOT + R_BOOTS) + 1;
}

export function isAttached(device: u32): bool {
  return load<u32>(device, N_BOOT) != 0;
}

/** Puts a new object on the chain, with whatever the caller writes next to `cell`. May block; then another may have. */
export function attach(device: u32, cell: u32): void {
  settle(device + N_NEXT, device + N_BOOT, cell);
  if (isAttached(device)) return;
  store<u32>(device, load<u32>(ROOT + R_DEVICES), N_NEXT);
  store<u32>(device, bootNumber(), N_BOOT);
  store<u32>(ROOT + R_DEVICES, device);
}

/** Address of the word that links to `device`. */
function linkTo(device: u32): u32 {
  let link = ROOT + R_DEVICES;
  while (load<u32>(link) != device) link = load<u32>(link) + N_NEXT;
  return link;
}

/** Takes an object off the chain. May block; then another may have. */
export function detach(device: u32, cell: u32): void {
  while (isAttached(device)) {
    const link = linkTo(device);
    settle(link == ROOT + R_DEVICES ? 0 : link, device + N_BOOT, cell);
    // While this thread waited the chain may have changed.
    if (!isAttached(device) || load<u32>(link) != device) continue;
    store<u32>(link, load<u32>(device, N_NEXT));
    store<u32>(device, 0, N_BOOT);
    if (load<u32>(ROOT + R_FOREGROUND) == device) store<u32>(ROOT + R_FOREGROUND, 0);
    if (load<u32>(ROOT + R_SHOWN) == device) store<u32>(ROOT + R_SHOWN, 0);
    return;
  }
}

/** Whether the hardware that the object stands for is there. */
function isThere(device: u32): bool {
  return acceptStaleHandles || !isKind(device, K_TTY) || load<u32>(device, Y_SCREEN) == 0 || screenPresent();
}

/**
 * Makes every object on the chain ready in this boot whose hardware is there; the others stay lost until a boot in which
 * it is. Runs before any thread of a program does. May block.
 */
export function restartDevices(): void {
  for (let device = load<u32>(ROOT + R_DEVICES); device != 0; device = load<u32>(device, N_NEXT)) {
    if (restartSkipsNewest && device == load<u32>(ROOT + R_DEVICES)) continue;
    settle(device + N_BOOT, 0, 0);
    if (isThere(device)) store<u32>(device, bootNumber(), N_BOOT);
  }
}

/** Whether this boot has made the object ready. */
export function isReady(device: u32): bool {
  return acceptStaleHandles || load<u32>(device, N_BOOT) == bootNumber();
}
