/**
 * Lint rules for the kernel's AssemblyScript, where the language says one thing silently and the machine needs another:
 *
 * - `narrow-arithmetic`: arithmetic on u8, u16, i8 or i16 wraps in the narrow type (`load<u8>(p) << 12` is always 0 above bit 7), so
 *   narrow values are widened before they are operands: `<u32>load<u8>(p) << 12`.
 * - `unmanaged-virtual`: an overridden method of an @unmanaged class compiles and then dispatches on a runtime type id that
 *   such objects do not have. No `override`, no `abstract`, no method of the same name in base and derived class.
 * - `device-access`: memory that a device or an interrupt handler shares is reached only through vload and vstore of `hw.ts`, since plain
 *   accesses may be merged or moved. Checked for constant addresses below 1 MiB or in the top 256 MiB, and for every module-level
 *   name that some vload or vstore of the file has in its address.
 *
 * The sources are parsed with AssemblyScript's own parser.
 */

import * as assemblyscript from 'assemblyscript';

export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly rule: 'narrow-arithmetic' | 'unmanaged-virtual' | 'device-access';
  readonly message: string;
}

/** A node of the parser's tree, whatever its kind. */
interface Node {
  readonly kind: number;
  readonly range: { readonly start: number };
}

/** An enumeration of the parser. Its declarations are const enums, which single-file compilation cannot read. */
function enumeration<Name extends string>(name: string, members: readonly Name[]): Readonly<Record<Name, number>> {
  const all: unknown = Reflect.get(assemblyscript, name);
  const picked = new Map<string, number>();
  for (const member of members) {
    const value: unknown = typeof all === 'object' && all !== null ? Reflect.get(all, member) : undefined;
    if (typeof value !== 'number')
      throw new Error(`assemblyscript has no ${name}.${member}: another version is expected`);
    picked.set(member, value);
  }
  return Object.fromEntries(picked) as Record<Name, number>;
}

const NodeKind = enumeration('NodeKind', [
  'Assertion',
  'Binary',
  'Call',
  'ClassDeclaration',
  'FieldDeclaration',
  'Identifier',
  'Literal',
  'MethodDeclaration',
  'Parameter',
  'Parenthesized',
  'PropertyAccess',
  'UnaryPrefix',
  'VariableDeclaration',
]);
const Token = enumeration('Token', [
  'Plus',
  'Minus',
  'Asterisk',
  'Slash',
  'Percent',
  'LessThan_LessThan',
  'GreaterThan_GreaterThan',
  'GreaterThan_GreaterThan_GreaterThan',
  'Ampersand',
  'Bar',
  'Caret',
  'Tilde',
]);

const narrowTypes = new Set(['u8', 'u16', 'i8', 'i16']);
const { Tilde, ...binaryTokens } = Token;
const arithmetic = new Set<number>(Object.values(binaryTokens));
const prefixArithmetic = new Set<number>([Token.Minus, Tilde]);
const lowMemoryEnd = 0x100000;
const deviceMemoryStart = 0xf0000000;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'kind' in value && 'range' in value;
}

/** A property of a node, whose class the kind tells. */
function field(node: Node, name: string): unknown {
  return (node as unknown as Record<string, unknown>)[name];
}

function nodeField(node: Node, name: string): Node | undefined {
  const value = field(node, name);
  return isNode(value) ? value : undefined;
}

function nodeList(node: Node, name: string): Node[] {
  const value = field(node, name);
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function nodesIn(node: Node): Node[] {
  const found: Node[] = [];
  for (const [name, value] of Object.entries(node)) {
    if (name === 'range' || name === 'source') continue;
    if (isNode(value)) found.push(value);
    else if (Array.isArray(value)) found.push(...value.filter(isNode));
  }
  return found;
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const child of nodesIn(node)) walk(child, visit);
}

/** The text of an identifier, a named type, or a name that holds one. */
function textOf(node: Node | undefined): string | undefined {
  if (node === undefined) return undefined;
  const text = field(node, 'text');
  if (typeof text === 'string') return text;
  return textOf(nodeField(node, 'identifier') ?? nodeField(node, 'name'));
}

function withoutParentheses(node: Node | undefined): Node | undefined {
  return node?.kind === NodeKind.Parenthesized ? withoutParentheses(nodeField(node, 'expression')) : node;
}

