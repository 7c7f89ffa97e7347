/**
 * The class loader: from a class file in the bundle to a class object in the cache.
 *
 * Rules. A file defines the class it was found for, or it is broken. A parent is loaded before its child. A class has never fewer field or method slots than its parent, and
 * inherits the methods it does not define. All objects are private until the one write that enters the class in the
 * cache, so a load may wait anywhere and may be cut anywhere.
 */

import { canBeExtended, extendedKind, fieldBytes } from '../objects/extension';
import { allocate } from '../objects/heap';
import {
  C_CONSTANTS,
  C_INSTANCE,
  C_KIND,
  C_METHODS,
  C_NAME,
  C_PARENT,
  C_TABLE,
  CLASS_BYTES,
  CODE_BYTES,
  CODE_PADDING,
  K_BINARY,
  K_CLASS,
  K_CODE,
  K_USER,
  K_VOID,
  M_ARGUMENTS,
  M_BYTES,
  M_CONSTANTS,
  M_FLAGS,
  M_LENGTH,
  M_LINES,
  M_NAME,
  M_ORDINAL,
  M_OWNER,
  METHOD_CONSTRUCTOR,
  METHOD_VOID,
  O_DATA,
  OPAQUE,
  R_LOADER,
  ROOT,
} from '../objects/layout';
import { copyBytes, internalClass, makePage, makeString, makeStringOf, sizeOf } from '../objects/objects';
import { putBytes, putText } from '../objects/text';
import { be32 } from './bytes';
import { callLoader } from './calls';
import { cacheFind, cacheInsert, sameName } from './class-cache';
import {
  checkFor,
  fileConstants,
  fileFields,
  fileHead,
  fileMethods,
  findFile,
  foundBytes,
  RECORD_HEADER,
  signatureResult,
  skipString,
  skipType,
  stringIs,
  stringLength,
} from './class-file';
import { AGAIN, done, throwNamed, throwNoMemory, throwObject } from './outcome';

const ANCESTORS_MAX: u32 = 1000;
const ARG_COUNT: u32 = 0x73;

/** A code object for `length` bytes of bytecode; 0 when memory is full. May block. */
export function makeCode(owner: u32, name: u32, ordinal: u32, bytes: u32, length: u32): u32 {
  const code = allocate(internalClass(K_CODE), (CODE_BYTES + length + CODE_PADDING) | OPAQUE);
  if (!code) return 0;
  store<u32>(code, owner, M_OWNER);
  store<u32>(code, name, M_NAME);
  store<u32>(code, ordinal, M_ORDINAL);
  store<u32>(code, length, M_LENGTH);
  const to = code + M_BYTES;
  copyBytes(to, bytes, length);
  for (let i: u32 = 0; i < CODE_PADDING; i++) store<u8>(to + length + i, 0xff);
  const counted = length >= 2 && <u32>load<u8>(bytes) == ARG_COUNT;
  store<i32>(code, counted ? <i32>load<u8>(bytes, 1) : -1, M_ARGUMENTS);
  return code;
}

/** Name of the parent in the body of a C record, as a string of the file. */
function parentName(head: u32): u32 {
  return skipString(head, 0xffffffff) + 8;
}

/**
 * The class of that name: from the cache, else from the bundle with its ancestors. DONE, THROW; AGAIN when an ancestor
 * was loaded, MOVED when the user's class loader was called for one: execute the bytecode again.
 */
export function loadClass(record: u32, name: u32): u32 {
  const bytes = name + O_DATA;
  const length = sizeOf(name);
  const known = cacheFind(bytes, length);
  if (known) return done(known);
  let file = findFile(bytes, length);
  if (!file) return throwNamed('', bytes, length, ' - class load error');
  let size = foundBytes;
  let broken = checkFor(file, size, bytes, length);
  if (broken !== null) return throwBroken(bytes, length, broken);
  let head = fileHead;
  let fields = fileFields;
  let methods = fileMethods;
  let constants = fileConstants;
  let parent = resolveParent(head);
  // From child to parent until a file is found whose parent is there.
  let inherited = false;
  for (let depth: u32 = 0; parent == 0; depth++) {
    if (depth > ANCESTORS_MAX) return throwBroken(bytes, length, 'the class descends from itself');
    const wanted = parentName(head);
    const loader = load<u32>(ROOT + R_LOADER);
    if (loader) {
      const asked = makeStringOf(wanted + 4, stringLength(wanted));
      return asked ? callLoader(record, loader, asked) : throwNoMemory();
    }
    file = findFile(wanted + 4, stringLength(wanted));
    if (!file) return throwNamed('class ', wanted + 4, stringLength(wanted), ' not found');
    size = foundBytes;
    broken = checkFor(file, size, wanted + 4, stringLength(wanted));
    if (broken !== null) return throwBroken(wanted + 4, stringLength(wanted), broken);
    inherited = true;
    head = fileHead;
    fields = fileFields;
    methods = fileMethods;
    constants = fileConstants;
    parent = resolveParent(head);
  }
  const cls = build(file, size, head, parent, fields, methods, constants);
  if (!cls) return throwNoMemory();
  let under = name;
  if (inherited) under = load<u32>(cls, C_NAME);
  const entered = cacheInsert(under, cls);
  if (!entered) return throwNoMemory();
  return inherited ? AGAIN : done(entered);
}

