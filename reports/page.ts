/**
 * What all HTML reports are made of: one file, no network, light and dark after the reader's setting.
 *
 * The rule: the page says all it has to say without its script, which only puts a button beside each command. The page's own policy
 * allows that script, by its hash, and nothing from elsewhere.
 */
import { createHash } from 'node:crypto';
import { grouped, propertyState } from './facts.js';
import type { PropertyResult } from './schema.js';

export function escapeHtml(text: string): string {
  const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (sign) => signs[sign]);
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --soft: #f3f4f6; --line: #c9ced6; --muted: #57606a;
  --good: #0a6b2d; --bad: #b3261e; --warn: #8a5a00; --capture: #1f5fbf; --commit: #0a6b2d; --recover: #7a3fb0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --paper: #14171b; --soft: #1e2329; --line: #3b434d; --muted: #a4adb8;
  --good: #5fd38a; --bad: #ff8a80; --warn: #f0c05a; --capture: #82b1ff; --commit: #5fd38a; --recover: #d0a6ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 76rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 1rem; padding-left: .8rem; border-left: .4rem solid var(--good); overflow-wrap: anywhere; }
h1.failed, h1.error { border-color: var(--bad); } h1.stopped, h1.finished { border-color: var(--capture); }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .3rem; overflow-wrap: anywhere; }
a { color: var(--capture); } nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; margin: 1rem 0 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: break-word; } table.wide td { min-width: 9rem; }
caption { text-align: left; white-space: nowrap; color: var(--muted); padding: .3rem 0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; } .number, .short { white-space: nowrap; }
.held { color: var(--good); } .failed, .vacuous, .new { color: var(--bad); font-weight: 600; } .not-met { color: var(--muted); } .ongoing { color: var(--warn); font-weight: 600; }
pre { background: var(--soft); padding: .8rem; margin: .5rem 0; overflow-x: auto; border-radius: .3rem; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: .9rem/1.5 ui-monospace, monospace; } td code { white-space: pre; font-size: .8rem; }
.command { display: flex; gap: .5rem; align-items: start; margin: .5rem 0; } .command pre { flex: 1; min-width: 0; margin: 0; user-select: all; }
button { font: inherit; font-size: .9rem; color: var(--ink); background: var(--soft); border: 1px solid var(--line); border-radius: .3rem; padding: .5rem .8rem; cursor: pointer; }
a:focus-visible, button:focus-visible, pre:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--capture); outline-offset: 1px; }
summary { cursor: pointer; padding: .3rem 0; }
.cut { color: var(--bad); font-weight: 600; } .torn { color: var(--muted); }
svg { background: var(--soft); border-radius: .3rem; } .scroll > svg { width: 100%; min-width: 44rem; height: auto; display: block; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; } .scroll { overflow-x: auto; max-width: 100%; }
figure { margin: .5rem 0; --plot-background: var(--soft); } figcaption { color: var(--muted); font-size: .9rem; }
.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(21rem, 100%), 1fr)); gap: .5rem 1.5rem; } .small .scroll > svg { min-width: 0; }
article { border-left: .25rem solid var(--bad); padding-left: .8rem; margin: 1rem 0; } mark { background: none; color: var(--warn); font-weight: 600; }
ul { padding-left: 1.2rem; } dl { display: grid; grid-template-columns: fit-content(18rem) 1fr; gap: .1rem 1rem; } dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
table.grid { width: auto; } table.grid th, table.grid td { padding: .15rem .35rem; } table.grid td { text-align: center; min-width: 1.9rem; }
table.grid thead th { vertical-align: bottom; font-weight: 400; font-size: .9rem; } table.grid thead span { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 11rem; }
table.grid th[scope=row] { font-weight: 400; white-space: nowrap; position: sticky; left: 0; background: var(--paper); } table.grid tbody tr:hover { background: var(--soft); }
.sign-bad { color: var(--paper); background: var(--bad); font-weight: 700; } .sign-lost { color: var(--warn); } .sign-good { color: var(--good); } .sign-none { color: var(--muted); }
@media (max-width: 40rem) { body { padding: 1rem; } .command { flex-direction: column; align-items: stretch; } .command pre { flex: none; } dl { grid-template-columns: 1fr; } dd { margin: 0 0 .4rem; } }
@media print { button, nav { display: none; } }
`;

/** Says what it did in the button itself, which a screen reader reads out as its focus stays there. */
const SCRIPT = `for (const place of document.querySelectorAll('.command')) {
  const button = document.createElement('button');
  const text = place.querySelector('pre').textContent;
  const show = (said) => { button.textContent = said; };
  button.type = 'button';
  button.setAttribute('aria-live', 'polite');
  show('Copy');
  button.addEventListener('click', () => {
    const select = () => { getSelection().selectAllChildren(place.querySelector('pre')); show('Selected'); };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => show('Copied'), select); else select();
  });
  place.append(button);
}
`;

/** Nothing is loaded from anywhere; of scripts only this one runs. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`;

/** Cells of table rows, markup already; `numbers` are the columns set flush right. */
export function rows(cells: readonly (readonly string[])[], numbers: readonly number[] = []): string {
  return cells
    .map(
      (row) =>
        `<tr>${row.map((cell, i) => `<td${numbers.includes(i) ? ' class="number"' : ''}>${cell}</td>`).join('')}</tr>`,
    )
    .join('\n');
}

/** A table that scrolls by itself on a narrow screen. `head` is text, `cells` is markup; `wide`: its cells are sentences. */
export function table(
  head: readonly string[],
  cells: readonly (readonly string[])[],
  numbers: readonly number[] = [],
  wide = false,
): string {
  const titles = head.map(
    (title, i) => `<th scope="col"${numbers.includes(i) ? ' class="number"' : ''}>${escapeHtml(title)}</th>`,
  );
  return scroll(`<table${wide ? ' class="wide"' : ''}>
<thead><tr>${titles.join('')}</tr></thead>
<tbody>${rows(cells, numbers)}</tbody>
</table>`);
}

/** What may be wider than the screen; the keyboard can scroll it. */
export function scroll(content: string): string {
  return `<div class="scroll" tabindex="0">${content}</div>`;
}

/** Names with their values, both text. */
export function definitions(pairs: readonly (readonly [string, string])[]): string {
  return `<dl>${pairs.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('\n')}</dl>`;
}

/** A line to paste, with a button that copies it. */
export function command(text: string): string {
  return `<div class="command"><pre tabindex="0">${escapeHtml(text)}</pre></div>`;
}

/** `summary` is text, `content` is markup. */
export function details(summary: string, content: string, open = false): string {
  return `<details${open ? ' open' : ''}><summary>${escapeHtml(summary)}</summary>\n${content}</details>`;
}

export function propertyTable(properties: readonly PropertyResult[]): string {
  const cells = properties.map((property) => {
    const state = propertyState(property);
    return [
      `<span class="short">${property.id}</span>`,
      escapeHtml(property.name),
      `<span class="short ${state.replace(' ', '-')}">${state}</span>`,
      ...[property.checked, property.failed, property.witnesses].map(grouped),
    ];
  });
  return table(['Id', 'Property', 'State', 'Checked', 'Failed', 'Witnesses'], cells, [3, 4, 5]);
}

/** The whole file. `title` is text, `body` markup; `outcome` colours the verdict. */
export function page(title: string, outcome: string, body: string): string {
  const text = escapeHtml(title);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1 class="${outcome}">${text}</h1>
${body}
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}
