/** A class file that is not one: where, what should be there, what is there. */
export class ClassFileError extends Error {
  constructor(
    readonly file: string,
    /** Byte in the file. */
    readonly offset: number,
    readonly expected: string,
    readonly found: string,
  ) {
    super(`${file}: not a sound class file: at byte ${offset} expected ${expected}, found ${found}`);
    this.name = 'ClassFileError';
  }
}
