/**
 * Big-endian words of bytecode and class files. Unaligned loads are right on IA-32; the rotation pattern is what the
 * compiler turns into `bswap`.
 */

/** The unsigned 32-bit big-endian word at `at`. */
// @ts-ignore: decorator
@inline
export function be32(at: u32): u32 {
  const word = load<u32>(at);
  return rotl<u32>(word & 0xff00ff00, 8) | rotr<u32>(word & 0x00ff00ff, 8);
}
