/**
 * The calls that are on the page, page by page from the server.
 */
import { get } from "./api.js";
import { wish } from "./address.js";

/** Calls asked for at a time. */
export const PAGE = 50;

/** As many as the server gives at once. */
const MOST = 200;

export class Book {
  /** @type {object[]} newest first */
  calls = [];
  /** @type {object[]} on the line now */
  live = [];
  /** @type {string | null} where older ones go on; null: there are none */
  next = null;
  #filters = {};
  #asking = new AbortController();

  get filters() {
    return this.#filters;
  }

  /**
   * From the beginning; what was asked before is not waited for any more.
   * @param {number} count of calls wanted, as far as there are so many
   */
  async open(filters, count = PAGE) {
    this.#asking.abort();
    this.#asking = new AbortController();
    this.#filters = filters;
    const first = await this.#ask(Math.min(count, MOST));
    this.calls = first.calls;
    this.next = first.next;
    this.live = first.live;
    while (this.next && this.calls.length < count) await this.older();
  }

  /** The next page. */
  async older() {
    if (!this.next) return;
    const before = this.next;
    const page = await this.#ask(PAGE, before);
    if (this.next !== before) return; // they go on elsewhere since a refresh
    this.calls = [...this.calls, ...page.calls];
    this.next = page.next;
  }

  /** What has changed at the top since. */
  async refresh() {
    const page = await this.#ask(PAGE);
    this.live = page.live;
    const last = page.calls.at(-1)?.call ?? "";
    // What lies behind this page stays as it was; ids sort in time. But where the page
    // does not reach what was known, nobody knows what lies between.
    const reaches = page.next && last <= (this.calls[0]?.call ?? "");
    const behind = reaches ? this.calls.filter(({ call }) => call < last) : [];
    if (!behind.length) this.next = page.next;
    this.calls = [...page.calls, ...behind];
  }

  async #ask(limit, before = null) {
    const { signal } = this.#asking;
    const more = before ? { before, limit } : { limit };
    const answer = await get(`/calls${wish(this.#filters, more)}`, { signal });
    if (signal.aborted) throw signal.reason;
    const live = (answer.live ?? []).map((call) => ({ ...call, live: true }));
    const running = new Set(live.map(({ call }) => call));
    const calls = answer.calls.filter(({ call }) => !running.has(call));
    return { calls, live, next: answer.next ?? null };
  }
}
