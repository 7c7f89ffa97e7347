/** The class files of the fixtures, and where their records and lengths lie: a second reading of the format. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const fixtures = fileURLToPath(new URL('../../../fixtures', import.meta.url));

/** Paths under the fixtures of all class files in a folder of them. */
export function classFileNames(folder: string): string[] {
  return readdirSync(`${fixtures}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.pc'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

const known = new Map<string, Uint8Array>();

/** A copy of a file's bytes. */
export function bytesOf(file: string): Uint8Array {
  const bytes = known.get(file) ?? new Uint8Array(readFileSync(`${fixtures}/${file}`));
  known.set(file, bytes);
  return bytes.slice();
}

export function textOf(file: string): string {
  return readFileSync(`${fixtures}/${file}`, 'latin1');
}

/** The records of a sound file. */
export function recordsOf(bytes: Uint8Array): { type: string; start: number; end: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records = [];
  for (let start = 0; start < bytes.length; start += view.getInt32(start + 6)) {
    records.push({ type: String.fromCharCode(bytes[start + 5]), start, end: start + view.getInt32(start + 6) });
  }
  return records;
}

/**
 * Offsets of all i32 in a sound file of generation 2 that say how much follows: record lengths, string lengths, numbers
 * of arguments and of line entries.
 */
export function lengthFields(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: number[] = [];
  let at = 0;
  const words = (count: number): void => {
    at += 4 * count;
  };
  const length = (): number => {
    found.push(at);
    at += 4;
    return view.getInt32(at - 4);
  };
  const string = (): void => {
    const bytesBehind = length();
    at += bytesBehind;
  };
  const type = (): void => {
    words(1);
    string();
    string();
  };
  for (const record of recordsOf(bytes)) {
    found.push(record.start + 6);
    at = record.start + 10;
    switch (record.type) {
      case 'C':
        string();
        words(2);
        string();
        string();
        break;
      case 'M':
        string();
        break;
      case 'S': {
        string();
        words(1);
        const count = length();
        words(1);
        type();
        for (let i = 0; i < count; i++) {
          string();
          type();
        }
        break;
      }
      case 'l':
        words(1);
        length();
        break;
      case 'f':
        string();
        words(1);
        type();
        break;
      case 'c':
        words(1);
        type();
        break;
    }
  }
  return found;
}
