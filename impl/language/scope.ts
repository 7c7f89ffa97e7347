/** What class names mean in a file: its package, its imports, the kernel's classes. */

import type { Source } from './source.js';
import type { FileSyntax, NameSyntax } from './syntax.js';

export function fullName(name: NameSyntax): string {
  return `.${name.parts.join('.')}`;
}

export class FileScope {
  /** `.a.b`, or empty without a package. */
  readonly package: string;
  private readonly imports: readonly string[];
  private readonly packages: readonly string[];

  constructor(
    readonly source: Source,
    readonly syntax: FileSyntax,
  ) {
    this.package = syntax.package === undefined ? '' : fullName(syntax.package);
    this.imports = syntax.imports.filter(({ all }) => !all).map(({ name }) => fullName(name));
    this.packages = syntax.imports.filter(({ all }) => all).map(({ name }) => fullName(name));
  }

  /** The name of a class declared in this file. */
  declaredName(name: NameSyntax): string {
    return name.absolute ? fullName(name) : this.package + fullName(name);
  }

  /** Full names a class name may mean, the likeliest first. */
  candidates(name: NameSyntax): string[] {
    const full = fullName(name);
    if (name.absolute) return [full];
    const imported = this.imports.filter((candidate) => candidate.endsWith(full));
    const inPackages = [this.package, ...this.packages, '', '.internal'].map((prefix) => prefix + full);
    return [...new Set([...imported, ...inPackages])];
  }
}
