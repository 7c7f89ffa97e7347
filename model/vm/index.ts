/** The reference machine for bytecode. */
export { type Ending, Machine, type MachineOptions, type Unspecified } from './machine.js';
