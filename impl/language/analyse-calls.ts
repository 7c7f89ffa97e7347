/** What calls and `new` mean: which method, by the types of its arguments, and how it is reached. */

import { OperatorAnalyser } from './analyse-operators.js';
import type { Bound } from './bound.js';
import { boxed, isRefusal, type Typed } from './convert.js';
import { didYouMean } from './diagnostics.js';
import type { Span } from './source.js';
import type { MethodSymbol } from './symbols.js';
import type { ExpressionSyntax } from './syntax.js';
import { ANY, INT, isNumeric, isObjectClass, type Type, typeText, VOID } from './types.js';

/** A last parameter of this name, an int, may be left out: it is the line of the call then. */
const CALLER_LINE = 'callerLine';

function takesLine({ parameters }: MethodSymbol): boolean {
  const last = parameters[parameters.length - 1];
  return last !== undefined && last.name === CALLER_LINE && last.type.kind === 'int';
}

/** The parameters that a call need not leave out. */
function written(method: MethodSymbol): MethodSymbol['parameters'] {
  return takesLine(method) ? method.parameters.slice(0, -1) : method.parameters;
}

type Of<Kind> = Extract<ExpressionSyntax, { kind: Kind }>;

export abstract class CallAnalyser extends OperatorAnalyser {
  protected call(syntax: Of<'call'>, line: number): Typed {
    const { cls, table } = this.context;
    const { object, method } = syntax;
    if (object?.kind === 'super') return this.superCall(syntax, line);
    const named = object === undefined ? undefined : this.classNamed(object);
    if (named !== undefined) return this.staticCall(syntax, named, line);
    if (object?.kind === 'class') return this.broken(syntax);
    const self: Typed =
      object === undefined
        ? { type: { kind: 'class', name: cls.name }, bound: { op: 'this', line } }
        : this.value(object);
    const args = syntax.args.map((arg) => this.value(arg));
    if (self.type.kind === 'error') return this.broken(syntax);
    if (typeof method === 'number') {
      const callee = { kind: 'ordinal', ordinal: method } as const;
      return { type: ANY, bound: { op: 'call', object: boxed(self), callee, args: args.map(boxed), line } };
    }
    if (object === undefined && table.methods(cls.name, method).length === 0) {
      this.unknownMethod(syntax.nameSpan, cls.name, method);
      return this.broken(syntax);
    }
    return this.callByName(self, method, args, syntax, line);
  }

  private className(type: Type): string {
    switch (type.kind) {
      case 'class':
        return type.name;
      case 'array':
        return type.container;
      case 'int':
      case 'long':
      case 'float':
      case 'double':
        return `.internal.${type.kind}`;
      default:
        return '.internal.object';
    }
  }

  private callByName(self: Typed, name: string, args: readonly Typed[], syntax: Of<'call'>, line: number): Typed {
    const { table } = this.context;
    const className = this.className(self.type);
    const candidates = table.methods(className, name);
    const loose = self.type.kind === 'any' || self.type.kind === 'null' || isObjectClass(self.type);
    if (candidates.length === 0 && loose) {
      const callee = { kind: 'name', name } as const;
      return { type: ANY, bound: { op: 'call', object: boxed(self), callee, args: args.map(boxed), line } };
    }
    if (candidates.length === 0) {
      this.unknownMethod(syntax.nameSpan, className, name);
      return this.broken(syntax);
    }
    const chosen = this.choose(candidates, args, syntax, `${name} of ${className}`);
    if (chosen === undefined) return this.broken(syntax);
    const bound: Bound = {
      op: 'call',
      object: boxed(self),
      callee: this.callee(chosen),
      args: this.args(chosen, args, syntax.args, line),
      line,
    };
    return { type: chosen.result, bound };
  }

  private callee(method: MethodSymbol) {
    const owner = this.context.table.get(method.owner);
    if (!owner?.isInterface) return { kind: 'ordinal', ordinal: method.ordinal } as const;
    const types = method.parameters.map(({ type }) => typeText(type)).join(',');
    return { kind: 'name', name: `${method.name}(${types})` } as const;
  }

