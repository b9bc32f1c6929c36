// The text: paragraphs of units, each with a mark that says its label without its colour.

import { byId, element } from "../dom.js";
import {
  agreed, book, chosenDifferently, classOf, data, differs, doubt, entryOf, groupOf, hasFix, initialOf, isChecked, isUnit, LABELS, leftOut, model, nameOf,
  numberOf, offersAt, offersFrom, openAt, partOf, percent, pointsAt, proposalFor, questionsAt, readers, relationsOf, scoreOf, sectionOf, sentences,
  total, unitsOf,
} from "./model.js";
import { holder, list, redraw, render, reveal, setItems, unitNode } from "./list.js";
import { drawPanel } from "./panel.js";
import { counted, leaveMode, leftWords, openUnit } from "./act.js";
import { drawPoints, spokenPoints } from "./points.js";

/** Which unit is in focus, what is shown, and what the keys do at the moment. */
export const state = { focus: "1", mode: null, order: data.order, filter: "all", find: "", lastLabel: null };

export function drawItem(item) {
  if (item.head !== undefined) return element("div", { class: `head-${item.level}`, role: "heading", "aria-level": item.level + 1, dir: "auto" }, item.head);
  const box = element("div", { class: `block ${item.kind ?? ""}${item.single ? " single" : ""}${item.goes_on ? " goes-on" : ""}`, dir: "auto" });
  if (item.single) {
    const n = item.of[0];
    const page = sentences[n - 1].page;
    box.append(element("div", { class: "where" }, [`${n}`, page === null ? "" : `p. ${page}`, sectionOf[n]].filter(Boolean).join(" · ")));
  }
  for (const n of item.of) {
    for (const unit of unitsOf(n)) box.append(drawUnit(unit));
    box.append(" ");
  }
  return box;
}

function drawUnit(unit) {
  const { n, name, mark } = unit;
  const sentence = sentences[n - 1];
  const proposal = proposalFor(n);
  const shown = mark ?? proposal?.entry.marks[0] ?? null;
  const classes = ["u", classOf(shown?.label)];
  if (mark === null && shown !== null) classes.push("proposed");
  if (shown?.attribution === "reported") classes.push("reported");
  if (mark?.unsure) classes.push("unsure");
  if (differs(n) && !book.entries.has(n)) classes.push("differs");
  if (hasFix("not_body", n)) classes.push("not-body");
  if (groupOf(n).indexOf(n) > 0) classes.push("goes-on");
  if (!sentence.letters) classes.push("dull");
  if (pointsAt(n).some((p) => p.kind === "voice")) classes.push("voiced");
  else if (offersAt(n).some((p) => p.kind === "voice")) classes.push("voiced", "offered");
  if (name === state.focus) classes.push("focus");
  const node = element("span", {
    class: classes.join(" "), "data-unit": name, role: "group", "aria-roledescription": unit.part ? "further unit" : "sentence",
    tabindex: name === state.focus ? "0" : "-1", "aria-current": name === state.focus ? "true" : null, "aria-label": spoken(unit, shown),
  });
  if (sentence.letters) node.append(...drawMarks(n, mark, shown, unit.part), ...(unit.part === 0 ? drawPoints(n) : []));
  node.append(...drawText(unit));
  return node;
}

