// Wires the page: keys, clicks, choices. Then draws it.

import { byId, element } from "../dom.js";
import { data, isLeft, isUnit, LABELS, NONE, numberOf, partOf, readers, sentences, takeState, unitsOf } from "./model.js";
import { send, toast, troubled, waiting } from "./server.js";
import { holder, list, redraw, render, scroller } from "./list.js";
import { drawStatus, FILTERS, firstShown, goTo, ORDERS, rebuild, shownNumbers, state } from "./draw.js";
import { chooseEnd, chooseLabel, relateKey, startRelation } from "./relate.js";
import { acceptOffer, rejectOffer, startAnswer, startVoice, stepGrade } from "./points.js";
import { clicked, speakCut, splitKey, startSplit } from "./split.js";
import {
  accept, backToText, clearSentence, confirmAgreed, focusNumber, joinUnit, judge, leaveMode, neighbour, nextOpen,
  nextSection, openUnit, rejectRelation, startFix, step, takeFrom, takeRelation, toggleAttribution, toggleUnsure,
  writeNote,
} from "./act.js";

const SIMPLE = {
  j: () => step(1), ArrowDown: () => step(1), ArrowRight: () => step(1),
  k: () => step(-1), ArrowUp: () => step(-1), ArrowLeft: () => step(-1),
  n: () => nextOpen(1), N: () => nextOpen(-1), "]": () => nextSection(1), "[": () => nextSection(-1),
  Home: () => goTo(firstShown()),
  End: () => { const n = neighbour(shownNumbers.length, -1, () => true); if (n !== null) goTo(String(n)); },
  r: () => startRelation(false), R: () => startRelation(true), s: () => startSplit(false), x: startFix, t: toggleAttribution,
  q: toggleUnsure, e: writeNote, 0: clearSentence, Delete: clearSentence, Backspace: joinUnit, v: takeRelation, V: rejectRelation,
  u: () => send({ op: "undo" }), U: () => send({ op: "redo" }), Enter: accept, " ": accept,
  "?": () => byId("rv-help").showModal(), "/": () => byId("rv-find").focus(),
  ...(data.places.length ? { A: startAnswer, S: startVoice, y: () => acceptOffer(), Y: () => rejectOffer() } : {}),
  ...Object.fromEntries(data.places.filter(({ key }) => key).map(({ name, key }) => [key, () => stepGrade(name)])),
  ...(readers.length ? { a: () => takeFrom(0), b: () => takeFrom(1), c: confirmAgreed } : {}),
};

function labelKey(event) {
  const digit = /^[1-9]$/.test(event.key) ? Number(event.key) : /^(?:Digit|Numpad)[1-9]$/.test(event.code) ? Number(event.code.at(-1)) : 0;
  const label = LABELS[digit - 1];
  if (label === undefined) return false;
  const reported = event.shiftKey && data.attribution && label !== NONE;
  if (sentences[focusNumber() - 1].letters) judge(label, reported ? "reported" : undefined);
  return true;
}

function modeKey(event) {
  const mode = state.mode;
  if (event.key === "Escape") { leaveMode(); backToText(); return true; }
  if (mode.kind === "relate") return relateKey(event);
  if (mode.kind === "split") return splitKey(event);
  const choice = event.key === "Enter" && mode.kind === "relation-label" ? mode.choices[0] : mode.choices.find((c) => c.key === event.key);
  if (choice) choice.act();
  else if (event.key.length === 1) toast("Choose one of the keys below, or Esc.");
  return Boolean(choice) || event.key.length === 1;
}

/** What a key does in the text. Returns whether it does anything. */
function act(event) {
  if (event.ctrlKey || event.metaKey) return Boolean(send({ op: event.key === "z" ? "undo" : "redo" }));
  if (state.mode !== null) return modeKey(event);
  if (event.key === "Escape") { backToText(); return true; }
  if (labelKey(event)) return true;
  SIMPLE[event.key]?.();
  return event.key in SIMPLE;
}

// A key that comes before the server has answered the one before waits for it, so that it means what it says.
export const early = [];
export function actEarly() {
  while (early.length && !waiting.length) act(early.shift());
}

