/**
 * The class bundle: the multiboot module that carries compiled classes to the kernel (ARCHITECTURE.md, C3).
 *
 * Format, entries one after another until the end of the file: 512 bytes name, padded with zeroes, at least one of
 * them; 4 bytes length, little-endian; that many bytes of a `.pc` file.
 */

/** Of the field; a name has at least one less. */
export const BUNDLE_NAME_BYTES = 512;

export interface BundleEntry {
  /** The class's full name, as `.ru.dz.demo`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Size of the bundle of these classes. */
export function bundleBytes(classes: readonly BundleEntry[]): number {
  return classes.reduce((sum, entry) => sum + BUNDLE_NAME_BYTES + 4 + entry.bytes.length, 0);
}

/** Packs classes in the order given. Throws when a name is too long or comes twice. */
export function makeBundle(classes: readonly BundleEntry[]): Uint8Array {
  const encoder = new TextEncoder();
  const seen = new Set<string>();
  const bundle = new Uint8Array(bundleBytes(classes));
  const view = new DataView(bundle.buffer);
  let at = 0;
  for (const { name, bytes } of classes) {
    const encoded = encoder.encode(name);
    if (encoded.length >= BUNDLE_NAME_BYTES) {
      throw new Error(
        `class name of ${encoded.length} bytes, at most ${BUNDLE_NAME_BYTES - 1} fit in a bundle: ${name.slice(0, 60)}...`,
      );
    }
    if (seen.has(name)) throw new Error(`class ${name} comes twice in one bundle`);
    seen.add(name);
    bundle.set(encoded, at);
    view.setUint32(at + BUNDLE_NAME_BYTES, bytes.length, true);
    bundle.set(bytes, at + BUNDLE_NAME_BYTES + 4);
    at += BUNDLE_NAME_BYTES + 4 + bytes.length;
  }
  return bundle;
}
