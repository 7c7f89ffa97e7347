/**
 * Where everything in persistent memory is: object header, root structure, thread records, classes, code, frames.
 *
 * Rules. A reference is a u32: 0 is null; low bit 1 is a small integer (31 bits, value = ref >> 1); anything else is
 * the 8-aligned address of an object. Addresses in persistent memory are never kernel addresses. The pages of the root
 * structure and of the thread records are wired: access to them never faults and never blocks, everything else may.
 *
 * Object (16 bytes, then data, the whole rounded up to 8):
 *
 *     +0  class        reference
 *     +4  size         bytes of data; bit 31: not field-addressable; bit 30 (with bit 31): immutable object with fields
 *     +8  identity     0 until asked for, then 1, 2, 3, ...
 *     +12 flags        bit 0: immutable
 *     +16 data
 *
 * What the data is, by class: user classes, pages: references. Strings, binaries, int, long, float, double: bytes, the
 * length is the size. Others as drawn below. The heap is walked from its start by sizes, so an object's header is
 * complete before the allocation pointer passes it. Fresh persistent memory is zero, so a new object's data needs no
 * clearing. Where garbage was there are free blocks: a header of class null and of the size of the block, behind it
 * anything. An object that nothing reaches may refer to what is free by now.
 */

import { nextLayout } from '../defects';

export const PERSISTENT_BASE: u32 = 0x80000000;
export const PAGE: u32 = 4096;

/* Object header. */
export const O_CLASS: u32 = 0;
export const O_SIZE: u32 = 4;
export const O_IDENTITY: u32 = 8;
export const O_FLAGS: u32 = 12;
export const O_DATA: u32 = 16;
export const SIZE_MASK: u32 = 0x0fffffff;
export const OPAQUE: u32 = 0x80000000;
export const FROZEN_FIELDS: u32 = 0xc0000000;
export const FLAG_IMMUTABLE: u32 = 1;

/* Root structure, at PERSISTENT_BASE. */
export const ROOT: u32 = PERSISTENT_BASE;
export const ROOT_MAGIC: u32 = 0x4f544e50;
export const ROOT_LAYOUT: u32 = nextLayout ? 5 : 4;
/**
 * The oldest layout that this one goes on from (`classes/upgrade.ts`). From 3: the words at +80 to +91 of the root structure were zero and not
 * used; a terminal had the words of a device only.
 */
export const OLDEST_LAYOUT: u32 = 3;
export const R_MAGIC: u32 = 0;
export const R_LAYOUT: u32 = 4;
/** Bytes programs have printed since the system was created, modulo 2^32. */
export const R_CONSOLE: u32 = 8;
export const R_BOOTS: u32 = 12;
export const R_HEAP_NEXT: u32 = 16;
export const R_HEAP_LIMIT: u32 = 20;
export const R_IDENTITY: u32 = 24;
export const R_THREADS_EVER: u32 = 28;
export const R_THREADS_FAILED: u32 = 32;
export const R_LOADER: u32 = 36;
export const R_OS_INTERFACE: u32 = 40;
export const R_ENVIRONMENT: u32 = 44;
export const R_BOOT_OBJECT: u32 = 48;
/** String thrown when there is no room for another. */
export const R_NO_MEMORY: u32 = 52;
export const R_TICKET: u32 = 56;
/** An empty string: what print leaves of an argument. */
export const R_EMPTY: u32 = 64;
export const R_HEAP_START: u32 = 60;
/** Chain of the objects that stand for something outside persistent memory (N_NEXT): each boot restarts them first. */
export const R_DEVICES: u32 = 68;
/** Terminal whose readers get what is typed, or null. */
export const R_FOREGROUND: u32 = 72;
/** Monitors held. */
export const R_MONITORS: u32 = 76;
/** Terminal that the screen shows, or null: the console, if it is there. */
export const R_SHOWN: u32 = 80;
/** What the console shows on the screen (`classes/screen-buffer.ts`), or null: it has never been there. */
export const R_CONSOLE_BUFFER: u32 = 84;
/** The latest second since 1970 that a program was told. */
export const R_CLOCK: u32 = 88;
/**
 * 1: no garbage refers to what is free. 0: a sweep has begun and none has ended since, or who wrote this memory did not know
 * of this word.
 */
