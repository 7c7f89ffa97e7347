/**
 * Defects that a build may seed, to prove that the test bed finds them. All are false here; `impl/image` flips the
 * named ones in the text it hands to asc. They are compile-time constants, so a normal image holds no trace of them.
 *
 * Format: one `export const NAME: bool = false;` a line, with a line above saying which rule it breaks.
 */

/** The superblock is written without the flush that must precede it: DESIGN section 4, rule 3. */
export const commitWithoutFlush: bool = false;
