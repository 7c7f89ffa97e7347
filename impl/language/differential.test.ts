/** Random programs in the language: what the compiler makes of them does the same on both machines. */
import { test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { Machine } from '../../model/vm/index.js';
import { compareMachines } from '../kernel/vm/testing/differential.js';
import { goldenPrograms, markedLines } from '../kernel/vm/testing/programs.js';
import { typedSources } from './testing/generate.js';
import { classesOf, compileSound, expectedFromSource, sourcesIn } from './testing/programs.js';

property.prop([typedSources], { numRuns: 60 })(
  'P34 a well-typed program compiles and does the same',
  async (sources) => {
    const classes = classesOf(compileSound(sources));
    const { difference } = await compareMachines({ classes, bootClass: '.t.main' }, { typed: true });
    expect(difference).toBeUndefined();
  },
);

// `npm run golden` runs the long ones too.
const programs = goldenPrograms().filter(({ name }) => !name.startsWith('bench') && name !== 'alloc');

test.each(programs)('$name from source prints on the reference machine what POLICY.md says', ({ name, bootClass }) => {
  const machine = new Machine({ classes: classesOf(compileSound(sourcesIn(`golden/${name}`))), bootClass });
  machine.run();
  expect(markedLines(machine.printed)).toBe(expectedFromSource(name));
});