/** The small marks before a unit. */
function drawMarks(n, mark, shown, part) {
  const marks = [];
  if (mark === null && shown === null && readers.length && part === 0 && !leftOut(n)) {
    for (const voice of readers) {
      const label = voice.entries.get(n)?.marks[0]?.label;
      marks.push(element("span", { class: `m ${classOf(label)} proposed`, "aria-hidden": "true" }, `${voice.name} ${initialOf(label) ?? "·"}`));
    }
    return marks;
  }
  const label = shown?.label;
  const score = mark === null ? scoreOf(n, label) : null;
  const words = `${initialOf(label) ?? "○"}${mark === null && shown !== null ? "?" : ""}${score === null ? "" : ` ${Math.round(100 * score)}`}`;
  marks.push(element("span", { class: `m ${classOf(label)}${mark === null && shown !== null ? " proposed" : ""}`, "aria-hidden": "true", "data-drag": "" }, words));
  const degree = mark === null ? 0 : [...book.relations.values()].filter((r) => r.source === nameOf(n, part)).length;
  if (degree) marks.push(element("span", { class: "out", "aria-hidden": "true" }, "→".repeat(Math.min(3, degree))));
  const asked = part === partOf(openUnit(n)) ? openAt(n).length : 0;
  if (asked) marks.push(element("span", { class: "asked", "aria-hidden": "true", title: `${counted(asked, "relation")} to decide` }, `→?${asked > 1 ? asked : ""}`));
  if (mark?.note) marks.push(element("span", { class: "has-note", "aria-hidden": "true" }, "✎"));
  return marks;
}

/** The unit's text, with the caret in it while it is being split. */
function drawText(unit) {
  const caret = state.mode?.kind === "split" && state.mode.unit === unit.name ? state.mode.at - unit.from : null;
  if (caret === null) return [unit.text];
  return [unit.text.slice(0, caret), element("span", { class: "caret", "aria-hidden": "true" }), unit.text.slice(caret)];
}

/** What a screen reader says of a unit. */
function spoken(unit, shown) {
  const words = [`${unit.name} of ${sentences.length}`];
  if (!sentences[unit.n - 1].letters) words.push("left out");
  else if (unit.mark !== null) {
    words.push(unit.mark.label);
    if (unit.mark.attribution === "reported") words.push("view of others");
    if (unit.mark.unsure) words.push("unsure");
    if (unit.mark.note) words.push("has a note");
  } else if (shown !== null) {
    const score = scoreOf(unit.n, shown.label);
    words.push(`not checked, ${agreed ? "both say" : "suggested"} ${shown.label}${score === null ? "" : ` ${percent(score)}`}`);
  } else {
    words.push("not checked");
    for (const voice of leftOut(unit.n) ? [] : readers) words.push(`${voice.name} says ${voice.entries.get(unit.n)?.marks[0]?.label ?? "nothing"}`);
  }
  if (hasFix("not_body", unit.n)) words.push("no body text");
  if (groupOf(unit.n).length > 1) words.push(`one sentence with ${groupOf(unit.n).filter((n) => n !== unit.n).join(", ")}`);
  const { drawn } = relationsOf(unit.name);
  if (drawn.length) words.push(counted(drawn.length, "relation"));
  const asked = unit.name === openUnit(unit.n) ? openAt(unit.n).length : 0;
  if (asked) words.push(`${counted(asked, "relation")} to decide`);
  if (unit.part === 0) words.push(...spokenPoints(unit.n));
  return `${words.join(", ")}: ${unit.text}`;
}

/** The sentences that are shown, in the order that is chosen. */
function chosen() {
  const test = FILTERS[state.filter].test;
  const words = state.find.trim().toLowerCase();
  let numbers = sentences.map((s) => s.n);
  if (state.order !== "text") {
    const queued = new Set(data.queue);
    numbers = [...data.queue, ...numbers.filter((n) => !queued.has(n))];
    if (state.order === "uncertainty") numbers.sort((a, b) => (doubt.get(b) ?? -1) - (doubt.get(a) ?? -1) || a - b);
  }
  return numbers.filter((n) => test(n) && (!words || sentences[n - 1].text.toLowerCase().includes(words)));
}

