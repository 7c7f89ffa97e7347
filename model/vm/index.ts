/** The reference machine for bytecode. */

export type { Frame } from './frames.js';
export { machineGraph } from './graph.js';
export { type Ending, Machine, type MachineOptions, type Unspecified } from './machine.js';
