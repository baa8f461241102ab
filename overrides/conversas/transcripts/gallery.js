'use strict';

const byId = (id) => document.getElementById(id);
const words = JSON.parse(byId('words').textContent);
const FILTERS = ['status', 'verdict', 'agent', 'queue', 'tag', 'rating'];
const PAGE = 200;
const SEARCH_DELAY_MS = 120;

let rows = []; // facts about the conversations, for the list
let matches = []; // positions of the rows that match the filters
let shown = null; // position of the open conversation
let listed = PAGE;
let search = 0; // number of the current search
const blocks = new Map(); // promise of the conversations of each block, by its number
const folded = new Map(); // text to search in each row, by its position

const fold = (text) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
const plural = (pattern, ...values) => values.reduce((text, value) => text.replace('{}', value), pattern);

async function unpack(id) {
  const packed = Uint8Array.from(atob(byId(id).textContent), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text());
}

async function conversation(position) {
  const number = Math.floor(position / words.block);
  if (!blocks.has(number)) blocks.set(number, unpack(`block-${number}`));
  return (await blocks.get(number))[position % words.block];
}

function element(name, { className, text, ...properties } = {}, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  Object.assign(made, properties);
  made.append(...children);
  return made;
}

// Search

function searchable(view, row) {
  const parts = [row.ref, ...view.facts.map(([, value]) => value), ...view.files.map((file) => file.text)];
  for (const item of view.items) {
    parts.push(item.text, item.who, ...(item.remarks ?? []).map((remark) => remark.text));
  }
  return fold(parts.filter(Boolean).join('\n'));
}

function passes(row) {
  const value = Object.fromEntries(FILTERS.map((name) => [name, byId(name).value]));
  const from = byId('from').value, to = byId('to').value;
  return (!value.status || row.status === value.status)
    && (!value.verdict || (row.verdict === 'complete') === (value.verdict === 'complete'))
    && (!value.agent || row.agent === value.agent)
    && (!value.queue || row.queue === value.queue)
    && (!value.tag || row.tags.includes(value.tag))
    && (!value.rating || row.ratings.includes(value.rating))
    && (!from || row.day >= from)
    && (!to || (row.day !== '' && row.day <= to));
}

async function containing(positions, query, mine) {
  const found = [];
  for (const position of positions) {
    if (!folded.has(position)) {
      folded.set(position, searchable(await conversation(position), rows[position]));
      if (search !== mine) return null; // a newer search has begun
    }
    if (folded.get(position).includes(query)) found.push(position);
  }
  return found;
}

async function find() {
  const mine = ++search, query = fold(byId('search').value.trim());
  const passing = [...rows.keys()].filter((position) => passes(rows[position]));
  const found = query ? await containing(passing, query, mine) : passing;
  if (search !== mine || !found) return;
  matches = found;
  listed = PAGE;
  showList();
  if (shown !== null && query) await show(shown, { keepPlace: true });
}

// The list

function entry(position) {
  const row = rows[position];
  const facts = [row.ref, row.time, plural(words.messages, row.messages), words.statuses[row.status]];
  if (row.verdict !== 'complete') facts.push(words.verdicts[row.verdict]);
  const name = element('bdi', { text: row.customer || row.ref });
  const button = element('button', { type: 'button' }, name, element('span', { text: facts.filter(Boolean).join(' · ') }));
  button.setAttribute('aria-current', String(position === shown));
  button.addEventListener('click', () => open(position));
  return element('li', {}, button);
}

function showList() {
  const list = element('ul', {}, ...matches.slice(0, listed).map(entry));
  if (matches.length > listed) {
    const more = element('button', { type: 'button', text: words.more });
    more.addEventListener('click', () => { listed += PAGE; showList(); });
    list.append(element('li', {}, more));
  }
  byId('list').replaceChildren(matches.length ? list : element('p', { className: 'problem', text: words.none }));
  byId('count').textContent = plural(words.count, matches.length, rows.length);
}

function markCurrent() {
  byId('list').querySelectorAll('button[aria-current]').forEach((button, at) => {
    button.setAttribute('aria-current', String(matches[at] === shown));
    if (matches[at] === shown) button.scrollIntoView({ block: 'nearest' });
  });
}

// A conversation

function marked(text, query) {
  if (!query) return [text];
  const starts = []; // index of the original character for each folded character
  let plain = '';
  for (let at = 0; at < text.length;) {
    const letter = String.fromCodePoint(text.codePointAt(at)), simple = fold(letter);
    for (let count = 0; count < simple.length; count++) starts.push(at);
    plain += simple;
    at += letter.length;
  }
  starts.push(text.length);
  const pieces = [];
  let done = 0;
  for (let at = plain.indexOf(query); at >= 0; at = plain.indexOf(query, at + query.length)) {
    pieces.push(text.slice(done, starts[at]));
    done = starts[at + query.length];
    pieces.push(element('mark', { text: text.slice(starts[at], done) }));
  }
  return [...pieces, text.slice(done)];
}

