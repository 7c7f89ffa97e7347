/**
 * Defects that a build may seed, to prove that the test bed finds them. All are false here; `impl/image` flips the
 * named ones in the text it hands to asc. They are compile-time constants, so a normal image holds no trace of them.
 *
 * Format: one `export const NAME: bool = false;` a line, with a line above saying which rule it breaks.
 */

/** The superblock is written without the flush that must precede it: DESIGN section 4, rule 3. */
export const commitWithoutFlush: bool = false;

/** Blocks come back as soon as the generation in the making has no use for them: DESIGN section 4, rule 3. */
export const freeKeptBlocks: bool = false;

/** A commit writes the superblock pair that is in force: DESIGN section 4, rule 3. */
export const commitOverPairInForce: bool = false;

/** What is read is taken without looking at its checksum: DESIGN section 4, rules 3 and 6. */
export const trustWhatIsRead: bool = false;

/** A write to a page that the snapshot still needs changes it in place: DESIGN section 4, rules 1 and 5. */
export const writeToFrozenPages: bool = false;
