/** Campaigns and findings as JSON, and back: keys in the schema's order, so equal results are equal bytes. */
import { type CampaignResult, campaignSchema, type FindingFile, findingFileSchema } from './campaign.js';
import { parseAs } from './json.js';

export function renderCampaignJson(result: CampaignResult): string {
  return `${JSON.stringify(campaignSchema.parse(result), null, 1)}\n`;
}

export function parseCampaign(text: string): CampaignResult {
  return parseAs(campaignSchema, text, 'a report of a campaign');
}

export function renderFindingJson(finding: FindingFile): string {
  return `${JSON.stringify(findingFileSchema.parse(finding), null, 1)}\n`;
}

export function parseFinding(text: string): FindingFile {
  return parseAs(findingFileSchema, text, 'a finding');
}