function remarkElement(remark, query) {
  const made = element('p', { className: remark.kind ? `remark ${remark.kind}` : 'remark', dir: 'auto' });
  if (!remark.url?.startsWith('https://')) {
    made.append(...marked(remark.text, query));
    return made;
  }
  const link = { href: remark.url, rel: 'noopener noreferrer nofollow', referrerPolicy: 'no-referrer', target: '_blank' };
  made.append(element('a', link, ...marked(remark.text, query)), ' ', element('span', { className: 'host', text: `(${remark.host})` }));
  return made;
}

function itemElement(item, query) {
  if (item.gap) return element('li', { className: 'gap', text: item.gap });
  const time = item.time ? element('time', { dateTime: item.at, title: item.at, text: item.time }) : element('span', { text: words.no_time });
  const who = element('p', { className: 'who' }, element('b', {}, element('bdi', {}, ...marked(item.who, query))), time);
  const bubble = element('div', { className: 'bubble' }, who);
  if (item.text) bubble.append(element('p', { className: 'text', dir: 'auto' }, ...marked(item.text, query)));
  bubble.append(...(item.remarks ?? []).map((remark) => remarkElement(remark, query)));
  return element('li', { className: item.role }, bubble);
}

function itemElements(items, query) {
  const made = [];
  for (const item of items) {
    if (item.day) made.push(element('h2', { text: item.day }));
    else {
      if (made.at(-1)?.tagName !== 'OL') made.push(element('ol'));
      made.at(-1).append(itemElement(item, query));
    }
  }
  return made.length ? made : [element('p', { className: 'gap', text: words.no_messages })];
}

function article(view, query) {
  const made = element('article', {}, element('h1', {}, ...marked(view.ref, query)));
  for (const [title, text] of view.warnings) {
    made.append(element('p', { className: 'notice' }, element('strong', { text: title }), text ? `: ${text}` : ''));
  }
  const facts = element('dl');
  for (const [label, value] of view.facts) {
    facts.append(element('dt', { text: label }), element('dd', { dir: 'auto' }, ...marked(value, query)));
  }
  made.append(facts, ...view.files.map((file) => remarkElement(file, query)), ...itemElements(view.items, query));
  return made;
}

async function show(position, { keepPlace = false } = {}) {
  shown = position;
  const view = await conversation(position);
  if (shown !== position) return; // another conversation was opened in the meantime
  byId('article').replaceChildren(article(view, fold(byId('search').value.trim())));
  markCurrent();
  const mark = byId('article').querySelector('mark');
  if (mark) mark.scrollIntoView({ block: 'center' });
  else if (!keepPlace) byId('transcript').scrollTop = 0;
}

async function open(position) {
  document.body.classList.add('reading');
  history.replaceState(null, '', `#${encodeURIComponent(rows[position].ref)}`);
  await show(position);
}

async function openLinked() {
  let ref = null;
  try {
    ref = decodeURIComponent(location.hash.slice(1));
  } catch { /* it is not the link of a conversation */ }
  const position = rows.findIndex((row) => row.ref === ref);
  if (position >= 0) await open(position);
  else if (rows.length && shown === null) await show(0);
}

// Controls

function offer(id, values, names = {}) {
  const options = [...new Set(values)].filter(Boolean).map((value) => [names[value] ?? value, value]);
  options.sort(([one], [other]) => one.localeCompare(other, words.language));
  byId(id).append(new Option(words.any, ''), ...options.map(([name, value]) => new Option(name, value)));
}

function step(by) {
  const next = matches[matches.indexOf(shown) + by];
  if (next === undefined) return;
  if (matches.indexOf(next) >= listed) { listed += PAGE; showList(); }
  open(next);
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, select')) return;
  const actions = { '/': () => byId('search').focus(), j: () => step(1), k: () => step(-1) };
  if (!Object.hasOwn(actions, event.key)) return;
  event.preventDefault();
  actions[event.key]();
}

function reset() {
  for (const id of ['search', ...FILTERS, 'from', 'to']) byId(id).value = '';
  find();
}

function listen() {
  let timer;
  byId('search').addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(find, SEARCH_DELAY_MS); });
  for (const id of [...FILTERS, 'from', 'to']) byId(id).addEventListener('change', find);
  byId('reset').addEventListener('click', reset);
  byId('back').addEventListener('click', () => { document.body.classList.remove('reading'); byId('search').focus(); });
  addEventListener('keydown', press);
  addEventListener('hashchange', openLinked);
}

async function start() {
  rows = await unpack('rows');
  offer('status', rows.map((row) => row.status), words.statuses);
  offer('verdict', ['complete', 'incomplete'], words);
  offer('agent', rows.map((row) => row.agent));
  offer('queue', rows.map((row) => row.queue));
  offer('tag', rows.flatMap((row) => row.tags));
  offer('rating', ['good', 'bad', 'unrated'], words);
  listen();
  await find();
  await openLinked();
  document.body.dataset.ready = String(Math.round(performance.now()));
}

if (typeof DecompressionStream === 'undefined') byId('count').textContent = words.old_browser;
else start();
