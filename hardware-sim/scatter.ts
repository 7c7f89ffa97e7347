/** Chance that is a function of a seed and of when something happens, so a fork of a machine meets the same. */

/** 32 bits that depend on all of both numbers, the second up to 2^53 (the finalizer of MurmurHash3, A. Appleby). */
export function scatter(seed: number, at: number): number {
  let bits = Math.imul(at ^ Math.floor(at / 2 ** 32), 0x9e3779b1) ^ seed;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
