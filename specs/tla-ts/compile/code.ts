// Pieces of generated TypeScript: their text and what is known about their value.
import { call, group, indent, type Layout, LINE, print } from './layout.js';
import {
  ANY,
  BOOLEAN,
  elementOf,
  isNever,
  isOnly,
  isWithin,
  NEVER,
  NUMBER,
  renderType,
  setType,
  shortOrAny,
  type Type,
} from './types.js';

/** How tightly a piece holds together, as in the grammar of JavaScript. */
export const ATOM = 20;
export const UNARY = 14;
export const MULTIPLICATIVE = 12;
export const ADDITIVE = 11;
export const RELATIONAL = 9;
export const EQUALITY = 8;
export const AND = 5;
export const OR = 4;
export const CONDITIONAL = 3;

export interface Code {
  readonly layout: Layout;
  readonly type: Type;
  readonly precedence: number;
  /** What says the opposite. */
  readonly negated?: Code;
  /** Before TypeScript was told its type. */
  readonly uncast?: Code;
  /** The text of the value that a constant stands for. */
  readonly source?: string;
  /** It always has a value: it may be computed where the specification would not ask for it. */
  readonly total: boolean;
}

export function code(layout: Layout, type: Type, total: boolean, precedence = ATOM): Code {
  return { layout, type, precedence, total };
}

export const literal = (layout: string, type: Type): Code => code(layout, type, true);

/** The piece as an operand of something that binds this tightly. */
export function operand(piece: Code, precedence: number): Layout {
  return piece.precedence < precedence ? ['(', piece.layout, ')'] : piece.layout;
}

export function infix(left: Code, sign: string, right: Code, precedence: number, type: Type): Code {
  const layout = group(operand(left, precedence), ` ${sign}`, indent(LINE, operand(right, precedence + 1)));
  const result = code(layout, type, left.total && right.total, precedence);
  const opposite = OPPOSITES[sign];
  if (opposite === undefined) return result;
  const negation = group(operand(left, precedence), ` ${opposite}`, indent(LINE, operand(right, precedence + 1)));
  return { ...result, negated: { ...result, layout: negation } };
}

/** What says the opposite, of Booleans and numbers as they are here: there is no NaN. */
const OPPOSITES: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
};

/** A chain of && or ||. */
export function chain(items: readonly Code[], sign: '&&' | '||'): Code {
  if (items.length === 1) return items[0];
  const precedence = sign === '&&' ? AND : OR;
  const parts = items.flatMap((item, i): Layout[] => {
    // Mixed chains read better with parentheses.
    const mixed = item.precedence === (sign === '&&' ? OR : AND);
    const text = mixed ? (['(', item.layout, ')'] as const) : operand(item, precedence + 1);
    return i === 0 ? [text] : [` ${sign}`, LINE, text];
  });
  return code(
    group(indent(...parts)),
    BOOLEAN,
    items.every((item) => item.total),
    precedence,
  );
}

export function not(piece: Code): Code {
  if (piece.negated) return { ...piece.negated, negated: piece };
  return { ...code(['!', operand(piece, UNARY)], BOOLEAN, piece.total, UNARY), negated: piece };
}

export function conditional(test: Code, then: Code, otherwise: Code, type: Type): Code {
  const layout = group(
    operand(test, CONDITIONAL + 1),
    indent(LINE, '? ', operand(then, CONDITIONAL + 1), LINE, ': ', operand(otherwise, CONDITIONAL)),
  );
  return code(layout, type, test.total && then.total && otherwise.total, CONDITIONAL);
}

/** Whether the text is a name, a literal or a property: cheap to repeat. */
export function isSimple(piece: Code): boolean {
  if (piece.precedence < ATOM || !piece.total) return false;
  const text = print(piece.layout);
  return /^[\w$.]+$/.test(text) || /^text\('[^']*'\)$/.test(text);
}

/** Collects what the generated module has to import from the runtime. */
export class Imports {
  readonly names = new Set<string>();

  call(
    name: string,
    args: readonly Layout[],
    type: Type,
    total: boolean,
    last?: { parameters: string; body: Layout },
  ): Code {
    this.names.add(name);
    return code(call(name, args, last), type, total);
  }

  type(type: Type): string {
    return renderType(type, this.names);
  }

  /** The same value, taken by TypeScript for one of this type. */
  as(piece: Code, type: Type): Code {
    const given = piece.uncast ?? piece;
    if (isWithin(given.type, type)) return { ...given, uncast: given };
    const layout = group(operand(given, RELATIONAL), ` as ${this.type(type)}`);
    return { ...code(layout, type, given.total, RELATIONAL), uncast: given };
  }

  /** The piece where a value of a type is wanted that is at least as wide, or that is known to be right. */
  within(piece: Code, type: Type): Code {
    return isWithin(piece.type, type) ? piece : this.as(piece, type);
  }

  number(piece: Code): Code {
    return isOnly(piece.type, 'number') || isNever(piece.type)
      ? piece
      : this.call('asNumber', [piece.layout], NUMBER, false);
  }

  boolean(piece: Code): Code {
    return isOnly(piece.type, 'boolean') || isNever(piece.type)
      ? piece
      : this.call('asBoolean', [piece.layout], BOOLEAN, false);
  }

  set(piece: Code): Code {
    if (isOnly(piece.type, 'set')) return piece;
    const set = this.call('asSet', [piece.layout], setType(ANY), false);
    if (isNever(piece.type)) return { ...set, type: setType(NEVER) };
    const known = shortOrAny(setType(elementOf(piece.type)));
    return known.any || known.set?.any ? set : this.as(set, known);
  }
}
