/**
 * A meeting that caller and agent agreed on, as a card: when it is where it was agreed
 * on, and when that is for who looks at the page.
 */
import { element } from "./element.js";
import { LOCALE } from "./locale.js";
import { MEETING } from "./texts.js";

/** ISO 8601 with an offset: without one, nobody knows when it is. */
const START =
  /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** A longer one is a slip of the agent. */
const MOST_MIN = 24 * 60;

/**
 * @param {{start: string, zone?: string, duration_min?: number, topic?: string,
 *   attendee?: string, status?: string}} meeting
 * @returns {HTMLElement | null} null when it is not said when it is
 */
export function meetingCard(meeting) {
  const start = instant(meeting?.start);
  if (!start) return null;
  const end = ending(start, meeting.duration_min);
  let there;
  try {
    there = when(start, end, meeting.zone || undefined);
  } catch (error) {
    if (error instanceof RangeError) return null; // There is no such zone.
    throw error;
  }
  return draw(meeting, there, when(start, end));
}

function draw({ start, topic, attendee, status }, there, here) {
  const card = element("li", "card meeting");
  const title = Object.hasOwn(MEETING, status) ? MEETING[status] : MEETING.other;
  const day = element("time", "", there.day);
  day.dateTime = start;
  const first = element("p", "day");
  first.append(day);
  card.append(element("p", "title", title), first);
  card.append(element("p", "hours", `${there.hours} ${there.zone}`));
  if (there.day !== here.day) {
    card.append(element("p", "", MEETING.here(`${here.day}, ${here.hours}`)));
  } else if (there.hours !== here.hours) {
    card.append(element("p", "", MEETING.here(here.hours)));
  }
  if (isText(topic)) card.append(element("p", "", topic));
  if (isText(attendee)) card.append(element("p", "", MEETING.with(attendee)));
  return card;
}

/** @returns {Date | null} */
function instant(text) {
  const [, year, month, day] = START.exec(text) ?? [];
  // Browsers take the 31st of February for a day in March.
  const date = new Date(Date.UTC(year, month - 1, day));
  if (!(date.getUTCDate() === Number(day))) return null;
  const start = new Date(text);
  return Number.isNaN(start.getTime()) ? null : start;
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

/** "Vienna time, GMT+1": a city is known to more people than the name of a zone. */
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
  return MEETING.zone(city(timeZone), offset);
}

function city(timeZone) {
  return timeZone.split("/").at(-1).replaceAll("_", " ");
}

function isText(value) {
  return typeof value === "string" && value.trim() !== "";
}