export const R_SWEPT: u32 = 92;
/** The object of the boot class, once it is made: whose invariant can be asked for. */
export const R_PROGRAM: u32 = 96;
/** Internal classes by number (below). */
export const R_CLASSES: u32 = 0x100;
/** Heads of the chains of the class cache, by name hash. */
export const R_BUCKETS: u32 = 0x200;
export const BUCKETS: u32 = 128;

/* Thread records, 128 bytes each, from the second wired page on. */
export const RECORDS: u32 = ROOT + PAGE;
export const RECORD_SHIFT: u32 = 7;
export const RECORD_BYTES: u32 = 128;
/** Pages at the base that are wired; `persist/pages` has the same number. */
export const WIRED: u32 = 16;
export const RECORDS_MAX: u32 = 128;
/** 0 free, 1 alive. */
export const T_STATE: u32 = 0;
export const T_IP: u32 = 4;
/** Object stack: first free cell. */
export const T_OSP: u32 = 8;
/** Integer stack: first free cell. */
export const T_ISP: u32 = 12;
/** Control stack: first free byte. */
export const T_CSP: u32 = 16;
/** Header of the current frame. */
export const T_FP: u32 = 20;
export const T_CODE: u32 = 24;
/** Slot 0 of the current frame's objects; the cell below it is `this`. */
export const T_OBASE: u32 = 28;
export const T_IBASE: u32 = 32;
export const T_OLIMIT: u32 = 36;
export const T_ILIMIT: u32 = 40;
export const T_CLIMIT: u32 = 44;
/** The `.internal.thread` object. */
export const T_OBJECT: u32 = 48;
export const T_OSTACK: u32 = 52;
export const T_ISTACK: u32 = 56;
export const T_CSTACK: u32 = 60;
/** Object this thread waits for, or 0; with AS_MONITOR when it is for the object's monitor. */
export const T_WAITS: u32 = 64;
/** Order of waiting. */
export const T_TICKET: u32 = 68;
/** Mutex, semaphore or monitor (AS_MONITOR) handed to this thread while it waited, or 0. */
export const T_GRANTED: u32 = 72;
/** Step of a restartable method that has several. */
export const T_PHASE: u32 = 76;
/** Progress inside that step: bytes printed or copied, milliseconds left. 0 at the start of a bytecode. */
export const T_PROGRESS: u32 = 80;
export const T_NUMBER: u32 = 84;
/** Object that a method makes in parts (`objects/parts.ts`), or 0. */
export const T_MADE: u32 = 88;

/** Milliseconds left of a timed wait. */
export const T_LEFT: u32 = 92;

export const THREAD_FREE: u32 = 0;
export const THREAD_ALIVE: u32 = 1;

/*
 * Monitors held: a hash table in wired memory, open addressing, so that locking an object writes no page of the heap.
 * An entry is {object, record of the owner, times it locked, unused}.
 */
export const MONITORS: u32 = ROOT + 8 * PAGE;
export const MONITORS_MAX: u32 = 1024;
export const MONITOR_BYTES: u32 = 16;
export const N_OBJECT: u32 = 0;
export const N_OWNER: u32 = 4;
export const N_DEPTH: u32 = 8;
/** Low bit of a reference in T_WAITS and T_GRANTED. */
export const AS_MONITOR: u32 = 2;

/*
 * Stacks of a thread: data of three objects; untouched pages cost nothing. The sizes are odd numbers of pages so that
 * the pages in use of the three, and of the code loaded behind them, fall into different sets of a TLB.
 */
export const OSTACK_BYTES: u32 = (64 + 5) * 4096;
export const ISTACK_BYTES: u32 = (32 + 7) * 4096;
export const CSTACK_BYTES: u32 = (64 + 9) * 4096;

