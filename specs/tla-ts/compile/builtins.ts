// Operators of the standard modules: those with a sign or a function of their own, and the others by their name.
import type { BuiltinSymbol } from '../semantics/symbols.js';
import type { Expression } from '../syntax/ast.js';
import type { Span } from '../syntax/source.js';
import { type Code, code, literal } from './code.js';
import { type Place, refuse } from './context.js';
import { arithmetic, expression } from './expressions.js';
import { type Layout, list } from './layout.js';
import type { References } from './references.js';
import {
  ANY,
  BOOLEAN,
  elementOf,
  functionType,
  general,
  isNever,
  isOnly,
  isWithin,
  join,
  NEVER,
  NUMBER,
  rangeOf,
  STRING,
  sequenceType,
  setType,
  type Type,
} from './types.js';

/** An application of an operator of a standard module. */
export function builtin(
  t: References,
  symbol: BuiltinSymbol,
  args: readonly Expression[],
  place: Place,
  span: Span,
): Code {
  const { name, builtin: operator } = symbol;
  if (name === 'TLCGet' || name === 'TLCSet')
    refuse(`${name} belongs to a check: a compiled model has no registers.`, span);
  const values: Code[] = [];
  const operators: Layout[] = [];
  args.forEach((arg, i) => {
    if (operator.params[i] === 0) values.push(expression(t, arg, place));
    else operators.push(t.operatorArgument(arg, operator.params[i], place).layout);
  });
  if (operators.length === 0) {
    const named = known(t, name, values);
    if (named) return named;
  }
  const module = t.moduleOf.get(symbol);
  if (!module) {
    // BOOLEAN and STRING belong to the language.
    t.imports.names.add(name);
    return literal(name, setType(name === 'BOOLEAN' ? BOOLEAN : STRING));
  }
  const type = RESULTS[name];
  const layouts = [
    `'${module}'`,
    `'${name.replace(/\\/g, '\\\\')}'`,
    list(
      '[',
      values.map((value) => value.layout),
      ']',
    ),
  ];
  const result = t.imports.call('standard', [...layouts, ...operators], ANY, false);
  return type ? t.imports.as(result, type) : result;
}

/** Operators that have a function of their own in the runtime. */
function known(t: References, name: string, args: readonly Code[]): Code | undefined {
  const simple = arithmeticOf(t, name, args);
  if (simple) return simple;
  const layouts = args.map((arg) => arg.layout);
  const total = args.every((arg) => arg.total);
  const item = (arg: Code): Type => rangeOf(arg.type);
  const isSequence = (arg: Code): boolean => {
    const { fn } = arg.type;
    if (isNever(arg.type)) return true;
    return isOnly(arg.type, 'fn') && fn !== undefined && fn.shape !== 'record' && isWithin(general(fn).from, NUMBER);
  };
  const call = (runtime: string, type: Type, isTotal = total): Code => t.imports.call(runtime, layouts, type, isTotal);
  switch (name) {
    case 'Nat':
    case 'Int':
      t.imports.names.add(name);
      return code(name, setType(NUMBER), false);
    case ':>':
      return call('single', functionType(args[0].type, args[1].type));
    case '@@': {
      if (args.some((arg) => isNever(arg.type))) return call('merge', NEVER);
      const [f, g] = args.map((arg) => (isOnly(arg.type, 'fn') && arg.type.fn ? general(arg.type.fn) : undefined));
      return f && g ? call('merge', functionType(join(f.from, g.from), join(f.to, g.to))) : undefined;
    }
    case 'Cardinality': {
      const of = t.imports.set(args[0]);
      return t.imports.call('cardinality', [of.layout], NUMBER, of.total);
    }
    case 'Seq': {
      const of = t.imports.set(args[0]);
      return t.imports.call('sequences', [of.layout], setType(sequenceType(elementOf(of.type))), false);
    }
    case 'Len':
      return call('len', NUMBER, total && isSequence(args[0]));
    case 'Append':
      return isSequence(args[0]) ? call('append', sequenceType(join(item(args[0]), args[1].type))) : undefined;
    case '\\o':
      return args.every(isSequence) ? call('concat', sequenceType(join(item(args[0]), item(args[1])))) : undefined;
    case 'Head':
      return isSequence(args[0]) ? call('head', item(args[0]), false) : undefined;
    case 'Tail':
      return isSequence(args[0]) ? call('tail', sequenceType(item(args[0])), false) : undefined;
    case 'SubSeq': {
      if (!isSequence(args[0])) return undefined;
      const given = [args[0], t.imports.number(args[1]), t.imports.number(args[2])];
      return t.imports.call(
        'subSeq',
        given.map((arg) => arg.layout),
        sequenceType(item(args[0])),
        false,
      );
    }
  }
  return undefined;
}

function arithmeticOf(t: References, name: string, args: readonly Code[]): Code | undefined {
  return args.length === 0 ? undefined : arithmetic(t, name, args);
}

/** What operators give that the runtime calls by name. */
const RESULTS: Readonly<Record<string, Type>> = {
  '^': NUMBER,
  '/': NUMBER,
  IsFiniteSet: BOOLEAN,
  Assert: BOOLEAN,
  PrintT: BOOLEAN,
  ToString: STRING,
  BagCardinality: NUMBER,
  CopiesIn: NUMBER,
  BagIn: BOOLEAN,
  IsABag: BOOLEAN,
  '\\sqsubseteq': BOOLEAN,
};