/** The name a call calls. */
function callee(node: Node): string | undefined {
  return node.kind === NodeKind.Call ? textOf(nodeField(node, 'expression')) : undefined;
}

/** All problems of one source file. */
export function lintKernelSource(file: string, text: string): Problem[] {
  const program = assemblyscript.newProgram(assemblyscript.newOptions());
  assemblyscript.parse(program, text, file, true);
  const source = program.sources.find((s) => s.text === text);
  if (source === undefined || !isNode(source)) throw new Error(`${file}: the parser gave no source`);
  return new Linter(file, text, source).run();
}

class Linter {
  private readonly problems: Problem[] = [];
  /** Names declared with a narrow type or initialised with a narrow load, and fields so declared. */
  private readonly narrowNames = new Set<string>();
  private readonly wideNames = new Set<string>();
  private readonly moduleNames = new Set<string>();
  private readonly sharedNames = new Set<string>();

  constructor(
    private readonly file: string,
    private readonly text: string,
    private readonly source: Node,
  ) {}

  run(): Problem[] {
    for (const statement of nodeList(this.source, 'statements')) this.declareModuleNames(statement);
    walk(this.source, (node) => this.declare(node));
    walk(this.source, (node) => this.findShared(node));
    walk(this.source, (node) => {
      this.checkArithmetic(node);
      this.checkAccess(node);
    });
    this.checkClasses();
    return this.problems.sort((a, b) => a.line - b.line);
  }

  private report(node: Node, rule: Problem['rule'], message: string): void {
    const line = this.text.slice(0, node.range.start).split('\n').length;
    this.problems.push({ file: this.file, line, rule, message });
  }

  // Names -----------------------------------------------------------------------------------------------------------------------

  private declareModuleNames(statement: Node): void {
    const named = [statement, ...nodeList(statement, 'declarations')];
    for (const node of named) {
      const name = textOf(nodeField(node, 'name'));
      if (name !== undefined) this.moduleNames.add(name);
    }
  }

  private declare(node: Node): void {
    const declares =
      node.kind === NodeKind.VariableDeclaration ||
      node.kind === NodeKind.FieldDeclaration ||
      node.kind === NodeKind.Parameter;
    if (!declares) return;
    const name = textOf(nodeField(node, 'name'));
    if (name === undefined) return;
    const type = textOf(nodeField(node, 'type'));
    const initializer = withoutParentheses(nodeField(node, 'initializer'));
    const narrow =
      type !== undefined ? narrowTypes.has(type) : initializer !== undefined && this.loadsNarrow(initializer);
    (narrow ? this.narrowNames : this.wideNames).add(name);
  }

  // Rule: narrow-arithmetic -------------------------------------------------------------------------------------------------------

  private loadsNarrow(node: Node): boolean {
    if (callee(node) !== 'load') return false;
    const [type] = nodeList(node, 'typeArguments');
    return narrowTypes.has(textOf(type) ?? '');
  }

  private isNarrow(operand: Node | undefined): boolean {
    const node = withoutParentheses(operand);
    if (node === undefined) return false;
    if (this.loadsNarrow(node)) return true;
    if (node.kind === NodeKind.Assertion) return narrowTypes.has(textOf(nodeField(node, 'toType')) ?? '');
    // A name that is narrow in one place and wide in another is not judged.
    const name =
      node.kind === NodeKind.Identifier
        ? textOf(node)
        : node.kind === NodeKind.PropertyAccess
          ? textOf(nodeField(node, 'property'))
          : undefined;
    return name !== undefined && this.narrowNames.has(name) && !this.wideNames.has(name);
  }

  private checkArithmetic(node: Node): void {
    const operator = field(node, 'operator');
    if (typeof operator !== 'number') return;
    let operands: (Node | undefined)[] = [];
    if (node.kind === NodeKind.Binary && arithmetic.has(operator)) {
      operands = [nodeField(node, 'left'), nodeField(node, 'right')];
    } else if (node.kind === NodeKind.UnaryPrefix && prefixArithmetic.has(operator)) {
      operands = [nodeField(node, 'operand')];
    }
    for (const operand of operands) {
      if (operand === undefined || !this.isNarrow(operand)) continue;
      this.report(operand, 'narrow-arithmetic', 'an 8 or 16 bit operand wraps: widen it first, <u32>...');
    }
  }

