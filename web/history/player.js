/**
 * Wires the page of one call together.
 */
import { element } from "../element.js";
import { clock } from "../transcript.js";
import { read, rememberedList } from "./address.js";
import { Failure, get } from "./api.js";
import { offerDeletion } from "./deletion.js";
import { drawDownloads } from "./downloads.js";
import { drawFigures } from "./figures.js";
import { drawLegend, Marks } from "./marks.js";
import { Meetings } from "./meetings.js";
import { Rating } from "./rating.js";
import { Sound } from "./sound.js";
import { NO_SOUND, outcome, PLAYER, RECORDING } from "./texts.js";
import { Timeline } from "./timeline.js";
import { day, fullMoment, length, timeOfDay } from "./times.js";
import { Turns } from "./turns.js";
import { Waveform } from "./waveform.js";

/** A running call: how old what is on the page may be. */
const REFRESH_MS = 2000;

/** Peaks are computed at the first look: some 10 s for an hour on a small server. */
const PEAKS_MS = 120_000;

/** "Previous" within so many ms of a turn's beginning goes to the one before it. */
const JUST_BEGUN_MS = 1500;

/** Space belongs to these; everywhere else it plays and pauses. */
const FIELDS = "input, textarea, select, button, a[href], summary, dialog";

const at = (id) => document.getElementById(id);

const id = decodeURIComponent(location.pathname.split("/").findLast(Boolean));
const address = (file = "") => `/calls/${encodeURIComponent(id)}${file && `/${file}`}`;
const list = rememberedList();
const listAddress = `/calls${list ?? ""}`;

async function start() {
  offerWayBack();
  try {
    const call = await get(address());
    showHeading(call);
    if (call.reason === null) await watch(call);
    else await show(call);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    showFailure(error);
  }
}

function showFailure({ words }) {
  const again = element("button", "", "Try again");
  again.type = "button";
  again.addEventListener("click", () => location.reload());
  const told = [element("strong", "", words.title), element("p", "", words.advice)];
  at("problem").replaceChildren(...told, again);
}

/** The list as it was, to the row; and its address for another tab. */
function offerWayBack() {
  const back = at("back");
  back.href = listAddress;
  back.addEventListener("click", (event) => {
    const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.button);
    if (!plain || list === null || history.length < 2) return;
    event.preventDefault();
    history.back();
  });
}

function showHeading(call) {
  const began = new Date(call.began);
  const when = `${day(began, new Date())}, ${timeOfDay(began)}`;
  document.title = `${when}, ${call.agent} – Parley`;
  at("title").textContent = when;
  at("title").title = fullMoment(began);
  const parts = [call.agent || "?"];
  if (call.profile && call.profile !== "default") parts.push(call.profile);
  const over = call.reason !== null;
  if (over && Number.isFinite(call.length_ms)) parts.push(length(call.length_ms));
  const words = parts.map((part) => element("span", "", part));
  if (over) {
    const { text, tone } = outcome(call.reason);
    const told = element("span", "outcome", text);
    told.dataset.tone = tone;
    words.push(told);
  }
  at("summary").replaceChildren(...words);
}

/** A call that is over. */
async function show(call) {
  const marks = call.marks ?? [];
  const transcript = await find(call, "transcript.json");
  const peaks = await find(call, "peaks.json", PEAKS_MS);
  const lengthMs = peaks && (peaks.length_ms || call.length_ms);
  const sound = lengthMs > 0 ? openSound(lengthMs) : null;
  if (!sound) showNoSound(call);
  const go = sound ? (ms) => playFrom(sound, ms) : null;
  const turns = openTurns(go);
  turns.draw(transcript ?? {}, marks, transcript ? PLAYER.noTurns : PLAYER.noTranscript);
  if (sound) connect(sound, turns, { peaks, marks, pauses: transcript?.pauses ?? [] });
  showDetails(call, { sound: sound !== null, words: transcript !== null });
  new Meetings(
    { section: at("meetings"), list: at("meeting-cards"), status: at("meeting-told") },
    { address, reload: () => get(address()), go },
  ).show(call);
  // Not to where one was: that call is not there any more.
  const leave = () => location.replace(listAddress);
  offerDeletion(address("everything"), () => sound?.release(), leave);
}

/** A file of the call, which may well be missing: then null. */
async function find({ files }, name, patienceMs = undefined) {
  if (!Object.hasOwn(files ?? {}, name)) return null;
  try {
    return await get(address(name), { patienceMs });
  } catch (error) {
    const missing = error.code === "not-found" || error.code === "render-failed";
    if (error instanceof Failure && missing) return null;
    throw error;
  }
}

