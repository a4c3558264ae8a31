/**
 * Deletes a call for good, once somebody has said so twice.
 */
import { Failure, remove } from "./api.js";
import { DELETION } from "./texts.js";

const at = (id) => document.getElementById(id);

function say({ title, advice }) {
  at("deletion-problem").textContent = `${title}. ${advice}`;
}

/**
 * @param {string} address
 * @param {() => void} begin it is about to go: nothing of it is to be asked for
 * @param {() => void} done it is gone
 */
export function offerDeletion(address, begin, done) {
  const dialog = at("deletion");
  const sure = at("delete-now");
  at("delete").addEventListener("click", () => {
    at("deletion-problem").textContent = "";
    dialog.showModal();
  });
  at("keep").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  sure.addEventListener("click", async () => {
    sure.disabled = true;
    sure.textContent = DELETION.busy;
    begin();
    try {
      await remove(address);
      done();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Somebody else was quicker: gone is gone.
      if (error.code === "not-found") done();
      else say(error.words);
    } finally {
      sure.disabled = false;
      sure.textContent = DELETION.done;
    }
  });
}
