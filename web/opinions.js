/**
 * What the caller thinks of the agent's replies: two small buttons beside each.
 *
 * All of them are one stop of the Tab key, and the arrow keys go from one to the next:
 * else the field to write in would be ever farther away.
 */
import { button, element } from "./element.js";
import { OPINION } from "./texts.js";

/**
 * Screen readers read a line when it comes, with all that is in it. Buttons that come
 * later, and into a box that is not live, are not read; and nobody judges sooner.
 */
const LATER_MS = 700;

const STEP = Object.freeze({ ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 });

export class Opinions {
  #list;
  #send;
  /** @type {Map<number, boolean>} by reply; of one call */
  #liked = new Map();

  /**
   * @param {HTMLElement} list of the transcript's lines
   * @param {(reply: number, liked: boolean | null) => boolean} send says whether it
   *   could be sent
   */
  constructor(list, send) {
    this.#list = list;
    this.#send = send;
    list.addEventListener("keydown", (event) => this.#walk(event));
  }

  clear() {
    this.#liked.clear();
  }

  /** The call is over: what was said of a reply stands, and nothing can be added. */
  close() {
    for (const box of this.#list.querySelectorAll(".opinion:empty")) box.remove();
    for (const made of this.#buttons()) made.disabled = true;
  }

  /** Offer the buttons for a line; a reply has them on its last line only. */
  offer(line, reply) {
    line.querySelector(".opinion")?.remove();
    const box = element("div", "opinion");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", OPINION.group);
    box.setAttribute("aria-live", "off");
    line.append(box);
    setTimeout(() => this.#fill(box, line, reply), LATER_MS);
  }

  #fill(box, line, reply) {
    if (!box.isConnected) return;
    const lines = this.#list.querySelectorAll(`.agent[data-reply="${reply}"]`);
    if (line !== [...lines].at(-1)) return;
    for (const older of lines) {
      if (older !== line) older.querySelector(".opinion")?.replaceChildren();
    }
    for (const like of [true, false]) {
      const made = button("", () => this.#press(reply, like));
      made.dataset.like = String(like);
      made.setAttribute("aria-label", like ? OPINION.like : OPINION.dislike);
      made.append(thumb(like));
      box.append(made);
    }
    this.#show(box, reply);
    if (!this.#list.contains(document.activeElement)) this.#stop(box.firstChild);
    else for (const made of box.children) made.tabIndex = -1;
  }

  #press(reply, like) {
    const liked = this.#liked.get(reply) === like ? null : like;
    if (!this.#send(reply, liked)) return;
    if (liked === null) this.#liked.delete(reply);
    else this.#liked.set(reply, liked);
    const lines = this.#list.querySelectorAll(`.agent[data-reply="${reply}"]`);
    for (const line of lines) {
      const box = line.querySelector(".opinion");
      if (box) this.#show(box, reply);
    }
  }

  #show(box, reply) {
    const liked = this.#liked.get(reply);
    for (const made of box.children) {
      const pressed = String(liked) === made.dataset.like;
      made.setAttribute("aria-pressed", String(pressed));
    }
  }

  #walk(event) {
    const step = STEP[event.key];
    const all = this.#buttons();
    const at = all.indexOf(event.target);
    if (!step || at < 0) return;
    event.preventDefault();
    const next = all[at + step];
    if (!next) return;
    this.#stop(next);
    next.focus();
  }

  /** Where the Tab key stops. */
  #stop(here) {
    for (const made of this.#buttons()) made.tabIndex = made === here ? 0 : -1;
  }

  #buttons() {
    return [...this.#list.querySelectorAll(".opinion button")];
  }
}

const SVG = "http://www.w3.org/2000/svg";

const THUMB =
  "M7 10.5 11 3a2.2 2.2 0 0 1 2.2 2.2V9h5.3a2 2 0 0 1 2 2.3l-1.1 7a2 2 0 0 1-2 " +
  "1.7H7m0-9.5V20m0-9.5H4.5A1.5 1.5 0 0 0 3 12v6.5A1.5 1.5 0 0 0 4.5 20H7";

function thumb(up) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", THUMB);
  if (!up) path.setAttribute("transform", "rotate(180 12 12)");
  svg.append(path);
  return svg;
}
