// The command: tla-ts check Spec.tla [--config Spec.cfg] ..., tla-ts compile Spec.tla ...
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkFile } from './check/check.js';
import { type CheckResult, EXIT_CODES } from './check/result.js';
import { compileFile, RUNTIME } from './compile/compile.js';
import { EvaluationError, SpecError, TOO_DEEP } from './syntax/source.js';

const USAGE = `tla-ts check Spec.tla [options]
tla-ts compile Spec.tla [options]     (tla-ts compile --help)

Checks a TLA+ specification: explores its states breadth-first, checks what Spec.cfg asks for.

  --config FILE       the configuration (Spec.cfg unless given)
  --json              print one JSON object instead of text
  --coverage          print how often each action was taken
  --max-memory MB     stop with a message when states and values need more (2048 unless given)
  --max-states N      stop with a message when there are more distinct states
  --quiet             print no progress

Exit codes: 0 no error; 10 an assumption is false; 11 deadlock; 12 an invariant is violated; 13 a step or temporal property
is violated; 14 an assertion failed; 75, 76, 77 an expression has no value; 150 the specification, 151 the configuration
has a mistake; 152 a limit was reached; 2 this command was misused.`;

const COMPILE_USAGE = `tla-ts compile Spec.tla [options]

Translates a TLA+ specification to a TypeScript module: types of the state and the constants, a generator function for each
action, a function for each operator and invariant, and a table of the actions. README.md describes it.

  -o, --out PATH      the file, or the directory for Spec.ts; printed unless given
  --config FILE       the configuration (Spec.cfg unless given)
  --runtime MODULE    what the module imports its runtime from (${RUNTIME} unless given)

Exit codes: 0 compiled; 150 the specification, 151 the configuration has a mistake or cannot be compiled; 2 this command was
misused.`;

const MISUSE = 2;

interface Arguments {
  readonly spec: string;
  readonly config: string | undefined;
  readonly json: boolean;
  readonly coverage: boolean;
  readonly quiet: boolean;
  readonly maxBytes: number;
  readonly maxStates: number | undefined;
}

class Misuse extends Error {}

function parse(words: readonly string[]): Arguments {
  let spec: string | undefined;
  let config: string | undefined;
  const flags = new Set<string>();
  const numbers = new Map<string, number>();
  for (let i = 0; i < words.length; i++) {
    // One dash will do, as it does for TLC.
    const word = words[i].replace(/^--?(?=[a-z])/, '--');
    if (!word.startsWith('--')) {
      if (spec !== undefined) throw new Misuse(`One specification at a time: ${spec} or ${word}?`);
      spec = word;
      continue;
    }
    switch (word) {
      case '--json':
      case '--coverage':
      case '--quiet':
        flags.add(word);
        break;
      case '--config':
        config = words[++i];
        if (config === undefined) throw new Misuse('--config needs a file.');
        break;
      case '--max-memory':
      case '--max-states': {
        const value = Number(words[++i]);
        if (!Number.isFinite(value) || value <= 0) throw new Misuse(`${word} needs a positive number.`);
        numbers.set(word, value);
        break;
      }
      default:
        throw new Misuse(`Unknown option ${words[i]}.`);
    }
  }
  if (spec === undefined) throw new Misuse('Give a specification: tla-ts check Spec.tla');
  if (!spec.endsWith('.tla')) spec += '.tla';
  return {
    spec,
    config,
    json: flags.has('--json'),
    coverage: flags.has('--coverage'),
    quiet: flags.has('--quiet'),
    maxBytes: (numbers.get('--max-memory') ?? 2048) * 2 ** 20,
    maxStates: numbers.get('--max-states'),
  };
}

