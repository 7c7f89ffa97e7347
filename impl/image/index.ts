/** Kernel image and class bundle: what a machine is booted with. */
export { type BundleEntry, makeBundle } from './bundle.js';
export {
  buildKernel,
  type KernelBuildOptions,
  type KernelImage,
  shipKernel,
} from './kernel.js';
export type { StackUse } from './stacks.js';
