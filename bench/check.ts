/**
 * `npm run bench:check`: what the check before a commit costs (`impl/kernel/persist/check.ts`), counted on the simulated machine, the
 * same on every host: cycles for one page, by what lies on it, with nothing else running.
 *
 * The budget of a generation is these figures times its changed pages; after a sweep, the pages in memory divided by the kept
 * generations but one, besides. Other threads run at every tick meanwhile.
 */
import { pathToFileURL } from 'node:url';
import { Machine } from '../hardware-sim/index.js';
import { buildKernel } from '../impl/image/index.js';

const ENTRY = 'impl/kernel/objects/selftest/check-cost.ts';
const BEGIN = 100;
const END = 101;
const UNSOUND = 102;

/** What the self-test measures, by its number. */
const WHAT: Readonly<Record<number, string>> = {
  1: 'page of 170 objects of 24 bytes, two references each',
  2: 'page of 1,024 references',
  3: 'page of 128 strings of 16 bytes',
  4: 'page inside a long string',
  5: 'root structure',
  6: 'page of 32 thread records, none alive',
  9: 'page a MiB inside a string, after another one',
  7: 'after the commit, for each 256 KiB of heap',
  8: 'in the instant of the demarcation',
};

export interface CheckFigure {
  readonly what: string;
  readonly cycles: number;
}

/** One figure for each of WHAT. Throws when the check finds fault with what is sound, or the machine ends otherwise. */
export async function measureCheck(): Promise<CheckFigure[]> {
  const { elf } = await buildKernel({ entry: ENTRY });
  const figures: CheckFigure[] = [];
  let begun = 0;
  const machine = new Machine(
    { ramBytes: 16 << 20, diskSectors: 262_144 },
    {
      onProbe: (address) => {
        const view = new DataView(machine.readPhysical(address, 8).buffer);
        const what = view.getUint32(4, true);
        switch (view.getUint32(0, true)) {
          case BEGIN:
            begun = machine.cycles;
            break;
          case END:
            figures.push({ what: WHAT[what], cycles: machine.cycles - begun });
            break;
          case UNSOUND:
            throw new Error(`the check finds fault with ${WHAT[what]}, which is sound`);
        }
      },
    },
  );
  machine.loadMultiboot({ image: elf, commandLine: '', modules: [] });
  const stop = machine.run({ untilCycle: 400_000_000 });
  if (stop.kind !== 'exit' || stop.status !== 1) {
    throw new Error(`the self-test ${ENTRY} did not end in order: ${JSON.stringify(stop)}`);
  }
  return figures;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { what, cycles } of await measureCheck()) console.log(`${what}: ${cycles.toLocaleString('en')} cycles`);
}