/* Frame on the control stack; catchers of the frame follow it. */
export const F_IP: u32 = 0;
export const F_CODE: u32 = 4;
export const F_OBASE: u32 = 8;
export const F_IBASE: u32 = 12;
export const F_FP: u32 = 16;
/** Cell of the caller's object stack that takes the result. */
export const F_RESULT: u32 = 20;
export const F_KIND: u32 = 24;
/** Caller's object stack pointer after the return. */
export const F_OSP: u32 = 28;
export const FRAME_BYTES: u32 = 32;
export const KIND_CALL: u32 = 0;
/** First frame of a thread. */
export const KIND_BOTTOM: u32 = 1;
/** Call of a user's class loader: its result goes to the class cache under the name two cells below slot 0. */
export const KIND_LOADER: u32 = 2;
/** Call of a method 5 for print, which takes a string: anything else it returns counts as an empty one. */
export const KIND_TEXT: u32 = 3;

/* Catcher on the control stack. */
export const H_CLASS: u32 = 0;
export const H_IP: u32 = 4;
export const H_OSP: u32 = 8;
export const H_ISP: u32 = 12;
export const CATCHER_BYTES: u32 = 16;

/* Class object. */
export const C_KIND: u32 = 16;
export const C_PARENT: u32 = 20;
export const C_NAME: u32 = 24;
/** Bytes of data of an instance of a user class. */
export const C_INSTANCE: u32 = 28;
export const C_METHODS: u32 = 32;
/** Page of the string constants. */
export const C_CONSTANTS: u32 = 36;
/** Array of static values, or null. */
export const C_STATICS: u32 = 40;
/** References to code objects; null where the class has no such method. */
export const C_TABLE: u32 = 48;
export const CLASS_BYTES: u32 = 32;

/* Code object: one method. */
export const M_OWNER: u32 = 16;
export const M_NAME: u32 = 20;
export const M_CONSTANTS: u32 = 24;
/** Binary of {i64 ip, i32 line} big-endian as in the class file, or null. */
export const M_LINES: u32 = 28;
export const M_ORDINAL: u32 = 32;
export const M_FLAGS: u32 = 36;
/** Arguments the method wants when it begins with arg_count; else -1. */
export const M_ARGUMENTS: u32 = 40;
export const M_LENGTH: u32 = 44;
export const M_BYTES: u32 = 48;
export const CODE_BYTES: u32 = 32;
/** Bytes 0xFF behind the code, so that operands of the last instruction may be fetched without a check. */
export const CODE_PADDING: u32 = 16;
export const METHOD_VOID: u32 = 1;
export const METHOD_CONSTRUCTOR: u32 = 2;

/* Array. */
export const A_PAGE: u32 = 16;
export const A_USED: u32 = 20;
/** Page that is to replace the array's while it grows, or null, and the bytes copied to it so far. */
export const A_LARGER: u32 = 24;
export const A_COPIED: u32 = 28;
export const ARRAY_BYTES: u32 = 16;

/* Iterator of an array. */
export const I_ARRAY: u32 = 16;
export const I_CURSOR: u32 = 20;
export const ITERATOR_BYTES: u32 = 8;

/* Directory: page of {key, value} pairs, open addressing; a removed key is the integer 0. */
export const D_PAGE: u32 = 16;
export const D_COUNT: u32 = 20;
/** Pairs of the page ever used since it was made: live ones and removed ones. */
export const D_FILLED: u32 = 24;
/** Page that is to replace the directory's, or null, and the bytes of the old page that have been moved so far. */
export const D_FRESH: u32 = 28;
export const D_MOVED: u32 = 32;
export const DIRECTORY_BYTES: u32 = 24;

/* Mutex, condition, semaphore. */
export const S_OWNER: u32 = 16;
export const S_VALUE: u32 = 20;
export const SYNC_BYTES: u32 = 8;

