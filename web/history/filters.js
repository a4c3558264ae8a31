/**
 * The form above the list: what is looked for.
 *
 * Its fields tell of every change; where that goes (address, server) is not its concern.
 */
import { element } from "../element.js";
import { outcome, RECORDING } from "./texts.js";

/** Who types is still thinking; a query per key helps nobody. */
const TYPING_MS = 350;

export class Filters {
  #form;
  #changed;
  #typing = 0;

  /**
   * @param {HTMLFormElement} form
   * @param {(typed: boolean) => void} changed `typed`: more keys may follow
   */
  constructor(form, changed) {
    this.#form = form;
    this.#changed = changed;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#tell(false);
    });
    form.addEventListener("input", (event) => {
      clearTimeout(this.#typing);
      const typed = event.target.name === "q";
      if (typed) this.#typing = setTimeout(() => this.#tell(true), TYPING_MS);
      // A date that is half typed is no date, and empty.
      else if (event.target.validity.valid) this.#tell(false);
    });
    const unfold = form.querySelector("#unfold");
    unfold.addEventListener("click", () => {
      const open = unfold.getAttribute("aria-expanded") !== "true";
      unfold.setAttribute("aria-expanded", String(open));
    });
    form.querySelector("#clear").addEventListener("click", () => this.clear());
    for (const [state, { text }] of Object.entries(RECORDING)) {
      form.elements.recording.append(option(state, text));
    }
  }

  /** @returns {Record<string, string>} those that are set */
  get values() {
    const pairs = [...new FormData(this.#form)];
    const trimmed = pairs.map(([name, value]) => [name, value.trim()]);
    return Object.fromEntries(trimmed.filter(([, value]) => value));
  }

  /** Does not tell of a change. */
  set values(wanted) {
    clearTimeout(this.#typing);
    for (const field of this.#form.elements) {
      if (!field.name) continue;
      const value = wanted[field.name] ?? "";
      if (field.tagName === "SELECT") offer(field, value);
      field.value = value;
    }
    this.#show();
  }

  clear() {
    this.values = {};
    this.#form.elements.q.focus();
    this.#tell(false);
  }

  /** @param {Record<string, string[]>} choices what calls of this server have */
  choices(choices) {
    for (const [name, values] of Object.entries(choices)) {
      const field = this.#form.elements[name];
      if (field?.tagName !== "SELECT" || !Array.isArray(values)) continue;
      for (const value of values) offer(field, value);
    }
  }

  #tell(typed) {
    clearTimeout(this.#typing);
    this.#show();
    this.#changed(typed);
  }

  #show() {
    const { q, ...chosen } = this.values;
    const count = Object.keys(chosen).length;
    this.#form.querySelector("#chosen").textContent = count ? ` (${count})` : "";
    this.#form.querySelector("#clear").hidden = !count && !q;
    for (const field of this.#form.elements) {
      field.classList.toggle("set", Boolean(field.name && field.value));
    }
  }
}

/** Have a value among the options; an address may name one that no call has. */
function offer(field, value) {
  if ([...field.options].some((one) => one.value === value)) return;
  field.append(option(value, field.name === "reason" ? outcome(value).text : value));
}

function option(value, text) {
  const made = element("option", "", text);
  made.value = value;
  return made;
}
