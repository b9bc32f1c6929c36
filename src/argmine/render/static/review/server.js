// Talks with the server: one change after the other, each with the revision that this page shows.

import { byId } from "../dom.js";
import { agreed, applyPatch, book, takeState, takeStatus } from "./model.js";
import { afterChange, redrawAll, state } from "./draw.js";
import { actEarly, early } from "./keys.js";

export const waiting = [];
let sending = false;
export let troubled = false;

/** Ask for an operation. Resolves to the sentences that changed, or null where it was refused. */
export function send(operation) {
  return new Promise((done) => {
    waiting.push({ operation, done });
    showSaved();
    void pump();
  });
}

async function pump() {
  if (sending) return;
  sending = true;
  let again = false;
  while (waiting.length) {
    const { operation, done } = waiting[0];
    let response;
    let answer;
    try {
      response = await fetch("operation", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ revision: book.revision, operation }),
      });
      answer = response.headers.get("content-type")?.includes("json") ? await response.json() : { error: await response.text() };
    } catch {
      trouble(`The server doesn't answer: ${waiting.length === 1 ? "the last key is" : `the last ${waiting.length} keys are`} not saved. `
        + "Start argmine review again and open the address that it prints; all before that is on disk.");
      again = true;
      early.length = 0;
      await new Promise((wake) => { setTimeout(wake, 1000); });
      continue;
    }
    waiting.shift();
    if (response.status === 409) {
      const lost = 1 + waiting.length;
      const others = waiting.splice(0);
      early.length = 0;
      const focusBefore = state.focus;
      takeState(answer);
      redrawAll(focusBefore);
      if (!again) {
        trouble(`Another tab or window changed this reading, so ${lost === 1 ? "the last key" : `the last ${lost} keys`} here did nothing. `
          + "The page now shows the latest.");
      } else calm();
      done(null);
      for (const other of others) other.done(null);
    } else if (response.ok) {
      again = false;
      calm();
      const touched = applyPatch(answer.patch);
      for (const n of takeStatus(answer)) touched.add(n);
      afterChange(touched);
      sayWhatFollowed(operation, answer);
      done(touched);
    } else {
      toast(answer.error);
      done(null);
    }
  }
  sending = false;
  showSaved();
  actEarly();
}

/** Relations come and go with the judgement of their ends: that is said, so that none does so in silence. */
function sayWhatFollowed(operation, answer) {
  const words = [];
  if (answer.lost) words.push(`${answer.lost === 1 ? "A relation no longer fits and is" : `${answer.lost} relations no longer fit and are`} gone; u brings ${answer.lost === 1 ? "it" : "them"} back.`);
  for (const why of answer.impossible ?? []) words.push(`${why}.`);
  const drawn = answer.patch.relations.filter(([, , label]) => label !== null);
  if (agreed && drawn.length && !["relate", "agree", "undo", "redo"].includes(operation.op)) {
    words.push(`${drawn.map(([source, target, label]) => `${source} ${label} ${target}`).join(", ")}: both drew it, so it is in.`);
  }
  const answersGone = answer.patch.points.filter(([[kind], value]) => kind === "answer" && value === null);
  if (operation.op === "key_point" && answersGone.length) words.push("What answered it is gone with it; u brings it back.");
  if (words.length) toast(words.join(" "));
}

function trouble(message) {
  troubled = true;
  byId("rv-trouble").textContent = message;
  byId("rv-trouble").hidden = false;
  showSaved();
}

function calm() {
  if (!troubled) return;
  troubled = false;
  byId("rv-trouble").hidden = true;
}

function showSaved() {
  const node = byId("rv-saved");
  node.textContent = waiting.length ? "saving …" : "saved";
  node.classList.toggle("busy", waiting.length > 0);
}

let toastTimer = 0;
export function toast(message) {
  const node = byId("rv-toast");
  node.textContent = message;
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { node.hidden = true; }, 6000);
}

export function announce(message) {
  byId("rv-live").textContent = message;
}

/** A tab that comes back into sight shows what another one did meanwhile. */
async function catchUp() {
  if (document.visibilityState !== "visible" || waiting.length) return;
  try {
    const response = await fetch("state");
    if (!response.ok) return;
    const answer = await response.json();
    if (answer.revision !== book.revision && !waiting.length) {
      const focusBefore = state.focus;
      takeState(answer);
      redrawAll(focusBefore);
      toast("Another tab changed this reading; the page shows the latest.");
    }
  } catch { /* the next key says that the server is gone */ }
}
document.addEventListener("visibilitychange", catchUp);
window.addEventListener("focus", catchUp);
window.addEventListener("beforeunload", (event) => {
  if (waiting.length) event.preventDefault();
});