/* What terminals and connections begin with: the next of the chain at R_DEVICES, and the boot the object was last made
 * ready in, 0: never, then it is not on the chain. */
export const N_NEXT: u32 = 16;
export const N_BOOT: u32 = 20;
export const DEVICE_BYTES: u32 = 8;

/* Terminal, behind the words of a device: what it shows, or null, and its screen: 2 to 12, or 0 on the console. */
export const Y_BUFFER: u32 = 24;
export const Y_SCREEN: u32 = 28;
export const TTY_BYTES: u32 = 16;

/* Connection, behind the words of a device: what it is to, and the code that its timers run, or null. */
export const Q_NAME: u32 = 24;
export const Q_CALLBACK: u32 = 28;
export const CONNECTION_BYTES: u32 = 16;

/* Weak reference: one word, so that a collector clears it by one store. */
export const W_TARGET: u32 = 16;
export const WEAKREF_BYTES: u32 = 4;

/* Bitmap: a binary of red, green, blue, alpha for each pixel, rows from the top; or null; width and height. */
export const B_IMAGE: u32 = 16;
export const B_WIDTH: u32 = 20;
export const B_HEIGHT: u32 = 24;
export const BITMAP_BYTES: u32 = 12;

/* Input and output object: name of what is open, or null; directory of its variables, or null. */
export const U_NAME: u32 = 16;
export const U_VARIABLES: u32 = 20;
export const IO_BYTES: u32 = 8;

/* Closure. */
export const L_OBJECT: u32 = 16;
export const L_ORDINAL: u32 = 20;
export const CLOSURE_BYTES: u32 = 8;

/* Thread object. */
export const X_RECORD: u32 = 16;
export const X_NUMBER: u32 = 20;
export const X_ENVIRONMENT: u32 = 24;
export const X_OWNER: u32 = 28;
export const THREAD_BYTES: u32 = 16;

/* Kinds of class: the numbers of the original's internal classes. */
export const K_VOID: u32 = 0;
export const K_CLASS: u32 = 1;
export const K_INTERFACE: u32 = 2;
export const K_CODE: u32 = 3;
export const K_INT: u32 = 4;
export const K_LONG: u32 = 5;
export const K_STRING: u32 = 6;
export const K_ARRAY: u32 = 7;
export const K_PAGE: u32 = 8;
export const K_THREAD: u32 = 9;
export const K_CALL_FRAME: u32 = 10;
export const K_ISTACK: u32 = 11;
export const K_OSTACK: u32 = 12;
export const K_ESTACK: u32 = 13;
export const K_BOOT: u32 = 14;
export const K_TTY: u32 = 15;
export const K_MUTEX: u32 = 16;
export const K_COND: u32 = 17;
export const K_SEMA: u32 = 18;
export const K_BINARY: u32 = 19;
export const K_BITMAP: u32 = 20;
export const K_CLOSURE: u32 = 21;
export const K_WORLD: u32 = 22;
export const K_UDP: u32 = 23;
export const K_TCP: u32 = 24;
export const K_WINDOW: u32 = 25;
export const K_DIRECTORY: u32 = 26;
export const K_CONNECTION: u32 = 27;
export const K_FLOAT: u32 = 28;
export const K_DOUBLE: u32 = 29;
export const K_NET: u32 = 30;
export const K_HTTP: u32 = 31;
export const K_TIME: u32 = 32;
export const K_STAT: u32 = 33;
export const K_IO: u32 = 34;
export const K_PORT: u32 = 35;
export const K_UI_CONTROL: u32 = 36;
export const K_UI_FONT: u32 = 37;
/** Ours: what an array's method 8 gives. */
export const K_ITERATOR: u32 = 38;
/** Without a number of its own in the original's default build. */
export const K_WEAKREF: u32 = 39;
export const KINDS: u32 = 40;
/** A class loaded from a class file. */
export const K_USER: u32 = 64;

/** Longest string, binary or page. */
export const DATA_MAX: u32 = 0x08000000;
