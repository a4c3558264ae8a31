/**
 * The page as seen: turns states and codes into words, buttons and focus.
 */
import { State } from "./call.js";
import { button, element } from "./element.js";
import { cause, headline, problem } from "./problems.js";
import { FAREWELL, METER, NOTICE, PRESENCE, REMEDY, STATUS } from "./texts.js";
import { clock } from "./transcript.js";

/**
 * Call and Hang up take each other's place. A double tap, or an Enter that was meant for
 * the button that just went away, must not press the other one: meanwhile taps fall
 * through (style.css) and keys are not `settled`.
 */
const SWAP_GUARD_MS = 500;

/** The server may send any number of codes; more banners than this bury the page. */
const MOST_NOTICES = 4;

/**
 * The server says of these conditions that they are, again and again, and not that they
 * are over. The agent's voice only echoes while it speaks, and callers have their turns.
 */
const LASTS_MS = Object.freeze({ "echo-heard": 25_000 });

const TICK_MS = 250;

export class View {
  #at = (id) => document.getElementById(id);
  #notices = new Map();
  #expiring = new Map();
  #guarding = 0;
  #connectedMs = null;
  #ticking = 0;

  /** @returns {boolean} false for a press that was meant for another button */
  get settled() {
    return this.#guarding === 0;
  }

  /** @returns {number} ms since the call was connected, 0 before */
  get callMs() {
    return this.#connectedMs === null ? 0 : performance.now() - this.#connectedMs;
  }

  /** @param {import("./call.js").Call} call */
  showState(call) {
    const { state } = call;
    document.body.dataset.state = state;
    if (state === State.ENDED) this.#showEnd(call);
    else this.#say(STATUS[state]);
    if (state === State.MICROPHONE) this.#showBegin();
    if (state === State.CONNECTED && this.#connectedMs === null) this.#startTimer();
    this.#enable(state === State.CONNECTED || state === State.UNSTABLE);
  }

  showWaiting(waiting) {
    this.#say(waiting ? STATUS.waiting : STATUS.connected);
  }

  /** @param {"" | keyof typeof PRESENCE} key */
  showPresence(key) {
    document.body.dataset.presence = key;
    this.#at("activity").textContent = PRESENCE[key] ?? "";
  }

  showMuted(on) {
    this.#at("mute").setAttribute("aria-pressed", String(on));
    document.body.toggleAttribute("data-muted", on);
    this.#at("caller-label").textContent = on ? METER.muted : METER.caller;
  }

  showProblem(code, detail) {
    const words = problem(code, detail);
    const box = this.#at("problem");
    box.dataset.code = code;
    box.replaceChildren(
      element("strong", "", words.title),
      element("p", "", words.advice),
    );
    if (words.detail) box.append(element("p", "", words.detail));
    box.scrollIntoView({ block: "nearest" });
  }

  /**
   * A banner for a passing condition.
   * @param {string} code @param {string} [text] the server's words
   * @param {() => void} [remedy] what its button does
   */
  notice(code, text = "", remedy = null) {
    if (Object.hasOwn(LASTS_MS, code)) this.#expire(code, LASTS_MS[code]);
    if (this.#notices.has(code) || this.#notices.size >= MOST_NOTICES) return;
    const banner = element("div", "notice");
    banner.dataset.code = code;
    const words = Object.hasOwn(NOTICE, code)
      ? NOTICE[code]
      : `${headline(code)} ${text}`.trim();
    banner.append(element("p", "", words));
    if (remedy) banner.append(button(REMEDY[code], remedy));
    this.#notices.set(code, banner);
    this.#at("notices").append(banner);
  }

  withdraw(code) {
    clearTimeout(this.#expiring.get(code));
    this.#expiring.delete(code);
    this.#notices.get(code)?.remove();
    this.#notices.delete(code);
  }

  /** Another agent is on the line: what troubled the one before is over. */
  withdrawTroubles() {
    for (const code of [...this.#notices.keys()]) {
      if (headline(code)) this.withdraw(code);
    }
  }

  showVersion(version) {
    this.#at("version").textContent = version;
  }

  /** @param {string} title of who is, or would be, on the line; "" changes nothing */
  showAgent(title) {
    if (title) this.#at("agent-name").textContent = title;
  }

  /** From now on; said again, it lasts as long again. */
  #expire(code, ms) {
    clearTimeout(this.#expiring.get(code));
    this.#expiring.set(code, setTimeout(() => this.withdraw(code), ms));
  }

  #showBegin() {
    this.#at("problem").replaceChildren();
    for (const code of [...this.#notices.keys()]) this.withdraw(code);
    this.#at("timer").hidden = true;
    this.#connectedMs = null;
    this.showMuted(false);
    this.#swap(true);
  }

  #showEnd({ reason, trouble, detail }) {
    clearInterval(this.#ticking);
    for (const code of [...this.#notices.keys()]) this.withdraw(code);
    this.showPresence("");
    this.showMuted(false);
    const spoken = this.#connectedMs !== null;
    this.#say(FAREWELL[reason] ?? (spoken ? STATUS.ended : STATUS.failed));
    if (!Object.hasOwn(FAREWELL, reason)) this.showProblem(cause(reason, trouble), detail);
    this.#swap(false);
  }

  /** Focus follows from the button that goes to the one that takes its place. */
  #swap(calling) {
    this.#guard();
    const leaving = document.activeElement;
    for (const id of ["mute", "interrupt", "hang-up"]) this.#at(id).hidden = !calling;
    this.#at("call").hidden = calling;
    for (const id of ["profile", "agent"]) this.#at(id).disabled = calling;
    // Who types or reads is left where they are: a stray Enter there must do no harm.
    const lost = leaving === document.body || leaving.closest(
      ".buttons, .choice, .fine, .recording, #quality",
    );
    if (lost) this.#at(calling ? "hang-up" : "call").focus({ preventScroll: true });
  }

  #guard() {
    clearTimeout(this.#guarding);
    document.body.toggleAttribute("data-swapping", true);
    this.#guarding = setTimeout(() => {
      this.#guarding = 0;
      document.body.toggleAttribute("data-swapping", false);
    }, SWAP_GUARD_MS);
  }

  #enable(connected) {
    this.#at("interrupt").disabled = !connected;
    this.#at("send").disabled = !connected;
    // Read-only and not disabled: a disabled field would throw the focus away.
    this.#at("text").readOnly = !connected;
  }

  #startTimer() {
    this.#connectedMs = performance.now();
    const timer = this.#at("timer");
    const tick = () => {
      timer.textContent = clock(this.callMs);
    };
    tick();
    timer.hidden = false;
    this.#ticking = setInterval(tick, TICK_MS);
  }

  #say(words) {
    const status = this.#at("status");
    // The same words again would be read aloud again.
    if (status.textContent !== words) status.textContent = words;
  }
}
