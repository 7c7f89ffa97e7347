/** Kernel image and class bundle: what a machine is booted with. */
export { BUNDLE_NAME_BYTES, type BundleEntry, bundleBytes, makeBundle } from './bundle.js';
export { DEFECTS_FILE, defectNames } from './defects.js';
export {
  buildKernel,
  type KernelBuildOptions,
  type KernelImage,
  shipKernel,
} from './kernel.js';
export { findProjectRoot } from './sources.js';
export type { StackUse } from './stacks.js';
