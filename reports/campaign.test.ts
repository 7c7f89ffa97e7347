import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { mutantScore, standingText } from './campaign-facts.js';
import { inOrder, parseHistory, renderHistory, standings, summariseCampaign } from './history.js';
import {
  parseCampaign,
  parseFinding,
  renderCampaignHtml,
  renderCampaignJson,
  renderCampaignMarkdown,
  renderFindingJson,
  renderJunit,
} from './index.js';
import { matrixTables } from './matrix.js';
import { sampleCampaign } from './testing/sample-campaign.js';

const campaign = sampleCampaign();

describe('the schema of a campaign', () => {
  test('JSON there and back is the same; a finding is a file of its own', () => {
    expect(parseCampaign(renderCampaignJson(campaign))).toEqual(campaign);
    const [finding] = campaign.findings;
    expect(parseFinding(renderFindingJson(finding))).toEqual(finding);
  });

  test('what is none is refused in one line that names the field', () => {
    expect(() => parseCampaign('{}')).toThrow(/^not a report of a campaign of this version: format: /);
    const [finding] = campaign.findings;
    const wrong = JSON.stringify({ ...finding, shrunk: { ...finding.shrunk, runs: -1 } });
    expect(() => parseFinding(wrong)).toThrow(/^not a finding of this version: shrunk\.runs: /);
  });
});

describe('facts', () => {
  test('a matrix is a table for each time, and a silent cell stands out', () => {
    expect(matrixTables(campaign.matrix ?? { cells: [] })).toEqual([
      {
        when: 'running',
        faults: ['lost write'],
        lines: [{ block: 'index leaf, both copies', cells: ['SILENT'] }],
      },
      {
        when: 'page-in',
        faults: ['read error, sticky'],
        lines: [{ block: 'data page', cells: ['error code: retry, object lost'] }],
      },
    ]);
  });

  test('equivalent mutants are not counted as survivors', () => {
    expect(mutantScore(campaign.mutants ?? [])).toBe('1 of 2 mutants killed');
  });
});

describe('the campaigns before', () => {
  const now = summariseCampaign(campaign);
  const well = { ...now, findings: [] };
  const states = (...pair: Parameters<typeof standings>) => standings(...pair).map(({ state }) => state);

  test('a finding is new, ongoing, or gone; it is gone only where it was looked for again', () => {
    const [found] = now.findings;
    // The finding is of seed 7, and the sample has seeds 1 to 3.
    const tried = { ...well, seeds: { first: 1, wanted: 10, done: 10 } };
    expect(states(now, well)).toEqual(['new']);
    expect(states(now, now)).toEqual(['ongoing']);
    expect(states(tried, now)).toEqual(['gone']);
    expect(states(well, now)).toEqual(['not tried']);
    expect(states({ ...tried, shape: 'cuts' }, now)).toEqual(['not tried']);
    expect(states({ ...tried, workloads: ['bank'] }, now)).toEqual(['not tried']);
    expect(states({ ...tried, seeds: { first: 1, wanted: 10, done: 6 } }, now)).toEqual(['not tried']);
    const past = { ...now, findings: [{ ...found, command: 'npx phantom check --corpus ticker-7' }] };
    expect(states(tried, past)).toEqual(['not tried']);
    expect(states({ ...well, corpus: 1 }, past)).toEqual(['gone']);
  });

  test('another seed of the same failure is the same finding; what is new comes first', () => {
    const [found] = now.findings;
    const other = { ...found, id: 'p2-ticker-8', seed: 8 };
    const fresh = { ...found, id: 'p5-ticker-2', seed: 2, property: 'P5' };
    const all = standings({ ...now, findings: [other, found, fresh] }, now);
    expect(all.map(standingText)).toEqual(['P5 in ticker: new', 'P2 in ticker: ongoing (1 before, 2 now)']);
  });

  test('a history there and back is the same, in the order of time, each campaign once', () => {
    const [old, young] = ['2026-11-20', '2026-11-22'].map((date) => ({ ...now, date: `${date}T00:00:00.000Z` }));
    expect(inOrder([young, now, old, young]).map(({ date }) => date?.slice(8, 10))).toEqual(['20', '21', '22']);
    expect(parseHistory(renderHistory([young, old]))).toEqual([old, young]);
    expect(() => parseHistory('{}')).toThrow(/^not a history of campaigns of this version: format: /);
  });
});