  // Rule: unmanaged-virtual -------------------------------------------------------------------------------------------------------

  private checkClasses(): void {
    const classes = new Map<string, Node>();
    walk(this.source, (node) => {
      const name = node.kind === NodeKind.ClassDeclaration ? textOf(nodeField(node, 'name')) : undefined;
      if (name !== undefined) classes.set(name, node);
    });
    const methods = (node: Node): Node[] =>
      nodeList(node, 'members').filter(
        (m) => m.kind === NodeKind.MethodDeclaration && textOf(nodeField(m, 'name')) !== 'constructor',
      );
    for (const node of classes.values()) {
      if (!nodeList(node, 'decorators').some((d) => textOf(d) === 'unmanaged')) continue;
      const inherited = new Set<string | undefined>();
      for (let base = baseOf(node, classes), hops = 0; base !== undefined && hops < 64; hops++) {
        for (const m of methods(base)) inherited.add(textOf(nodeField(m, 'name')));
        base = baseOf(base, classes);
      }
      for (const m of methods(node)) {
        const name = textOf(nodeField(m, 'name'));
        if (this.hasModifier(m, 'override') || this.hasModifier(m, 'abstract') || inherited.has(name)) {
          this.report(m, 'unmanaged-virtual', `method ${name} of an @unmanaged class must not be virtual`);
        }
      }
    }
  }

  /** Whether a method's declaration has a modifier word before its name. */
  private hasModifier(method: Node, word: string): boolean {
    const name = nodeField(method, 'name');
    if (name === undefined) return false;
    return new RegExp(`\\b${word}\\b`).test(this.text.slice(method.range.start, name.range.start));
  }

  // Rule: device-access -----------------------------------------------------------------------------------------------------------

  /** The module-level name that an address is formed from: of a constant, or of the function that gives it. */
  private root(address: Node | undefined): string | undefined {
    const node = withoutParentheses(address);
    if (node === undefined) return undefined;
    if (node.kind === NodeKind.Identifier) {
      const name = textOf(node);
      return name !== undefined && this.moduleNames.has(name) ? name : undefined;
    }
    if (node.kind === NodeKind.Call) return this.root(nodeField(node, 'expression'));
    if (node.kind === NodeKind.Binary) return this.root(nodeField(node, 'left')) ?? this.root(nodeField(node, 'right'));
    if (node.kind === NodeKind.Assertion) return this.root(nodeField(node, 'expression'));
    return undefined;
  }

  private findShared(node: Node): void {
    if (!/^v(load|store)(8|16|32)$/.test(callee(node) ?? '')) return;
    const name = this.root(nodeList(node, 'args')[0]);
    if (name !== undefined) this.sharedNames.add(name);
  }

  private checkAccess(node: Node): void {
    const name = callee(node);
    if (name !== 'load' && name !== 'store') return;
    const [address] = nodeList(node, 'args');
    const value = constantOf(withoutParentheses(address));
    if (value !== undefined && (value < lowMemoryEnd || value >= deviceMemoryStart)) {
      this.report(node, 'device-access', `${name} of a device address: use v${name} of hw.ts`);
    }
    const shared = this.root(address);
    if (shared !== undefined && this.sharedNames.has(shared)) {
      this.report(
        node,
        'device-access',
        `${shared} is shared with a device or interrupt handler: use v${name} of hw.ts`,
      );
    }
  }
}

function baseOf(node: Node, classes: ReadonlyMap<string, Node>): Node | undefined {
  return classes.get(textOf(nodeField(node, 'extendsType')) ?? '');
}

/** The value of an integer literal, perhaps behind a cast. */
function constantOf(node: Node | undefined): number | undefined {
  if (node === undefined) return undefined;
  if (node.kind === NodeKind.Assertion) return constantOf(withoutParentheses(nodeField(node, 'expression')));
  const value = field(node, 'value');
  if (node.kind !== NodeKind.Literal || typeof value !== 'object' || value === null) return undefined;
  const { low, high } = value as { low?: unknown; high?: unknown };
  return typeof low === 'number' && typeof high === 'number' ? high * 2 ** 32 + (low >>> 0) : undefined;
}
