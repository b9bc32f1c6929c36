// Beside the text: the sentence in focus, what can be said of it, and the scheme's words.

import { byId, element } from "../dom.js";
import {
  agreed, classOf, data, guide, hereOf, isChecked, isUnit, LABELS, leftOut, model, NONE, numberOf, openAt, partOf, percent,
  proposalFor, readers, relationClass, relationsOf, scoreOf, sectionOf, sentences, unitsOf,
} from "./model.js";
import { send } from "./server.js";
import { goTo, state } from "./draw.js";
import { startRelation } from "./relate.js";
import { panelList, panelPoints } from "./points.js";
import {
  accept, acceptRelation, canBe, clearSentence, joinUnit, judge, keepNote, refuseRelation, takeFrom,
  toggleAttribution, toggleUnsure,
} from "./act.js";

export const panel = byId("rv-panel");

export function drawPanel() {
  const unit = unitsOf(numberOf(state.focus))[partOf(state.focus)];
  if (unit === undefined) return;
  const active = document.activeElement;
  const kept = panel.contains(active) ? active.getAttribute("data-k") : null;
  if (kept === "note" && active.getAttribute("data-of") === unit.name) return; // someone is writing
  const scroll = panel.scrollTop;
  const relations = panelRelations(unit);
  const first = isChecked(unit.n) && openAt(unit.n).length > 0; // what is to be decided stands where it is seen
  panel.replaceChildren(...[
    panelHead(unit), panelContext(unit), panelReaders(unit), first ? relations : null, panelLabels(unit), panelAttributes(unit), first ? null : relations, panelPoints(), panelList(), panelWords(unit),
  ].filter(Boolean));
  panel.scrollTop = scroll;
  if (kept !== null) panel.querySelector(`[data-k="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
}

function panelHead(unit) {
  const page = sentences[unit.n - 1].page;
  const where = [page === null ? null : `page ${page}`, sectionOf[unit.n]].filter(Boolean).join(" · ");
  return element("header", { class: "panel-head" }, element("h2", {}, `Sentence ${unit.name}`), element("span", { dir: "auto" }, where));
}

/** The sentences around, where the text doesn't show them. */
function panelContext(unit) {
  if (state.order === "text" && state.filter === "all" && !state.find.trim()) return null;
  const around = [unit.n - 2, unit.n - 1, unit.n].filter((i) => i >= 0 && i < sentences.length);
  return element("p", { class: "context", dir: "auto" }, ...around.map((i) => element(i === unit.n - 1 ? "strong" : "span", {}, `${sentences[i].text} `)));
}

function panelReaders(unit) {
  if (!readers.length || leftOut(unit.n)) return null;
  const rows = readers.map((voice, i) => {
    const entry = voice.entries.get(unit.n);
    const says = entry ? entry.marks.map(said).join(" | ") : "has not looked at it";
    const notes = entry ? entry.marks.map((mark) => mark?.note).filter(Boolean).join(" / ") : "";
    return element("li", {},
      element("button", { type: "button", "data-k": `take${i}`, disabled: !entry, onclick: () => takeFrom(i) }, `Take ${voice.name}'s `, element("kbd", {}, "ab"[i])),
      element("span", { class: `said ${entry?.marks[0] ? classOf(entry.marks[0].label) : ""}` }, says), notes ? element("span", { class: "their-note", dir: "auto" }, notes) : null);
  });
  const same = agreed.entries.has(unit.n);
  return element("section", { class: "readers" }, element("h3", {}, same ? "Both agree" : "They disagree"), element("ul", {}, ...rows));
}

export const said = (mark) => (mark === null ? "nothing" : `${mark.label}${mark.attribution === "reported" ? ", reported" : ""}${mark.unsure ? ", unsure" : ""}`);

function panelLabels(unit) {
  if (!sentences[unit.n - 1].letters) return element("p", { class: "empty" }, "This sentence has no letters and is left out of annotations.");
  const proposal = proposalFor(unit.n);
  const suggested = unit.part === 0 ? proposal?.entry.marks[0]?.label : undefined;
  const rows = LABELS.map((label, i) => {
    const score = scoreOf(unit.n, label);
    const pressed = unit.mark?.label === label;
    const bar = score === null ? null : element("span", { class: "bar", "aria-hidden": "true" }, element("span", { class: classOf(label) }));
    if (bar) bar.firstElementChild.style.width = `${100 * score}%`;
    return element("li", {}, element("button", {
      type: "button", class: `label ${classOf(label)}${suggested === label ? " suggested" : ""}`, "aria-pressed": String(pressed), "data-k": label,
      onclick: () => judge(label),
    }, element("kbd", {}, i < 9 ? String(i + 1) : ""), element("span", { class: "name" }, label), bar, score === null ? null : element("span", { class: "num" }, percent(score))));
  });
  const hint = suggested && model
    ? element("p", { class: "hint" }, "Suggested: ", element("strong", { class: classOf(suggested) }, said(proposal.entry.marks[0])), ". ",
      element("button", { type: "button", "data-k": "accept", onclick: accept }, "Accept ", element("kbd", {}, "Enter")))
    : null;
  return element("section", { class: "labels", "aria-label": "Label" }, element("ol", {}, ...rows), hint);
}

