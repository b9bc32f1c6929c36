// Drawing a relation: letters stand at the units in sight; their letters, or a number and Enter, choose the other end.

import { byId, element } from "../dom.js";
import { allowedBetween, isUnit, markOf } from "./model.js";
import { announce, send, toast } from "./server.js";
import { holder, scroller, unitNode } from "./list.js";
import { state } from "./draw.js";
import { ask, leaveMode } from "./act.js";

const HINTS = "fjdkslahgeiruwoncmvptbyxqz";

/** Begin a relation from the unit in focus, or to it. */
export function startRelation(reverse) {
  const unit = state.focus;
  if (!isUnit(unit)) { toast("Only a unit with a label has relations: label it first."); return; }
  askEnd(reverse ? `Which unit does something for ${unit}?` : `What is ${unit} related to?`, "unit", {
    fits: (name) => isUnit(name) && name !== unit,
    wrong: (name) => (name === unit ? "A unit has no relation to itself." : `${name || "This"} is no unit with a label.`),
    done: (other) => (reverse ? chooseLabel(other, unit) : chooseLabel(unit, other)),
  });
}

/** Ask for another unit or sentence: which ones `fits` says, what is `wrong` with others, and what is `done` with it. */
export function askEnd(question, what, choice) {
  state.mode = { kind: "relate", hints: new Map(), typed: "", unit: state.focus, ...choice };
  drawHints();
  ask(question, `Type the letters at the other ${what}, or its number and Enter. PageUp and PageDown scroll.`, choice.choices ?? []);
}

/** Letters on the units in sight that can be chosen. */
export function drawHints() {
  clearHints();
  const mode = state.mode;
  const frame = scroller.getBoundingClientRect();
  const nodes = [...holder.querySelectorAll(".u")].filter((node) => {
    const box = node.getBoundingClientRect();
    return box.bottom > frame.top + 4 && box.top < frame.bottom - 4 && mode.fits(node.dataset.unit);
  });
  const size = nodes.length > HINTS.length ? 2 : 1;
  mode.hints = new Map();
  nodes.forEach((node, i) => {
    const letters = size === 1 ? HINTS[i] : HINTS[Math.floor(i / HINTS.length)] + HINTS[i % HINTS.length];
    mode.hints.set(letters, node.dataset.unit);
    if (letters.startsWith(mode.typed)) node.prepend(element("span", { class: "hint-letters", "aria-hidden": "true" }, letters));
  });
}

export function clearHints() {
  for (const node of holder.querySelectorAll(".hint-letters")) node.remove();
}

export function relateKey(event) {
  const mode = state.mode;
  if (event.key === "Backspace") mode.typed = mode.typed.slice(0, -1);
  else if (mode.choices.some((c) => c.key === event.key)) { mode.choices.find((c) => c.key === event.key).act(); return true; }
  else if (event.key === "Enter") { chooseEnd(mode.typed); return true; }
  else if (/^[0-9a-z]$/.test(event.key)) mode.typed += event.key;
  else return false;
  const number = /^\d/.test(mode.typed);
  if (!number && mode.hints.has(mode.typed)) chooseEnd(mode.hints.get(mode.typed));
  else if (!number && ![...mode.hints.keys()].some((letters) => letters.startsWith(mode.typed))) {
    mode.typed = "";
    drawHints();
  } else {
    drawHints();
    byId("rv-typed").textContent = mode.typed;
  }
  return true;
}

export function chooseEnd(other) {
  const { fits, wrong, done } = state.mode;
  if (!/^[1-9]\d*[b-z]?$/.test(other) || !fits(other)) {
    toast(wrong(other));
    state.mode.typed = "";
    drawHints();
    byId("rv-typed").textContent = "";
    return;
  }
  done(other);
}

/** Ask which relation it is; those that the scheme has between these two labels. */
export function chooseLabel(source, target) {
  clearHints();
  const allowed = allowedBetween(source, target);
  if (!allowed.length) {
    leaveMode();
    toast("The scheme has no relation between units of these two labels.");
    return;
  }
  state.mode = { kind: "relation-label", source, target, allowed };
  for (const name of [source, target]) unitNode(name)?.classList.add("end");
  ask(`${source} (${markOf(source).label}) … ${target} (${markOf(target).label})`, `Esc leaves, Enter takes ${allowed[0].name}.`,
    allowed.map((r) => ({ key: r.key, name: r.name, words: r.does, act: () => finish(r) })));
}

function finish(relation) {
  const { source, target } = state.mode;
  leaveMode();
  void send({ op: "relate", source, target, label: relation.name }).then((done) => {
    if (done) announce(`${source} ${relation.name} ${target}`);
  });
}
