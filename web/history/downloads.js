/**
 * Everything of a call as files.
 */
import { element } from "../element.js";

const SOUND = Object.freeze({
  mp3: "MP3",
  m4a: "M4A",
  wav: "WAV",
  mka: "Matroska",
});

const WORDS = Object.freeze({
  "transcript.txt": "Transcript",
  "transcript.vtt": "Subtitles (WebVTT)",
  "transcript.json": "Transcript (JSON)",
  "events.jsonl": "Events (JSON lines)",
});

const at = (id) => document.getElementById(id);

/**
 * @param {string} call its id
 * @param {(file: string) => string} address
 * @param {{sound: boolean, words: boolean}} has
 */
export function drawDownloads(call, address, has) {
  const leg = at("file-leg");
  const showSound = () => {
    const links = Object.entries(SOUND).map(([format, title]) => {
      const file = address(`recording.${format}?leg=${leg.value}`);
      return link(title, file, `${call}-${leg.value}.${format}`);
    });
    at("sound-links").replaceChildren(...links);
  };
  leg.addEventListener("change", showSound);
  showSound();
  at("sound-files").hidden = !has.sound;
  const kept = ([file]) => has.words || file === "events.jsonl";
  const files = Object.entries(WORDS).filter(kept);
  at("word-links").replaceChildren(
    ...files.map(([file, title]) => link(title, address(file), `${call}-${file}`)),
  );
}

function link(title, href, name) {
  const made = element("a", "", title);
  made.href = href;
  made.download = `parley-${name}`;
  return made;
}
