/**
 * Which calls are looked for, as it stands in the page's address.
 */
import { ZONE } from "./times.js";

/** In the order in which they stand in an address. */
export const FILTERS = Object.freeze([
  "q",
  "agent",
  "profile",
  "reason",
  "meeting",
  "recording",
  "day",
  "until",
]);

/** Where a call's page finds the list that it was opened from; of this tab alone. */
const LIST_KEY = "parley.calls";

/** @param {string} search of a location @returns {Record<string, string>} those set */
export function read(search) {
  const given = new URLSearchParams(search);
  const wishes = FILTERS.map((name) => [name, (given.get(name) ?? "").trim()]);
  return Object.fromEntries(wishes.filter(([, value]) => value));
}

/** @returns {string} "" or "?q=..." */
export function write(filters, more = {}) {
  const all = { ...filters, ...more };
  const pairs = Object.entries(all).filter(([, value]) => value !== "" && value !== null);
  return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
}

/** For the server, who must know when days begin here. */
export function wish(filters, more = {}) {
  return write(filters, { zone: ZONE, ...more });
}

export function same(one, other) {
  return write(one) === write(other);
}

/** @param {string} search */
export function rememberList(search) {
  try {
    sessionStorage.setItem(LIST_KEY, search);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error; // storage is switched off
  }
}

/** @returns {string | null} its `location.search`; null: not opened from a list */
export function rememberedList() {
  try {
    return sessionStorage.getItem(LIST_KEY);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return null;
  }
}
