// Expressions of TLA+ to expressions of TypeScript.
//
// Where the types are known the language's own operators are used (`a + b`, `x === y`, `p && q`), else the functions of the
// runtime. What the specification evaluates only when it is needed, and what may have no value, is not computed earlier.
import type { Bound, Expression, ExpressionOf } from '../syntax/ast.js';
import { assert } from '../syntax/source.js';
import {
  ADDITIVE,
  type Code,
  chain,
  code,
  conditional,
  EQUALITY,
  infix,
  literal,
  MULTIPLICATIVE,
  not,
  operand,
  RELATIONAL,
  UNARY,
} from './code.js';
import { type Place, refuse } from './context.js';
import { except } from './except.js';
import { group, HARD, indent, type Layout, LINE, list, print } from './layout.js';
import type { References } from './references.js';
import { mentions, onLines } from './statements.js';
import {
  ANY,
  BOOLEAN,
  comparesByIdentity,
  elementOf,
  functionType,
  general,
  isNever,
  isOnly,
  isWithin,
  join,
  NEVER,
  NUMBER,
  propertyName,
  recordType,
  STRING,
  setType,
  shortOrAny,
  type Type,
  tupleType,
} from './types.js';

const QUOTED = (characters: string): string =>
  `'${characters.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')}'`;

export const string = (t: References, characters: string): Code =>
  t.imports.call('text', [QUOTED(characters)], STRING, true);

/** A condition. */
export function condition(t: References, e: Expression, place: Place): Code {
  return t.imports.boolean(expression(t, e, place));
}

