/**
 * `.internal.io.tty` on the console, a line, or on a screen of its own: what a terminal's methods print, and who gets what was
 * typed (ARCHITECTURE.md).
 *
 * Rule: a terminal comes with its first method and goes with method 1; input goes to the one on the console that came last. Those all
 * print on one line, those on a screen each on its own, in ECMA-48 and xterm control sequences. What is typed on the console is there from
 * the start and no more comes; nobody types at the keyboard.
 */

import { Arguments, type Call, INHERITED, type Result } from './call.js';
import { Stopped } from './frames.js';
import type { StringObject, TerminalObject } from './objects.js';
import { Screen } from './screen.js';

const COORDINATE_MAX = 9999;
const SCREENS = Array.from({ length: 11 }, (_, i) => i + 2);
const BUFFER_BYTES = 4032;

export function terminalMethod({ machine, self: receiver, ordinal, args }: Call): Result {
  const self = receiver as TerminalObject;
  const { terminals } = machine;
  const onConsole = (): TerminalObject | undefined => terminals.find(({ screen }) => screen === undefined);
  const print = (text: string): void => {
    if (self.screen === undefined) machine.print(text);
    else self.screen.put(text);
  };
  if (ordinal === 1) {
    const at = terminals.indexOf(self);
    if (at >= 0) terminals.splice(at, 1);
    if (machine.foreground === self) machine.foreground = onConsole();
    return null;
  }
  if (ordinal < 16 || ordinal > 29) return INHERITED;
  if (!terminals.includes(self)) {
    terminals.unshift(self);
    machine.foreground = self;
  }
  const given = (least: number): Arguments => new Arguments(machine, args, least);
  const read = (): StringObject | undefined => {
    const byte = machine.foreground === self ? machine.typed.shift() : undefined;
    return byte === undefined ? undefined : machine.string(byte);
  };
  const toScreen = (): void => {
    if (self.screen !== undefined) return;
    const taken = terminals.map(({ screen }) => screen?.number);
    const free = SCREENS.find((number) => !taken.includes(number));
    machine.take(BUFFER_BYTES);
    if (free === undefined) machine.throwText('no free screen');
    else self.screen = new Screen(free);
    if (machine.foreground === self) machine.foreground = onConsole();
  };
  switch (ordinal) {
    case 16: {
      const byte = read();
      if (byte === undefined) throw new Stopped('waits for ever');
      return byte;
    }
    case 17:
      print(given(1).string(0).text);
      return null;
    case 18:
      given(1);
      return null;
    case 19: {
      const of = given(2);
      const [x, y] = [of.int(0), of.int(1)];
      if (x < 0 || y < 0) machine.throwText('tty gotoxy - position is out of bounds');
      print(`\x1b[${Math.min(y, COORDINATE_MAX) + 1};${Math.min(x, COORDINATE_MAX) + 1}H`);
      return null;
    }
    case 20:
      print('\x1b[2J\x1b[H');
      return null;
    case 21:
    case 26: {
      const colour = given(1).int(0);
      const parts = [16, 8, 0].map((shift) => (colour >> shift) & 255);
      print(`\x1b[${ordinal === 21 ? 38 : 48};2;${parts.join(';')}m`);
      return null;
    }
    case 22:
    case 23:
    case 24:
      return machine.throwText('tty has no window');
    case 25:
      print(`\x1b]0;${given(1).string(0).text}\x07`);
      return null;
    case 27:
      return machine.foreground === self ? machine.typed.length : 0;
    case 29: {
      const device = given(1).string(0).text;
      if (device === 'screen') toScreen();
      else if (device !== 'console') machine.throwText('tty has no such device');
      else if (self.screen !== undefined) {
        self.screen = undefined;
        machine.foreground = self;
      }
      return null;
    }
    default:
      given(1).int(0);
      return read() ?? null;
  }
}
