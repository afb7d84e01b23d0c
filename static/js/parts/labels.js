// What people call a hunt: its name and tags. Loaded with the first one that is to be named.

/** @import { HuntSummary } from "./answers.d.ts" */

import { post } from "./api.js";
import { byId, setText, shortId, showMessage } from "./dom.js";
import { showTrouble } from "./offline.js";

/** @type {string | null} */
let labelled = null; // the hunt that the dialog shows
/** @type {(() => void) | null} */
let saved = null; // called when a label was saved

/**
 * Ask for the name and tags of a hunt.
 * @param {HuntSummary} hunt
 * @param {() => void} onSaved
 */
export function editLabel(hunt, onSaved) {
  if (!saved) wireDialog();
  saved = onSaved;
  labelled = hunt.hunt_id;
  setText(byId("label-hunt"), shortId(hunt.hunt_id));
  byId("label-name", HTMLInputElement).value = hunt.name;
  byId("label-tags", HTMLInputElement).value = hunt.tags.join(", ");
  showMessage(byId("label-error"), "");
  byId("label-dialog", HTMLDialogElement).showModal();
}

function wireDialog() {
  const dialog = byId("label-dialog", HTMLDialogElement);
  byId("label-close").addEventListener("click", () => dialog.close());
  byId("label-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (labelled === null) return;
    const name = byId("label-name", HTMLInputElement).value;
    const tags = byId("label-tags", HTMLInputElement).value.split(",");
    try {
      await post(`/api/hunts/${encodeURIComponent(labelled)}/label`, { name, tags });
      dialog.close();
      saved?.();
    } catch (error) {
      showTrouble(byId("label-error"), error);
    }
  });
}
