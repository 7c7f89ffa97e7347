/** Workloads, for tests. */
export { type WorkloadOptions, workload } from '../workload.js';
