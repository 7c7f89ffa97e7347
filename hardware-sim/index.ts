/**
 * The IA-32 PC, for users of the package: the machine, its disk media, and the values they exchange.
 */

export { type ElfProgram, readElf } from './boot/elf.js';
export type { MultibootModule, MultibootOptions } from './boot/multiboot.js';
export type { LinearWatchHooks } from './cpu/bus.js';
export { KEY_NAMES, type KeyName } from './devices/keys.js';
export { type KeyEvent, keystrokes } from './devices/keystrokes.js';
export type { TimerJitter } from './devices/pit.js';
export {
  SCREEN_COLUMNS,
  SCREEN_ROWS,
  type ScreenView,
  screenRow,
  screenText,
} from './devices/text-screen.js';
export type { DiskEvent } from './disk/disk.js';
export { corruptSector, type DurableMedium, MemoryMedium, SECTOR_BYTES } from './disk/durable-medium.js';
export { type DiskFault, DiskFaults } from './disk/faults.js';
export { DiskFileError, type DiskFileOptions, type DiskFileProblem, FileMedium } from './disk/file-medium.js';
export { type DiskProfile, FLASH_MODULE, HARD_DISK_1996 } from './disk/profile.js';
export type { CutPlan, Survivors, UnflushedWrite } from './disk/volatile-cache.js';
export {
  Machine,
  type MachineHooks,
  type RunLimits,
  type StopReason,
} from './machine.js';
export {
  DISK_CONTROLLERS,
  type DiskController,
  I486_PC,
  type MachineConfig,
  MachineConfigError,
  type MachineProfile,
  TIMER_JITTER_MAX,
} from './machine-config.js';
export { MachineState } from './machine-state.js';
