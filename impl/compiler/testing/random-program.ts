/**
 * Random wasm programs for comparing the compiler with another implementation of wasm.
 *
 * A program is a function of a byte string: each choice takes one byte, and an exhausted string chooses the simplest there is, so a
 * shorter string is a smaller program and a property testing library can shrink it. Every program ends (a fuel counter), does
 * not trap (divisors and addresses are confined), and leaves its results in memory. Computed NaNs are made canonical, since wasm
 * leaves their bits open.
 */

import type { ValueType } from '../wasm.js';
import { Code, typeCode, typeIndex, type WrittenFunction, writeModule } from './wasm-writer.js';

/** Where the compared memory lies. */
export const dataBase = 0x200000;
export const dataBytes = 0x1000;
export const memoryPages = 34;

const fuelGlobal = 0;
const globalTypes: readonly ValueType[] = ['i32', 'i32', 'i32', 'i64', 'f64', 'f32'];
const startFuel = 60;
/** Results are stored from here on; what lies below is the programs' own. */
const resultBase = dataBase + 0x800;

const interesting32 = [
  0n,
  1n,
  2n,
  3n,
  7n,
  8n,
  31n,
  32n,
  63n,
  127n,
  128n,
  255n,
  256n,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0xfffffffen,
  0xaaaaaaaan,
];
const interesting64 = [
  0n,
  1n,
  2n,
  0xffffffffn,
  0x100000000n,
  0x7fffffffffffffffn,
  0x8000000000000000n,
  0xffffffffffffffffn,
  0xfffffffffffffff0n,
  0x123456789abcdef0n,
  0x80000000n,
  0xffffffff00000000n,
];
const interestingFloats = [
  0,
  -0,
  1,
  -1,
  0.5,
  1.5,
  2.5,
  -0.5,
  3,
  1e10,
  -1e10,
  1e300,
  1e-300,
  5e-324,
  2.2250738585072014e-308,
  4294967295.5,
  -2147483648.9,
  9007199254740994,
  1 / 3,
  Infinity,
  -Infinity,
  1.1754943508222875e-38,
  1e-45,
  16777217,
  3.4028235677973366e38,
];

const view = new DataView(new ArrayBuffer(8));

