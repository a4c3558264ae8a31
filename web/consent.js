/**
 * Whether the call will be recorded: says so before the call, and asks the caller where
 * the server leaves it to them. The answer counts for the session, and can be changed.
 */
import { CONSENT } from "./texts.js";

const KEY = "parley.record";

/** A second tap that was meant for Call must not answer a question nobody has read. */
const READ_MS = 500;

export class Consent {
  #rule = "";
  #answer = remembered();
  #line;
  #change;
  #dialog;
  #openedMs = 0;
  /** What is to be done with the answer. */
  #then = () => {};

  /**
   * @param {HTMLElement} line says how it is
   * @param {HTMLButtonElement} change asks again
   * @param {HTMLDialogElement} dialog the question; its buttons have the answer as value
   */
  constructor(line, change, dialog) {
    this.#line = line;
    this.#change = change;
    this.#dialog = dialog;
    change.addEventListener("click", () => this.ask());
    dialog.addEventListener("click", ({ target }) => this.#press(target));
  }

  /** @returns {boolean} the caller has to be asked before a call */
  get open() {
    return this.#rule === "ask" && this.#answer === null;
  }

  /** @returns {boolean | undefined} the caller's answer, where the server asks for one */
  get record() {
    return this.#rule === "ask" ? (this.#answer ?? undefined) : undefined;
  }

  /** @param {string} rule "on", "off", "ask", or "" of a server that does not say */
  offer(rule) {
    this.#rule = rule;
    this.#show();
  }

  /** @param {() => void} [then] is called with the tap that gives the answer */
  ask(then = () => {}) {
    this.#then = then;
    this.#openedMs = performance.now();
    this.#dialog.showModal();
  }

  #press(target) {
    const pressed = target.closest("button");
    if (!pressed || performance.now() - this.#openedMs < READ_MS) return;
    this.#answer = pressed.value === "yes";
    remember(this.#answer);
    this.#show();
    this.#dialog.close();
    this.#then();
  }

  #show() {
    const answered = this.#rule === "ask" && this.#answer !== null;
    const asked = this.#answer ? "yes" : "no";
    const words = CONSENT[answered ? asked : this.#rule] ?? CONSENT.on;
    if (this.#line.textContent !== words) this.#line.textContent = words;
    this.#change.hidden = !answered;
  }
}

/** A browser may refuse to remember anything: then it is asked with each page. */
function remembered() {
  try {
    const answer = sessionStorage.getItem(KEY);
    return answer === null ? null : answer === "yes";
  } catch {
    return null;
  }
}

function remember(answer) {
  try {
    sessionStorage.setItem(KEY, answer ? "yes" : "no");
  } catch {
    // It counts for this page all the same.
  }
}
