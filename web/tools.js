/**
 * What the agent does beside talking: a quiet line of the transcript for each use of a
 * tool, which says how it went once that is known.
 */
import { tool } from "./texts.js";

/** Uses that may be under way at once; the lines of older ones stay as they are. */
const MOST_OPEN = 50;

export class ToolLines {
  #transcript;
  /** @type {Map<string, {name: string, line: HTMLElement}>} under way, by id */
  #open = new Map();

  /** @param {import("./transcript.js").Transcript} transcript */
  constructor(transcript) {
    this.#transcript = transcript;
  }

  /** @param {boolean} ours whether the server does it itself */
  called(id, name, ours) {
    const line = this.#transcript.remark(tool(name)[ours ? "busy" : "asked"]);
    if (ours) line.dataset.tool = "busy";
    this.#open.set(id, { name, line });
    if (this.#open.size > MOST_OPEN) this.#open.delete(this.#open.keys().next().value);
  }

  done(id, name, failed) {
    const line = this.#open.get(id)?.line ?? this.#transcript.remark("");
    this.#open.delete(id);
    this.#finish(line, name, failed ? "failed" : "done");
  }

  /** The call is over, and with it what was under way. */
  leave() {
    for (const { name, line } of this.#open.values()) {
      if (line.dataset.tool) this.#finish(line, name, "left");
    }
    this.#open.clear();
  }

  #finish(line, name, how) {
    line.dataset.tool = how;
    this.#transcript.rewrite(line, tool(name)[how]);
  }
}
