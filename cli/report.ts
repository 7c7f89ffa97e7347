/** `phantom report merge`: the reports of the parts of a campaign as one. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import {
  type CampaignResult,
  MergeError,
  mergeCampaigns,
  parseCampaign,
  renderCampaignJson,
} from '../reports/index.js';
import { parseFolder } from './arguments.js';
import { messageOf, UserError } from './errors.js';
import { campaignExitCode } from './exit-codes.js';
import { readText } from './read-file.js';
import { prepareFolder, writeCampaign } from './report-files.js';
import { Terminal } from './terminal.js';

interface MergeFlags {
  readonly report?: string;
  readonly json?: true;
}

/** `ended` is told the exit code. */
export function reportCommand(ended: (exitCode: number) => void): Command {
  const merge = new Command('merge')
    .description('merge the parts of one campaign, which were run with seeds of their own')
    .argument('<folders...>', 'what `phantom check --report` wrote: folders, or campaign.json files')
    .option(
      '--report <folder>',
      'write the merged report there: campaign.json, .md, .html, .xml, and each finding',
      parseFolder,
    )
    .option('--json', 'print one object of the campaign schema on stdout')
    .addHelpText(
      'after',
      '\nParts are of the same kernel, shape and workloads; no seed is in two of them (--seed FIRST --seeds NUMBER), and past findings are run by one ' +
        '(--no-corpus for the others).\n' +
        'Exit codes: 0 nothing failed, 1 a property failed, 2 usage error or no parts of one campaign.',
    )
    .action(async (places: string[], flags: MergeFlags) => ended(await mergeReports(places, flags)));
  return new Command('report').description('reports of campaigns: merge').addCommand(merge);
}

async function mergeReports(places: readonly string[], flags: MergeFlags): Promise<number> {
  const parts = places.map(readPart);
  let result: CampaignResult;
  try {
    result = mergeCampaigns(parts);
  } catch (error) {
    if (error instanceof MergeError) throw new UserError(error.message);
    throw error;
  }
  const terminal = new Terminal('hidden');
  if (flags.report !== undefined) {
    prepareFolder(flags.report);
    terminal.say(`report: ${writeCampaign(flags.report, result).faces.join(' ')}`);
  }
  for (const { id, property, message, command } of result.findings) {
    terminal.say(`finding ${id}: ${property} ${message}`);
    terminal.say(`  repeat: ${command}`);
  }
  for (const { seed, workload, message } of result.errors ?? [])
    terminal.say(`error of the test bed: seed ${seed}, ${workload}: ${message}`);
  terminal.say(result.verdict.text);
  if (flags.json) terminal.output(renderCampaignJson(result));
  await terminal.flush();
  return campaignExitCode(result);
}

function readPart(place: string): CampaignResult {
  const isFolder = existsSync(place) && statSync(place).isDirectory();
  const file = isFolder ? join(place, 'campaign.json') : place;
  const text = readText(file, 'the report');
  try {
    return parseCampaign(text);
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`);
  }
}
