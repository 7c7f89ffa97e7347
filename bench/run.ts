/**
 * `npm run bench`: how fast the bed is on this host. Each figure is the mean of benchmark's samples; figures of one host are
 * recorded in README.md beside this file.
 */
import Benchmark from 'benchmark';
import { bootOnce, drawPlan, planShape, runPlan } from '../faults/index.js';
import { workload } from '../faults/testing/workload.js';
import { Machine } from '../hardware-sim/index.js';
import { integerLoopGuest } from '../hardware-sim/testing/integer-loop.js';
import { multibootImage } from '../hardware-sim/testing/multiboot-image.js';

/** Work done by one call, in the unit of the figure. */
interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly run: () => number;
}

function integerLoop(): Figure {
  const { image } = integerLoopGuest();
  const machine = new Machine({ ramBytes: 4 * 2 ** 20 });
  machine.loadMultiboot({ image: multibootImage(image), commandLine: '', modules: [] });
  return {
    name: 'simulator, integer loop',
    unit: 'million instructions/s',
    run: () => {
      const before = machine.instructions;
      machine.run({ untilCycle: machine.cycles + 5_000_000 });
      return (machine.instructions - before) / 1e6;
    },
  };
}

async function figures(): Promise<Figure[]> {
  const setup = await workload('ticker');
  const booted = bootOnce(setup, 1);
  const running = booted.fork({}, (hooks) => booted.machine.fork(hooks));
  const plan = drawPlan(1, planShape(setup.options, 1));
  return [
    integerLoop(),
    {
      name: 'kernel and program under watch',
      unit: 'million instructions/s',
      run: () => {
        const before = running.machine.instructions;
        running.advance(running.machine.cycles + 5_000_000);
        return (running.machine.instructions - before) / 1e6;
      },
    },
    {
      name: 'checkpoint and fork of a running machine',
      unit: 'forks/s',
      run: () => {
        booted.machine.fork().dispose();
        return 1;
      },
    },
    {
      name: 'run with one power cut, start to verdict',
      unit: 'runs/s',
      run: () => runPlan(setup, plan, { startFrom: booted }).boots / 2,
    },
  ];
}

for (const { name, unit, run } of await figures()) {
  let done = 0;
  let calls = 0;
  const bench = new Benchmark(name, () => {
    done += run();
    calls++;
  });
  bench.run({ async: false });
  if (bench.error) throw bench.error;
  process.stdout.write(
    `${name}: ${((done / calls) * bench.hz).toPrecision(3)} ${unit} (±${bench.stats.rme.toFixed(1)} %)\n`,
  );
}
