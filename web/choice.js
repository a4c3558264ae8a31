/**
 * Whom to call: an agent, and the profile that it plays, where there is a choice.
 *
 * Events: `change` whenever another agent is chosen, also because of the profile
 */
export class Choice extends EventTarget {
  #agent;
  #profile;
  /** @type {import("./signaling.js").Named[]} */
  #agents = [];
  #profiles = [];
  /** Who was asked for; comes back with a profile that this agent plays. */
  #wanted = "";

  /** @param {HTMLSelectElement} agent @param {HTMLSelectElement} profile */
  constructor(agent, profile) {
    super();
    this.#agent = agent;
    this.#profile = profile;
    agent.addEventListener("change", () => {
      this.#wanted = agent.value;
      this.#tell();
    });
    profile.addEventListener("change", () => this.#suit());
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
    return this.#agents.find((agent) => agent.name === name)?.title ?? name;
  }

  /**
   * @param {Awaited<ReturnType<import("./signaling.js").fetchConfig>>} config
   * @param {URLSearchParams} wish of the page's address
   * @returns {string[]} notices: what of the wish there is not
   */
  offer(config, wish) {
    this.#agents = config.agents;
    this.#profiles = config.profiles;
    const absent = [];
    const choose = (select, kind, list) => {
      const name = wish.get(kind);
      const known = list.some((one) => one.name === name);
      if (name && !known) absent.push(`${kind}-absent`);
      fill(select, list, known ? name : config[kind]);
      return known;
    };
    choose(this.#profile, "profile", config.profiles);
    const known = choose(this.#agent, "agent", config.agents);
    this.#wanted = this.#agent.value;
    this.#suit();
    if (known && this.#wanted !== this.#agent.value) absent.push("agent-unfit");
    return absent;
  }

  /** Not all agents play all profiles. */
  #suit() {
    const profile = this.#profiles.find(({ name }) => name === this.profile);
    const options = [...this.#agent.options];
    const able = (name) => profile?.agents?.includes(name) ?? true;
    for (const option of options) option.disabled = !able(option.value);
    const fit = options.filter((option) => !option.disabled);
    const next = fit.find(({ value }) => value === this.#wanted) ?? fit[0];
    if (next) this.#agent.value = next.value;
    this.#tell();
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
