/** What is wrong with the persistent memory of a run in V8 (`model/heap`), nothing when it is sound. */
import { flatImage, verifyHeap as verifyImage } from '../../../../model/heap/index.js';

export function verifyHeap(memory: Uint8Array): string[] {
  return verifyImage(flatImage(memory));
}
