/**
 * Wires the list of calls together: address, form, server and rows.
 */
import { button, element } from "../element.js";
import { read, rememberList, same, wish, write } from "./address.js";
import { Failure, get } from "./api.js";
import { Book, PAGE } from "./book.js";
import { Filters } from "./filters.js";
import { drawDays, drawRows } from "./rows.js";
import { LIST } from "./texts.js";

/** How old what is on the page may be. */
const REFRESH_MS = 4000;

/** Browsers refuse pages that write to their history all the time. */
const SETTLE_MS = 150;

/** The lengths of live calls. */
const TICK_MS = 1000;

const at = (id) => document.getElementById(id);

const book = new Book();
const filters = new Filters(at("filters"), wanted);

let typing = false;
let remembering = 0;
let loaded = false;
let liveSince = performance.now();

/** The form has changed. While somebody types, the address does so without a trace. */
function wanted(typed) {
  const { values } = filters;
  if (same(values, book.filters)) {
    typing &&= typed;
    return;
  }
  const target = `/calls${write(values)}`;
  if (typed && typing) history.replaceState(null, "", target);
  else history.pushState(null, "", target);
  typing = typed;
  clearTimeout(remembering);
  load();
}

/** Show what the address asks for; `count` calls of it were on the page before. */
async function load(count = PAGE) {
  const asked = read(location.search);
  rememberList(write(asked));
  showExports(asked);
  at("list").setAttribute("aria-busy", "true");
  const done = await attempt(() => book.open(asked, count), () => load(count));
  if (!done) return;
  at("list").removeAttribute("aria-busy");
  loaded = true;
  draw();
}

async function loadOlder() {
  const older = at("older");
  older.disabled = true;
  const shown = book.calls.length;
  if (await attempt(() => book.older(), loadOlder)) {
    draw();
    rememberPlace();
    // Who got here by keyboard goes on reading where the new ones begin.
    if (document.activeElement === document.body || older.hidden) {
      at("days").querySelectorAll("a")[shown]?.focus({ preventScroll: true });
    }
  }
  older.disabled = false;
}

async function refresh() {
  if (document.hidden || !loaded || at("problem").childElementCount) return;
  try {
    await book.refresh();
    at("list").removeAttribute("data-stale");
    draw();
  } catch (error) {
    if (error instanceof Failure) at("list").dataset.stale = LIST.stale;
    else if (error.name !== "AbortError") throw error;
  }
}

/** @returns {Promise<boolean>} false: failed, and said so; or overtaken */
async function attempt(act, again) {
  try {
    await act();
    at("problem").replaceChildren();
    return true;
  } catch (error) {
    if (error.name === "AbortError") return false;
    if (!(error instanceof Failure)) throw error;
    showFailure(error, again);
    return false;
  }
}

function showFailure(failure, again) {
  const { title, advice } = failure.words;
  const retry = button(LIST.retry, () => {
    retry.disabled = true;
    again();
  });
  const told = [element("strong", "", title), element("p", "", advice)];
  at("problem").replaceChildren(...told, retry);
  at("list").removeAttribute("aria-busy");
}

function draw() {
  const { calls, live, next } = book;
  liveSince = performance.now();
  at("live").hidden = !live.length;
  drawLive();
  drawDays(at("days"), calls, new Date());
  at("older").hidden = !next;
  at("exports").hidden = !calls.length;
  showEmpty(!calls.length && !live.length);
  const words = LIST.shown(calls.length, next !== null);
  if (at("status").textContent !== words) at("status").textContent = words;
}

/** The server says how long they are; time goes on meanwhile. */
function drawLive() {
  const more = performance.now() - liveSince;
  const rows = book.live.map((it) => ({ ...it, length_ms: it.length_ms + more }));
  drawRows(at("live-calls"), rows);
}

function showEmpty(empty) {
  const place = at("empty");
  place.hidden = !empty;
  if (!empty) return;
  const searched = Object.keys(book.filters).length > 0;
  const { title, advice, action } = searched ? LIST.nothing : LIST.none;
  if (place.firstChild?.textContent === title) return;
  const way = searched
    ? button(action, () => filters.clear())
    : element("a", "button", action);
  if (!searched) way.href = "/";
  place.replaceChildren(element("strong", "", title), element("p", "", advice), way);
}

function showExports(asked) {
  for (const kind of ["csv", "jsonl"]) at(kind).href = `/calls.${kind}${wish(asked)}`;
}

async function loadChoices() {
  try {
    filters.choices(await get("/calls/choices"));
  } catch (error) {
    // Filters that cannot be offered are no reason to show no calls.
    if (!(error instanceof Failure)) throw error;
  }
}

addEventListener("popstate", () => {
  clearTimeout(remembering);
  typing = false;
  filters.values = read(location.search);
  load();
});

/** "Back" from a call comes to where one was. Too late when the page is being left. */
function rememberPlace() {
  clearTimeout(remembering);
  history.replaceState({ count: book.calls.length, scrollY }, "");
}

addEventListener("scroll", () => {
  clearTimeout(remembering);
  remembering = setTimeout(rememberPlace, SETTLE_MS);
});
at("list").addEventListener("click", rememberPlace);
history.scrollRestoration = "manual"; // the browser does not know when we are ready

async function start() {
  const before = history.state;
  filters.values = read(location.search);
  loadChoices();
  at("older").addEventListener("click", loadOlder);
  await load(Math.max(PAGE, before?.count ?? 0));
  if (before?.scrollY) scrollTo(0, before.scrollY);
  setInterval(refresh, REFRESH_MS);
  setInterval(() => {
    if (book.live.length && !document.hidden) drawLive();
  }, TICK_MS);
  document.addEventListener("visibilitychange", refresh);
}

start();