export function expression(t: References, e: Expression, place: Place): Code {
  const { imports } = t;
  const inside = (part: Expression): Code => expression(t, part, place);
  const set = (part: Expression): Code => imports.set(inside(part));
  switch (e.kind) {
    case 'number':
      return literal(String(e.value), NUMBER);
    case 'boolean':
      return literal(String(e.value), BOOLEAN);
    case 'string':
      return string(t, e.value);
    case 'name':
      return t.name(e, place);
    case 'operator':
      return e.ref ? t.reference(e.ref, e.args, place, place.scope, e.span) : core(t, e.name, e.args, place, e);
    case 'and':
    case 'or': {
      return chain(
        flatten(e).map((item) => condition(t, item, place)),
        e.kind === 'and' ? '&&' : '||',
      );
    }
    case 'forall':
    case 'exists':
      return quantifier(t, e, place);
    case 'choose': {
      if (!e.bound.set) refuse('CHOOSE without a set cannot be computed: bound it, CHOOSE x \\in S : P.', e.span);
      const from = set(e.bound.set);
      const body = bound(t, e.bound, from, place, (inner) => testBlock(t, e.body, inner));
      return imports.call('choose', [from.layout], elementOf(from.type), false, body);
    }
    case 'filter': {
      if (!e.bound.set) return unbounded(e.bound);
      const from = set(e.bound.set);
      const body = bound(t, e.bound, from, place, (inner) => testBlock(t, e.body, inner));
      return imports.call('filter', [from.layout], setType(elementOf(from.type)), from.total && body.total, body);
    }
    case 'set': {
      const items = e.items.map(inside);
      const element = join(...items.map((item) => item.type));
      const result = imports.call(
        'set',
        items.map((item) => item.layout),
        setType(element),
        items.every((item) => item.total),
      );
      // TypeScript infers the element from the first one.
      if (isNever(element) || items.every((item) => isWithin(element, item.type))) return result;
      return code(
        list(
          `set<${imports.type(element)}>(`,
          items.map((item) => item.layout),
          ')',
        ),
        result.type,
        result.total,
      );
    }
    case 'map':
      return setMap(t, e, place);
    case 'function':
      return functionConstructor(t, e, place);
    case 'function-set': {
      const [from, to] = [set(e.domain), set(e.range)];
      const type = setType(functionType(elementOf(from.type), elementOf(to.type)));
      return imports.call('functions', [from.layout, to.layout], type, from.total && to.total);
    }
    case 'record':
    case 'record-set': {
      const fields = e.fields.map(({ name, value }) => {
        return { name, value: e.kind === 'record' ? inside(value) : set(value) };
      });
      const object = list(
        '{',
        fields.map(({ name, value }): Layout => [`${propertyName(name)}: `, value.layout]),
        '}',
        LINE,
      );
      const total = fields.every(({ value }) => value.total);
      if (e.kind === 'record') {
        return imports.call('record', [object], recordType(fields.map(({ name, value }) => [name, value.type])), total);
      }
      const type = recordType(fields.map(({ name, value }) => [name, elementOf(value.type)]));
      return imports.call('records', [object], setType(type), total);
    }
    case 'except':
      return except(t, e, place);
    case 'at':
      return place.at ?? refuse('@ means the old value; it can only stand in EXCEPT.', e.span);
    case 'apply': {
      const f = inside(e.fn);
      const args = e.args.map(inside);
      const whole = args.length === 1 ? args[0] : tuple(t, args);
      return apply(t, f, whole);
    }
    case 'field': {
      const record = inside(e.record);
      const { fn } = record.type;
      const given = [record.layout, QUOTED(e.name)];
      if (isNever(record.type)) return imports.call('field', given, NEVER, false);
      const known = fn?.shape === 'record' ? fn.fields.get(e.name) : undefined;
      if (!known) return imports.call('field', given, ANY, false);
      if (isOnly(record.type, 'fn')) return imports.call('field', given, known.type, record.total && !known.optional);
      return narrowed(t, imports.call('field', given, ANY, false), known.type);
    }
    case 'tuple':
      return tuple(t, e.items.map(inside));
    case 'product': {
      const factors = e.items.map(set);
      const type = setType(tupleType(factors.map((factor) => elementOf(factor.type))));
      return imports.call(
        'product',
        factors.map((factor) => factor.layout),
        type,
        factors.every((factor) => factor.total),
      );
    }
    case 'if': {
      const then = inside(e.then);
      const otherwise = inside(e.else);
      return conditional(condition(t, e.condition, place), then, otherwise, join(then.type, otherwise.type));
    }
    case 'case': {
      const last = e.other ? inside(e.other) : withoutGuard(t);
      return e.arms.reduceRight((rest, arm) => {
        const value = inside(arm.value);
        return conditional(condition(t, arm.guard, place), value, rest, join(value.type, rest.type));
      }, last);
    }
    case 'let': {
      const body = arrowBody(t, e, place);
      return code(['(() => ', body.layout, ')()'], body.type, body.total);
    }
    case 'lambda':
      return refuse('LAMBDA has no value; it can only be handed to an operator.', e.span);
    case 'box-action':
    case 'angle-action': {
      const same = unchanged(t, e.subscript, place);
      const action = condition(t, e.action, place);
      return e.kind === 'box-action' ? chain([action, same], '||') : chain([action, not(same)], '&&');
    }
    case 'temporal-quantifier':
    case 'fairness':
      return refuse('A temporal formula has no value in a state, so it is not compiled.', e.span);
  }
}

/** The operands of nested conjunctions or disjunctions. */
export function flatten(e: ExpressionOf<'and' | 'or'>): Expression[] {
  return e.items.flatMap((item) => (item.kind === e.kind ? flatten(item as ExpressionOf<'and' | 'or'>) : [item]));
}

function unbounded(of: Bound): never {
  return refuse(
    'A variable without a set, as in \\A x : P, cannot be enumerated: bound it, \\A x \\in S : P.',
    of.names[0].span,
  );
}

/** The value of a function at an argument. */
export function apply(t: References, f: Code, argument: Code): Code {
  const { fn } = f.type;
  const found = t.imports.call('at', [f.layout, argument.layout], ANY, false);
  if (isNever(f.type)) return { ...found, type: NEVER };
  if (!fn || fn.shape === 'record') return found;
  return isOnly(f.type, 'fn') ? { ...found, type: general(fn).to } : narrowed(t, found, general(fn).to);
}

/** Any value that is known to be of a type, since the operation had failed otherwise. */
function narrowed(t: References, piece: Code, type: Type): Code {
  const short = shortOrAny(type);
  return short.any ? piece : t.imports.as(piece, short);
}

export function tuple(t: References, items: readonly Code[]): Code {
  if (items.length === 0) {
    t.imports.names.add('empty');
    return literal('empty', tupleType([]));
  }
  return t.imports.call(
    'tuple',
    items.map((item) => item.layout),
    tupleType(items.map((item) => item.type)),
    items.every((item) => item.total),
  );
}

