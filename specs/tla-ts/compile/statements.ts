// Statements of the generator functions that actions become, and their text.
//
// A list of statements is read as one path: a guard decides whether the rest of its list is done at all.
import { type Code, chain, not } from './code.js';
import { group, HARD, indent, type Layout, LINE, print, separated } from './layout.js';

export type Statement =
  /** `name`: what it declares; left out where nothing uses it. */
  | { readonly kind: 'line'; readonly name?: string; readonly layout: Layout }
  | { readonly kind: 'constant'; readonly name: string; readonly value: Code }
  | { readonly kind: 'guard'; readonly test: Code }
  | { readonly kind: 'loop'; readonly name: string; readonly over: Layout; readonly body: readonly Statement[] }
  | {
      readonly kind: 'if';
      readonly test: Code;
      readonly yes: readonly Statement[];
      readonly no: readonly Statement[];
    }
  /** One after the other. */
  | { readonly kind: 'alternatives'; readonly lists: readonly (readonly Statement[])[] }
  | { readonly kind: 'yield'; readonly layout: Layout };

/** What ends a path early: leaving the function, or going on with the loop; undefined: something comes after it. */
type Leave = 'return' | 'continue' | undefined;

/** Conditions of one guard stand on one line up to so many characters. */
const CONDITION_MAX = 100;

/** How often a name stands in a layout. */
function count(layout: Layout, name: string): number {
  // The key of an object's property is not the name.
  if (layout === `${name}: `) return 0;
  if (typeof layout === 'string') return layout === name ? 1 : new RegExp(`\\b${name}\\b`).test(layout) ? 2 : 0;
  if (!('kind' in layout)) return layout.reduce((sum, part) => sum + count(part, name), 0);
  return layout.kind === 'break' || layout.kind === 'broken' ? 0 : count(layout.inside, name);
}

function replace(layout: Layout, name: string, by: Layout): Layout {
  if (typeof layout === 'string') return layout === name ? by : layout;
  if (!('kind' in layout)) return layout.map((part) => replace(part, name, by));
  if (layout.kind === 'break' || layout.kind === 'broken') return layout;
  return { ...layout, inside: replace(layout.inside, name, by) };
}

/** `{ x }` for `{ x: x }`. */
function shorthand(layout: Layout): Layout {
  if (typeof layout === 'string') return layout;
  if (!('kind' in layout)) {
    return layout.length === 2 && layout[0] === `${layout[1]}: ` ? layout[1] : layout.map(shorthand);
  }
  return layout.kind === 'break' || layout.kind === 'broken' ? layout : { ...layout, inside: shorthand(layout.inside) };
}

/** A constant and what follows; where that is nothing but one yield that uses it once, the value stands there. */
export function withConstant(name: string, value: Code, rest: readonly Statement[]): Statement[] {
  const [only] = rest;
  if (rest.length === 1 && only.kind === 'yield' && count(only.layout, name) === 1) {
    return [{ kind: 'yield', layout: replace(only.layout, name, value.layout) }];
  }
  return [{ kind: 'constant', name, value }, ...rest];
}

/** Whether a name stands in a text, not as that of a property. */
export function mentions(layout: Layout, name: string): boolean {
  return new RegExp(`(?<![\\w$])(?<!(?<!\\.\\.)\\.)${name.replace(/\$/g, '\\$')}(?![\\w$])`).test(print(layout));
}

/** The lines of a path. */
export function lines(path: readonly Statement[], leave: Leave): Layout[] {
  const result: Layout[] = [];
  for (let i = 0; i < path.length; i++) {
    const statement = path[i];
    const last = i + 1 === path.length;
    switch (statement.kind) {
      case 'line':
        if (statement.name === undefined || mentions(lines(path.slice(i + 1), leave), statement.name)) {
          result.push(statement.layout);
        }
        break;
      case 'constant':
        result.push(group(`const ${statement.name} =`, indent(LINE, statement.value.layout), ';'));
        break;
      case 'guard': {
        const tests = [statement.test];
        let next = i + 1;
        for (let more = path[next]; more?.kind === 'guard'; more = path[++next]) tests.push(more.test);
        const test = chain(tests, '&&');
        if (leave === undefined) {
          result.push(conditionally(test.layout, lines(path.slice(next), leave)));
          return result;
        }
        const together = unless(test, leave);
        // A condition a line reads better than one on many lines.
        if (print(together).length > CONDITION_MAX) result.push(...tests.map((one) => unless(one, leave)));
        else result.push(together);
        i = next - 1;
        break;
      }
      case 'loop': {
        const inside = lines(statement.body, 'continue');
        const name = mentions(inside, statement.name) ? statement.name : `_${statement.name}`;
        const head = group(`for (const ${name} of `, statement.over, ')');
        result.push([head, ' ', braced(inside)]);
        break;
      }
      case 'if': {
        const own = last ? leave : undefined;
        const then = lines(statement.yes, own);
        const otherwise = lines(statement.no, own);
        if (otherwise.length === 0) result.push(conditionally(statement.test.layout, then));
        else result.push([conditionally(statement.test.layout, then), ' else ', braced(otherwise)]);
        break;
      }
      case 'alternatives':
        statement.lists.forEach((list, at) => {
          const isLast = last && at + 1 === statement.lists.length;
          const inside = lines(list, isLast ? leave : undefined);
          const declares = inside.some((line) => print(line).startsWith('const '));
          if (!isLast && declares) result.push(braced(inside));
          else result.push(...inside);
        });
        break;
      case 'yield':
        result.push(shorthand(statement.layout));
    }
  }
  return result;
}

export const onLines = (items: readonly Layout[]): Layout[] => separated(items, HARD);

export function braced(inside: readonly Layout[]): Layout {
  return inside.length === 0 ? '{}' : ['{', indent(HARD, ...onLines(inside)), HARD, '}'];
}

function conditionally(test: Layout, inside: readonly Layout[]): Layout {
  return [group('if (', test, ')'), ' ', braced(inside)];
}

function unless(test: Code, leave: string): Layout {
  return group('if (', not(test).layout, `) ${leave};`);
}
