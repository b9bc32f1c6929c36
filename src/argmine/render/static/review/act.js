// What keys and buttons do.

import { byId, element } from "../dom.js";
import {
  agreed, allowedBetween, book, data, decide, entryOf, groupOf, hasFix, hereOf, isChecked, isLeft, markOf, nameOf,
  numberOf, offerCount, openAt, pairKey, partOf, proposalFor, readers, relationsOf, sectionStarts, sentences, total,
} from "./model.js";
import { announce, send, toast } from "./server.js";
import { holder, list, redraw, unitNode } from "./list.js";
import { goTo, shownNumbers, state } from "./draw.js";
import { panel, said } from "./panel.js";
import { clearHints } from "./relate.js";
import { startSplit } from "./split.js";

export const focusNumber = () => numberOf(state.focus);

/** All stops of the text as it is shown, in order. */
export function step(by) {
  const n = focusNumber();
  const part = partOf(state.focus);
  const marks = entryOf(n).marks.length;
  if (by > 0 && part + 1 < marks) { goTo(nameOf(n, part + 1)); return true; }
  if (by < 0 && part > 0) { goTo(nameOf(n, part - 1)); return true; }
  const next = neighbour(shownNumbers.indexOf(n), by, () => true);
  if (next === null) return false;
  goTo(by > 0 ? String(next) : nameOf(next, entryOf(next).marks.length - 1));
  return true;
}

/** The next shown sentence that passes a test; sentences merged into one before are passed over. */
export function neighbour(from, by, test) {
  for (let i = from + by; i >= 0 && i < shownNumbers.length; i += by) {
    const n = shownNumbers[i];
    if (sentences[n - 1].letters && groupOf(n)[0] === n && test(n)) return n;
  }
  return null;
}

export function nextOpen(by) {
  const at = shownNumbers.indexOf(focusNumber());
  const found = neighbour(at, by, isLeft) ?? (by > 0 ? neighbour(-1, 1, isLeft) : null);
  if (found === null) toast(isLeft(focusNumber()) ? "Nothing else that is shown is left to do." : agreed ? "Nothing that is shown is left to decide." : "Every sentence that is shown is checked.");
  else goTo(openUnit(found));
}

/** The unit of a sentence at which there is something left to decide. */
export const openUnit = (n) => (isChecked(n) && openAt(n).length ? hereOf(openAt(n)[0].source) : String(n));

export function nextSection(by) {
  const n = focusNumber();
  const found = by > 0 ? sectionStarts.find((s) => s > n) : sectionStarts.findLast((s) => s < n);
  if (found === undefined) return;
  if (list.place.has(found)) goTo(String(found));
}

/** Label the unit in focus; a first judgement goes on to the next unit where that is wished. */
export function judge(label, attribution) {
  const unit = state.focus;
  const first = markOf(unit) === null;
  const operation = { op: "label", unit, label };
  if (attribution) operation.attribution = attribution;
  const sent = send(operation);
  goOn(first);
  void sent.then((done) => { if (done) announce(`${unit} ${label}, ${book.checked} of ${total} checked`); });
}

function goOn(first) {
  if (first && byId("rv-advance").checked && !panel.contains(document.activeElement)) step(1);
}

/** Take the suggestion, or what both readers say. */
export function accept() {
  const n = focusNumber();
  const proposal = proposalFor(n);
  if (proposal === null) {
    if (book.entries.has(n)) step(1);
    else toast(readers.length ? "They don't agree here: a or b takes one's, a number labels." : "There is no suggestion here.");
    return;
  }
  const sent = send({ op: "take", sentence: n, whose: proposal.voice.name });
  goOn(true);
  void sent.then((done) => { if (done) announce(`${n} ${said(proposal.entry.marks[0])}, ${book.checked} of ${total} checked`); });
}

export function takeFrom(i) {
  const n = focusNumber();
  const first = !book.entries.has(n);
  const sent = send({ op: "take", sentence: n, whose: readers[i].name });
  goOn(first);
  void sent.then((done) => { if (done) announce(`${n}: taken from ${readers[i].name}`); });
}

export const canBe = (r) => allowedBetween(hereOf(r.source), hereOf(r.target)).some((a) => a.name === r.label);
const relationWords = (r) => `${r.source} ${r.label} ${r.target}`;

/** Accept the first relation that is proposed here; where the readers draw it differently, ask whose. */
export function takeRelation() {
  const offers = relationsOf(state.focus).proposed.filter(canBe);
  if (!offers.length) { toast("No relation is proposed here between units that have their labels."); return; }
  const between = offers.filter((r) => pairKey(r.source, r.target) === pairKey(offers[0].source, offers[0].target));
  if (between.length === 1) { acceptRelation(offers[0]); return; }
  between.sort((r, q) => readers.findIndex((voice) => r.by.includes(voice.name)) - readers.findIndex((voice) => q.by.includes(voice.name)));
  state.mode = { kind: "choice" };
  ask("Whose relation?", `Esc leaves; V says that there is none.`, [
    ...between.map((r) => ({ key: "ab"[readers.findIndex((voice) => r.by.includes(voice.name))], name: `${r.by.join(" and ")}:`, words: relationWords(r), act: () => { leaveMode(); acceptRelation(r); } })),
    { key: "V", name: "none", words: "", act: () => { leaveMode(); refuseRelation(between[0]); } },
  ]);
}