/** The names of a bound as parameters of an arrow function, and its body. */
export function bound(
  t: References,
  of: Bound,
  set: Code,
  place: Place,
  body: (inner: Place) => Code,
): { parameters: string; body: Layout; type: Type; total: boolean } {
  const [inner, names] = t.bind(of, elementOf(set.type), place);
  const result = body(inner);
  const used = names.filter((name) => mentions(result.layout, name));
  return { parameters: `(${used.join(', ')})`, body: result.layout, type: result.type, total: result.total };
}

function quantifier(t: References, e: ExpressionOf<'forall' | 'exists'>, place: Place): Code {
  const name = e.kind === 'forall' ? 'forAll' : 'exists';
  const sets = e.bounds.map((of) => t.imports.set(expression(t, of.set ?? unbounded(of), place)));
  const within = (i: number, j: number, at: Place): Code => {
    if (i === e.bounds.length) return testBlock(t, e.body, at);
    const { names, tuple: isTuple } = e.bounds[i];
    const last = isTuple || j + 1 === names.length;
    const one: Bound = isTuple ? e.bounds[i] : { ...e.bounds[i], names: [names[j]] };
    const rest = bound(t, one, sets[i], at, (inner) => within(last ? i + 1 : i, last ? 0 : j + 1, inner));
    return t.imports.call(name, [sets[i].layout], BOOLEAN, sets[i].total && rest.total, rest);
  };
  return within(0, 0, place);
}

/** One bound a name: where several range over sets, over their product. */
function singles(e: ExpressionOf<'map' | 'function'>): Bound[] {
  return e.bounds.flatMap((of) => (of.tuple ? [of] : of.names.map((name): Bound => ({ ...of, names: [name] }))));
}

function setMap(t: References, e: ExpressionOf<'map'>, place: Place): Code {
  const bounds = singles(e);
  const sets = bounds.map((of) => t.imports.set(expression(t, of.set ?? unbounded(of), place)));
  const within = (i: number, at: Place): Code => {
    const last = i + 1 === bounds.length;
    const rest = bound(t, bounds[i], sets[i], at, (inner) => (last ? block(t, e.body, inner) : within(i + 1, inner)));
    const total = sets[i].total && rest.total;
    const mapped = t.imports.call('map', [sets[i].layout], setType(rest.type), total, rest);
    return last ? mapped : t.imports.call('unionAll', [mapped.layout], rest.type, total);
  };
  return within(0, place);
}

function functionConstructor(t: References, e: ExpressionOf<'function'>, place: Place): Code {
  const bounds = singles(e);
  const sets = bounds.map((of) => t.imports.set(expression(t, of.set ?? unbounded(of), place)));
  const [of, from] = functionBound(t, bounds, sets);
  const rule = bound(t, of, from, place, (inner) => block(t, e.body, inner));
  const type = functionType(elementOf(from.type), rule.type);
  return t.imports.call('mapping', [from.layout], type, from.total && rule.total, rule);
}

/** A function of several arguments is one of tuples. */
export function functionBound(t: References, bounds: readonly Bound[], sets: readonly Code[]): [Bound, Code] {
  if (bounds.length === 1) return [bounds[0], sets[0]];
  const from = t.imports.call(
    'product',
    sets.map((set) => set.layout),
    setType(tupleType(sets.map((set) => elementOf(set.type)))),
    sets.every((set) => set.total),
  );
  const nested = bounds.find((of) => of.tuple);
  if (nested)
    refuse('A function of several arguments of which one is a tuple of names is not compiled.', nested.names[0].span);
  return [{ names: bounds.map((of) => of.names[0]), tuple: true, set: undefined }, from];
}

export function unchanged(t: References, e: Expression, place: Place): Code {
  if (e.kind === 'tuple') {
    if (e.items.length === 0) return literal('true', BOOLEAN);
    return chain(
      e.items.map((item) => unchanged(t, item, place)),
      '&&',
    );
  }
  const unfolded = t.unfold(e, place);
  if (unfolded) return unchanged(t, unfolded.expression, { ...place, scope: unfolded.scope });
  return equality(t, primed(t, e, place), expression(t, e, place), true);
}

