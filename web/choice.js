/**
 * Whom to call: an agent, and the profile that it plays, where there is a choice.
 *
 * Events: `change` whenever another agent is chosen
 */
export class Choice extends EventTarget {
  #agent;
  #profile;

  /** @param {HTMLSelectElement} agent @param {HTMLSelectElement} profile */
  constructor(agent, profile) {
    super();
    this.#agent = agent;
    this.#profile = profile;
    agent.addEventListener("change", () => this.#tell());
  }

  /** @returns {string} a name, or "" as long as there is none to choose */
  get agent() {
    return this.#agent.value;
  }

  get profile() {
    return this.#profile.value;
  }

  /** @returns {string} what people call the agent of this name */
  title(name) {
    const options = [...this.#agent.options];
    return options.find(({ value }) => value === name)?.text ?? name;
  }

  /**
   * @param {Awaited<ReturnType<import("./signaling.js").fetchConfig>>} config
   * @param {URLSearchParams} wish of the page's address
   * @returns {string[]} notices: what of the wish there is not
   */
  offer(config, wish) {
    const absent = [];
    const choose = (select, kind, list) => {
      const name = wish.get(kind);
      const known = list.some((one) => one.name === name);
      if (name && !known) absent.push(`${kind}-absent`);
      fill(select, list, known ? name : config[kind]);
    };
    choose(this.#profile, "profile", config.profiles);
    choose(this.#agent, "agent", config.agents);
    this.#tell();
    return absent;
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

function fill(select, list, chosen) {
  select.replaceChildren(...list.map(({ name, title }) => new Option(title, name)));
  select.value = chosen;
  // A name that is not on the list: better the first than none.
  if (select.selectedIndex < 0 && list.length) select.selectedIndex = 0;
  select.closest(".choice").hidden = list.length < 2;
}
