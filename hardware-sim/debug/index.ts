/**
 * Looking into a running machine. Apart from the machine itself, since the disassembler takes a tenth of a second to load.
 */

export { type DisassembledInstruction, disassemble } from './disassemble.js';
export { formatTraceEntry, type TraceEntry, trace } from './trace.js';