export function acceptRelation(r) {
  void send({ op: "relate", source: r.source, target: r.target, label: r.label }).then((done) => { if (done) announce(`${relationWords(r)}. ${leftWords()}`); });
}

/** Say that there is no relation where one is proposed: the first proposed one that isn't decided. */
export function rejectRelation() {
  const found = relationsOf(state.focus).proposed[0];
  if (found) refuseRelation(found);
  else toast("No relation is proposed here that isn't decided.");
}

export function refuseRelation(r, rejected = true) {
  void send({ op: "reject", source: r.source, target: r.target, ...(rejected ? {} : { rejected }) }).then((done) => {
    if (done) announce(`${relationWords(r)}: ${rejected ? "rejected" : "to be decided"}. ${leftWords()}`);
  });
}

export const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
/** What is left to decide between two readings; empty where there are none. */
export const leftWords = () => {
  if (!agreed) return "";
  const [labels, relations] = [counted(decide.labels, "label"), counted(decide.relations, "relation")];
  return readers.some((voice) => voice.points.length) ? `${labels}, ${relations} and ${counted(offerCount(), "key point")} to decide` : `${labels} and ${relations} to decide`;
};

export function toggleAttribution() {
  const mark = markOf(state.focus);
  if (!data.attribution) toast("This scheme doesn't tell whose view a unit is.");
  else if (mark === null) toast("Label it first.");
  else void send({ op: "attribution", unit: state.focus, attribution: mark.attribution === "own" ? "reported" : "own" });
}

export function toggleUnsure() {
  const mark = markOf(state.focus);
  if (mark === null) toast("Label it first.");
  else void send({ op: "unsure", unit: state.focus, unsure: !mark.unsure });
}

export function writeNote() {
  const field = byId("rv-note");
  if (field) field.focus();
  else toast("Label it first; then it can have a note.");
}

export function keepNote(unit, value) {
  const mark = markOf(unit);
  if (mark !== null && (mark.note ?? "") !== value.trim()) void send({ op: "note", unit, note: value });
}

export const clearSentence = () => send({ op: "clear", unit: state.focus });
export const joinUnit = () => send({ op: "join", unit: state.focus });
export function confirmAgreed() {
  const [judged, drawn, points] = [book.entries.size, book.relations.size, book.points.size];
  return send({ op: "agree" }).then((done) => {
    if (!done) return;
    const [sentencesNow, relationsNow, pointsNow] = [book.entries.size - judged, book.relations.size - drawn, book.points.size - points];
    const and = pointsNow ? `, ${counted(relationsNow, "relation")} and ${counted(pointsNow, "key point")}` : ` and ${counted(relationsNow, "relation")}`;
    toast(done.size ? `${counted(sentencesNow, "sentence")}${and} that both agree on ${sentencesNow + relationsNow + pointsNow === 1 ? "is" : "are"} confirmed.` : "All that both agree on was decided already.");
  });
}

export function startFix() {
  const n = focusNumber();
  const merged = groupOf(n).length > 1 && groupOf(n).at(-1) === n;
  state.mode = { kind: "choice" };
  ask(`The reading is wrong at ${n}`, "Esc leaves.", [
    { key: "m", name: merged ? "take the merge back" : "merge", words: merged ? "" : "one sentence with the next", act: () => fix("merge") },
    { key: "s", name: "split", words: "truly two sentences", act: () => { leaveMode(); startSplit(true); } },
    { key: "n", name: hasFix("not_body", n) ? "body text after all" : "no body text", words: "", act: () => fix("not_body") },
  ]);
}

function fix(kind) {
  leaveMode();
  void send({ op: "fix", fix: kind, sentence: focusNumber() });
}

/** Ask something below the text: a question, how to answer it, and choices with their keys. */
export function ask(question, how, choices) {
  if (state.mode) state.mode.choices = choices;
  byId("rv-ask").replaceChildren(
    element("strong", {}, question), element("span", { id: "rv-typed", class: "typed" }),
    ...choices.map((choice) => element("button", { type: "button", onclick: choice.act }, element("kbd", {}, choice.key), ` ${choice.name}`, choice.words ? element("span", { class: "soft" }, ` ${choice.words}`) : null)),
    element("span", { class: "soft" }, how), element("button", { type: "button", onclick: () => { leaveMode(); backToText(); } }, "Leave ", element("kbd", {}, "Esc")),
  );
  byId("rv-ask").hidden = false;
  announce(`${question} ${choices.map((choice) => `${choice.key}: ${choice.name}`).join(", ")} ${how}`);
}

export function leaveMode() {
  const mode = state.mode;
  if (mode === null) return;
  state.mode = null;
  clearHints();
  for (const node of holder.querySelectorAll(".end")) node.classList.remove("end");
  byId("rv-ask").hidden = true;
  if (mode.kind === "split") redraw([numberOf(mode.unit)]);
}

export const backToText = () => unitNode(state.focus)?.focus({ preventScroll: true }) ?? goTo(state.focus);
