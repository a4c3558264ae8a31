/**
 * Says on top of the transcript that a card which has scrolled out of sight wants to be
 * looked at, and leads to it: what leaves in half a minute must be in reach till then.
 */

/** A card is seen when so much of it is, or of the log, if that is lower. */
const SEEN = 0.6;

/** Shares of a card; at each of them it is looked at again. */
const STEPS = [0, 0.2, 0.4, 0.6, 0.8, 1];

export class Reminder {
  #button;
  #observer;
  /** @type {Map<HTMLElement, {card: {focus(): void}, words: string, seen: boolean}>} */
  #waiting = new Map();

  /**
   * @param {HTMLElement} log in which cards scroll
   * @param {HTMLButtonElement} button hidden while there is nothing to say
   */
  constructor(log, button) {
    this.#button = button;
    const options = { root: log, threshold: STEPS };
    this.#observer = new IntersectionObserver((all) => this.#look(all), options);
    button.addEventListener("click", () => this.#lead());
  }

  /**
   * @param {import("./meeting.js").MeetingCard} card
   * @param {string} words why it wants to be seen; "": it does not, or not any more
   */
  set(card, words) {
    const { element } = card;
    if (!words) {
      this.#observer.unobserve(element);
      this.#waiting.delete(element);
    } else if (this.#waiting.has(element)) {
      this.#waiting.get(element).words = words;
    } else {
      this.#waiting.set(element, { card, words, seen: true });
      this.#observer.observe(element);
    }
    this.#show();
  }

  #look(all) {
    for (const { target, intersectionRect, boundingClientRect, rootBounds } of all) {
      const one = this.#waiting.get(target);
      const whole = Math.min(boundingClientRect.height, rootBounds.height);
      if (one) one.seen = intersectionRect.height >= SEEN * whole;
    }
    this.#show();
  }

  #show() {
    const one = this.#unseen();
    if (!one && document.activeElement === this.#button) this.#button.blur();
    this.#button.hidden = !one;
    if (one) this.#button.textContent = one.words;
  }

  #lead() {
    const { card } = this.#unseen();
    card.element.scrollIntoView({ block: "nearest" });
    card.focus();
  }

  #unseen() {
    return [...this.#waiting.values()].findLast(({ seen }) => !seen);
  }
}