function floatBits(type: 'f32' | 'f64', value: number): bigint {
  if (type === 'f32') {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  }
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

const canonicalNaN = { f32: 0x7fc00000n, f64: 0x7ff8000000000000n };

interface Signature {
  readonly params: readonly ValueType[];
  readonly result: ValueType | undefined;
}

const leaf: Signature = { params: ['i32', 'i64', 'i32'], result: 'i64' };
const leafCount = 4;

export interface ProgramOptions {
  readonly floats: boolean;
}

export function randomProgram(choices: Uint8Array, options: ProgramOptions): Uint8Array {
  return new Generator(choices, options).module();
}

class Generator {
  private position = 0;
  private readonly types: string[] = [];
  private readonly signatures: Signature[] = [];
  private readonly functions: WrittenFunction[] = [];
  // The function being generated:
  private code = new Code();
  private locals: ValueType[] = [];
  private result: ValueType | undefined;
  /** Result type of each open label, innermost last; 'loop' takes no operand. */
  private labels: (ValueType | 'none' | 'loop')[] = [];
  /** Locals that hold an address or an operand under way, which no other code may change. */
  private readonly reserved = new Set<number>();
  private budget = 0;
  private loops = 0;

  constructor(
    private readonly choices: Uint8Array,
    private readonly options: ProgramOptions,
  ) {}

  private choose(n: number): number {
    return this.position < this.choices.length ? this.choices[this.position++] % n : 0;
  }

  private type(): ValueType {
    return (['i32', 'i64', 'i32', 'f64', 'f32'] as const)[this.choose(this.options.floats ? 5 : 3)];
  }

  module(): Uint8Array {
    for (let i = 0; i < leafCount; i++) this.function(leaf, 12);
    const others = 1 + this.choose(3);
    for (let i = 0; i < others; i++) {
      const params = Array.from({ length: this.choose(6) }, () => this.type());
      const kind = this.choose(4);
      this.function({ params, result: kind === 3 ? undefined : this.type() }, 60);
    }
    this.runner();
    const table = Array.from({ length: leafCount }, (_, i) => i);
    return writeModule(
      {
        functions: this.functions,
        exports: { run: this.functions.length - 1 },
        globals: globalTypes,
        table,
        memoryPages,
      },
      this.types,
    );
  }

  /** The function that calls all others with constants and stores what they return. */
  private runner(): void {
    this.begin({ params: [], result: undefined });
    const { code } = this;
    let at = resultBase;
    this.signatures.forEach((signature, i) => {
      for (let round = 0; round < 3; round++) {
        code.i32(startFuel).op(0x24).u32(fuelGlobal);
        if (signature.result !== undefined) code.i32(at);
        for (const p of signature.params) this.constant(p);
        code.op(0x10).u32(i);
        if (signature.result !== undefined) this.storeResult(signature.result);
        at += 8;
      }
    });
    globalTypes.forEach((type, i) => {
      code.i32(at).op(0x23).u32(i);
      this.storeResult(type);
      at += 8;
    });
    this.finish({ params: [], result: undefined });
  }

  private storeResult(type: ValueType): void {
    this.code.access({ i32: 0x36, i64: 0x37, f32: 0x38, f64: 0x39 }[type], 0);
  }

  private begin(signature: Signature): void {
    this.code = new Code();
    this.locals = [...signature.params];
    this.result = signature.result;
    this.labels = [];
    this.reserved.clear();
    this.loops = 0;
  }

  private finish(signature: Signature): void {
    const locals = this.locals.slice(signature.params.length);
    this.functions.push({ params: signature.params, result: signature.result, locals, code: this.code });
  }

  private function(signature: Signature, budget: number): void {
    this.begin(signature);
    this.budget = budget;
    for (let i = this.choose(6); i > 0; i--) this.locals.push(this.type());
    this.spendFuel();
    this.statements(1 + this.choose(6), 3);
    if (signature.result !== undefined) this.expression(signature.result, 4);
    this.finish(signature);
    this.signatures.push(signature);
  }

  /** Returns from the function when the fuel is used up. */
  private spendFuel(): void {
    const { code } = this;
    code.op(0x23).u32(fuelGlobal).i32(1).op(0x6b, 0x24).u32(fuelGlobal);
    code.op(0x23).u32(fuelGlobal).i32(0).op(0x48, 0x04, 0x40);
    if (this.result !== undefined) code.constant(this.result, 1n);
    code.op(0x0f, 0x0b);
  }

  private local(type: ValueType): number {
    const fitting = this.locals.map((t, i) => (t === type && !this.reserved.has(i) ? i : -1)).filter((i) => i >= 0);
    if (fitting.length === 0) return this.locals.push(type) - 1;
    return fitting[this.choose(fitting.length)];
  }

  private reserve(type: ValueType): number {
    const local = this.locals.push(type) - 1;
    this.reserved.add(local);
    return local;
  }

  private constant(type: ValueType): void {
    if (type === 'i32') this.code.constant(type, interesting32[this.choose(interesting32.length)]);
    else if (type === 'i64') this.code.constant(type, interesting64[this.choose(interesting64.length)]);
    else this.code.constant(type, floatBits(type, interestingFloats[this.choose(interestingFloats.length)]));
  }

  // Statements ------------------------------------------------------------------------------------------------------------------

  private statements(count: number, depth: number): void {
    for (let i = 0; i < count && this.budget > 0; i++) this.statement(depth);
  }

  private statement(depth: number): void {
    this.budget--;
    const { code } = this;
    switch (depth > 0 ? this.choose(13) : this.choose(6)) {
      case 0: {
        const type = this.type();
        this.expression(type, 3);
        code.set(this.local(type));
        return;
      }
      case 1:
        this.store();
        return;
      case 2: {
        const index = 1 + this.choose(this.options.floats ? globalTypes.length - 1 : 3);
        this.expression(globalTypes[index], 3);
        code.op(0x24).u32(index);
        return;
      }
      case 3:
        this.update();
        return;
      case 4: {
        const type = this.type();
        this.expression(type, 3);
        code.op(0x1a);
        return;
      }
      case 5:
        this.increment();
        return;
      case 6:
      case 7:
        this.expression('i32', 3);
        code.op(0x04, 0x40);
        this.labels.push('none');
        this.statements(1 + this.choose(3), depth - 1);
        if (this.choose(2) === 1) {
          code.op(0x05);
          this.statements(1 + this.choose(3), depth - 1);
        }
        this.labels.pop();
        code.op(0x0b);
        return;
      case 8:
        this.loop(depth);
        return;
      case 9:
        code.op(0x02, 0x40);
        this.labels.push('none');
        this.statements(1 + this.choose(3), depth - 1);
        this.branch();
        this.statements(1, depth - 1);
        this.labels.pop();
        code.op(0x0b);
        return;
      case 10:
        this.switch(depth);
        return;
      case 11:
        this.copyOrFill();
        return;
      default:
        this.branch();
    }
  }

  private increment(): void {
    const local = this.local('i32');
    const step = [1n, -1n, 4n, 128n, 1000n][this.choose(5)];
    this.code.get(local).constant('i32', step).op([0x6a, 0x6b, 0x71, 0x72, 0x73][this.choose(5)]).set(local);
  }

  private loop(depth: number): void {
    if (this.loops >= 3) return;
    this.loops++;
    const { code } = this;
    code.op(0x02, 0x40, 0x03, 0x40);
    this.labels.push('none', 'loop');
    code.op(0x23).u32(fuelGlobal).i32(1).op(0x6b, 0x24).u32(fuelGlobal);
    code.op(0x23).u32(fuelGlobal).i32(0).op(0x48, 0x0d, 1);
    this.statements(1 + this.choose(4), depth - 1);
    this.expression('i32', 2);
    code.op(0x0d, 0);
    this.labels.length -= 2;
    code.op(0x0b, 0x0b);
  }

  /** br_if to an open label, with an operand where the label takes one. */
  private branch(): void {
    if (this.labels.length === 0) return;
    const depth = this.choose(this.labels.length);
    const label = this.labels[this.labels.length - 1 - depth];
    // A backward branch here would bypass the loop's own condition, which is fine: fuel ends it.
    if (label === 'none' || label === 'loop') {
      this.expression('i32', 2);
      this.code.op(0x0d).u32(depth);
    } else {
      this.expression(label, 2);
      this.expression('i32', 2);
      this.code.op(0x0d).u32(depth).op(0x1a);
    }
  }

  private switch(depth: number): void {
    const { code } = this;
    const cases = 1 + this.choose(4);
    code.op(0x02, 0x40);
    this.labels.push('none');
    for (let i = 0; i < cases; i++) {
      code.op(0x02, 0x40);
      this.labels.push('none');
    }
    this.expression('i32', 3);
    code.i32(7).op(0x71).op(0x0e).u32(cases);
    for (let i = 0; i <= cases; i++) code.u32(this.choose(cases + 1));
    for (let i = 0; i < cases; i++) {
      this.labels.pop();
      code.op(0x0b);
      this.statements(1, depth - 1);
      if (this.choose(2) === 1) code.op(0x0c).u32(cases - 1 - i);
    }
    this.labels.pop();
    code.op(0x0b);
  }

  private copyOrFill(): void {
    const { code } = this;
    this.address();
    if (this.choose(2) === 0) {
      this.address();
      this.length();
      code.op(0xfc, 10, 0, 0);
    } else {
      this.expression('i32', 2);
      this.length();
      code.op(0xfc, 11, 0);
    }
  }

  private length(): void {
    this.expression('i32', 1);
    this.code.i32(63).op(0x71);
  }

  /** An address of the programs' own area. */
  private address(): void {
    this.expression('i32', 2);
    this.code
      .i32(0x3f8 + this.choose(8))
      .op(0x71)
      .i32(dataBase)
      .op(0x6a);
  }

  private offset(): number {
    return [0, 4, 8, 64, 129][this.choose(5)];
  }

  private store(): void {
    const forms: [number, ValueType][] = [
      [0x36, 'i32'],
      [0x3a, 'i32'],
      [0x3b, 'i32'],
      [0x37, 'i64'],
      [0x3c, 'i64'],
      [0x3d, 'i64'],
      [0x3e, 'i64'],
      [0x38, 'f32'],
      [0x39, 'f64'],
    ];
    const [opcode, type] = forms[this.choose(this.options.floats ? 9 : 7)];
    this.address();
    this.expression(type, 3);
    this.code.access(opcode, this.offset());
  }

  /** Read-modify-write of memory, with the operands either way round. */
  private update(): void {
    const { code } = this;
    const forms: [number, number, ValueType][] = [
      [0x28, 0x36, 'i32'],
      [0x2d, 0x3a, 'i32'],
      [0x2f, 0x3b, 'i32'],
      [0x29, 0x37, 'i64'],
      [0x2c, 0x3a, 'i32'],
    ];
    const [load, store, type] = forms[this.choose(forms.length)];
    const held = this.reserve('i32');
    const offset = this.offset();
    this.address();
    code.tee(held);
    const operation = [0, 1, 7, 8, 9, 10][this.choose(6)] + (type === 'i32' ? 0x6a : 0x7c);
    if (this.choose(3) === 0) {
      code.get(held).access(load, offset);
      if (this.choose(2) === 0) this.constant(type);
      else this.expression(type, 2);
    } else {
      if (this.choose(2) === 0) this.constant(type);
      else this.expression(type, 2);
      code.get(held).access(load, offset);
    }
    code.op(operation).access(store, offset);
  }

  // Expressions -----------------------------------------------------------------------------------------------------------------

  private expression(type: ValueType, depth: number): void {
    this.budget--;
    if (depth <= 0 || this.budget <= 0) {
      if (this.choose(3) === 0) this.constant(type);
      else this.code.get(this.local(type));
      return;
    }
    // A statement amid operands: what is pending must keep its value.
    if (this.choose(16) === 15) this.statement(1);
    switch (this.choose(12)) {
      case 0:
        this.constant(type);
        return;
      case 1:
        this.code.get(this.local(type));
        return;
      case 2:
        this.expression(type, depth - 1);
        this.code.tee(this.local(type));
        return;
      case 3:
        this.load(type);
        return;
      case 4:
        this.expression(type, depth - 1);
        this.expression(type, depth - 1);
        this.expression('i32', depth - 1);
        this.code.op(0x1b);
        return;
      case 5:
        this.construct(type, depth);
        return;
      case 6:
        this.call(type, depth);
        return;
      case 7:
        this.global(type);
        return;
      default:
        if (type === 'i32') this.integer32(depth);
        else if (type === 'i64') this.integer64(depth);
        else this.float(type, depth);
    }
  }

  private load(type: ValueType): void {
    const forms = {
      i32: [0x28, 0x2c, 0x2d, 0x2e, 0x2f],
      i64: [0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35],
      f32: [0x2a],
      f64: [0x2b],
    }[type];
    this.address();
    this.code.access(forms[this.choose(forms.length)], this.offset());
    this.canonical(type);
  }

  private global(type: ValueType): void {
    const index = globalTypes.indexOf(type, 1);
    this.code.op(0x23).u32(type === 'i32' ? index + this.choose(2) : index);
  }

  private construct(type: ValueType, depth: number): void {
    const { code } = this;
    if (this.choose(2) === 0) {
      code.op(0x02, typeCode[type]);
      this.labels.push(type);
      this.statements(1, 1);
      this.branch();
      this.expression(type, depth - 1);
    } else {
      this.expression('i32', depth - 1);
      code.op(0x04, typeCode[type]);
      this.labels.push(type);
      this.expression(type, depth - 1);
      code.op(0x05);
      this.statements(1, 1);
      this.expression(type, depth - 1);
    }
    this.labels.pop();
    code.op(0x0b);
  }

  private call(type: ValueType, depth: number): void {
    const { code } = this;
    const table = type === 'i64' && this.signatures.length >= leafCount && this.choose(2) === 0;
    const fitting = this.signatures.map((s, i) => (s.result === type ? i : -1)).filter((i) => i >= 0);
    if (fitting.length === 0) {
      this.expression(type, depth - 1);
      return;
    }
    const index = fitting[this.choose(fitting.length)];
    const signature = table ? leaf : this.signatures[index];
    for (const p of signature.params) this.expression(p, depth - 1);
    if (table) {
      this.expression('i32', depth - 1);
      code
        .i32(leafCount - 1)
        .op(0x71, 0x11)
        .u32(typeIndex(this.types, leaf.params, leaf.result))
        .u32(0);
    } else code.op(0x10).u32(index);
  }

  private integer32(depth: number): void {
    const { code } = this;
    const next = depth - 1;
    switch (this.choose(9)) {
      case 0:
      case 1:
      case 2: {
        this.expression('i32', next);
        this.expression('i32', next);
        code.op([0x6a, 0x6b, 0x6c, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78][this.choose(11)]);
        return;
      }
      case 3:
        this.expression('i32', next);
        this.expression('i32', next);
        code.op(0x46 + this.choose(10));
        return;
      case 4:
        this.expression('i32', next);
        code.op([0x45, 0x67, 0x68, 0x69, 0xc0, 0xc1][this.choose(6)]);
        return;
      case 5:
        this.division('i32', 0x6d, next);
        return;
      case 6:
        this.expression('i64', next);
        code.op([0xa7, 0x50][this.choose(2)]);
        return;
      case 7:
        this.expression('i64', next);
        this.expression('i64', next);
        code.op(0x51 + this.choose(10));
        return;
      default: {
        if (!this.options.floats) {
          this.expression('i32', next);
          this.constant('i32');
          code.op([0x74, 0x75, 0x76, 0x77, 0x78, 0x6a, 0x71][this.choose(7)]);
          return;
        }
        const type = this.choose(2) === 0 ? 'f64' : 'f32';
        this.expression(type, next);
        if (this.choose(2) === 0) code.op(0xfc, (type === 'f32' ? 0 : 2) + this.choose(2));
        else {
          this.expression(type, next);
          code.op((type === 'f32' ? 0x5b : 0x61) + this.choose(6));
        }
      }
    }
  }

  /** A division that cannot trap: the divisor is odd, and a signed dividend is halved first. Remainders need only the former. */
  private division(type: 'i32' | 'i64', opcode: number, depth: number): void {
    const { code } = this;
    const operation = this.choose(4);
    this.expression(type, depth);
    if (operation === 0) code.constant(type, 1n).op(type === 'i32' ? 0x75 : 0x87);
    this.expression(type, depth);
    code.constant(type, 1n).op(type === 'i32' ? 0x72 : 0x84, opcode + operation);
  }

  private integer64(depth: number): void {
    const { code } = this;
    const next = depth - 1;
    switch (this.choose(8)) {
      case 0:
      case 1:
        this.expression('i64', next);
        this.expression('i64', next);
        code.op([0x7c, 0x7d, 0x7e, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a][this.choose(11)]);
        return;
      case 2:
        this.expression('i32', next);
        code.op(0xac + this.choose(2));
        return;
      case 3:
        this.division('i64', 0x7f, next);
        return;
      case 4:
        this.expression('i64', next);
        code.op([0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4][this.choose(6)]);
        return;
      case 5:
        this.expression('i64', next);
        code.constant('i64', BigInt(this.choose(64)));
        code.op(0x86 + this.choose(5));
        return;
      case 6:
        this.expression('i64', next);
        this.constant('i64');
        code.op([0x7c, 0x7d, 0x7e, 0x83, 0x84, 0x85][this.choose(6)]);
        return;
      default: {
        if (!this.options.floats) {
          this.expression('i64', next);
          this.expression('i64', next);
          code.op(0x7e);
          return;
        }
        const type = this.choose(2) === 0 ? 'f64' : 'f32';
        this.expression(type, next);
        if (type === 'f64' && this.choose(2) === 0) code.op(0xbd);
        else code.op(0xfc, (type === 'f32' ? 4 : 6) + this.choose(2));
      }
    }
  }

  private float(type: 'f32' | 'f64', depth: number): void {
    const { code } = this;
    const next = depth - 1;
    const base = type === 'f32' ? 0x8b : 0x99;
    switch (this.choose(5)) {
      case 0:
      case 1:
        this.expression(type, next);
        this.expression(type, next);
        code.op(base + 7 + this.choose(7));
        break;
      case 2:
        this.expression(type, next);
        code.op(base + this.choose(7));
        break;
      case 3: {
        const from = this.choose(4);
        this.expression(from < 2 ? 'i32' : 'i64', next);
        code.op((type === 'f32' ? 0xb2 : 0xb7) + from);
        break;
      }
      default:
        if (type === 'f32') {
          this.expression('f64', next);
          code.op(0xb6);
        } else if (this.choose(2) === 0) {
          this.expression('f32', next);
          code.op(0xbb);
        } else {
          this.expression('i64', next);
          code.op(0xbf);
        }
    }
    this.canonical(type);
  }

  private canonical(type: ValueType): void {
    if (type !== 'f32' && type !== 'f64') return;
    const held = this.reserve(type);
    this.code
      .tee(held)
      .constant(type, canonicalNaN[type])
      .get(held)
      .get(held)
      .op(type === 'f32' ? 0x5b : 0x61, 0x1b);
  }
}
