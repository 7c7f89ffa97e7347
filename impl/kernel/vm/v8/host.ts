/** What the host gives the virtual machine that runs in V8: imports of wasm module `host`. */

export declare function print(bytes: usize, length: u32): void;
export declare function logByte(byte: u32): void;
export declare function spawn(entry: u32, argument: u32): void;
export declare function finished(failed: u32): void;
/** `take`: the next byte typed, or -1; else how many there are. */
export declare function input(take: bool): i32;
/** So many milliseconds pass in which no thread runs. */
export declare function passes(milliseconds: u32): void;
/** Seconds since 1970. */
export declare function clock(): u32;
export declare function fail(): void;
/** As many bytecodes have been executed as were wanted; does not return. */
export declare function enough(): void;
/** See `SETTINGS` in `testing/v8.ts`. */
export declare function setting(which: u32): u32;
/** Whether the thread has to wait for the page at `address`. */
export declare function waits(address: u32): bool;
