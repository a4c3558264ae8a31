/**
 * Where a meeting is known from: who says so, how sure that is, and the sentences, which
 * can be listened to; and the meeting as a file.
 */
import { element } from "../element.js";
import { clock } from "../transcript.js";
import { MEETINGS, PARTY, PLAYER, SOURCE, SURE } from "./texts.js";

export class Origin {
  /** For the card. */
  element = element("div");
  #go;
  #drawn = "";

  /** @param {((ms: number) => void) | null} go plays from there; null: no sound */
  constructor(go) {
    this.#go = go;
  }

  /** @param {string} calendar address of a file for calendars, or "" */
  show(meeting, calendar) {
    const content = JSON.stringify([meeting.evidence, source(meeting), calendar]);
    if (content === this.#drawn) return;
    this.#drawn = content;
    const parts = [];
    if (source(meeting)) parts.push(element("p", "origin", source(meeting)));
    const sentences = Array.isArray(meeting.evidence) ? meeting.evidence : [];
    if (sentences.length) parts.push(this.#evidence(sentences));
    if (calendar) parts.push(download(calendar));
    this.element.replaceChildren(...parts);
  }

  #evidence(sentences) {
    const list = element("ul", "evidence");
    list.setAttribute("role", "list");
    list.setAttribute("aria-label", MEETINGS.evidence);
    for (const { who, text, start_ms: ms } of sentences) {
      const party = PARTY[who] ?? String(who);
      const line = element("li", who === "caller" ? "caller" : "agent");
      line.append(element("span", "who", party), " ");
      if (Number.isFinite(ms)) line.append(this.#time(ms, party), " ");
      line.append(String(text));
      list.append(line);
    }
    return list;
  }

  #time(ms, party) {
    if (!this.#go) return element("span", "quiet", clock(ms));
    const made = element("button", "", clock(ms));
    made.type = "button";
    made.setAttribute("aria-label", PLAYER.goTo(clock(ms), party));
    made.addEventListener("click", () => this.#go(ms));
    return made;
  }
}

function source({ source: name, confidence }) {
  if (!Object.hasOwn(SOURCE, name)) return "";
  const known = Number.isFinite(confidence);
  const sure = known ? SURE.find(([least]) => confidence >= least)?.[1] : "";
  return SOURCE[name](sure ?? "");
}

function download(address) {
  const line = element("p", "calendar");
  const link = element("a", "", MEETINGS.calendar);
  link.href = address;
  link.download = "";
  line.append(link);
  return line;
}
