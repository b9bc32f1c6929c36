// The selected unit in words: label, measures, section, citations, and its relations as sentences.

import { byId, element } from "./dom.js";
import { attributes, labelOf, relationOf, signOf } from "./scheme.js";
import { broughtBy, data, nameOf, percent, relationsOf, sectionOf, units } from "./state.js";
import { picturedPages } from "./picture.js";

const goLink = (unit, text) => element("a", { href: `#${encodeURIComponent(unit.id)}`, "data-go": unit.id, dir: "auto" }, signOf(unit.label), text);

export function showDetail(id) {
  const panel = byId("am-detail");
  const unit = units.get(id);
  if (!unit) {
    panel.hidden = true;
    panel.replaceChildren();
    return;
  }
  panel.className = `detail ${labelOf(unit.label).css}`;
  panel.hidden = false;
  panel.scrollTop = 0;
  const facts = [
    unit.score === null ? "" : `score ${percent(unit.score)}`,
    unit.attribution === "reported" ? "view of others" : attributes ? "the authors' own" : "",
    unit.page === null ? "" : `page ${unit.page}`,
    sectionOf(unit),
    unit.voice ? `in another voice: ${unit.voice}` : "",
    unit.gap ? `open end: ${unit.gap}` : "",
    unit.unsure ? "unsure" : "",
  ].filter(Boolean);
  const left = element("div", {}, relationList(unit));
  if (unit.note) left.append(element("p", { dir: "auto" }, `Note: ${unit.note}`));
  const works = unit.citations.map((cited) => data.references[cited]).filter(Boolean);
  if (works.length) {
    left.append(element("ul", { class: "cited", "aria-label": "Cited works" }, ...works.map((c) => element("li", { dir: "auto" }, c))));
  }
  const right = element("div", { class: "measures" }, ...(Object.keys(unit.scores).length ? [scoreBars(unit)] : []),
    ...(unit.why.length ? [reasonList(unit)] : data.unexplained ? [noReasons(unit)] : []));
  panel.replaceChildren(
    element("button", { type: "button", class: "close", "aria-label": "Close", id: "am-close" }, "✕"),
    element("div", { class: "top" }, element("strong", {}, signOf(unit.label), nameOf(unit)), ...facts.map((f) => element("span", { dir: "auto" }, f)),
      element("a", { href: `#${encodeURIComponent(unit.id)}`, class: "here" }, `#${unit.id}`), actions(unit)),
    element("p", { class: "quote", dir: "auto" }, unit.text),
    element("div", { class: "cols" }, left, right),
  );
}

/** What can be done with the selected unit: look around it, and see its printed page. */
function actions(unit) {
  const group = element("span", { class: "actions" });
  if (relationsOf.get(unit.id).length) {
    const focus = (steps) => element("button", { type: "button", "data-focus": unit.id, "data-steps": steps }, `${steps} steps around`);
    group.append(focus(2), focus(3));
  }
  if (picturedPages(unit).length) group.append(element("button", { type: "button", "data-pages": unit.id }, "Show on the page"));
  return group;
}

const FROM = { before: "in the sentence before: ", after: "in the sentence after: ", section: "in the titles above: " };

/** What moved the label's score most, each with its strength in log odds and as a bar. */
function reasonList(unit) {
  const most = Math.max(...unit.why.map(([, , weight]) => Math.abs(weight)));
  const list = element("ul", { class: "why" });
  for (const [kind, text, weight] of unit.why) {
    const bar = element("span", { class: weight > 0 ? "for" : "against" });
    bar.style.width = `${Math.round((100 * Math.abs(weight)) / most)}%`;
    const said = kind === "word" && !/^(a|an|its|quotation) /.test(text) ? `“${text}”` : `${FROM[kind] ?? ""}${text}`;
    list.append(element("li", {}, element("span", { dir: "auto" }, said), element("span", { class: "strength", "aria-hidden": true }, bar),
      element("span", { class: "num" }, `${weight > 0 ? "+" : "−"}${Math.abs(weight).toFixed(1)}`)));
  }
  return element("details", { class: "why-box", open: "" }, element("summary", {}, `Why ${unit.label}?`), list,
    element("p", { class: "none" }, `What moved the model's log odds of “${unit.label}” most.`));
}

function noReasons(unit) {
  return element("details", { class: "why-box", open: "" }, element("summary", {}, `Why ${unit.label}?`), element("p", { class: "none" }, data.unexplained));
}

function relationList(unit) {
  const relations = relationsOf.get(unit.id);
  if (!relations.length) return element("p", { class: "none" }, "No relation to another unit was found.");
  return element("ul", { class: "links" }, ...relations.map((relation) => {
    const outgoing = relation.source === unit.id;
    const other = units.get(outgoing ? relation.target : relation.source);
    const score = relation.score === null ? "" : ` (${percent(relation.score)})`;
    const text = other.text.length > 170 ? `${[...other.text].slice(0, 168).join("")}…` : other.text;
    const { name, css, incoming } = relationOf(relation.label);
    return element("li", {}, element("span", { class: `rel ${css}` }, `${outgoing ? name : incoming}${score}${broughtBy(relation)} `), goLink(other, text));
  }));
}

/** The probabilities of all labels, the shown one first. */
function scoreBars(unit) {
  const scores = Object.entries(unit.scores).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const bars = element("div", { class: "bars", role: "group", "aria-label": "Probability of each label" });
  for (const [label, score] of scores) {
    const bar = element("span", { class: "bar-line" });
    bar.style.width = `${Math.round(100 * score)}%`;
    bars.append(element("span", {}, label), element("span", { class: labelOf(label)?.css ?? "none" }, bar), element("span", { class: "num" }, percent(score)));
  }
  return bars;
}