/** Throws `broken class file NAME: REASON`. */
function throwBroken(bytes: u32, length: u32, reason: string): u32 {
  const made = makeString(18 + length + 2 + <u32>reason.length);
  if (!made) return throwNoMemory();
  let at = putText(made + O_DATA, 'broken class file ');
  at = putBytes(at, bytes, length);
  putText(putText(at, ': '), reason);
  return throwObject(made);
}

/** The parent's class object; an internal class that cannot be extended counts as the root class; 0 when it is not in the cache. */
function resolveParent(head: u32): u32 {
  const name = parentName(head);
  const found = cacheFind(name + 4, stringLength(name));
  if (found == 0) return 0;
  const kind = load<u32>(found, C_KIND);
  return kind == K_USER || canBeExtended(kind) ? found : internalClass(K_VOID);
}

/** A class with what it inherits, and nobody knows it yet; 0 when memory is full. May block. */
export function makeClass(name: u32, parent: u32, fields: u32, methods: u32, pool: u32): u32 {
  methods = max<u32>(methods, load<u32>(parent, C_METHODS));
  const parentKind = load<u32>(parent, C_KIND);
  const core: u32 = (parentKind == K_USER ? extendedKind(parent) : parentKind) == K_VOID ? 0 : 4;
  const cls = allocate(internalClass(K_CLASS), (CLASS_BYTES + (methods << 2)) | OPAQUE);
  if (!cls) return 0;
  store<u32>(cls, K_USER, C_KIND);
  store<u32>(cls, parent, C_PARENT);
  store<u32>(cls, name, C_NAME);
  store<u32>(cls, max<u32>(fields << 2, fieldBytes(parent)) + core, C_INSTANCE);
  store<u32>(cls, methods, C_METHODS);
  store<u32>(cls, pool, C_CONSTANTS);
  for (let i: u32 = 0; i < load<u32>(parent, C_METHODS); i++) {
    store<u32>(cls + (i << 2), load<u32>(parent + (i << 2), C_TABLE), C_TABLE);
  }
  return cls;
}

function build(file: u32, size: u32, head: u32, parent: u32, fields: u32, methods: u32, constants: u32): u32 {
  const name = makeStringOf(head + 4, stringLength(head));
  const pool = makePage(constants);
  if (!name || !pool) return 0;
  const cls = makeClass(name, parent, fields, methods, pool);
  if (!cls) return 0;
  const end = file + size;
  for (let at = file; at != end; at += be32(at + 6)) {
    const type = <u32>load<u8>(at, 5);
    const body = at + RECORD_HEADER;
    const next = at + be32(at + 6);
    if (type == 77) {
      if (!addMethod(cls, pool, body, next)) return 0;
    } else if (type == 99) {
      if (!addConstant(pool, body, next)) return 0;
    }
  }
  for (let at = file; at != end; at += be32(at + 6)) {
    const type = <u32>load<u8>(at, 5);
    const body = at + RECORD_HEADER;
    const next = at + be32(at + 6);
    if (type == 83) addSignature(cls, body, next);
    else if (type == 108 && !addLines(cls, body)) return 0;
  }
  return cls;
}

function addMethod(cls: u32, pool: u32, body: u32, next: u32): bool {
  const number = skipString(body, next);
  const name = makeStringOf(body + 4, stringLength(body));
  if (!name) return false;
  const bytes = number + 4;
  const code = makeCode(cls, name, be32(number), bytes, next - bytes);
  if (!code) return false;
  store<u32>(code, pool, M_CONSTANTS);
  if (stringIs(body, '<init>')) store<u32>(code, METHOD_CONSTRUCTOR, M_FLAGS);
  store<u32>(cls + (be32(number) << 2), code, C_TABLE);
  return true;
}

/** Only string constants exist; another type leaves a hole, which is a missing constant where it is used. */
function addConstant(pool: u32, body: u32, next: u32): bool {
  if (!stringIs(body + 8, '.internal.string')) return true;
  const bytes = skipType(body + 4, next);
  const text = makeStringOf(bytes, next - bytes);
  if (!text) return false;
  store<u32>(pool + (be32(body) << 2), text, O_DATA);
  return true;
}

/** The class's own method with that ordinal, or 0. */
function ownMethod(cls: u32, ordinal: u32): u32 {
  if (ordinal >= load<u32>(cls, C_METHODS)) return 0;
  const code = load<u32>(cls + (ordinal << 2), C_TABLE);
  return code != 0 && load<u32>(code, M_OWNER) == cls ? code : 0;
}

function addSignature(cls: u32, body: u32, next: u32): void {
  const code = ownMethod(cls, be32(skipString(body, next)));
  const result = signatureResult(body, next);
  if (code == 0 || !stringIs(result + 4, '.internal.void')) return;
  store<u32>(code, load<u32>(code, M_FLAGS) | METHOD_VOID, M_FLAGS);
}

function addLines(cls: u32, body: u32): bool {
  const code = ownMethod(cls, be32(body));
  const bytes = be32(body + 4) * 12;
  if (code == 0 || bytes == 0) return true;
  const map = allocate(internalClass(K_BINARY), bytes | OPAQUE);
  if (!map) return false;
  copyBytes(map + O_DATA, body + 8, bytes);
  store<u32>(code, map, M_LINES);
  return true;
}