function showNoSound({ recording }) {
  const why = RECORDING[recording]?.why || NO_SOUND.missing;
  at("no-sound").replaceChildren(element("strong", "", NO_SOUND.title), " ", why);
  at("no-sound").hidden = false;
}

function openSound(lengthMs) {
  at("sound").hidden = false;
  const file = (format, leg) => address(`recording.${format}?leg=${leg}`);
  const sound = new Sound(at("audio"), file, lengthMs);
  at("whole").textContent = clock(sound.wholeMs);
  at("play").addEventListener("click", () => sound.toggle());
  at("speed").addEventListener("change", (event) => {
    sound.speed = Number(event.target.value);
  });
  at("leg").addEventListener("change", (event) => {
    sound.leg = event.target.value;
    at("sound").dataset.leg = event.target.value;
  });
  return sound;
}

function openTurns(go) {
  const parts = { box: at("turns-box"), list: at("turns"), button: at("follow") };
  at("words").hidden = false;
  return new Turns(parts, go, read(list ?? "").q ?? "");
}

function playFrom(sound, ms) {
  sound.seek(ms);
  sound.play();
}

function connect(sound, turns, { peaks, marks, pauses }) {
  const wave = new Waveform(at("wave-ahead"), at("wave-played"), sound.wholeMs);
  const parts = { slider: at("wave"), head: at("head"), hover: at("hover") };
  const timeline = new Timeline(parts, sound);
  wave.peaks = peaks;
  wave.pauses = pauses;
  const row = { place: at("marks"), tip: at("tip") };
  new Marks(row, marks, sound.wholeMs, (ms) => playFrom(sound, ms));
  drawLegend(at("legend"), marks);
  const now = () => {
    const ms = sound.atMs;
    timeline.show(ms);
    wave.at(ms);
    turns.at(ms);
    if (at("now").textContent !== clock(ms)) at("now").textContent = clock(ms);
  };
  sound.addEventListener("time", now);
  sound.addEventListener("state", () => showState(sound));
  at("previous").addEventListener("click", () => {
    sound.seek(turns.starts.findLast((ms) => ms < sound.atMs - JUST_BEGUN_MS) ?? 0);
  });
  at("next").addEventListener("click", () => {
    sound.seek(turns.starts.find((ms) => ms > sound.atMs + 1) ?? sound.wholeMs);
  });
  addEventListener("keydown", (event) => space(event, sound));
  now();
  showState(sound);
}

function space(event, sound) {
  const other = event.altKey || event.ctrlKey || event.metaKey || event.repeat;
  if (event.key !== " " || other || event.target.closest?.(FIELDS)) return;
  event.preventDefault(); // it would scroll
  sound.toggle();
}

function showState(sound) {
  at("sound").toggleAttribute("data-playing", sound.playing);
  at("play").setAttribute("aria-label", sound.playing ? PLAYER.pause : PLAYER.play);
  let words = "";
  if (sound.broken) words = PLAYER.sound;
  else if (sound.waiting) words = PLAYER.preparing;
  if (at("sound-status").textContent !== words) at("sound-status").textContent = words;
}

function showDetails(call, has) {
  at("details").hidden = at("report").hidden = false;
  drawFigures(at("figures"), call);
  drawDownloads(id, address, has);
  new Rating(at("rating"), address("rating")).value = call.rating ?? null;
}

/** A call that is still running: its words as they come, and the rest when it is over. */
async function watch(call) {
  const turns = openTurns(null);
  const began = new Date(call.began).getTime();
  at("live").hidden = false;
  const dot = element("span", "dot");
  const words = element("span");
  at("live").replaceChildren(dot, words);
  const tick = () => {
    words.textContent = PLAYER.live(clock(Date.now() - began));
  };
  // A clock that is read aloud each second is no help.
  words.setAttribute("aria-live", "off");
  tick();
  setInterval(tick, 1000);
  const look = async () => {
    const newest = await get(address());
    if (newest.reason !== null) location.reload();
    const transcript = await find(newest, "transcript.json");
    turns.draw(transcript ?? {}, newest.marks ?? [], PLAYER.notYet);
  };
  await look();
  setInterval(() => {
    if (!document.hidden) look().catch(ignoreFailure);
  }, REFRESH_MS);
}

/** The next look comes soon. */
function ignoreFailure(error) {
  if (!(error instanceof Failure)) throw error;
}

start();
