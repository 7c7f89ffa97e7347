/**
 * Defects seeded on purpose: constants of `impl/kernel/defects.ts` that a build may turn to true. The kernel tests them
 * as compile-time constants, so an image without defects holds none of their code.
 */

/** Where the constants are, relative to the project. */
export const DEFECTS_FILE = 'impl/kernel/defects.ts';

const DECLARATION = /^export const (\w+): bool = false;$/gm;

/** Names of the defects that `text`, the constants' file, declares. */
export function defectNames(text: string): string[] {
  return [...text.matchAll(DECLARATION)].map((match) => match[1] ?? '');
}

/** The constants' file with the named defects turned on. Throws when it does not declare one of them. */
export function seedDefects(text: string, defects: readonly string[]): string {
  const known = defectNames(text);
  for (const name of defects) {
    if (!known.includes(name))
      throw new Error(`unknown defect '${name}': ${DEFECTS_FILE} declares ${known.join(', ')}`);
  }
  return text.replace(DECLARATION, (line, name: string) =>
    defects.includes(name) ? `export const ${name}: bool = true;` : line,
  );
}
