"use strict";
// Blind pairs: what was voted lives in this browser until it is saved as a file.
const told = JSON.parse(document.getElementById("data").textContent);
const store = `parley-votes-${told.comparison}`;
const find = (selector) => document.querySelector(selector);
const form = find("#pair");
const done = find("#done");
const state = load();
let number = Math.min(state.at ?? 0, Math.max(told.pairs.length - 1, 0));
let current = "a"; // what was played last, and what the keys 1 to 5 rate

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(store));
    if (kept?.rater && kept.votes) return kept;
  } catch { /* no storage, or not ours: begin anew */ }
  const letters = crypto.getRandomValues(new Uint8Array(8));
  const rater = Array.from(letters, (n) => n.toString(16).padStart(2, "0")).join("");
  return { rater, votes: {}, at: 0 };
}

function keep() {
  state.at = number;
  try {
    localStorage.setItem(store, JSON.stringify(state));
  } catch { /* private window: votes live as long as the page */ }
}

const SCALE = { 1: "not at all natural", 5: "like a person" };
const PREFER = { a: "A", same: "The same", b: "B" };
const sides = {};

function choices(name, options, label) {
  const row = document.createElement("div");
  row.className = "choices";
  for (const [value, text] of options) {
    const box = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name, value });
    input.setAttribute("aria-label", label(value, text));
    const shown = document.createElement("span");
    shown.textContent = text;
    box.append(input, shown);
    row.append(box);
  }
  return row;
}

function build() {
  for (const side of ["a", "b"]) {
    const box = find(`[data-side=${side}]`);
    const play = Object.assign(document.createElement("button"), { type: "button", className: "play" });
    const bar = document.createElement("div");
    bar.className = "bar";
    bar.append(document.createElement("i"));
    const scores = [1, 2, 3, 4, 5].map((n) => [n, String(n)]);
    const scale = document.createElement("div");
    scale.className = "scale";
    scale.append(...[1, 5].map((n) => Object.assign(document.createElement("span"), { textContent: SCALE[n] })));
    const label = (n) => `${side.toUpperCase()}: ${n} of 5${SCALE[n] ? `, ${SCALE[n]}` : ""}`;
    box.append(play, bar, choices(side, scores, label), scale);
    sides[side] = { box, play, bar: bar.firstChild, audio: new Audio(), clip: null };
    sides[side].audio.preload = "auto";
    play.addEventListener("click", () => toggle(side));
    for (const kind of ["play", "pause"]) sides[side].audio.addEventListener(kind, () => label_play(side));
    box.addEventListener("change", () => look(side));
  }
  const prefer = choices("prefer", Object.entries(PREFER), (_, text) => text);
  find(".prefer .choices").replaceWith(prefer);
  form.addEventListener("change", vote);
  form.addEventListener("submit", (event) => { event.preventDefault(); next(); });
  find("#back").addEventListener("click", () => show(number - 1));
  find("#again").addEventListener("click", () => show(number));
}

function label_play(side) {
  const { audio, play } = sides[side];
  play.textContent = audio.paused ? `▶ Play ${side.toUpperCase()}` : `❚❚ Stop ${side.toUpperCase()}`;
}

function look(side) {
  current = side;
  for (const name of ["a", "b"]) sides[name].box.classList.toggle("current", name === side);
}

function toggle(side) {
  const { audio, clip } = sides[side];
  for (const other of Object.values(sides)) if (other.audio !== audio) other.audio.pause();
  look(side);
  if (!audio.paused) return audio.pause();
  if (audio.currentTime < clip.from_s || audio.currentTime >= clip.to_s) audio.currentTime = clip.from_s;
  audio.play().catch(() => {}); // stopped again before it began
  follow(side);
}

function follow(side) {
  const { audio, bar, clip } = sides[side];
  const share = (audio.currentTime - clip.from_s) / (clip.to_s - clip.from_s);
  bar.style.width = `${Math.min(Math.max(share, 0), 1) * 100}%`;
  if (audio.currentTime >= clip.to_s) {
    audio.pause();
    audio.currentTime = clip.from_s;
  }
  if (!audio.paused) requestAnimationFrame(() => follow(side));
}

function show(wanted) {
  number = Math.min(Math.max(wanted, 0), told.pairs.length - 1);
  done.hidden = true;
  form.hidden = false;
  const pair = told.pairs[number];
  const given = state.votes[pair.pair] ?? {};
  for (const side of ["a", "b"]) {
    const it = sides[side];
    it.audio.pause();
    it.clip = pair[side];
    const source = told.sources[it.clip.source];
    if (it.source !== source) it.audio.src = it.source = source;
    it.audio.currentTime = it.clip.from_s;
    it.bar.style.width = "0";
    label_play(side);
  }
  for (const input of form.querySelectorAll("input")) {
    input.checked = String(given[input.name]) === input.value;
  }
  find("#progress").textContent = `Pair ${number + 1} of ${told.pairs.length}`;
  find("#back").disabled = number === 0;
  look("a");
  ready();
  keep();
}

function vote() {
  const given = {};
  for (const input of form.querySelectorAll("input:checked")) {
    given[input.name] = input.name === "prefer" ? input.value : Number(input.value);
  }
  state.votes[told.pairs[number].pair] = given;
  ready();
  keep();
}

const whole = (given) => given?.a && given?.b;

function ready() {
  find("#next").disabled = !whole(state.votes[told.pairs[number].pair]);
}

function next() {
  if (find("#next").disabled) return;
  if (number + 1 < told.pairs.length) return show(number + 1);
  for (const side of Object.values(sides)) side.audio.pause();
  form.hidden = true;
  done.hidden = false;
  const votes = told.pairs
    .filter(({ pair }) => whole(state.votes[pair]))
    .map(({ pair }) => ({ pair, prefer: null, ...state.votes[pair] }));
  find("#count").textContent = `You rated ${votes.length} of ${told.pairs.length} pairs.`;
  const content = JSON.stringify({ comparison: told.comparison, rater: state.rater, votes }, null, 1);
  find("#save").href = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  done.querySelector("h2").focus();
}

function choose(name, value) {
  const input = form.querySelector(`input[name=${name}][value="${value}"]`);
  input.checked = true;
  vote();
}

document.addEventListener("keydown", (event) => {
  if (form.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  const prefer = { arrowleft: "a", "=": "same", arrowright: "b" }[key];
  if (key === "a" || key === "b") toggle(key);
  else if (key >= "1" && key <= "5" && key.length === 1) choose(current, key);
  else if (prefer && event.target.type !== "radio") choose("prefer", prefer);
  else if (key === "enter" && event.target.tagName !== "BUTTON") next();
  else return;
  event.preventDefault();
});

build();
if (told.pairs.length) show(number);
else find("#nothing").hidden = false;
