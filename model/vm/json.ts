/**
 * string.parseJson: text (RFC 8259) to a tree of directories, arrays, strings, numbers and null.
 *
 * Rule: true and false are the ints 1 and 0; a whole number is an int, or a long where an int is too small; with
 * fraction, exponent or more than 18 digits it is a double. The first of equal keys counts. More than 1000 containers
 * in one another, and text that is no JSON, give null.
 */

export type Json =
  | { readonly kind: 'null' }
  | { readonly kind: 'whole'; readonly value: bigint }
  | { readonly kind: 'real'; readonly value: number }
  | { readonly kind: 'string'; readonly bytes: Buffer }
  | { readonly kind: 'array'; readonly elements: Json[] }
  | { readonly kind: 'object'; readonly entries: { readonly key: Buffer; readonly value: Json }[] };

const DEPTH_MAX = 1000;
const WHOLE_DIGITS_MAX = 18;

class Broken extends Error {}

const ESCAPES = new Map<string, number>([
  ['"', 34],
  ['\\', 92],
  ['/', 47],
  ['n', 10],
  ['t', 9],
  ['r', 13],
  ['b', 8],
  ['f', 12],
]);

class Parser {
  private at = 0;

  /** `text`: one character for each byte. */
  constructor(private readonly text: string) {}

  document(): Json {
    const value = this.value(0);
    this.blanks();
    if (this.at !== this.text.length) throw new Broken();
    return value;
  }

  private blanks(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? '?')) this.at++;
  }

  /** Passes over blanks and that text; false when it is not there. */
  private accept(text: string): boolean {
    this.blanks();
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private expect(text: string): void {
    if (!this.accept(text)) throw new Broken();
  }

  private value(depth: number): Json {
    if (this.accept('"')) return { kind: 'string', bytes: this.string() };
    if (this.accept('{')) return this.object(depth);
    if (this.accept('[')) return this.array(depth);
    if (this.accept('true')) return { kind: 'whole', value: 1n };
    if (this.accept('false')) return { kind: 'whole', value: 0n };
    if (this.accept('null')) return { kind: 'null' };
    return this.number();
  }

  private object(depth: number): Json {
    if (depth >= DEPTH_MAX) throw new Broken();
    const entries: { key: Buffer; value: Json }[] = [];
    if (this.accept('}')) return { kind: 'object', entries };
    do {
      this.expect('"');
      const key = this.string();
      this.expect(':');
      entries.push({ key, value: this.value(depth + 1) });
    } while (this.accept(','));
    this.expect('}');
    return { kind: 'object', entries };
  }

  private array(depth: number): Json {
    if (depth >= DEPTH_MAX) throw new Broken();
    const elements: Json[] = [];
    if (this.accept(']')) return { kind: 'array', elements };
    do elements.push(this.value(depth + 1));
    while (this.accept(','));
    this.expect(']');
    return { kind: 'array', elements };
  }

  private number(): Json {
    const found = /^(-?)(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/.exec(this.text.slice(this.at));
    if (found === null) throw new Broken();
    this.at += found[0].length;
    const real = found[3] !== undefined || found[4] !== undefined || found[2].length > WHOLE_DIGITS_MAX;
    if (real) return { kind: 'real', value: Number(found[0]) };
    return { kind: 'whole', value: BigInt(found[1] + found[2]) };
  }

  /** Four hexadecimal digits behind `\u`. */
  private unit(): number {
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Broken();
    this.at += 4;
    return Number.parseInt(digits, 16);
  }

  /** The rest of a string behind its opening quote; half a surrogate pair is encoded as it stands. */
  private string(): Buffer {
    const bytes: number[] = [];
    for (;;) {
      const character = this.text[this.at++];
      if (character === undefined || character < ' ') throw new Broken();
      if (character === '"') return Buffer.from(bytes);
      if (character !== '\\') {
        bytes.push(character.charCodeAt(0));
        continue;
      }
      const escaped = this.text[this.at++] ?? '';
      if (escaped !== 'u') {
        const byte = ESCAPES.get(escaped);
        if (byte === undefined) throw new Broken();
        bytes.push(byte);
        continue;
      }
      bytes.push(...utf8(this.point()));
    }
  }

  private point(): number {
    const high = this.unit();
    const low = /^\\u([dD][c-fC-F][0-9a-fA-F]{2})/.exec(this.text.slice(this.at, this.at + 6));
    if (high < 0xd800 || high >= 0xdc00 || low === null) return high;
    this.at += 6;
    return 0x10000 + ((high - 0xd800) << 10) + (Number.parseInt(low[1], 16) - 0xdc00);
  }
}

/** Also of halves of surrogate pairs, which `Buffer` would replace. */
function utf8(point: number): number[] {
  if (point < 0x80) return [point];
  const tail = (shift: number): number => 0x80 | ((point >> shift) & 63);
  if (point < 0x800) return [0xc0 | (point >> 6), tail(0)];
  if (point < 0x10000) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}

/** Undefined when the text is no JSON. `text`: one character for each byte. */
export function parseJson(text: string): Json | undefined {
  try {
    return new Parser(text).document();
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}
