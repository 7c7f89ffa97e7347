/** Entry of the virtual machine that runs in V8 for tests. */

export { allowBytecodes, bytecodesLeft } from './count';
export { vmInit } from '../../classes/init';
export { formatted, formatDouble, formatFloat, readDouble } from '../../classes/float-text';

export function run(entry: u32, argument: u32): void {
  call_indirect(entry, argument);
}

export function abortHost(text: string | null, file: string | null, line: u32, column: u32): void {
  unreachable();
}
