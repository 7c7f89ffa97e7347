/** The faces of a report as files of one folder, and what a folder of reports says of the campaigns before. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  type CampaignResult,
  type CampaignSummary,
  inOrder,
  parseCampaign,
  parseHistory,
  type RunResult,
  renderCampaignHtml,
  renderCampaignJson,
  renderCampaignMarkdown,
  renderFindingJson,
  renderHistory,
  renderHtml,
  renderJson,
  renderJunit,
  renderMarkdown,
  summariseCampaign,
} from '../reports/index.js';
import { codeOf, messageOf, reasonOf, UserError } from './errors.js';
import { readText } from './read-file.js';

/** Makes sure before a run that its report (or what else it writes) can be written. Throws UserError. */
export function prepareFolder(folder: string, what = 'reports'): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'no folder can be made there' : reasonOf(error);
    throw new UserError(`${folder}: cannot write ${what} there: ${why}`);
  }
  if (!statSync(folder).isDirectory()) throw new UserError(`${folder}: cannot write ${what} there: it is no folder`);
}

/** One level at a time: mkdir's own recursion never ends where nothing can be made, as under /proc (Node 20). */
export function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = resolve(folder); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const one of missing.reverse()) {
    try {
      mkdirSync(one);
    } catch (error) {
      // Another process was faster.
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
}

/** Writes the report; returns the paths: JSON, Markdown, HTML. */
export function writeReports(folder: string, result: RunResult): string[] {
  const faces: [string, (result: RunResult) => string][] = [
    ['json', renderJson],
    ['md', renderMarkdown],
    ['html', renderHtml],
  ];
  return faces.map(([ending, render]) => {
    const path = join(folder, `run-${result.seed}.${ending}`);
    writeWhole(path, render(result), 'report');
    return path;
  });
}

const HISTORY = 'history.json';
const CAMPAIGN = 'campaign.json';

/**
 * Makes sure, before a campaign runs, that its report can be written and that those to compare it with can be read: what `earlier` names, else what the
 * folder of the report had. Throws UserError.
 */
export function prepareReport({ report, earlier }: { report?: string; earlier?: string }): CampaignSummary[] {
  if (report === undefined) {
    if (earlier === undefined) return [];
    throw new UserError('--earlier needs --report: it is the report that tells what is new');
  }
  prepareFolder(report);
  if (earlier === undefined) return campaignsOf(report);
  if (!existsSync(earlier)) throw new UserError(`--earlier ${earlier}: there is no such folder`);
  if (!statSync(earlier).isDirectory()) return earlierOf(earlier);
  const inside = readdirSync(earlier, { withFileTypes: true }).filter((one) => one.isDirectory());
  return inOrder([earlier, ...inside.map(({ name }) => join(earlier, name))].flatMap(campaignsOf));
}

/** The campaigns that a folder tells of, oldest first: those of its history, else the one whose report it is. */
function campaignsOf(folder: string): CampaignSummary[] {
  const file = [HISTORY, CAMPAIGN].map((name) => join(folder, name)).find((path) => existsSync(path));
  return file === undefined ? [] : earlierOf(file);
}

function earlierOf(file: string): CampaignSummary[] {
  const text = readText(file, 'what to compare with');
  try {
    return basename(file) === HISTORY ? parseHistory(text) : [summariseCampaign(parseCampaign(text))];
  } catch (error) {
    throw new UserError(`${file}: nothing to compare with: ${messageOf(error)}; name another folder or move it away`);
  }
}

/**
 * Writes the report of a campaign, a file for each finding, and the history for the campaign after it; returns the paths. `earlier`: the campaigns
 * before, oldest first.
 */
export function writeCampaign(
  folder: string,
  result: CampaignResult,
  earlier: readonly CampaignSummary[],
): { faces: string[]; findings: string[] } {
  const findings = result.findings.map((finding) => {
    const path = join(folder, `finding-${finding.id}.json`);
    writeWhole(path, renderFindingJson(finding), 'finding');
    return path;
  });
  const all: [string, string][] = [
    [CAMPAIGN, renderCampaignJson(result)],
    ['campaign.md', renderCampaignMarkdown(result, earlier)],
    ['campaign.html', renderCampaignHtml(result, earlier)],
    ['campaign.xml', renderJunit(result)],
    [HISTORY, renderHistory([...earlier, summariseCampaign(result)])],
  ];
  const faces = all.map(([file, text]) => {
    const path = join(folder, file);
    writeWhole(path, text, 'report');
    return path;
  });
  return { faces, findings };
}

/** Writes a file whole or not at all. Throws UserError. */
export function writeWhole(path: string, text: string, what: string): void {
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new UserError(`${path}: cannot write the ${what}: ${reasonOf(error)}`);
  }
}
