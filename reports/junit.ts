/**
 * A campaign's result as JUnit XML: each property is a test case. One that was not at stake is skipped, with that as its reason; a finding
 * is the failure of its property, with the command that repeats it. A run that the bed could not make is a case with an error.
 */
import report, { type Builder } from 'junit-report-builder';
import type { CampaignResult } from './campaign.js';
import { propertyState } from './facts.js';

/** The package is CommonJS and exports the builder itself; its types say that it is a default export. */
const reports = report as unknown as Builder;

export function renderJunit(result: CampaignResult): string {
  const builder = reports.newBuilder();
  const suite = builder.testSuite().name('phantom check').property('command', result.command);
  for (const property of result.properties) {
    const test = suite.testCase().className('properties').name(`${property.id} ${property.name}`);
    const found = result.findings.filter((finding) => finding.property === property.id);
    switch (propertyState(property)) {
      case 'failed': {
        const text = found.map(({ message, command }) => `${message}\nrepeat: ${command}`).join('\n\n');
        test.failure(text === '' ? `failed ${property.failed} times` : text, property.id);
        break;
      }
      case 'vacuous':
        test.failure('claimed, and nothing happened that could have shown a failure', property.id);
        break;
      case 'not met':
        test.skipped();
        break;
      default:
    }
  }
  for (const { seed, workload, message, command } of result.errors ?? []) {
    const test = suite.testCase().className('test bed').name(`seed ${seed}, ${workload}`);
    test.error(`${message}\nrepeat: ${command}`, 'error of the test bed');
  }
  for (const mutant of result.mutants ?? []) {
    const test = suite.testCase().className('mutants').name(mutant.name);
    if (!mutant.killed && mutant.equivalent === null) test.failure(`survived ${mutant.runs} runs`, 'survived');
  }
  return builder.build();
}
