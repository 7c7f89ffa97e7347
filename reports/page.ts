/** What all HTML reports are made of: one file, no script, no network, light and dark after the reader's setting. */

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
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 1rem; padding-left: .8rem; border-left: .4rem solid var(--good); }
h1.failed, h1.error { border-color: var(--bad); } h1.stopped, h1.finished { border-color: var(--capture); }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; } .number, .short { white-space: nowrap; }
.held { color: var(--good); } .failed, .vacuous { color: var(--bad); font-weight: 600; } .not-met { color: var(--muted); }
pre { background: var(--soft); padding: .8rem; overflow-x: auto; border-radius: .3rem; white-space: pre-wrap; overflow-wrap: anywhere; }
pre:focus-visible, summary:focus-visible { outline: 2px solid var(--capture); }
.cut { color: var(--bad); font-weight: 600; } .torn { color: var(--muted); } svg { width: 100%; height: auto; background: var(--soft); border-radius: .3rem; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; } .scroll { overflow-x: auto; }
figure { margin: .5rem 0; --plot-background: var(--soft); } figcaption { color: var(--muted); font-size: .9rem; }
article { border-left: .25rem solid var(--bad); padding-left: .8rem; margin: 1rem 0; } mark { background: none; color: var(--warn); font-weight: 600; }
ul { padding-left: 1.2rem; }
`;

/** Cells of table rows, markup already; `numbers` are the columns set flush right. */
export function rows(cells: readonly (readonly string[])[], numbers: readonly number[] = []): string {
  return cells
    .map(
      (row) =>
        `<tr>${row.map((cell, i) => `<td${numbers.includes(i) ? ' class="number"' : ''}>${cell}</td>`).join('')}</tr>`,
    )
    .join('\n');
}

/** A table that scrolls by itself on a narrow screen. `head` is text, `cells` is markup. */
export function table(
  head: readonly string[],
  cells: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const titles = head.map(
    (title, i) => `<th scope="col"${numbers.includes(i) ? ' class="number"' : ''}>${escapeHtml(title)}</th>`,
  );
  return `<div class="scroll"><table>
<thead><tr>${titles.join('')}</tr></thead>
<tbody>${rows(cells, numbers)}</tbody>
</table></div>`;
}

/** The whole file. `title` is text, `body` markup; `outcome` colours the verdict. */
export function page(title: string, outcome: string, body: string): string {
  const text = escapeHtml(title);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1 class="${outcome}">${text}</h1>
${body}
</main>
</body>
</html>
`;
}