function primed(t: References, e: Expression, place: Place): Code {
  if (!place.next) return refuse('A prime stands where there is no next state.', e.span);
  return expression(t, e, { ...place, now: place.next, next: undefined });
}

export function equality(t: References, a: Code, b: Code, wanted: boolean): Code {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ]) {
    const word = print(other.layout);
    if ((word === 'true' || word === 'false') && isOnly(one.type, 'boolean')) {
      return (word === 'true') === wanted ? one : not(one);
    }
  }
  const literals = [a, b].every((piece) => /^-?\d+$/.test(print(piece.layout)));
  const related = isWithin(a.type, b.type) || isWithin(b.type, a.type);
  if (comparesByIdentity(a.type, b.type) && related && !literals) {
    return infix(a, wanted ? '===' : '!==', b, EQUALITY, BOOLEAN);
  }
  const same = t.imports.call('equal', [a.layout, b.layout], BOOLEAN, a.total && b.total && related);
  return wanted ? same : not(same);
}

const SET_OPERATORS: Readonly<Record<string, readonly [string, (a: Type, b: Type) => Type]>> = {
  '\\cup': ['union', (a, b) => join(a, b)],
  '\\cap': ['intersection', (a) => a],
  '\\': ['difference', (a) => a],
  '\\subseteq': ['subset', () => BOOLEAN],
};

/** Operators that belong to the language. */
export function core(
  t: References,
  name: string,
  args: readonly Expression[],
  place: Place,
  e: { readonly span: Expression['span'] },
): Code {
  const { imports } = t;
  const inside = (part: Expression): Code => expression(t, part, place);
  const set = (part: Expression): Code => imports.set(inside(part));
  if (Object.hasOwn(SET_OPERATORS, name)) {
    const [called, type] = SET_OPERATORS[name];
    const [a, b] = args.map(set);
    const result = type(setType(elementOf(a.type)), setType(elementOf(b.type)));
    return imports.call(called, [a.layout, b.layout], result, a.total && b.total);
  }
  switch (name) {
    case "'":
      return primed(t, args[0], place);
    case 'UNCHANGED':
      return unchanged(t, args[0], place);
    case 'ENABLED':
      return t.enabled(args[0], place);
    case '/\\':
    case '\\/':
      return expression(t, { kind: name === '/\\' ? 'and' : 'or', items: args, span: e.span }, place);
    case '\\X':
      return expression(t, { kind: 'product', items: args, span: e.span }, place);
    case '=':
    case '#':
      return equality(t, inside(args[0]), inside(args[1]), name === '=');
    case '\\in':
    case '\\notin': {
      const [x, within] = [inside(args[0]), set(args[1])];
      const found = imports.call('member', [x.layout, within.layout], BOOLEAN, x.total && within.total);
      return name === '\\in' ? found : not(found);
    }
    case '~':
      return not(condition(t, args[0], place));
    case '=>': {
      const [p, q] = args.map((arg) => condition(t, arg, place));
      return { ...chain([not(p), q], '||'), negated: chain([p, not(q)], '&&') };
    }
    case '<=>':
      return equality(t, condition(t, args[0], place), condition(t, args[1], place), true);
    case 'SUBSET': {
      const base = set(args[0]);
      return imports.call('powerSet', [base.layout], setType(setType(elementOf(base.type))), base.total);
    }
    case 'UNION': {
      const of = set(args[0]);
      const member = elementOf(of.type);
      if (isOnly(member, 'set') || isNever(member))
        return imports.call('unionAll', [of.layout], setType(elementOf(member)), of.total);
      const cast = imports.as(of, setType(setType(ANY)));
      return imports.call('unionAll', [cast.layout], setType(ANY), false);
    }
    case 'DOMAIN': {
      const f = inside(args[0]);
      const known = isOnly(f.type, 'fn') && f.type.fn ? general(f.type.fn).from : isNever(f.type) ? NEVER : ANY;
      return imports.call('domain', [f.layout], setType(known), f.total && isOnly(f.type, 'fn'));
    }
    case '\\cdot':
      return refuse('A \\cdot B is not compiled.', e.span);
    default:
      return refuse(`${name} is a temporal operator, and temporal formulas are not compiled.`, e.span);
  }
}

