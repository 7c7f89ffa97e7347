/** What is wrong with a Java class file, or with what it asks for: one line that says where. */

export interface JavaPlace {
  /** As given on the command line. */
  readonly file: string;
  /** Binary name with slashes. */
  readonly className?: string;
  /** Name and descriptor. */
  readonly method?: string;
  /** Offset of the instruction in the method's bytecode. */
  readonly offset?: number;
  /** Line of the source, from the LineNumberTable. */
  readonly line?: number;
  readonly source?: string;
}

/** A problem the user can act on; everything the translator throws for what a class file holds. */
export class JavaError extends Error {
  constructor(
    message: string,
    readonly place?: JavaPlace,
  ) {
    super(message);
  }

  /** The same problem, with what it did not know of its place. */
  at(place: JavaPlace): JavaError {
    return new JavaError(this.message, { ...place, ...this.place });
  }

  /** `FILE: CLASS.METHOD at byte N, line N of SOURCE: MESSAGE`. */
  get text(): string {
    const { place } = this;
    if (place === undefined) return this.message;
    const { file, className, method, offset, line, source } = place;
    const member = method === undefined ? className : `${className}.${method}`;
    const at = offset === undefined ? '' : ` at byte ${offset}`;
    const from = line === undefined ? '' : `, line ${line}${source === undefined ? '' : ` of ${source}`}`;
    const where = member === undefined ? '' : ` ${member}${at}${from}:`;
    return `${file}:${where} ${this.message}`.replaceAll(/[\r\n]/g, ' ');
  }
}