  protected args(method: MethodSymbol, args: readonly Typed[], syntax: readonly Span[], line: number): Bound[] {
    const given = args.map((arg, i) => {
      const { type } = method.parameters[i];
      const span = syntax[i];
      // What is checked only when it runs must be a box of the right kind already.
      if (isNumeric(type) && !isNumeric(arg.type) && arg.type.kind !== 'error') {
        const checked = this.converter.cast(arg, type);
        return isRefusal(checked) ? this.to(arg, type, span) : boxed({ type, bound: checked });
      }
      const bound = this.to(arg, type, span);
      return boxed({ type, bound });
    });
    if (given.length === method.parameters.length) return given;
    const here: Bound = { op: 'constant', value: { kind: 'int', value: BigInt(line) }, line };
    return [...given, boxed({ type: INT, bound: here })];
  }

  /** Of methods of one name the one that takes these arguments best. */
  protected choose(
    candidates: readonly MethodSymbol[],
    args: readonly Typed[],
    syntax: Span & { nameSpan?: Span; args: readonly Span[] },
    what: string,
  ): MethodSymbol | undefined {
    const span = syntax.nameSpan ?? syntax;
    if (args.some(({ type }) => type.kind === 'error')) return undefined;
    const exact = candidates.filter(({ parameters }) => parameters.length === args.length);
    const withLine = candidates.filter((one) => one.parameters.length === args.length + 1 && takesLine(one));
    const counted = exact.length > 0 ? exact : withLine;
    if (counted.length === 0) {
      const counts = [...new Set(candidates.map((one) => written(one).length))].sort((a, b) => a - b);
      const wants = `${counts.join(' or ')} argument${counts.length === 1 && counts[0] === 1 ? '' : 's'}`;
      this.error(span, `${what} takes ${wants}, not ${args.length}`, this.shape(candidates));
      return undefined;
    }
    const costs = counted.flatMap((method) => {
      const each = args.map(({ type }, i) => this.converter.distance(type, method.parameters[i].type));
      if (each.some((cost) => cost === undefined)) return [];
      return { method, cost: each.reduce<number>((sum, cost) => sum + (cost ?? 0), 0) };
    });
    if (costs.length === 0) {
      this.refuseArguments(counted, args, syntax, what);
      return undefined;
    }
    const least = Math.min(...costs.map(({ cost }) => cost));
    const best = costs.filter(({ cost }) => cost === least);
    if (best.length > 1) {
      const shapes = this.shape(best.map(({ method }) => method));
      this.error(span, `${what} is ambiguous with these arguments`, `cast one of them; ${shapes}`);
      return undefined;
    }
    return best[0].method;
  }

  private refuseArguments(
    counted: readonly MethodSymbol[],
    args: readonly Typed[],
    syntax: Span & { nameSpan?: Span; args: readonly Span[] },
    what: string,
  ): void {
    if (counted.length > 1) {
      const given = args.map(({ type }) => typeText(type)).join(', ');
      this.error(syntax.nameSpan ?? syntax, `${what} does not take ( ${given} )`, this.shape(counted));
      return;
    }
    const [method] = counted;
    for (const [i, arg] of args.entries()) {
      const { name, type } = method.parameters[i];
      if (this.converter.distance(arg.type, type) !== undefined) continue;
      const refusal = this.converter.convert(arg, type);
      const narrowing = !isRefusal(refusal);
      const cast = narrowing ? `write (${typeText(type)})` : refusal.suggestion;
      const message = `parameter ${name} of ${what} is ${typeText(type)}, this is ${typeText(arg.type)}`;
      this.error(syntax.args[i], message, cast);
      return;
    }
  }

  private shape(methods: readonly MethodSymbol[]): string {
    const shapes = methods.slice(0, 4).map((method) => {
      const list = written(method)
        .map(({ name, type }) => `${name} : ${typeText(type)}`)
        .join(', ');
      return list === '' ? '()' : `( ${list} )`;
    });
    return `there ${shapes.length === 1 ? 'is' : 'are'} ${shapes.join(' and ')}`;
  }

  private unknownMethod(span: Span, className: string, name: string): void {
    const { table, scope } = this.context;
    if (table.get(className)?.source?.syntax.damaged) return;
    const near = didYouMean(name, table.methodNames(className));
    const { start, end } = span;
    const isClass = table.resolve(scope, { absolute: false, parts: [name], start, end }) !== undefined;
    const suggestion = near ?? (isClass ? `to make an object write new ${name}( … )` : undefined);
    this.error(span, `class ${className} has no method ${name}`, suggestion);
  }

