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

/** The last page table of persistent memory is not write-protected at a demarcation: what is written under it gets into the snapshot. */
export const protectAllButLast: bool = false;

/** Every other page that was written out early keeps its old block in the index: the snapshot is not of one instant. */
export const earlyNotInIndex: bool = false;

/** Of every four changed pages one is not written, its block of an earlier generation stays in the index: generations are mixed. */
export const forgetChangedPages: bool = false;

/** One copy of the superblock is written, not two: a single bad sector undoes a commit. */
export const oneSuperblockCopy: bool = false;

/** A superblock counts only while both its copies are whole: a bad sector in one of them undoes a commit. */
export const needBothCopies: bool = false;

/** A superblock for a disk one block larger is taken: what it leads to may lie behind the end. */
export const diskBoundOffByOne: bool = false;

/** What only older generations need counts as free after a boot, though they are kept. */
export const freeOlderAfterBoot: bool = false;

/** The second copy of a wired page is written from another frame: it is no copy. */
export const secondCopyGarbage: bool = false;

/** A flush that succeeds after one that failed is believed: what the drive gave up is taken for saved. */
export const trustAfterFailedFlush: bool = false;

/** A generation commits before the console has printed what came before it: that output may never be seen. */
export const noConsoleDrain: bool = false;

/** Nothing is checked before a commit: a generation that is not sound can become the one to recover. */
export const skipCheck: bool = false;

/** One in 64 references stored in a field is 8 bytes off: it leads into the middle of an object. */
export const storeBadReference: bool = false;

/** One new object in 512 says that it is 8 bytes longer than it is: the heap cannot be walked over it. */
export const badHeaderSize: bool = false;

/** Held output leaves at the demarcation, before its generation is committed: after a power cut it may come again. */
export const heldReleasedEarly: bool = false;

/** Who asks for durability is told that it is there before anything is committed. */
export const durableTooEarly: bool = false;

/** The collector does not look at the object stacks of threads: what only a stack refers to is freed. */
export const forgetStackRoots: bool = false;

/** Objects made of free blocks while others are marked do not count as reachable: they are freed. */
export const freeUnmarkedNew: bool = false;

/** Weak references to what is freed are not emptied before it is. */
export const clearWeakLate: bool = false;

/** The second copy of what is stored twice is never read: one bad sector costs a generation. */
export const noSecondCopy: bool = false;

/** A block that cannot be read is a panic: the disk's error becomes the system's. */
export const panicOnReadError: bool = false;

/** An operation of the disk that failed is not tried again: an error that passes loses a page. */
export const noRetry: bool = false;

/** A block whose writing failed is taken for written: the generation that refers to it commits. */
export const ignoreWriteError: bool = false;

/** A flush that failed is taken for a good one: what the drive gave up is committed. */
export const ignoreFlushError: bool = false;

/** The list of bad blocks of generations newer than the one recovered is not held: its blocks are given to what comes next. */
export const freeNewerBadList: bool = false;

/** Blocks that cannot be written are not on the list that survives a power cut: they are written to again. */
export const forgetBadList: bool = false;

/** A page of which no good copy is left reads as zeroes: a program computes with what never was. */
export const lostPageReadsZero: bool = false;

/** The checksum of a block covers its first sector alone: what is stale, rotten or foreign in the others passes. */
export const checksumFirstSector: bool = false;

/** Snapshots go on however full the disk is: page-out finds no block, and memory can no longer be freed. */
export const commitWhenFull: bool = false;

/** Pages are given to programs beyond what the disk has room for. */
export const breakReserve: bool = false;

/** Recovery takes a refused generation off the disk's list at once, before it is announced and before a second look. */
export const recoveryWrites: bool = false;

/** A superblock of a later format version is read as if it were of this one. */
export const ignoreVersion: bool = false;

/** A superblock with features this kernel does not know is read as if it had none. */
export const ignoreFeatureBits: bool = false;

/** Objects count as laid out by the version after today's: a kernel of tomorrow, whose disks today's must refuse. */
export const nextLayout: bool = false;

/** The last block of a list of superseded ones does not come back when the generation that needed it is dropped: it leaks. */
export const leakDroppedBlocks: bool = false;

/** The second copies of a list of superseded blocks are on no list when it is superseded itself: they leak until the next boot. */
export const leakListCopies: bool = false;

/** The index blocks of an abandoned generation are forgotten, not freed: they leak until the next boot. */
export const leakAbandonedDeltas: bool = false;

/** What only the oldest generation needs is free while the next one is written, before a superblock no longer names it. */
export const freeBeforeCommit: bool = false;

/** With the generation that is dropped goes what the one after it needs, which is still kept. */
export const supersededOneGenerationEarly: bool = false;

/** A merge of the deltas into the base leaves out the last leaf of the memory. */
export const mergeSkipsLastLeaf: bool = false;

/** One delta more than a record has places for is written before they are merged. */
export const deltaLimitOffByOne: bool = false;

/** A commit is announced before its superblock is flushed: a power cut takes it back. */
export const announceBeforeFlush: bool = false;

/** Going back to an older generation frees at once what the newer ones need, though until the first commit they may be recovered. */
export const freeNewerAtOnce: bool = false;

/** A generation asked for that is not on the disk is replaced by the newest, without a word. */
export const takeAnotherGeneration: bool = false;

/** Panics are noted and not heeded: a system that dies of the state it recovers is never given an older one. */
export const ignorePanics: bool = false;

