// The note on a run, and whether the table leaves it out. The hunt page loads it with the first note.

/** @import { RunRow } from "./answers.d.ts" */

import { post } from "./api.js";
import { byId, setText, shortId, showMessage } from "./dom.js";
import { showTrouble } from "./offline.js";

/** @type {string | null} */
let job = null; // whose note the dialog shows
/** @type {(() => void) | null} */
let saved = null; // called when a note was saved

/**
 * @param {string} uuid
 * @param {{ note: string, hidden: boolean }} change
 */
export const saveNote = (uuid, change) => post(`/api/runs/${encodeURIComponent(uuid)}/note`, change);

/**
 * Ask for the note on a row of the table.
 * @param {RunRow} run
 * @param {() => void} onSaved
 */
export function editNote(run, onSaved) {
  if (!saved) wireDialog();
  saved = onSaved;
  job = run.job_uuid;
  setText(byId("note-run"), shortId(job));
  byId("note-text", HTMLTextAreaElement).value = run.note;
  byId("note-hidden", HTMLInputElement).checked = run.hidden;
  showMessage(byId("note-error"), "");
  byId("note-dialog", HTMLDialogElement).showModal();
}

function wireDialog() {
  const dialog = byId("note-dialog", HTMLDialogElement);
  byId("note-close").addEventListener("click", () => dialog.close());
  byId("note-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (job === null) return;
    const note = byId("note-text", HTMLTextAreaElement).value.trim();
    try {
      await saveNote(job, { note, hidden: byId("note-hidden", HTMLInputElement).checked });
      dialog.close();
      saved?.();
    } catch (error) {
      showTrouble(byId("note-error"), error);
    }
  });
}
