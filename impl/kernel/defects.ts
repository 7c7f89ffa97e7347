/**
 * Defects that a build may seed, to prove that the test bed finds them. All are false here; `impl/image` flips the
 * named ones in the text it hands to asc. They are compile-time constants, so a normal image holds no trace of them.
 *
 * Format: one `export const NAME: bool = false;` a line, with a line above saying which rule it breaks.
 */

/** The superblock is written without the flush that must precede it: it may name blocks that a power cut loses. */
export const commitWithoutFlush: bool = false;

/** Blocks come back as soon as the generation in the making has no use for them, though a kept one refers to them. */
export const freeKeptBlocks: bool = false;

/** A commit writes the superblock pair that is in force: torn, it leaves none that is valid. */
export const commitOverPairInForce: bool = false;

/** What is read is taken without looking at its checksum: a torn block passes for a whole one. */
export const trustWhatIsRead: bool = false;

/** A write to a page that the snapshot still needs changes it in place: what is stored is not of one instant. */
export const writeToFrozenPages: bool = false;

/** Only half of a page table's entries are write-protected again: a write after the demarcation gets into the snapshot. */
export const pushDownShort: bool = false;

/** Every other page that was written out early keeps its old block in the index: the snapshot is not of one instant. */
export const earlyNotInIndex: bool = false;

/** Of every four changed pages one is not written, its block of an earlier generation stays in the index: generations are mixed. */
export const forgetChangedPages: bool = false;

/** One copy of the superblock is written, not two: a single bad sector undoes a commit. */
export const oneSuperblockCopy: bool = false;

/** The second copy of a wired page is written from another frame: it is no copy. */
export const secondCopyGarbage: bool = false;

/** A flush that succeeds after one that failed is believed: what the drive gave up is taken for saved. */
export const trustAfterFailedFlush: bool = false;

/** A generation commits before the console has printed what came before it: that output may never be seen. */
export const noConsoleDrain: bool = false;

/** The collector does not look at the object stacks of threads: what only a stack refers to is freed. */
export const forgetStackRoots: bool = false;

/** Objects made of free blocks while others are marked do not count as reachable: they are freed. */
export const freeUnmarkedNew: bool = false;

/** Weak references to what is freed are not emptied before it is. */
export const clearWeakLate: bool = false;
