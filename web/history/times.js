/**
 * Times and durations in words.
 */
import { LOCALE } from "../locale.js";

/** In which days begin and end, for the server. */
export const ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

const TIME = new Intl.DateTimeFormat(LOCALE, { hour: "2-digit", minute: "2-digit" });
const DAY = { weekday: "long", day: "numeric", month: "long" };
const THIS_YEAR = new Intl.DateTimeFormat(LOCALE, DAY);
const OTHER_YEAR = new Intl.DateTimeFormat(LOCALE, { ...DAY, year: "numeric" });
const SHORT = new Intl.DateTimeFormat(LOCALE, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "numeric",
  minute: "2-digit",
});
const FULL = new Intl.DateTimeFormat(LOCALE, {
  ...DAY,
  year: "numeric",
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** @param {Date} at @returns {string} "14:05" */
export const timeOfDay = (at) => TIME.format(at);

/** @param {Date} at @returns {string} "Tue 24 Nov, 10:00" */
export const shortMoment = (at) => SHORT.format(at);

/** @param {Date} at @returns {string} to the second, with its zone */
export const fullMoment = (at) => FULL.format(at);

/** @param {Date} at @param {Date} now @returns {string} "Today", "Monday 23 November" */
export function day(at, now) {
  const ago = Math.round((midnight(at) - midnight(now)) / 86_400_000);
  if (ago === 0 || ago === -1) return capital(RELATIVE.format(ago, "day"));
  const near = at.getFullYear() === now.getFullYear();
  return (near ? THIS_YEAR : OTHER_YEAR).format(at);
}

/** @param {number} ms @returns {string} "45 s", "3 min 12 s", "1 h 02 min" */
export function length(ms) {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const two = (number) => String(number).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor(seconds / 60) % 60)} min`;
}

/** @param {number} ms @returns {string} "640 ms", "1.2 s": as exact as anybody needs */
export function short(ms) {
  if (Math.abs(ms) < 999.5) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(Math.abs(ms) < 9_950 ? 1 : 0)} s`;
}

function midnight(at) {
  // In UTC all days are equally long.
  return Date.UTC(at.getFullYear(), at.getMonth(), at.getDate());
}

function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