/** A note of panics counts though a generation was committed since: a system that lives is taken back. */
export const heedStalePanics: bool = false;

/** A panic does not write its note to the disk: nobody counts. */
export const forgetPanics: bool = false;

/** A persistent error: what was recovered from an even generation above 2 makes the kernel panic, at the first demarcation after it. */
export const panicOnRestore: bool = false;

/** A superblock is believed to be where it was written without a look: a drive that lost both copies undoes a commit. */
export const trustSuperblockWrites: bool = false;

/** When a leaf of the newest generation is lost, what older ones have under it is taken for free: they are destroyed too. */
export const forgetUnderLostLeaf: bool = false;

/** A flush goes to the controller while writes are under way there: it says nothing about them and passes for the proof. */
export const flushOvertakesWrites: bool = false;

/** Requests for one block go to the controller together: a write and what follows it may change places. */
export const sameBlockOvertakes: bool = false;

/** Where the drive was gone, the next flush is believed: it may have lost what it had not written. */
export const believeFlushAfterGone: bool = false;

/** A drive that does not answer as soon as the power is on is taken for none: one that spins up late is lost to that boot. */
export const probeOnce: bool = false;

/** An interrupt of the virtio disk ends every request under way, though the used ring has one of them. */
export const virtioEndsAll: bool = false;

/** A flush of the virtio disk ends without having been sent. */
export const virtioFlushNotSent: bool = false;

/** A slot's header keeps the sector of the request that had the slot before. */
export const virtioKeepsOldSector: bool = false;

/** A flush of the IDE disk ends well without having been sent. */
export const ideFlushNotSent: bool = false;

/** After an IDE command that failed the next flush is not sent, and ends well. */
export const ideFlushSkippedAfterError: bool = false;

/** A block that could not be written once is named as bad, where the controller names no sector: an error that passes costs a block. */
export const namedAfterOneFailure: bool = false;

/** What an object of an older boot stands for is taken to be there: nothing is ever lost. */
export const acceptStaleHandles: bool = false;

/** Restart methods run behind the threads of programs: those meet what is not ready yet. */
export const restartLate: bool = false;

/** The newest of the objects that stand for something outside is not made ready: the list of restarts is not complete. */
export const restartSkipsNewest: bool = false;

/** The last of several threads that lived is not started again: what it was to do, after a sleep or as a timer, never happens. */
export const lastThreadStays: bool = false;

/** A terminal keeps an address of the kernel's own memory. */
export const keepKernelAddress: bool = false;

/** A boot is counted twice: programs are told of a reboot that was none. */
export const countBootTwice: bool = false;

/** How much is left of a sleep or of a wait with a limit is not kept: a power cut begins it anew. */
export const sleepForgets: bool = false;

/** A clock that was set back while the machine was off is believed: time goes back for programs. */
export const clockGoesBack: bool = false;

/** Snapshots follow one another without rest, however long they take: the disk is theirs alone. */
export const noRest: bool = false;

/** The snapshotter waits for free memory while it holds the cleaner, which alone makes any: everybody waits for ever. */
export const memoryWhileHeld: bool = false;

/** After a generation that could not be written none is tried again. */
export const noneAfterAbandoned: bool = false;

/** A write to a page that is being written out does not void the block: what the block holds passes for the page. */
export const cancelledKept: bool = false;

/** A fault on a page that another one is bringing in does not wait for it: the page is used before it is there. */
export const mapWhileReading: bool = false;

/** The collector does not look at the stacks of kernel threads: what only a waiting method of the kernel holds is freed. */
export const forgetKernelStacks: bool = false;

/** When the table of free blocks is full, those behind are left out, the largest too: memory seems full that is not. */
export const keepFirstBlocks: bool = false;

/** Free memory before the end of the heap and behind it is not joined: memory seems full that is not. */
export const forgetFreedAtEnd: bool = false;

/** New objects go where the last one went, whatever the snapshot has to write: more pages are dirtied than need be. */
export const dirtyPagesLast: bool = false;

/** Marking ends at the end of the heap, though pages before it are pending: what only these refer to is freed. */
export const stopMarkingEarly: bool = false;

/** The collector marks memory as it is and not as it was: a reference that moves to where it has looked is missed. */
export const forgetCopiedPages: bool = false;

/** What a program gets out of a weak reference while others are marked does not count as reachable: it is freed in the program's hands. */
export const weakTakenUnmarked: bool = false;

/** A thread that goes on after a power cut has lost the exception handlers of the method it is in. */
export const forgetHandlers: bool = false;

/** A thread that was handed a mutex and has not run since does not know of it after a power cut: it asks for what is its own. */
export const forgetGrants: bool = false;

/** A bytecode that stores in a field has popped the value before the page of the object is there: a snapshot meets it half done. */
export const poppedBeforeFault: bool = false;

/** When a snapshot has stored a page, programs get what is stored: their writes since the demarcation are undone. */
export const frozenPagesComeBack: bool = false;

/** Programs come before the kernel's own threads: who computes without end keeps a snapshot from ever being written. */
export const programsFirst: bool = false;

/** What is known of where objects begin counts as noted where the map has no frames yet: a large object leads out of the map. */
export const startsReachAnywhere: bool = false;

/** Of a free block that is half cleared from the map at the captured instant, the rest is judged as the objects that it was: a sound generation is refused. */
export const judgeHalfCleared: bool = false;
