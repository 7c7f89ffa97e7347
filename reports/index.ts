/** One result schema and its three faces: JSON, Markdown, one HTML file. */
export { propertyState } from './facts.js';
export { renderHtml } from './html.js';
export { parseJson, renderJson } from './json.js';
export { renderMarkdown } from './markdown.js';
export * from './plan.js';
export * from './schema.js';
