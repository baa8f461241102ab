// Opens pages of conversations from disk in a browser without network. Tells for each, as JSON, what axe finds in light and,
// on a phone, in dark colours, what the console complains of, what is asked for, and which planted script ran. A gallery has each of its
// conversations opened. The arguments are the browser's program and, as JSON, the files of the pages.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, files] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const browser = await chromium.launch({ executablePath });

async function tryPage(file) {
  const context = await browser.newContext({ offline: true, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const requests = [], complaints = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => { complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (refusal) => console.log(`refused: ${refusal.violatedDirective}`));
  });
  await page.goto(pathToFileURL(file).href);
  const opened = (await page.$('#gallery')) ? await openAll(page) : 1;
  await page.evaluate(axe);
  const light = await findings(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  const dark = await findings(page);
  if (await page.locator('#back').isVisible()) {
    await page.click('#back');
    dark.push(...await findings(page));
  }
  const elsewhere = requests.filter((url) => url !== pathToFileURL(file).href);
  const ran = (await page.evaluate(() => 'planted' in window)) || (await page.title()) === 'planted';
  await context.close();
  return { light, dark, complaints, requests: elsewhere, ran, opened };
}

async function findings(page) {
  const { violations } = await page.evaluate((tags) => axe.run(document, { runOnly: tags }), RULES);
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`);
}

// Opens the conversations of a gallery one after the other, and returns how many there are.
async function openAll(page) {
  await page.waitForSelector('body[data-ready]', { state: 'attached' });
  const refs = JSON.parse(await page.evaluate(() => JSON.stringify(rows.map((row) => row.ref))));
  for (const [at, ref] of refs.entries()) {
    if (at > 0) await page.keyboard.press('j');
    await page.waitForFunction((title) => document.querySelector('#article h1')?.textContent === title, ref);
  }
  return refs.length;
}

const all = [];
for (const file of JSON.parse(files)) all.push(await tryPage(file));
await browser.close();
console.log(JSON.stringify(all));