/** Arithmetic and comparison on what is known to be numbers. */
export function arithmetic(t: References, name: string, args: readonly Code[]): Code | undefined {
  const [a, b] = args.map((arg) => t.imports.number(arg));
  switch (name) {
    case '+':
    case '-':
      return infix(a, name, b, ADDITIVE, NUMBER);
    case '*':
      return infix(a, name, b, MULTIPLICATIVE, NUMBER);
    case '%':
    case '\\div':
      return t.imports.call(name === '%' ? 'modulo' : 'quotient', [a.layout, b.layout], NUMBER, false);
    case '<':
    case '>':
    case '<=':
    case '>=':
      return infix(a, name, b, RELATIONAL, BOOLEAN);
    case '-.':
      return code(['-', operand(a, UNARY + 1)], NUMBER, a.total, UNARY);
    case '..':
      return t.imports.call('interval', [a.layout, b.layout], setType(NUMBER), a.total && b.total);
  }
  return undefined;
}

/** An expression as the body of an arrow function: definitions of LET become statements of a block. */
export function block(t: References, e: Expression, place: Place): Code {
  return e.kind === 'let' ? arrowBody(t, e, place) : expression(t, e, place);
}

function testBlock(t: References, e: Expression, place: Place): Code {
  const body = block(t, e, place);
  return isOnly(body.type, 'boolean') ? body : condition(t, e, place);
}

function arrowBody(t: References, e: ExpressionOf<'let'>, place: Place): Code {
  const result = statements(t, e, place);
  return code(['{', indent(HARD, ...onLines(result.lines)), HARD, '}'], result.type, result.total, 2);
}

export interface Statements {
  readonly lines: readonly Layout[];
  readonly type: Type;
  readonly total: boolean;
}

/** Statements that end by returning the value. */
export function statements(t: References, e: Expression, place: Place): Statements {
  if (e.kind === 'let') {
    const lets = t.letDefinitions(e, place);
    const body = statements(t, e.body, lets.place);
    const used = lets.lines.filter(({ name }, i) => {
      const after = [...lets.lines.slice(i + 1).map((line) => line.layout), ...body.lines];
      return mentions(onLines(after), name);
    });
    return {
      lines: [...used.map((line) => line.layout), ...body.lines],
      type: body.type,
      total: body.total && lets.total,
    };
  }
  if (e.kind === 'if' && hasLet(e)) return branches(t, [{ guard: e.condition, value: e.then }], e.else, place);
  if (e.kind === 'case' && hasLet(e)) return branches(t, e.arms, e.other, place);
  const value = expression(t, e, place);
  assert(value.layout !== '', 'an expression has a text');
  return { lines: [['return ', value.layout, ';']], type: value.type, total: value.total };
}

/** `if (guard) { return value; }` one after the other. */
function branches(
  t: References,
  arms: ExpressionOf<'case'>['arms'],
  other: Expression | undefined,
  place: Place,
): Statements {
  const lines: Layout[] = [];
  const types: Type[] = [];
  let total = other !== undefined;
  for (const arm of arms) {
    const test = condition(t, arm.guard, place);
    const value = statements(t, arm.value, place);
    const [only] = value.lines;
    const head = group('if (', test.layout, ') ');
    lines.push(value.lines.length === 1 ? [head, only] : [head, '{', indent(HARD, ...onLines(value.lines)), HARD, '}']);
    types.push(value.type);
    total &&= test.total && value.total;
  }
  if (!other) return { lines: [...lines, ['return ', withoutGuard(t).layout, ';']], type: join(...types), total };
  const last = statements(t, other, place);
  return { lines: [...lines, ...last.lines], type: join(...types, last.type), total: total && last.total };
}

/** Whether a LET stands where the value is that of the whole. */
function hasLet(e: Expression): boolean {
  if (e.kind === 'if') return hasLet(e.then) || hasLet(e.else);
  if (e.kind === 'case') return e.arms.some((arm) => hasLet(arm.value)) || (e.other !== undefined && hasLet(e.other));
  return e.kind === 'let';
}

/** What a CASE comes to when no guard is TRUE. */
export function withoutGuard(t: References): Code {
  const message = QUOTED('No guard of this CASE is TRUE, and it has no OTHER.');
  return t.imports.call('undefinedValue', [message], NEVER, false);
}
