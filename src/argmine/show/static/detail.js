// The selected unit in words: label, measures, section, citations, and its relations as sentences.

const TELLS = {
  supports: ["supports", "is supported by"], attacks: ["attacks", "is attacked by"],
  motivates: ["motivates", "is motivated by"], addresses: ["addresses", "is addressed by"],
};

function marker(label) {
  return element("b", { class: `m ${label}` }, element("span", { "aria-hidden": true }, data.labels[label].initial),
    element("span", { class: "vh" }, `${label}: `));
}

const goLink = (unit, text) => element("a", { href: `#${encodeURIComponent(unit.id)}`, "data-go": unit.id, dir: "auto" }, marker(unit.label), text);

function showDetail(id) {
  const panel = byId("am-detail");
  const unit = units.get(id);
  if (!unit) {
    panel.hidden = true;
    panel.replaceChildren();
    return;
  }
  panel.className = `detail ${unit.label}`;
  panel.hidden = false;
  panel.scrollTop = 0;
  const facts = [
    unit.score === null ? "" : `score ${percent(unit.score)}`,
    unit.attribution === "reported" ? "view of others" : "the authors' own",
    unit.page === null ? "" : `page ${unit.page}`,
    unit.section,
    unit.unsure ? "unsure" : "",
  ].filter(Boolean);
  const left = element("div", {}, relationList(unit));
  if (unit.note) left.append(element("p", { dir: "auto" }, `Note: ${unit.note}`));
  if (unit.citations.length) {
    left.append(element("ul", { class: "cited", "aria-label": "Cited works" }, ...unit.citations.map((c) => element("li", { dir: "auto" }, c))));
  }
  panel.replaceChildren(
    element("button", { type: "button", class: "close", "aria-label": "Close", id: "am-close" }, "✕"),
    element("div", { class: "top" }, element("strong", {}, marker(unit.label), nameOf(unit)), ...facts.map((f) => element("span", { dir: "auto" }, f)),
      element("a", { href: `#${encodeURIComponent(unit.id)}`, class: "here" }, `#${unit.id}`)),
    element("p", { class: "quote", dir: "auto" }, unit.text),
    element("div", { class: "cols" }, left, scoreBars(unit)),
  );
}

function relationList(unit) {
  const relations = relationsOf.get(unit.id);
  if (!relations.length) return element("p", { class: "none" }, "No relation to another unit was found.");
  return element("ul", { class: "links" }, ...relations.map((relation) => {
    const outgoing = relation.source === unit.id;
    const other = units.get(outgoing ? relation.target : relation.source);
    const score = relation.score === null ? "" : ` (${percent(relation.score)})`;
    const text = other.text.length > 170 ? `${[...other.text].slice(0, 168).join("")}…` : other.text;
    return element("li", {}, element("span", { class: `rel ${relation.label}` }, `${TELLS[relation.label][outgoing ? 0 : 1]}${score} `), goLink(other, text));
  }));
}

/** The probabilities of all labels, the shown one first. */
function scoreBars(unit) {
  const scores = Object.entries(unit.scores).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const bars = element("div", { class: "bars", role: "group", "aria-label": "Probability of each label" });
  for (const [label, score] of scores) {
    const bar = element("span", { class: "bar-line" });
    bar.style.width = `${Math.round(100 * score)}%`;
    bars.append(element("span", {}, label), element("span", { class: label }, bar), element("span", { class: "num" }, percent(score)));
  }
  return bars;
}
