// Opens a page of conversations from disk in a browser, and prints as JSON after how many seconds it is ready, has searched for
// the first time, and again, and how much memory its script has. The arguments are the browser's program and the file.
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [executablePath, file] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath });
const page = await browser.newPage();
await page.goto(pathToFileURL(file).href);
await page.waitForSelector('body[data-ready]', { state: 'attached', timeout: 120_000 });
const ready = Number(await page.evaluate(() => document.body.dataset.ready)) / 1000;

async function searchFor(text) {
  return page.evaluate(async (wanted) => {
    const started = performance.now();
    document.getElementById('search').value = wanted;
    await find();
    return (performance.now() - started) / 1000;
  }, text);
}

const first = await searchFor('conexao'), second = await searchFor('pedido');
const heapMib = await page.evaluate(() => performance.memory.usedJSHeapSize / 2 ** 20);
await browser.close();
console.log(JSON.stringify({ ready, 'first search': first, 'second search': second, 'heap, MiB': heapMib }));