function panelAttributes(unit) {
  if (unit.mark === null) return null;
  const { mark } = unit;
  const toggle = (key, name, pressed, act) => element("button", { type: "button", "data-k": key, "aria-pressed": String(pressed), onclick: act }, `${name} `, element("kbd", {}, key));
  const note = element("textarea", {
    id: "rv-note", rows: "2", maxlength: "4000", dir: "auto", "data-k": "note", "data-of": unit.name,
    onblur: (event) => keepNote(unit.name, event.target.value),
  });
  note.value = mark.note ?? "";
  return element("section", { class: "attributes", "aria-label": "About this unit" },
    element("div", {},
      mark.label === NONE || !data.attribution ? null : toggle("t", "view of others", mark.attribution === "reported", toggleAttribution),
      toggle("q", "unsure", Boolean(mark.unsure), toggleUnsure),
      unit.part ? element("button", { type: "button", "data-k": "join", onclick: joinUnit }, "Join to the unit before ", element("kbd", {}, "⌫")) : null,
      element("button", { type: "button", "data-k": "clear", onclick: clearSentence }, "Not looked at ", element("kbd", {}, "0"))),
    element("label", { for: "rv-note" }, "Note ", element("kbd", {}, "e")), note);
}

function panelRelations(unit) {
  const { drawn, proposed, settled } = relationsOf(unit.name);
  if (!isUnit(unit.name) && !drawn.length && !proposed.length && !settled.length) return null;
  const line = (r) => {
    const out = hereOf(r.source) === unit.name;
    const other = hereOf(out ? r.target : r.source);
    const text = unitsOf(numberOf(other))[partOf(other)]?.text ?? sentences[numberOf(other) - 1]?.text ?? "";
    return [element("span", { class: `rel ${relationClass(r.label)}` }, out ? `${r.label} → ` : `← ${r.label} `),
      element("button", { type: "button", class: "to", dir: "auto", "data-k": `go${other}`, onclick: () => goTo(other) }, `${other} ${cutText(text, 110)}`)];
  };
  const rows = drawn.map((r) => element("li", {}, ...line(r),
    element("button", { type: "button", class: "small", "data-k": `un${r.source}>${r.target}`, "aria-label": `Remove ${r.label} from ${r.source} to ${r.target}`,
      onclick: () => send({ op: "unrelate", source: r.source, target: r.target }) }, "✕")));
  const offers = proposed.map((r, i) => {
    const possible = canBe(r);
    const who = model ? (r.score === null ? "suggested" : percent(r.score)) : r.by.join(" and ");
    const about = () => element("span", { class: "vh" }, ` ${r.label} from ${r.source} to ${r.target}`);
    const key = (name) => (i === 0 ? element("kbd", { class: "after" }, name) : null);
    return element("li", { class: "proposed" }, ...line(r), element("span", { class: "num" }, who), element("span", { class: "choose" },
      element("button", { type: "button", class: "small", "data-k": `ok${i}`, disabled: !possible, title: possible ? null : "label both units first", onclick: () => acceptRelation(r) }, "Accept", about(), key("v")),
      element("button", { type: "button", class: "small", "data-k": `no${i}`, onclick: () => refuseRelation(r) }, "Reject", about(), key("V"))));
  });
  const others = settled.map((r, i) => element("li", { class: "settled" }, ...line(r), element("span", { class: "num" }, model ? "rejected" : `${r.by.join(" and ")}; ${r.standing === "rejected" ? "rejected" : r.why}`),
    r.standing === "rejected" ? element("button", { type: "button", class: "small", "data-k": `re${i}`, onclick: () => refuseRelation(r, false) }, "Take back", element("span", { class: "vh" }, ` the rejection of ${r.label} from ${r.source} to ${r.target}`)) : null));
  return element("section", { class: "relations" },
    element("h3", {}, "Relations "), isUnit(unit.name) ? element("button", { type: "button", "data-k": "r", onclick: () => startRelation(false) }, "Draw ", element("kbd", {}, "r")) : null,
    rows.length || offers.length || others.length ? element("ul", {}, ...rows, ...offers, ...others) : element("p", { class: "hint" }, "None yet."));
}

const cutText = (text, limit) => (text.length > limit ? `${text.slice(0, limit).replace(/\s+\S*$/, "")} …` : text);

/** The scheme: the question of the label that this unit has, or of all where it has none. */
function panelWords(unit) {
  const label = unit.mark?.label ?? null;
  if (label === null) {
    return element("section", { class: "words" }, element("h3", {}, "Ask in this order, stop at the first yes"),
      element("ol", {}, ...data.guide.labels.map((words) => element("li", {}, element("details", {},
        element("summary", {}, element("strong", { class: classOf(words.label) }, words.label), ` ${words.question}`), ...wordsOf(words))))));
  }
  const words = guide.get(label);
  return element("section", { class: "words" }, element("h3", { class: classOf(label) }, label), element("p", {}, words.question), ...wordsOf(words));
}

const wordsOf = (words) => [
  element("p", {}, words.decides),
  element("ul", {}, ...words.examples.map(([text, why]) => element("li", {}, element("q", {}, text), ` ${why}`))),
];
