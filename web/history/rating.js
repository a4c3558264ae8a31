/**
 * Stars and a note by who listened.
 */
import { element } from "../element.js";
import { Failure, put } from "./api.js";
import { RATING } from "./texts.js";

const MOST = 5;

export class Rating {
  #form;
  #address;
  #saved = "";

  /** @param {HTMLFormElement} form @param {string} address */
  constructor(form, address) {
    this.#form = form;
    this.#address = address;
    for (let stars = 1; stars <= MOST; stars += 1) this.#at("stars").append(...star(stars));
    form.addEventListener("input", () => this.#show());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#at("save").disabled) this.#save();
    });
  }

  /** @param {{stars: number, note: string} | null} rating */
  set value(rating) {
    for (const one of this.#form.elements.stars_given) {
      one.checked = Number(one.value) === rating?.stars;
    }
    this.#form.elements.note.value = rating?.note ?? "";
    this.#saved = JSON.stringify(this.value);
    this.#show();
  }

  get value() {
    const stars = Number(this.#form.elements.stars_given.value);
    return { stars, note: this.#form.elements.note.value.trim() };
  }

  async #save() {
    const { value } = this;
    this.#at("save").disabled = true;
    this.#say(RATING.saving);
    try {
      await put(this.#address, value);
      this.#saved = JSON.stringify(value);
      this.#show();
      this.#say(RATING.saved);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#show();
      this.#say(`${error.words.title}. ${error.words.advice}`);
    }
  }

  #show() {
    const { value } = this;
    // Stars without a note say something, a note without stars is not taken.
    const same = JSON.stringify(value) === this.#saved;
    this.#at("save").disabled = same || value.stars === 0;
    if (!same) this.#say("");
  }

  #say(words) {
    this.#at("rating-status").textContent = words;
  }

  #at(id) {
    return this.#form.querySelector(`#${id}`);
  }
}

/** A radio button that looks like a star, so that keys and screen readers know it. */
function star(stars) {
  const made = element("input", "unseen");
  made.type = "radio";
  made.name = "stars_given";
  made.value = String(stars);
  made.id = `star-${stars}`;
  const label = element("label", "star");
  label.htmlFor = made.id;
  label.title = RATING.stars(stars);
  const shape = element("span", "", "★");
  shape.setAttribute("aria-hidden", "true");
  label.append(shape, element("span", "unseen", RATING.stars(stars)));
  return [made, label];
}
