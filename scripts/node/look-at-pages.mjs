// Opens pages from disk in a browser without network. Tells for each, as JSON, which words a reader does not get to see, what
// the console complains of, and what was asked for. The arguments are the browser's program and, as JSON, pages with their words.
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, pages] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath });
const context = await browser.newContext({ offline: true, viewport: { width: 1400, height: 12000 } }); // what is far below stays empty

async function lookAt([file, words]) {
  const page = await context.newPage();
  const requests = [], complaints = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => message.type() === 'info' || complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(pathToFileURL(file).href);
  await page.getByText('+ Show').click();
  const shown = (wanted) => wanted.every((word) => document.body.innerText.includes(word));
  await page.waitForFunction(shown, words).catch(() => {}); // what is missing is told below
  const text = await page.innerText('body');
  return { missing: words.filter((word) => !text.includes(word)), complaints, requests };
}

const seen = [];
for (const page of JSON.parse(pages)) seen.push(await lookAt(page));
await browser.close();
console.log(JSON.stringify(seen));
