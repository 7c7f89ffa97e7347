// The table of specs/README.md, made from the suite: one line a configuration.
import { mutantsOf, propertiesOf, SPECIFICATIONS } from './suite.js';

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
  return ['| specification | constants | states | checked | mutants |', '|---|---|---|---|---|', ...rows].join('\n');
}
