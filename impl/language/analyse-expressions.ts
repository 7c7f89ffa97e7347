/**
 * What expressions mean: names to variables, fields and classes, operators to what they do with operands of these
 * types, and every conversion made visible.
 */

import { CallAnalyser } from './analyse-calls.js';
import type { Typed } from './convert.js';
import type { ExpressionSyntax } from './syntax.js';
import { NULL } from './types.js';

export class ExpressionAnalyser extends CallAnalyser {
  expression(syntax: ExpressionSyntax): Typed {
    const line = this.lineAt(syntax);
    switch (syntax.kind) {
      case 'int':
      case 'long':
      case 'float':
      case 'double':
      case 'string':
        return this.constant(syntax, line);
      case 'file':
        return this.file(syntax, line);
      case 'null':
        return { type: NULL, bound: { op: 'null', line } };
      case 'this':
        return { type: { kind: 'class', name: this.context.cls.name }, bound: { op: 'this', line } };
      case 'super':
        this.error(syntax, 'super stands in front of a call', 'write super.method( … ) or super( … )');
        return this.broken(syntax);
      case 'class':
        this.error(syntax, 'a class is no value', 'ask a class object for it, with loadClass of the boot object');
        return this.broken(syntax);
      case 'name':
        return this.name(syntax, line);
      case 'member':
        return this.member(syntax, line);
      case 'unary':
        return this.unary(syntax, line);
      case 'binary':
        return this.binary(syntax, line);
      case 'cast':
        return this.cast(syntax);
      case 'call':
        return this.call(syntax, line);
      case 'index':
        return this.index(syntax, line);
      case 'assign':
        return this.assign(syntax, line);
      case 'new':
        return this.create(syntax, line);
      case 'newDynamic':
        return this.createDynamic(syntax, line);
    }
  }
}
