// Uses a gallery of conversations in a browser as people do, and prints as JSON which conversations are listed or open after
// each step. The arguments are the browser's program, the file, and as JSON steps of a control and its value.
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, file, steps] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const url = pathToFileURL(file).href;

const listed = () => page.evaluate(() => matches.map((position) => rows[position].ref));
const open = () => page.evaluate(() => document.querySelector('#article h1')?.textContent ?? null);
const isVisible = (selector) => page.locator(selector).isVisible();
const ready = () => page.waitForSelector('body[data-ready]', { state: 'attached' });

async function filter([control, value]) {
  await page.click('#reset');
  await page.evaluate(async ([id, wanted]) => {
    document.getElementById(id).value = wanted;
    await find();
  }, [control, value]);
  return listed();
}

async function press(key) {
  await page.keyboard.press(key);
  await page.evaluate(() => new Promise((done) => setTimeout(done, 50)));
  return open();
}

const seen = {};
await page.goto(url);
await ready();
seen.filters = [];
for (const step of JSON.parse(steps)) seen.filters.push(await filter(step));
seen.marked = await page.locator('mark').allTextContents();
await page.click('#reset');
await page.click('h1');
seen.keys = [await press('j'), await press('j'), await press('k')];
seen.address = new URL(page.url()).hash;
await press('/');
seen.focus = await page.evaluate(() => document.activeElement.id);
await page.goto('about:blank');
await page.goto(`${url}#${encodeURIComponent('zild:3')}`);
await ready();
seen.linked = await open();
await page.emulateMedia({ media: 'print' });
seen.print = [await isVisible('nav'), await isVisible('article')];
await page.emulateMedia({ media: 'screen' });
await page.setViewportSize({ width: 390, height: 844 });
seen.phone = [await isVisible('nav'), await isVisible('article')];
await page.click('#back');
seen.back = [await isVisible('nav'), await isVisible('article')];
await browser.close();
console.log(JSON.stringify(seen));
