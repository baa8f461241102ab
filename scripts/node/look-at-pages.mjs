// Opens pages from disk in a browser without network. Tells for each, as JSON, which words a reader does not get to see, what
// the console complains of, what was asked for, and by which rule of the page's own the browser refuses to ask for more. The
// arguments are the browser's program and, as JSON, pages with their words.
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
  const shown = (wanted) => wanted.every((word) => document.body.innerText.includes(word));
  await page.waitForFunction(shown, words).catch(() => {}); // what is missing is told below
  const text = await page.innerText('body');
  const missing = words.filter((word) => !text.includes(word));
  const seen = { missing, complaints: [...complaints], requests: [...requests] };
  return { ...seen, refused: await page.evaluate(askElsewhere) };
}

// Runs in the page.
function askElsewhere() {
  return new Promise((tell) => {
    document.addEventListener('securitypolicyviolation', (refusal) => tell(refusal.originalPolicy));
    fetch('https://elsewhere.invalid').catch(() => setTimeout(tell, 1000, 'nothing refuses it'));
  });
}

const all = [];
for (const page of JSON.parse(pages)) all.push(await lookAt(page));
await browser.close();
console.log(JSON.stringify(all));
