/**
 * What both float formats share. AssemblyScript, compiled with the kernel; may use neither f32 nor f64 itself.
 *
 * A significand under way is a u64 whose leading bit is bit 62, so that a sum fits; bits below the precision of the result
 * decide the rounding, and the lowest of them is sticky: set if anything not zero was ever shifted out below it.
 */

/** Shift right by any count, keeping what is lost as the sticky bit. */
export function shiftRightSticky(value: u64, count: i32): u64 {
  if (count <= 0) return value;
  if (count > 63) return value != 0 ? 1 : 0;
  const kept = value >> <u64>count;
  return (kept << <u64>count) != value ? kept | 1 : kept;
}
