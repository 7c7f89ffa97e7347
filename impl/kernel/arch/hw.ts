/**
 * Intrinsics: what AssemblyScript cannot say about an IA-32 machine. Each is an import of wasm module `hw`; the
 * compiler expands it inline or to a short hand-encoded routine (ARCHITECTURE.md, C2).
 *
 * Every one of them is a full compiler barrier: no memory access or global moves across it. So data shared with an
 * interrupt handler is safe in exactly two shapes: touched between `saveFlagsCli()` and `restoreFlags()`, or through
 * `vload*`/`vstore*`.
 */

export declare function inb(port: u32): u32;
export declare function inw(port: u32): u32;
export declare function inl(port: u32): u32;
export declare function outb(port: u32, value: u32): void;
export declare function outw(port: u32, value: u32): void;
export declare function outl(port: u32, value: u32): void;

export declare function cli(): void;
export declare function sti(): void;
export declare function hlt(): void;
/** `sti; hlt` with nothing between: no interrupt is lost between the check for work and the halt. */
export declare function stihlt(): void;
/** Returns EFLAGS and clears IF. */
export declare function saveFlagsCli(): u32;
export declare function restoreFlags(flags: u32): void;

export declare function readCr0(): u32;
export declare function readCr2(): u32;
export declare function readCr3(): u32;
export declare function writeCr0(value: u32): void;
export declare function writeCr3(value: u32): void;
export declare function invlpg(address: usize): void;

/** `pointer`: 16-bit limit, then 32-bit base. */
export declare function lgdt(pointer: usize): void;
export declare function lidt(pointer: usize): void;
export declare function ltr(selector: u32): void;
/** Far-jumps to load CS, then loads DS, ES, FS, GS and SS. */
export declare function loadSegments(code: u32, data: u32): void;

export declare function vload8(address: usize): u32;
export declare function vload16(address: usize): u32;
export declare function vload32(address: usize): u32;
export declare function vstore8(address: usize, value: u32): void;
export declare function vstore16(address: usize, value: u32): void;
export declare function vstore32(address: usize, value: u32): void;
export declare function barrier(): void;

/** Pushes ebp, ebx, esi, edi; `[saveEspAt] = esp; esp = newEsp`; pops edi, esi, ebx, ebp; returns there. */
export declare function switchStack(saveEspAt: usize, newEsp: usize): void;
/** Machine address of a function-table entry. */
export declare function codeAddress(tableIndex: u32): usize;
/** Machine address of the trap stub of `vector`, 0 to 255. */
export declare function trapStub(vector: u32): usize;

/** One `div`: quotient of hi:lo by divisor. The caller ensures hi < divisor. */
export declare function udiv64by32(hi: u32, lo: u32, divisor: u32): u32;
export declare function umod64by32(hi: u32, lo: u32, divisor: u32): u32;
