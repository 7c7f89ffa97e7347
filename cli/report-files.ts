/** The three faces of a report as files of one folder. */
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  type CampaignResult,
  type RunResult,
  renderCampaignHtml,
  renderCampaignJson,
  renderCampaignMarkdown,
  renderFindingJson,
  renderHtml,
  renderJson,
  renderJunit,
  renderMarkdown,
} from '../reports/index.js';
import { codeOf, reasonOf, UserError } from './errors.js';

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

/** Writes the report of a campaign and a file for each finding; returns the paths. */
export function writeCampaign(folder: string, result: CampaignResult): { faces: string[]; findings: string[] } {
  const findings = result.findings.map((finding) => {
    const path = join(folder, `finding-${finding.id}.json`);
    writeWhole(path, renderFindingJson(finding), 'finding');
    return path;
  });
  const all: [string, string][] = [
    ['campaign.json', renderCampaignJson(result)],
    ['campaign.md', renderCampaignMarkdown(result)],
    ['campaign.html', renderCampaignHtml(result)],
    ['campaign.xml', renderJunit(result)],
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
