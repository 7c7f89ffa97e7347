/** The kernel's persistent memory, read and judged from outside. */
export { canonicalGraph, type Shape, type Value } from './graph.js';
export { flatImage, Heap, type MemoryImage, pagedImage } from './heap.js';
export { HeapGraph, heapGraph } from './heap-graph.js';
export { verifyHeap } from './verify.js';