function describe(result: CheckResult, coverage: boolean): string {
  const lines: string[] = [];
  if (result.message !== null) lines.push(result.message);
  result.trace.forEach((state, i) => {
    const how = state.span
      ? `${state.action}, line ${state.span.line} of module ${state.span.module}`
      : i === 0
        ? 'initial state'
        : 'step';
    lines.push('', `State ${i + 1}: <${how}>`);
    if (state.alias !== undefined) lines.push(state.alias);
    else for (const [name, value] of Object.entries(state.values)) lines.push(`/\\ ${name} = ${value ?? 'no value'}`);
  });
  if (result.loopTo !== null) {
    lines.push('', result.loopTo === result.trace.length ? 'Stuttering' : `Back to state ${result.loopTo}`);
  }
  if (result.result === 'parse-error' || result.result === 'config-error') return lines.join('\n');
  if (coverage) {
    lines.push('', 'Coverage: action, place, states generated, distinct');
    for (const { action, line, column, generated, distinct } of result.coverage) {
      lines.push(`  ${action} ${line}:${column} ${generated} ${distinct}${generated === 0 ? '  never taken' : ''}`);
    }
  }
  const rate = result.seconds > 0 ? Math.round(result.generated / result.seconds) : 0;
  if (lines.length > 0) lines.push('');
  lines.push(
    `${result.generated} states generated, ${result.distinct} distinct, depth ${result.depth}; ` +
      `${result.seconds.toFixed(2)} s, ${rate} states/s${result.bytesPerState === null ? '' : `, ${result.bytesPerState} bytes per distinct state`}.`,
  );
  if (result.result !== 'ok') return lines.join('\n');
  lines.push('No error has been found.');
  if (result.initGenerated === 0)
    lines.push('But there is no initial state: nothing was checked, assumptions excepted.');
  return lines.join('\n');
}

function compile(words: readonly string[], out: (text: string) => void, err: (text: string) => void): number {
  let spec: string | undefined;
  const given = new Map<string, string>();
  const options: Readonly<Record<string, string>> = {
    '-o': 'out',
    '--out': 'out',
    '--config': 'config',
    '-config': 'config',
    '--runtime': 'runtime',
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === '--help' || word === '-h') {
      out(COMPILE_USAGE);
      return 0;
    }
    if (Object.hasOwn(options, word)) {
      const value = words[++i];
      if (value === undefined) throw new Misuse(`${word} needs a value.`);
      given.set(options[word], value);
    } else if (word.startsWith('-')) throw new Misuse(`Unknown option ${word}.`);
    else if (spec !== undefined) throw new Misuse(`One specification at a time: ${spec} or ${word}?`);
    else spec = word;
  }
  if (spec === undefined) throw new Misuse('Give a specification: tla-ts compile Spec.tla');
  if (!spec.endsWith('.tla')) spec += '.tla';
  let text: string;
  try {
    text = compileFile(spec, given.get('config'), { runtime: given.get('runtime') });
  } catch (error) {
    if (error instanceof EvaluationError) {
      err(error.message);
      return EXIT_CODES['config-error'];
    }
    if (error instanceof RangeError && /call stack/.test(error.message)) {
      err(TOO_DEEP);
      return EXIT_CODES['parse-error'];
    }
    if (!(error instanceof SpecError)) throw error;
    err(error.report);
    return EXIT_CODES[error.kind === 'parse' ? 'parse-error' : 'config-error'];
  }
  const path = given.get('out');
  if (path === undefined) {
    out(text.trimEnd());
    return 0;
  }
  const file = path.endsWith('.ts') ? path : join(path, basename(spec).replace(/\.tla$/, '.ts'));
  try {
    // Renamed when it is whole: nobody sees half a module.
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.part`, text);
    renameSync(`${file}.part`, file);
  } catch (error) {
    err(`The file ${file} cannot be written: ${error instanceof Error ? error.message : error}`);
    return MISUSE;
  }
  out(`${file} written.`);
  return 0;
}

/** Runs the command; returns its exit code. */
export function main(words: readonly string[], out: (text: string) => void, err: (text: string) => void): number {
  const [verb, ...rest] = words;
  const asked = verb === 'help' || verb === '--help' || verb === '-h';
  if (verb === undefined || asked || (verb === 'check' && rest.some((word) => word === '--help' || word === '-h'))) {
    out(USAGE);
    return verb === undefined ? MISUSE : 0;
  }
  let args: Arguments;
  try {
    if (verb === 'compile') return compile(rest, out, err);
    if (verb !== 'check') throw new Misuse(`Unknown command ${verb}.`);
    args = parse(rest);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    err(`${error.message} See tla-ts --help.`);
    return MISUSE;
  }
  const result = checkFile(args.spec, args.config, {
    maxBytes: args.maxBytes,
    maxStates: args.maxStates,
    print: args.json ? err : out,
    progress: ({ generated, distinct, queue, depth, seconds }) => {
      if (args.quiet) return;
      err(`${Math.round(seconds)} s: depth ${depth}, ${generated} generated, ${distinct} distinct, ${queue} left`);
    },
  });
  out(args.json ? JSON.stringify(result) : describe(result, args.coverage));
  return result.exitCode;
}
