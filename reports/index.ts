/** Result schemas of runs and campaigns, and their faces: JSON, Markdown, one HTML file, JUnit XML. */
export * from './campaign.js';
export { renderCampaignHtml } from './campaign-html.js';
export { parseCampaign, parseFinding, renderCampaignJson, renderFindingJson } from './campaign-json.js';
export { renderCampaignMarkdown } from './campaign-markdown.js';
export { propertyState } from './facts.js';
export {
  type CampaignSummary,
  inOrder,
  parseHistory,
  renderHistory,
  summariseCampaign,
} from './history.js';
export { renderHtml } from './html.js';
export { parseJson, renderJson } from './json.js';
export { renderJunit } from './junit.js';
export { renderBehaviour, renderDifference, renderLanes } from './lanes.js';
export { renderMarkdown } from './markdown.js';
export { MergeError, mergeCampaigns } from './merge.js';
export * from './plan.js';
export * from './schema.js';
