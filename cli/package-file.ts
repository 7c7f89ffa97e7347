/** This package's own package.json. */
import { readFileSync } from 'node:fs';

/** It is one folder up from the sources, two from what is built. */
export function packageFile(): { readonly version: string; readonly text: string } {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const text = readFileSync(new URL(place, import.meta.url), 'utf8');
      return { version: JSON.parse(text).version, text };
    } catch {}
  }
  return { version: 'unknown', text: '' };
}
