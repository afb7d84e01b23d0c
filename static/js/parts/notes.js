// The note on a run, and whether the table leaves it out.

import { post } from "./api.js";
import { byId, setText, shortId, showMessage } from "./dom.js";
import { showTrouble } from "./offline.js";

const dialog = byId("note-dialog");
let job = null;
let saved = () => {};

export const saveNote = (uuid, change) => post(`/api/runs/${encodeURIComponent(uuid)}/note`, change);

/** Ask for the note on a row of the table. */
export function editNote(run) {
  job = run.job_uuid;
  setText(byId("note-run"), shortId(job));
  byId("note-text").value = run.note;
  byId("note-hidden").checked = run.hidden;
  showMessage(byId("note-error"), "");
  dialog.showModal();
}

export function setUpNotes(onSaved) {
  saved = onSaved;
  byId("note-close").addEventListener("click", () => dialog.close());
  byId("note-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await saveNote(job, { note: byId("note-text").value.trim(), hidden: byId("note-hidden").checked });
      dialog.close();
      saved();
    } catch (error) {
      showTrouble(byId("note-error"), error);
    }
  });
}
