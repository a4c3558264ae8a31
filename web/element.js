/**
 * Makes elements. Text only ever becomes text: what agents say is never markup.
 */

/** @returns {HTMLElement} */
export function element(name, className = "", text = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/** @returns {HTMLButtonElement} */
export function button(label, action) {
  const made = element("button", "", label);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

/** @param {unknown} value @returns {boolean} whether there is something to read */
export function isText(value) {
  return typeof value === "string" && value.trim() !== "";
}