const labelled = (label) => (n) => entryOf(n).marks.some((mark) => mark?.label === label);
export const FILTERS = {
  all: { name: "everything", test: () => true },
  todo: { name: "not checked", test: (n) => sentences[n - 1].letters && !isChecked(n) },
  done: { name: "checked", test: isChecked },
  ...(agreed ? {
    differs: { name: "disagreements", test: (n) => differs(n) || questionsAt(n).some((q) => q.differs) || chosenDifferently(n) },
    open: { name: "disagreements to decide", test: (n) => (differs(n) && !isChecked(n)) || openAt(n).length > 0 || offersFrom(n).length > 0 },
    undrawn: { name: "relations that are left out", test: (n) => questionsAt(n).some((q) => q.standing === "rejected" || q.standing === "impossible") },
  } : {}),
  ...(model ? { other: { name: "unlike the suggestion", test: (n) => isChecked(n) && entryOf(n).marks[0].label !== model.entries.get(n)?.marks[0].label } } : {}),
  ...(data.places.length ? { points: { name: "key points", test: (n) => pointsAt(n).length > 0 || offersAt(n).length > 0 } } : {}),
  unsure: { name: "unsure", test: (n) => entryOf(n).marks.some((mark) => mark?.unsure) },
  notes: { name: "with a note", test: (n) => entryOf(n).marks.some((mark) => mark?.note) },
  fixes: { name: "reading is wrong", test: (n) => ["merge", "split", "not_body"].some((kind) => hasFix(kind, n)) },
  alone: { name: "units without relation", test: (n) => unitsOf(n).some((u) => isUnit(u.name) && !relationsOf(u.name).drawn.length) },
  ...Object.fromEntries(LABELS.map((label) => [label, { name: label, test: labelled(label) }])),
};
export const ORDERS = {
  text: "as in the paper",
  ...(doubt.size ? { uncertainty: "least certain first" } : {}),
  ...(data.order === "queue" ? { queue: "as queued" } : {}),
  ...(agreed ? { disagreements: "disagreements first" } : {}),
};

export let shownNumbers = [];
/** Build the list of what is shown. */
export function rebuild() {
  shownNumbers = chosen();
  const plain = state.order === "text" && state.filter === "all" && !state.find.trim();
  setItems(plain ? data.blocks : shownNumbers.map((n) => ({ single: true, of: [n] })));
  byId("rv-shown").textContent = plain ? "" : `${shownNumbers.length} shown`;
  render();
}

/** Draw everything anew, with the same unit in focus where it is still there. */
export function redrawAll(focus = state.focus) {
  leaveMode();
  rebuild();
  const part = partOf(focus) < entryOf(numberOf(focus)).marks.length ? focus : String(numberOf(focus));
  goTo(list.place.has(numberOf(part)) ? part : firstShown(), { quiet: true });
  drawStatus();
}

export const firstShown = () => { const n = shownNumbers.find((number) => sentences[number - 1].letters); return n === undefined ? state.focus : String(n); };

/** After the server's answer: draw what changed. A sentence that no longer fits the filter stays until the next choice. */
export function afterChange(touched) {
  const n = numberOf(state.focus);
  if (partOf(state.focus) >= entryOf(n).marks.length) state.focus = nameOf(n, entryOf(n).marks.length - 1);
  const within = holder.contains(document.activeElement) || document.activeElement === document.body;
  redraw(new Set([...touched, n]));
  if (within) unitNode(state.focus)?.focus({ preventScroll: true });
  drawPanel();
  drawStatus();
}

export function drawStatus() {
  byId("rv-progress").textContent = `${book.checked} of ${total} checked`;
  const meter = byId("rv-meter");
  meter.setAttribute("aria-valuenow", book.checked);
  meter.setAttribute("aria-valuemax", total);
  meter.firstElementChild.style.width = `${total ? (100 * book.checked) / total : 0}%`;
  if (agreed) byId("rv-decide").textContent = leftWords();
  byId("rv-undo").disabled = book.undo === 0;
  byId("rv-redo").disabled = book.redo === 0;
}

/** Put a unit into focus. */
export function goTo(unit, { quiet = false } = {}) {
  const old = state.focus;
  state.focus = unit;
  for (const name of new Set([old, unit])) {
    const node = unitNode(name);
    if (node === null) continue;
    node.classList.toggle("focus", name === unit);
    node.setAttribute("tabindex", name === unit ? "0" : "-1");
    if (name === unit) node.setAttribute("aria-current", "true");
    else node.removeAttribute("aria-current");
  }
  const node = reveal(unit);
  if (!quiet || document.activeElement === document.body) node?.focus({ preventScroll: true });
  drawPanel();
}
