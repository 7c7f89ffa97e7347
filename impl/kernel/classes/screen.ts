/**
 * Whose text is on the screen, and who changes that. Each terminal on the screen (`tty.ts`) has a buffer of its own and
 * a number, 2 to 12; number 1 is the console, in a boot that has it on the screen. R_SHOWN says which is shown and gets what is
 * typed at the keyboard; Alt with the function key of that number shows another.
 *
 * Rules. Whoever changes R_SHOWN or the buffer that is shown paints the screen in the same step, or before anything else looks. A thread
 * of the kernel sees to Alt, so a screen is there at once whoever runs; until it has, nobody reads.
 */

import {
  blockEpoch,
  consoleOnScreen,
  inputWake,
  KEYBOARD,
  keyboardPresent,
  keyboardSwitched,
  keyboardWaitWanted,
  keyboardWanted,
  log,
  screenPresent,
  spawnSwitcher,
} from '../objects/below';
import { K_TTY, N_NEXT, R_CONSOLE_BUFFER, R_DEVICES, R_SHOWN, ROOT, Y_BUFFER, Y_SCREEN } from '../objects/layout';
import { isKind } from '../objects/objects';
import { makeBuffer, paint, paintNothing, putAll, residentBuffer } from './screen-buffer';

export const CONSOLE_SCREEN: u32 = 1;
export const FIRST_SCREEN: u32 = 2;
export const LAST_SCREEN: u32 = 12;

/** The buffer that what programs print goes to as well, or 0. */
export function consoleBuffer(): u32 {
  return consoleOnScreen() ? load<u32>(ROOT + R_CONSOLE_BUFFER) : 0;
}

/** What is printed on the console appears on the screen. The buffer is settled. */
export function showOnConsole(buffer: u32, bytes: u32, length: u32): void {
  putAll(buffer, bytes, length);
  if (load<u32>(ROOT + R_SHOWN) == 0) paint(buffer);
}

/** Of what is shown, the buffer; 0: nothing is. May block. */
function shownBuffer(): u32 {
  const shown = load<u32>(ROOT + R_SHOWN);
  return shown ? load<u32>(shown, Y_BUFFER) : consoleBuffer();
}

/** Paints what is shown. May block, and paints what is shown then. */
export function paintShown(): void {
  for (;;) {
    const before = blockEpoch();
    const buffer = shownBuffer();
    if (buffer) residentBuffer(buffer);
    if (blockEpoch() != before) continue;
    if (buffer) paint(buffer);
    else paintNothing();
    return;
  }
}

/** Shows terminal `tty` on the screen, or the console: 0. May block. */
export function show(tty: u32): void {
  store<u32>(ROOT + R_SHOWN, tty);
  paintShown();
  inputWake(KEYBOARD);
}

/** The terminal that is screen `number`, or 0. May block. */
export function terminalOn(number: u32): u32 {
  for (let at = load<u32>(ROOT + R_DEVICES); at != 0; at = load<u32>(at, N_NEXT)) {
    if (isKind(at, K_TTY) && load<u32>(at, Y_SCREEN) == number) return at;
  }
  return 0;
}

/** The terminal that was shown has gone: another comes in its stead, or the console. May block. */
export function showAnother(): void {
  let next: u32 = 0;
  if (!consoleOnScreen()) {
    for (let number = FIRST_SCREEN; number <= LAST_SCREEN && next == 0; number++) next = terminalOn(number);
  }
  show(next);
}

/** Before any thread of a program runs in this boot: what was shown is shown again. May block. */
export function restartScreen(): void {
  if (!screenPresent()) return;
  if (consoleOnScreen() && load<u32>(ROOT + R_CONSOLE_BUFFER) == 0) {
    const made = makeBuffer();
    if (made) store<u32>(ROOT + R_CONSOLE_BUFFER, made);
    else log('console: persistent memory is full, so it is not on the screen');
  }
  if (load<u32>(ROOT + R_SHOWN) == 0 && !consoleOnScreen()) showAnother();
  else paintShown();
}

/** Body of a thread of the kernel: shows the screens that are asked for. */
function switcher(argument: usize): void {
  for (;;) {
    const number = keyboardWaitWanted();
    const tty = terminalOn(number);
    if (tty || (number == CONSOLE_SCREEN && consoleBuffer() != 0)) show(tty);
    keyboardSwitched(number);
    inputWake(KEYBOARD);
  }
}

/** Sees to Alt from now on; again, when a page that it needed was lost to it. */
export function startSwitcher(): void {
  if (!screenPresent() || !keyboardPresent()) return;
  keyboardSwitched(keyboardWanted());
  spawnSwitcher(switcher.index);
}
