/** `phantom report`: the report of a campaign made again, of its parts as one, with its mutants and its matrix, against those before it. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { plural } from '../reports/facts.js';
import {
  CAMPAIGN_FORMAT,
  type CampaignResult,
  MergeError,
  mergeCampaigns,
  parseCampaign,
  renderCampaignJson,
  summariseCampaign,
} from '../reports/index.js';
import { type FaultMatrix, MATRIX_FORMAT, parseMatrix } from '../reports/matrix.js';
import { parseFolder } from './arguments.js';
import { messageOf, UserError } from './errors.js';
import { campaignExitCode } from './exit-codes.js';
import { readText } from './read-file.js';
import { prepareReport, writeCampaign } from './report-files.js';
import { Terminal } from './terminal.js';

interface MergeFlags {
  readonly report?: string;
  readonly earlier?: string;
  readonly json?: true;
}

/** `ended` is told the exit code. */
export function reportCommand(ended: (exitCode: number) => void): Command {
  const merge = new Command('merge')
    .description('one report of the parts of a campaign, of its mutants, and of the matrix of faults')
    .argument(
      '<places...>',
      'what `phantom check --report` wrote (folders, or campaign.json files), and what `npm run -s matrix -- --json` printed',
    )
    .option(
      '--report <folder>',
      'write the report there: campaign.json, .md, .html, .xml, each finding, and history.json',
      parseFolder,
    )
    .option(
      '--earlier <folder>',
      'campaigns to compare with: a report, or a folder of reports (default: those that --report had)',
    )
    .option('--json', 'print one object of the campaign schema on stdout')
    .addHelpText(
      'after',
      '\nParts are of the same kernel, shape and workloads; no seed is in two of them (--seed FIRST --seeds NUMBER), and past findings are run by one ' +
        '(--no-corpus for the others).\n' +
        'The mutants and the matrix are of the same kernel, without their defects and programs.\n' +
        'Exit codes: 0 nothing failed, 1 a property failed, a mutant survived or a fault was silent, 2 usage error or no parts of one campaign.',
    )
    .action(async (places: string[], flags: MergeFlags) => ended(await mergeReports(places, flags)));
  return new Command('report')
    .description('reports of campaigns: merged, with mutants and matrix, and against those before')
    .addCommand(merge, { isDefault: true });
}

async function mergeReports(places: readonly string[], flags: MergeFlags): Promise<number> {
  const parts = places.map(readPart);
  const { report } = flags;
  const earlier = prepareReport(flags);
  let result: CampaignResult;
  try {
    result = mergeCampaigns(
      parts.flatMap((part) => (part.format === CAMPAIGN_FORMAT ? part : [])),
      parts.flatMap((part) => (part.format === MATRIX_FORMAT ? part : [])),
    );
  } catch (error) {
    if (error instanceof MergeError) throw new UserError(error.message);
    throw error;
  }
  const terminal = new Terminal('hidden');
  const own = JSON.stringify(summariseCampaign(result));
  // A report that is made again is not a campaign before itself.
  const before = earlier.filter((one) => JSON.stringify(one) !== own);
  if (report !== undefined) {
    terminal.say(`report: ${writeCampaign(report, result, before).faces.join(' ')}`);
    if (before.length > 0)
      terminal.say(`compared with: ${plural(before.length, 'campaign')} in ${flags.earlier ?? report}`);
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

function readPart(place: string): CampaignResult | FaultMatrix {
  const isFolder = existsSync(place) && statSync(place).isDirectory();
  const file = isFolder ? join(place, 'campaign.json') : place;
  const text = readText(file, 'the report');
  try {
    return isMatrix(text) ? parseMatrix(text) : parseCampaign(text);
  } catch (error) {
    throw new UserError(`${file}: ${messageOf(error)}`);
  }
}

/** The format stands at the beginning of a file. */
const FORMAT_WITHIN = 200;

function isMatrix(text: string): boolean {
  return text.slice(0, FORMAT_WITHIN).includes(`"${MATRIX_FORMAT}"`);
}
