// The table of specs/README.md, made from the suite: one line a configuration.
import { mutantsOf, propertiesOf, SPECIFICATIONS } from './suite.js';

const HEADER = '| specification | constants | states | checked | mutants |';

/** The text of specs/README.md with the table as it is now. Throws when there is none in it. */
export function withTable(readme: string): string {
  const start = readme.indexOf(HEADER);
  if (start < 0) throw new Error(`specs/README.md has no table that begins with ${HEADER}`);
  return `${readme.slice(0, start)}${specificationTable()}${readme.slice(readme.indexOf('\n\n', start))}`;
}

/** In Markdown. */
export function specificationTable(): string {
  const rows = SPECIFICATIONS.flatMap((specification) =>
    specification.configurations.map((configuration, i) => {
      const { name, says, refines } = specification;
      const mutants = mutantsOf(specification).filter(({ config }) => config === configuration.name).length;
      const what = i > 0 ? '' : `[${name}](${name}.tla): ${says}${refines === undefined ? '' : `; refines ${refines}`}`;
      const properties = propertiesOf(configuration.name).join(', ');
      const long = configuration.long ? ' (`--all` only)' : '';
      return `| ${what} | [${configuration.about}](${configuration.name}.cfg)${long} | ${configuration.distinct} | ${properties} | ${mutants} |`;
    }),
  );
  return [HEADER, '|---|---|---|---|---|', ...rows].join('\n');
}