  private superCall(syntax: Of<'call'>, line: number): Typed {
    const { table, cls, method } = this.context;
    const { parent } = cls;
    const args = syntax.args.map((arg) => this.value(arg));
    if (parent === undefined || typeof syntax.method === 'number') {
      this.error(syntax, 'super calls a method of the parent class by name');
      return this.broken(syntax);
    }
    const isConstructor = syntax.method === '<init>';
    if (isConstructor && !method.isConstructor) {
      this.error(syntax, 'super( … ) calls the constructor of the parent, in a constructor only');
      return this.broken(syntax);
    }
    const candidates = isConstructor
      ? (table.get(parent)?.methods.filter((candidate) => candidate.isConstructor) ?? [])
      : table.methods(parent, syntax.method);
    if (candidates.length === 0) {
      if (isConstructor) this.error(syntax, `the parent class ${parent} has no constructor`);
      else this.unknownMethod(syntax.nameSpan, parent, syntax.method);
      return this.broken(syntax);
    }
    const what = isConstructor ? `the constructor of ${parent}` : `${syntax.method} of ${parent}`;
    const chosen = this.choose(candidates, args, syntax, what);
    if (chosen === undefined) return this.broken(syntax);
    const callee = { kind: 'super', ordinal: chosen.ordinal, cls: chosen.owner } as const;
    const object: Bound = { op: 'this', line };
    return {
      type: isConstructor ? VOID : chosen.result,
      bound: { op: 'call', object, callee, args: this.args(chosen, args, syntax.args, line), line },
    };
  }

  /** `class.method( … )`: a static method, on an object made for the call. */
  private staticCall(syntax: Of<'call'>, className: string, line: number): Typed {
    const args = syntax.args.map((arg) => this.value(arg));
    const { table } = this.context;
    const candidates =
      typeof syntax.method === 'number'
        ? []
        : table.methods(className, syntax.method).filter(({ isStatic }) => isStatic);
    if (candidates.length === 0) {
      const suggestion = 'call it on an object, or declare it static';
      this.error(syntax.nameSpan, `class ${className} has no static method ${syntax.method}`, suggestion);
      return this.broken(syntax);
    }
    const chosen = this.choose(candidates, args, syntax, `${syntax.method} of ${className}`);
    if (chosen === undefined) return this.broken(syntax);
    const object: Bound = { op: 'new', cls: { op: 'class', cls: className, line }, args: [], line };
    const callee = { kind: 'ordinal', ordinal: chosen.ordinal } as const;
    return {
      type: chosen.result,
      bound: { op: 'call', object, callee, args: this.args(chosen, args, syntax.args, line), line },
    };
  }

  // New objects.

  protected create(syntax: Of<'new'>, line: number): Typed {
    const { table, scope } = this.context;
    const type = table.type(scope, syntax.type);
    const args = syntax.args.map((arg) => this.value(arg));
    if (type.kind === 'error') return this.broken(syntax);
    if (type.kind !== 'class' && type.kind !== 'array') {
      const suggestion = isNumeric(type) ? 'write the number' : undefined;
      this.error(syntax.type, `there are no objects of ${typeText(type)} to make`, suggestion);
      return this.broken(syntax);
    }
    const name = type.kind === 'array' ? type.container : type.name;
    const symbol = table.get(name);
    const cls: Bound = { op: 'class', cls: name, line };
    if (symbol === undefined) return this.broken(syntax);
    if (symbol.isInterface) {
      this.error(syntax.type, `${name} is an interface`, 'make an object of a class that implements it');
      return this.broken(syntax);
    }
    const constructors = symbol.methods.filter(({ isConstructor }) => isConstructor);
    if (symbol.isInternal || constructors.length === 0) {
      if (args.length > 0) this.error(syntax, `the constructor of ${name} takes no arguments`);
      return { type, bound: { op: 'new', cls, args: [], line } };
    }
    const chosen = this.choose(constructors, args, syntax, `the constructor of ${name}`);
    if (chosen === undefined) return { type, bound: this.broken(syntax).bound };
    const bound: Bound = {
      op: 'new',
      cls,
      constructorOrdinal: chosen.ordinal,
      args: this.args(chosen, args, syntax.args, line),
      line,
    };
    return { type, bound };
  }

  protected createDynamic(syntax: Of<'newDynamic'>, line: number): Typed {
    const cls = boxed(this.value(syntax.cls));
    for (const arg of syntax.args) this.value(arg);
    if (syntax.args.length > 0) {
      this.error(syntax, 'new *( … )() calls no constructor, so it takes no arguments', 'call a method afterwards');
    }
    return { type: ANY, bound: { op: 'new', cls, args: [], line } };
  }
}
