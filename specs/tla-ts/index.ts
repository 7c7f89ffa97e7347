// tla-ts: a model checker for TLA+. The library; the command is in cli.ts.
export { type CheckOptions, type CheckTexts, checkFile, checkTexts } from './check/check.js';
export type { ExploreOptions, Progress } from './check/explorer.js';
export { type CheckResult, type Coverage, EXIT_CODES, type TraceState, type Verdict } from './check/result.js';
export { type CompileOptions, compileFile, compileTexts } from './compile/compile.js';
export { parseConfig } from './syntax/config.js';
export { parseExpression, parseModule } from './syntax/parser.js';
export { SpecError } from './syntax/source.js';