document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (at.closest("dialog") || event.altKey || event.isComposing) return;
  const writes = at.matches("input:not([type=checkbox]), textarea, select");
  const command = event.ctrlKey || event.metaKey;
  if (command && (writes || !/^[zyZ]$/.test(event.key))) return;
  if (writes) {
    if (event.key === "Escape") {
      if (at.id === "rv-find" && at.value) { at.value = ""; choose(); }
      if (state.mode !== null) leaveMode();
      backToText();
    } else if (event.key === "Enter" && at.id === "rv-find") goTo(firstShown());
    return;
  }
  if (!command && at.closest("button, summary, a, input") && (event.key === "Enter" || event.key === " ")) return; // its own key
  if (event.repeat && !/^(?:Arrow.*|[jk])$/.test(event.key)) { event.preventDefault(); return; } // a key held down counts once
  if (!waiting.length && !early.length) {
    if (act(event)) event.preventDefault();
    return;
  }
  if (event.key === "Tab" || event.key.startsWith("Page")) return;
  event.preventDefault();
  const { key, code, shiftKey, ctrlKey, metaKey } = event;
  if (!troubled) early.push({ key, code, shiftKey, ctrlKey, metaKey });
});

// A click puts a unit into focus, and while splitting sets the caret.
holder.addEventListener("click", (event) => {
  const node = event.target.closest(".u");
  if (node === null) return;
  const unit = node.dataset.unit;
  if (state.mode?.kind === "relate") { if (unit !== state.mode.unit) chooseEnd(unit); return; }
  if (state.mode?.kind === "split" && state.mode.unit === unit) {
    const place = clicked(unitsOf(numberOf(unit))[partOf(unit)]);
    if (place !== null) {
      state.mode.at = state.mode.from + place;
      redraw([numberOf(unit)]);
      speakCut();
    }
    return;
  }
  if (state.mode !== null) leaveMode();
  if (unit !== state.focus) goTo(unit);
});
holder.addEventListener("focusin", (event) => {
  const unit = event.target.closest(".u")?.dataset.unit;
  if (unit !== undefined && unit !== state.focus) goTo(unit, { quiet: true });
});

// A unit's mark that is dragged onto another unit draws a relation.
holder.addEventListener("pointerdown", (event) => {
  const mark = event.target.closest("[data-drag]");
  if (!mark || event.button !== 0) return;
  const source = mark.closest(".u").dataset.unit;
  if (!isUnit(source)) return;
  event.preventDefault();
  goTo(source);
  const over = (e) => document.elementFromPoint(e.clientX, e.clientY)?.closest(".u") ?? null;
  let target = null;
  const move = (e) => {
    const now = over(e);
    if (now === target) return;
    target?.classList.remove("end");
    target = now && now.dataset.unit !== source && isUnit(now.dataset.unit) ? now : null;
    target?.classList.add("end");
  };
  const stop = (e) => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", stop);
    window.removeEventListener("pointercancel", stop);
    target?.classList.remove("end");
    if (target && e.type === "pointerup") chooseLabel(source, target.dataset.unit);
  };
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", stop);
  window.addEventListener("pointercancel", stop);
});

/** Show what the menus say. */
function choose() {
  state.order = byId("rv-order").value;
  state.filter = byId("rv-filter").value;
  state.find = byId("rv-find").value;
  leaveMode();
  rebuild();
  scroller.scrollTop = 0;
  const n = focusNumber();
  if (state.order === "text" && list.place.has(n)) goTo(state.focus, { quiet: true });
  else if (shownNumbers.length) goTo(firstShown(), { quiet: true });
  render();
}

for (const [value, name] of Object.entries(ORDERS)) byId("rv-order").append(element("option", { value, selected: value === state.order }, name));
for (const [value, { name }] of Object.entries(FILTERS)) byId("rv-filter").append(element("option", { value }, name));
byId("rv-order").addEventListener("change", choose);
byId("rv-filter").addEventListener("change", choose);
byId("rv-find").addEventListener("input", choose);
byId("rv-undo").addEventListener("click", () => send({ op: "undo" }));
byId("rv-redo").addEventListener("click", () => send({ op: "redo" }));
byId("rv-agree")?.addEventListener("click", confirmAgreed);
byId("rv-help-open").addEventListener("click", () => byId("rv-help").showModal());

takeState(data);
rebuild();
const beginning = neighbour(-1, 1, isLeft);
goTo(beginning === null ? firstShown() : openUnit(beginning));
drawStatus();
if (data.notes.length) toast(data.notes.join(" "));
