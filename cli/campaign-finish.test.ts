// How a campaign ends: all it came to is said, even where its report cannot be written any more.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCampaign } from '../reports/index.js';
import { sampleCampaign } from '../reports/testing/sample-campaign.js';
import { finishCampaign } from './campaign-finish.js';
import { UserError } from './errors.js';
import { Terminal } from './terminal.js';

class Recorded extends Terminal {
  readonly said: string[] = [];
  readonly printed: string[] = [];
  override say(line: string): void {
    this.said.push(line);
  }
  override output(text: string): void {
    this.printed.push(text);
  }
}

test('a folder that went away while the campaign ran costs the report, not the findings', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'phantom-finish-'));
  rmSync(folder, { recursive: true });
  const result = sampleCampaign();
  const terminal = new Recorded('hidden');
  await expect(finishCampaign(result, { report: folder, json: true }, [], terminal)).rejects.toThrow(UserError);
  expect(result.findings.length).toBeGreaterThan(0);
  for (const { id, command } of result.findings) {
    expect(terminal.said).toContainEqual(expect.stringContaining(`finding ${id}: `));
    expect(terminal.said).toContain(`  repeat: ${command}`);
  }
  expect(terminal.said).toContain(result.verdict.text);
  expect(terminal.said.join('\n')).not.toMatch(/^report:|replay:/m);
  expect(terminal.printed.map(parseCampaign)).toEqual([result]);
});
