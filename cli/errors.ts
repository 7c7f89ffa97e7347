/** A mistake of the user or of the set-up: one clear line, exit code 2, never a stack trace. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** What an error says, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** On one line, whatever it is. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ');
}

/** On one line; with where it was thrown, where the user asks for that by PHANTOM_DEBUG=1. */
export function errorText(error: unknown): string {
  const withStack = process.env.PHANTOM_DEBUG === '1' && error instanceof Error && error.stack !== undefined;
  return withStack ? String(error.stack) : oneLine(messageOf(error));
}

/** The error code of a failed system call, as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/** Why a file operation failed, in words. */
export function reasonOf(error: unknown): string {
  return REASONS[codeOf(error) ?? ''] ?? messageOf(error);
}
