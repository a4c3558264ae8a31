/**
 * When a meeting is: in words, for where it was agreed on and for who looks at the page,
 * and as the fields of a form have it.
 */
import { LOCALE } from "./locale.js";
import { MEETING, OPEN } from "./texts.js";

/** ISO 8601 with an offset: without one, nobody knows when it is. */
const START =
  /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** A longer one is a slip of the agent. */
const MOST_MIN = 24 * 60;

/**
 * @typedef {object} Moment
 * @property {string} day in words; of a draft, with the question that is open
 * @property {string} hours in words, with the zone; "" of a draft
 * @property {string} here when that is for who looks, if it is another time, or ""
 * @property {string} start ISO 8601; "" of a draft
 */

/**
 * @param {{start?: string | null, day?: string | null, time?: string | null,
 *   zone?: string, status?: string, duration_min?: number}} meeting
 * @returns {Moment | null} null when it is not said when it is
 */
export function moment(meeting) {
  const start = instant(meeting?.start);
  try {
    if (start) return settled(meeting, start);
    return meeting?.status === "draft" ? open(meeting) : null;
  } catch (error) {
    if (error instanceof RangeError) return null; // There is no such zone.
    throw error;
  }
}

/**
 * What stands in the fields of a form for a meeting whose `moment` there is.
 * @returns {{day: string, time: string}} "" for what is not known
 */
export function fields({ start, day, time, zone }) {
  const begins = instant(start);
  if (!begins) return { day: dayOf(day) ? day : "", time: TIME.test(time) ? time : "" };
  // Swedes write dates as ISO 8601 and input elements do.
  const format = new Intl.DateTimeFormat("sv-SE", {
    dateStyle: "short",
    timeStyle: "short",
    timeZone: zone || undefined,
  });
  const [date, clock] = format.format(begins).split(" ");
  return { day: date, time: clock };
}

/** "Vienna": a city is known to more people than the name of a zone. */
export function place(zone) {
  return zone.split("/").at(-1).replaceAll("_", " ");
}

/** @returns {Moment} */
function settled({ start, zone, duration_min: minutes }, begins) {
  const end = ending(begins, minutes);
  const there = when(begins, end, zone || undefined);
  const here = when(begins, end);
  let other = "";
  if (there.day !== here.day) other = MEETING.here(`${here.day}, ${here.hours}`);
  else if (there.hours !== here.hours) other = MEETING.here(here.hours);
  return { day: there.day, hours: `${there.hours} ${there.zone}`, here: other, start };
}

/** @returns {Moment} */
function open({ day, time, zone }) {
  new Intl.DateTimeFormat(LOCALE, { timeZone: zone || undefined });
  const date = dayOf(day);
  const at = TIME.exec(time ?? "");
  return { day: question(date, at), hours: "", here: "", start: "" };
}

function question(date, at) {
  const timeZone = "UTC";
  const long = { weekday: "long", day: "numeric", month: "long", timeZone };
  const day = date && new Intl.DateTimeFormat(LOCALE, long).format(date);
  const minutes = at && new Date(Date.UTC(2000, 0, 1, Number(at[1]), Number(at[2])));
  const short = { hour: "numeric", minute: "2-digit", timeZone };
  const clock = minutes && new Intl.DateTimeFormat(LOCALE, short).format(minutes);
  if (day && clock) return OPEN.sure(day, clock);
  if (day) return OPEN.time(day);
  return clock ? OPEN.day(clock) : OPEN.both;
}

/** @returns {Date | null} */
function instant(text) {
  const [, year, month, day] = START.exec(text) ?? [];
  if (!date(year, month, day)) return null;
  const start = new Date(text);
  return Number.isNaN(start.getTime()) ? null : start;
}

/** @returns {Date | null} its beginning in UTC */
function dayOf(text) {
  const [, year, month, day] = DAY.exec(text ?? "") ?? [];
  return date(year, month, day);
}

function date(year, month, day) {
  // Browsers take the 31st of February for a day in March.
  const made = new Date(Date.UTC(year, month - 1, day));
  return made.getUTCDate() === Number(day) ? made : null;
}

function ending(start, minutes) {
  const known = minutes > 0 && minutes <= MOST_MIN;
  return new Date(start.getTime() + (known ? minutes * 60_000 : 0));
}

/** In words. Raises RangeError for a zone that does not exist. */
function when(start, end, timeZone) {
  const day = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", timeZone });
  const hours = new Intl.DateTimeFormat(LOCALE, {
    hour: "numeric",
    minute: "2-digit",
    timeZone,
  });
  return {
    day: day.format(start),
    hours: hours.formatRange(start, end),
    zone: zoned(start, day.resolvedOptions().timeZone),
  };
}

/** "Vienna time, GMT+1" */
function zoned(start, timeZone) {
  if (!timeZone.includes("/")) return timeZone; // UTC
  const format = new Intl.DateTimeFormat(LOCALE, {
    timeZone,
    timeZoneName: "shortOffset",
  });
  const parts = format.formatToParts(start);
  const offset = parts.find(({ type }) => type === "timeZoneName").value;
  // These have the sign the other way round than everybody else.
  if (timeZone.startsWith("Etc/")) return offset;
  return MEETING.zone(place(timeZone), offset);
}