describe('Markdown', () => {
  test('verdict, findings with their command, then the tables', () => {
    const text = renderCampaignMarkdown(campaign, [summariseCampaign(campaign)]);
    expect(text.split('\n')[0]).toBe('**FAILED: P2 failed in ticker; 3 runs, 1 finding**');
    expect(text.indexOf('npx phantom replay faults/corpus/p2-ticker-7.json')).toBeLessThan(text.indexOf('| P1 |'));
    expect(text).toContain('| ticker | 3 | 4 | 12 345 | 200 |');
    expect(text).toContain('1 of 2 mutants killed');
    expect(text).toContain('* P2 in ticker: ongoing\n');
    expect(text).toContain('- 010 00 01 02 03');
    expect(text).toContain('+ 010 00 01 ff 03');
    expect(text).toContain('page 3 differs \\<&\\>');
  });
});

test('a command that has backticks in it, as the name of a file may, does not end its block', () => {
  const command = "npx phantom check 'a\n```\n# not a heading\n````.ph'";
  const findings = campaign.findings.map((one) => ({ ...one, command }));
  const lines = renderCampaignMarkdown({ ...campaign, command, findings }).split('\n');
  // As CommonMark has it: what a line of backticks opens ends at the first that is no shorter.
  let open = 0;
  const outside = lines.filter((line) => {
    const length = /^(`{3,})[a-z]*$/.exec(line)?.[1].length ?? 0;
    if (open === 0 && length > 0) open = length;
    else if (length >= open && open > 0) open = 0;
    else return open === 0;
    return false;
  });
  expect(open).toBe(0);
  expect(outside).toContain('### P2 in ticker, seed 7 (p2-ticker-7)');
  expect(outside).not.toContain('# not a heading');
});

test('of many findings those made small are shown whole, the others in short, none is left out', () => {
  const [finding] = campaign.findings;
  const many = Array.from({ length: 60 }, (_, i) => ({
    ...finding,
    id: `p2-ticker-${i}`,
    seed: i,
    shrunk: i === 50 ? finding.shrunk : null,
    command: `npx phantom check --seed ${i}`,
  }));
  for (const text of [
    renderCampaignMarkdown({ ...campaign, findings: many }),
    renderCampaignHtml({ ...campaign, findings: many }),
  ]) {
    for (const { command } of many) expect(text).toContain(command);
    expect(text.indexOf('check --seed 50')).toBeLessThan(text.indexOf('check --seed 0'));
    expect(text).toMatch(/<summary>\d+ more findings/);
    expect(text.length).toBeLessThan(500_000);
  }
});

describe('JUnit XML', () => {
  test('a property is a test case; a finding is the failure of its property, and says what repeats it', () => {
    const xml = renderJunit(campaign);
    expect(xml).toContain('<testsuites tests="8" failures="4" errors="0" skipped="1">');
    expect(xml).toMatch(
      /<testcase[^>]*name="P2 point in time">\s*<failure message="page 3 differs &lt;&amp;>" type="P2"><!\[CDATA\[page 3 differs <&>\n/,
    );
    expect(xml).toContain('\nrepeat: npx phantom replay faults/corpus/p2-ticker-7.json]]></failure>');
    expect(xml).toMatch(/name="P4 durability">\s*<skipped\/>\s*<system-out>/);
    expect(xml).toMatch(/name="faults x block kinds">\s*<failure message="FAILED: 1 of 2 cells/);
    expect(xml).toMatch(/name="sleepsWell">\s*<failure/);
    expect(xml).not.toMatch(/name="sameThing">\s*<failure/);
  });

  test('is XML whatever a program printed, and a message is one line', () => {
    const [finding] = campaign.findings;
    const told = { ...finding, message: 'nul \0, escape \u001b, half \ud800, end ]]> and\nmore ]]>' };
    const [first, ...properties] = campaign.properties;
    const named = { ...first, name: 'nul \0' };
    const xml = renderJunit({ ...campaign, properties: [named, ...properties], findings: [told] });
    expect(xml).not.toMatch(/[\0\u001b]|\p{Surrogate}/u);
    expect(xml).toContain('message="nul \ufffd, escape \ufffd, half \ufffd, end ]]> and" type="P2"');
    // A section of character data ends at the first ]]>.
    expect(xml.match(/<!\[CDATA\[/g)?.length).toBe(xml.replace(/message="[^"]*"/g, '').match(/\]\]>/g)?.length);
  });
});

describe('HTML', () => {
  const html = renderCampaignHtml(campaign, [
    summariseCampaign(sampleCampaign({ performance: [{ name: 'crash states', value: 2000, unit: '1/s' }] })),
  ]);

  test('is one file: one script, which its policy names, nothing from elsewhere, everything of the run escaped', () => {
    const [[, script], ...others] = html.matchAll(/<script>([^<]*)<\/script>/g);
    const hash = createHash('sha256').update(script).digest('base64');
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'"`);
    expect([others.length, html.match(/<script/g)?.length]).toEqual([0, 1]);
    expect(html).not.toMatch(/src=|@import|url\(/);
    expect([...html.matchAll(/https?:\/\/[^"' <]+/g)].map(([found]) => found)).toEqual([]);
    expect(html).toContain('page 3 differs &lt;&amp;&gt;');
    expect(html).not.toContain('differs <&>');
  });

  test('changed variables of a behaviour are marked by a sign as well as by colour', () => {
    expect(html).toContain('<mark>generation = 1 ←</mark>');
    expect(html).toMatch(/<td>Commit<\/td><td>nothing changed<\/td>/);
  });

  test('content that differs is shown byte by byte, what differs marked, in hexadecimal and as text', () => {
    expect(html).toContain('Page 3: 2 bytes of 4 096 differ');
    expect(html).toMatch(/<code>00 01 <mark>02<\/mark> 03.* {2}\.\.<mark>\.<\/mark>\..*<mark>A<\/mark><\/code>/);
    expect(html).toMatch(/<code>00 01 <mark>ff<\/mark> 03.*<mark>&lt;<\/mark><\/code>/);
  });

  test('each sign of the matrix is named by its cell, and a silent one stands out', () => {
    expect(html).toContain(
      '<td class="sign-bad"><span role="img" aria-label="lost write: SILENT" title="lost write: SILENT">✕</span></td>',
    );
    expect(html).toContain('aria-label="read error, sticky: error code: retry, object lost"');
  });

  const browser = '/usr/bin/chromium';
  const skipped = existsSync(browser) ? '' : ' (skipped: no /usr/bin/chromium; Debian package chromium)';
  test.skipIf(skipped !== '')(
    `reads well in Chromium, dark and light, wide and narrow${skipped}`,
    { timeout: 60_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'phantom-report-'));
      const file = join(folder, 'campaign.html');
      writeFileSync(file, html);
      const driver = await chromium.launch({ executablePath: browser, args: ['--no-sandbox', '--disable-gpu'] });
      try {
        for (const [colorScheme, width] of [
          ['light', 390],
          ['dark', 390],
          ['light', 1280],
        ] as const) {
          const page = await driver.newPage({ colorScheme, viewport: { width, height: 800 } });
          const asked: string[] = [];
          page.on('request', (request) => asked.push(request.url()));
          await page.goto(`file://${file}`);
          // Nothing is fetched, the page does not scroll sideways, and text stands out from its ground.
          expect(asked).toEqual([`file://${file}`]);
          const isWithin = 'document.documentElement.scrollWidth <= window.innerWidth';
          expect(await page.evaluate(isWithin)).toBe(true);
          await page.evaluate('document.querySelectorAll("details").forEach((one) => { one.open = true; })');
          expect(await page.evaluate(isWithin)).toBe(true);
          // What scrolls by itself the keyboard can scroll, and headings are in their order.
          const unreachable = '[...document.querySelectorAll("pre, .scroll")].filter((one) => one.tabIndex < 0).length';
          expect(await page.evaluate(unreachable)).toBe(0);
          const levels = await page.evaluate<number[]>(
            '[...document.querySelectorAll("h1, h2, h3, h4")].map(({ tagName }) => Number(tagName[1]))',
          );
          expect(levels.filter((level, i) => level > (levels[i - 1] ?? 0) + 1)).toEqual([]);
          const links = await page.evaluate<string[]>(
            '[...document.querySelectorAll("nav a")].map((one) => document.querySelector(one.hash)?.textContent)',
          );
          expect(links.slice(0, 3)).toEqual(['Findings', 'Against the campaign before', 'Properties']);
          const [ink, paper] = await page.evaluate<string[]>(
            '[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]',
          );
          expect(contrast(ink, paper)).toBeGreaterThan(7);
          for (const name of await page.evaluate<(string | null)[]>(
            '[...document.querySelectorAll("svg")].map((svg) => svg.getAttribute("aria-label"))',
          ))
            expect(name).toMatch(/\w/);
          const marks = await page.evaluate<number>('document.querySelectorAll("figure svg rect").length');
          expect(marks).toBeGreaterThan(4);
          await page.close();
        }
        const context = await driver.newContext({ permissions: ['clipboard-read', 'clipboard-write'] });
        const page = await context.newPage();
        await page.goto(`file://${file}`);
        await page.locator('article button').first().click();
        await page.locator('article button', { hasText: 'Copied' }).first().waitFor();
        expect(await page.evaluate('navigator.clipboard.readText()')).toBe(campaign.findings[0].command);
      } finally {
        await driver.close();
        rmSync(folder, { recursive: true });
      }
    },
  );
});

/** Contrast of two colours `rgb(r, g, b)`, as WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const luminance = (text: string): number => {
    const [red, green, blue] = (text.match(/[\d.]+/g) ?? []).map((value) => {
      const part = Number(value) / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}
