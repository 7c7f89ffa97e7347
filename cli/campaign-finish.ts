/** The end of a campaign: what is said of it, its report, and where it was made. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellWord } from '../faults/index.js';
import { shrinkingOf } from '../reports/campaign-facts.js';
import { grouped, plural, propertyState } from '../reports/facts.js';
import { type CampaignResult, type CampaignSummary, renderCampaignJson } from '../reports/index.js';
import { UserError } from './errors.js';
import { writeCampaign } from './report-files.js';
import type { Terminal } from './terminal.js';

/**
 * Says what a campaign came to, writes its report where one is wanted, and prints its object. Throws UserError when the report cannot be written, after all
 * of it is said: a folder may go, or be full, while a campaign runs for hours.
 */
export async function finishCampaign(
  result: CampaignResult,
  flags: { readonly report?: string; readonly json?: true },
  earlier: readonly CampaignSummary[],
  terminal: Terminal,
): Promise<void> {
  for (const property of result.properties) {
    const { id, name, checked, failed, witnesses } = property;
    if (checked === 0 && witnesses === 0 && !property.claimed) continue;
    const figures = `checked ${grouped(checked)}, failed ${grouped(failed)}, witnesses ${grouped(witnesses)}`;
    terminal.say(`${id.padEnd(4)} ${propertyState(property).padEnd(10)} ${figures}  ${name}`);
  }
  for (const { kernel, inFlight, recovery, count } of result.coverage) {
    terminal.say(`cell ${kernel} | ${inFlight} | ${recovery}: ${grouped(count)}`);
  }
  for (const { space, states } of result.exhaustive) terminal.say(`exhaustive: ${space}: ${plural(states, 'state')}`);
  for (const { name, value, unit } of result.performance)
    terminal.say(`${name}: ${value}${unit === '' ? '' : ` ${unit}`}`);
  const written = flags.report === undefined ? undefined : tryToWrite(flags.report, result, earlier);
  for (const [i, finding] of result.findings.entries()) {
    terminal.say(`finding ${finding.id}: ${finding.property} ${finding.message}`);
    if (finding.shrunk !== null) terminal.say(`  ${shrinkingOf(finding)}`);
    terminal.say(`  repeat: ${finding.command}`);
    if (written === undefined || 'error' in written) continue;
    terminal.say(`  replay: npx phantom replay ${shellWord(written.findings[i])}`);
  }
  for (const { seed, workload, message, command } of result.errors ?? []) {
    terminal.say(`error of the test bed: seed ${seed}, ${workload}: ${message}`);
    terminal.say(`  repeat: ${command}`);
  }
  terminal.say(result.verdict.text);
  if (written !== undefined && 'faces' in written) terminal.say(`report: ${written.faces.join(' ')}`);
  terminal.say(`repeat: ${result.command}`);
  if (flags.json) terminal.output(renderCampaignJson(result));
  await terminal.flush();
  if (written !== undefined && 'error' in written) throw written.error;
}

function tryToWrite(
  folder: string,
  result: CampaignResult,
  earlier: readonly CampaignSummary[],
): ReturnType<typeof writeCampaign> | { readonly error: UserError } {
  try {
    return writeCampaign(folder, result, earlier);
  } catch (error) {
    if (error instanceof UserError) return { error };
    throw error;
  }
}

/** Where a campaign was made. */
export function environment(): CampaignResult['environment'] {
  return { node: process.version, commit: commitOf(), date: new Date().toISOString() };
}

/** The commit of the sources that this command is built from; null where they are not in git. */
function commitOf(): string | null {
  const root = fileURLToPath(new URL('..', import.meta.url)).replace(/dist\/$/, '');
  if (!existsSync(join(root, '.git'))) return null;
  try {
    return execFileSync('git', ['-C', root, 'rev-parse', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}
