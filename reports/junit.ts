/**
 * A campaign's result as JUnit XML, as GitHub's and GitLab's viewers read it: each property is a test case. One that was not at stake is skipped,
 * with that as its output; a finding is the failure of its property. A run that the bed could not make is a case with an error. Mutants are cases
 * too, and the matrix of faults is one.
 *
 * The rule: the message of a failure is one line, which a list of tests shows; its content is what there is to say, and ends with the command that
 * repeats it.
 */
import report, { type Builder } from 'junit-report-builder';
import type { CampaignResult } from './campaign.js';
import { propertyState } from './facts.js';
import { describeCell, matrixVerdict } from './matrix.js';

/** The package is CommonJS and exports the builder itself; its types say that it is a default export. */
const reports = report as unknown as Builder;

/** Characters that XML 1.0 (section 2.2) has no place for, which a program may print. */
const NO_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

function clean(text: string): string {
  return text.replace(NO_XML, '\ufffd');
}

/** What stands in a section of characters, which ends at the first `]]>`: the builder takes one apart and leaves the next. */
function section(text: string): string {
  return clean(text).replaceAll(']]>', ']] >');
}

function oneLine(text: string): string {
  return clean(text.split('\n', 1)[0]);
}

export function renderJunit(result: CampaignResult): string {
  const builder = reports.newBuilder();
  const seconds = result.performance.find(({ name }) => name === 'time')?.value ?? 0;
  const suite = builder.testSuite().name('phantom check').time(seconds).property('command', clean(result.command));
  for (const property of result.properties) {
    const test = suite
      .testCase()
      .className('properties')
      .name(clean(`${property.id} ${property.name}`));
    const found = result.findings.filter((finding) => finding.property === property.id);
    switch (propertyState(property)) {
      case 'failed': {
        const [first] = found;
        test.failure(oneLine(first?.message ?? `failed ${property.failed} times`), property.id);
        const told = found.map(({ id, message, command }) => `${message}\nfinding-${id}.json\nrepeat: ${command}`);
        test.stacktrace(section(told.join('\n\n') || `repeat: ${result.command}`));
        break;
      }
      case 'vacuous':
        test.failure('claimed, and nothing happened that could have shown a failure', property.id);
        test.stacktrace(section(`repeat: ${result.command}`));
        break;
      case 'not met':
        test.skipped().standardOutput('nothing happened that could have shown a failure, and none was claimed');
        break;
      default:
    }
  }
  for (const { seed, workload, message, command } of result.errors ?? []) {
    const test = suite
      .testCase()
      .className('test bed')
      .name(clean(`seed ${seed}, ${workload}`));
    test.error(oneLine(message), 'error of the test bed', section(`${message}\nrepeat: ${command}`));
  }
  for (const mutant of result.mutants ?? []) {
    const test = suite.testCase().className('mutants').name(clean(mutant.name));
    if (mutant.killed || mutant.equivalent !== null) continue;
    test.failure(`survived ${mutant.runs} runs`, 'survived');
    test.stacktrace(section(`repeat: npx phantom check --mutants --mutant ${mutant.name}`));
  }
  if (result.matrix !== undefined) {
    const test = suite.testCase().className('faults').name('faults x block kinds');
    const broken = result.matrix.cells.filter(({ verdict }) => verdict !== 'held');
    if (broken.length > 0) {
      const told = broken.map((one) => `${one.fault}, ${one.kind}, ${one.when}: ${describeCell(one)}: ${one.note}`);
      test.failure(matrixVerdict(result.matrix), 'matrix').stacktrace(section(told.join('\n')));
    }
  }
  return builder.build();
}
