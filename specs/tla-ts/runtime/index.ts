// What compiled specifications run on.
export { EvaluationError } from '../syntax/source.js';
export { show } from '../values/print.js';
export { FunctionBase, ModelValue, SetBase, StringValue, type Value } from '../values/value.js';
export * from './model.js';
export * from './operators.js';
export type * from './types.js';
