/** What is wrong with a class file: where, what the format wants there, and what is there. */
export class ClassFileError extends Error {
  constructor(
    /** The file as the caller named it. */
    readonly file: string,
    /** Byte offset in the file. */
    readonly offset: number,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`${file}: byte ${offset} (0x${offset.toString(16)}): expected ${expected}, found ${found}`);
    this.name = 'ClassFileError';
  }
}
