/** From evidence to verdict: what a run claims, whether it held, and the one sentence that says so. */
import { failedThreads, grouped, plural, propertyState } from '../reports/facts.js';
import type { FaultPlan } from '../reports/plan.js';
import { type PropertyResult, RESULT_FORMAT, RESULT_VERSION, type RunResult } from '../reports/schema.js';
import { repeatCommand } from './command.js';
import type { Evidence } from './evidence.js';
import { declaresInvariant } from './invariant.js';
import type { PropertyId } from './properties.js';
import { describeProgram, MACHINE_PROFILE, type RunSetup } from './setup.js';

/** `verified`: what was recovered has been judged, and that is all that was asked. */
export type Ending = 'finished' | 'dead' | 'settled' | 'verified' | 'refused' | 'stopped';

/** What every run claims that made all its cuts and saw the system work again; chance decides about the other properties. */
const CLAIMED: ReadonlySet<PropertyId> = new Set<PropertyId>(['P1', 'P2', 'P14']);

export function summarise(
  setup: RunSetup,
  plan: FaultPlan,
  evidence: Evidence,
  boots: number,
  ending: Ending,
): RunResult {
  const { isBeyond } = evidence.atlas;
  const isComplete = ending === 'settled' || ending === 'finished' || ending === 'verified';
  const complete = isComplete && evidence.cuts.length > 0 && !isBeyond;
  const properties = evidence.ledger.results(complete ? claimed(setup, evidence, ending) : new Set());
  const broken = properties.filter((property) => ['failed', 'vacuous'].includes(propertyState(property)));
  const outcome = broken.length > 0 ? 'failed' : endedWell(ending, evidence.cuts.length);
  return {
    format: RESULT_FORMAT,
    version: RESULT_VERSION,
    verdict: { outcome, text: `${sentence(outcome, setup, plan, evidence, boots, broken)}${demand(evidence, ending)}` },
    seed: plan.seed,
    plan,
    program: describeProgram(setup.program),
    options: setup.options,
    kernel: { sha256: setup.kernel.sha256, defects: [...setup.kernel.defects] },
    machine: { profile: MACHINE_PROFILE.name, timing: MACHINE_PROFILE.cpu.timing, engine: 'interpreter' },
    boots,
    cycles: evidence.cycles,
    instructions: evidence.instructions,
    digests: evidence.digests,
    properties,
    findings: evidence.ledger.findings,
    cuts: evidence.cuts,
    events: evidence.events,
    console: evidence.lines,
    kernelLog: evidence.kernelLog,
    disk: setup.disk,
    files: [...setup.files],
    repeat: repeatCommand(setup, plan),
  };
}

/**
 * A program that says what always holds is to be asked, if there was anything it could be asked about; a trace that was recorded
 * was judged.
 */
function claimed(setup: RunSetup, { cuts, ledger }: Evidence, ending: Ending): ReadonlySet<PropertyId> {
  const properties = new Set(CLAIMED);
  if (ending === 'verified') properties.delete('P14');
  const asked =
    setup.disk === 'new' &&
    declaresInvariant(setup) &&
    cuts.some(({ recovered }) => recovered !== null && recovered > 0);
  if (asked) properties.add('P26');
  if (ledger.wasChecked('P24')) properties.add('P24');
  return properties;
}

function endedWell(ending: Ending, cuts: number): 'stopped' | 'held' | 'finished' {
  if (ending === 'stopped') return 'stopped';
  return cuts > 0 ? 'held' : 'finished';
}

function sentence(
  outcome: RunResult['verdict']['outcome'],
  setup: RunSetup,
  plan: FaultPlan,
  evidence: Evidence,
  boots: number,
  broken: readonly PropertyResult[],
): string {
  const cuts = `${plural(evidence.cuts.length, 'power cut')} of ${plan.cuts.length}`;
  const length = `${plural(boots, 'boot')}, ${plural(evidence.cycles, 'cycle')}`;
  switch (outcome) {
    case 'held': {
      const pages = evidence.ledger.results(new Set()).find((property) => property.id === 'P2')?.checked ?? 0;
      const { repeated, fresh } = evidence.console;
      return (
        `held: ${recoveries(evidence)} (${plural(pages, 'page')} judged), output goes on (${plural(fresh, 'line')}, ${plural(repeated, 'line')} again); ` +
        `seed ${plan.seed}, ${length}`
      );
    }
    case 'failed': {
      const [first] = evidence.ledger.findings;
      const which = broken.map((property) => `${property.id} ${propertyState(property)}`).join(', ');
      const why = first === undefined ? '' : `: boot ${first.boot}, cycle ${grouped(first.cycle)}: ${first.message}`;
      return `FAILED: ${which}${why}; seed ${plan.seed}, ${cuts}, ${length}`;
    }
    case 'finished': {
      const failed = failedThreads(evidence.events);
      const well =
        setup.disk === 'continued' ? 'the programs of the system on the disk have ended' : 'the programs ended';
      const how = failed === 0 ? '' : `, ${plural(failed, 'thread')} by an error that the log names`;
      return `finished: ${well}${setup.disk === 'continued' ? '' : ' without a power cut'}${how}; ${length}`;
    }
    case 'stopped':
      return plan.cuts.length === 0
        ? `stopped without a power cut; ${length}`
        : `stopped: nothing failed in ${cuts}; seed ${plan.seed}, ${length}`;
  }
}

/** What was asked of a run whose disk did what nobody can hide; empty: everything. */
function demand({ atlas }: Evidence, ending: Ending): string {
  if (!atlas.isBeyond) return ending === 'refused' ? '; it would not boot while its disk was away' : '';
  const answer = ending === 'refused' ? ', and the disk was refused' : '';
  return `; asked only never to be silently wrong, after ${[...new Set(atlas.beyond)].join(', ')}${answer}`;
}

/** The power cuts, apart: those that came before there was anything to recover say less. */
function recoveries({ cuts }: Evidence): string {
  const all = plural(cuts.length, 'power cut');
  const instants = 'recovered to one instant it had really been at';
  const early = cuts.filter((cut) => cut.recovered === 0).length;
  if (early === 0) return `${all}, each ${instants}`;
  if (early === cuts.length) return `${all}, ${early === 1 ? '' : 'all '}before anything was committed`;
  return `${all}, ${grouped(cuts.length - early)} ${instants}, ${grouped(early)} before anything was committed`;
}
