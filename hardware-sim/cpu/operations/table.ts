/** The general operations: functions of the processor and a record, found by operation number. */
import type { Core } from '../core.js';

export type Operation = (cpu: Core, ops: Int32Array, p: number) => void;
export type OperationTable = Readonly<Record<number, Operation>>;
