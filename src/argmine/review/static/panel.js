// Beside the text: the sentence in focus, what can be said of it, and the scheme's words.

const panel = byId("rv-panel");

function drawPanel() {
  const unit = unitsOf(numberOf(state.focus))[partOf(state.focus)];
  if (unit === undefined) return;
  const active = document.activeElement;
  const kept = panel.contains(active) ? active.getAttribute("data-k") : null;
  if (kept === "note" && active.getAttribute("data-of") === unit.name) return; // someone is writing
  const scroll = panel.scrollTop;
  const relations = panelRelations(unit);
  const first = isChecked(unit.n) && openAt(unit.n).length > 0; // what is to be decided stands where it is seen
  panel.replaceChildren(...[
    panelHead(unit), panelContext(unit), panelReaders(unit), first ? relations : null, panelLabels(unit), panelAttributes(unit), first ? null : relations, panelWords(unit),
  ].filter(Boolean));
  panel.scrollTop = scroll;
  if (kept !== null) panel.querySelector(`[data-k="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
}

function panelHead(unit) {
  const page = sentences[unit.n - 1].page;
  const where = [page === null ? null : `page ${page}`, sectionOf[unit.n]].filter(Boolean).join(" · ");
  return make("header", { class: "panel-head" }, make("h2", {}, `Sentence ${unit.name}`), make("span", { dir: "auto" }, where));
}

/** The sentences around, where the text doesn't show them. */
function panelContext(unit) {
  if (state.order === "text" && state.filter === "all" && !state.find.trim()) return null;
  const around = [unit.n - 2, unit.n - 1, unit.n].filter((i) => i >= 0 && i < sentences.length);
  return make("p", { class: "context", dir: "auto" }, ...around.map((i) => make(i === unit.n - 1 ? "strong" : "span", {}, `${sentences[i].text} `)));
}

function panelReaders(unit) {
  if (!readers.length) return null;
  const rows = readers.map((voice, i) => {
    const entry = voice.entries.get(unit.n);
    const says = entry ? entry.marks.map(said).join(" | ") : "has not looked at it";
    const notes = entry ? entry.marks.map((mark) => mark?.note).filter(Boolean).join(" / ") : "";
    return make("li", {},
      make("button", { type: "button", "data-k": `take${i}`, disabled: !entry, onclick: () => takeFrom(i) }, `Take ${voice.name}'s `, make("kbd", {}, "ab"[i])),
      make("span", { class: `said ${entry?.marks[0]?.label ?? ""}` }, says), notes ? make("span", { class: "their-note", dir: "auto" }, notes) : null);
  });
  const same = agreed.entries.has(unit.n);
  return make("section", { class: "readers" }, make("h3", {}, same ? "Both agree" : "They disagree"), make("ul", {}, ...rows));
}

const said = (mark) => (mark === null ? "nothing" : `${mark.label}${mark.attribution === "reported" ? ", reported" : ""}${mark.unsure ? ", unsure" : ""}`);

function panelLabels(unit) {
  if (!sentences[unit.n - 1].letters) return make("p", { class: "empty" }, "This sentence has no letters and is left out of annotations.");
  const proposal = proposalFor(unit.n);
  const suggested = unit.part === 0 ? proposal?.entry.marks[0]?.label : undefined;
  const rows = LABELS.map((label, i) => {
    const score = scoreOf(unit.n, label);
    const pressed = unit.mark?.label === label;
    const bar = score === null ? null : make("span", { class: "bar", "aria-hidden": "true" }, make("span", { class: label }));
    if (bar) bar.firstElementChild.style.width = `${100 * score}%`;
    return make("li", {}, make("button", {
      type: "button", class: `label ${label}${suggested === label ? " suggested" : ""}`, "aria-pressed": String(pressed), "data-k": label,
      onclick: () => judge(label),
    }, make("kbd", {}, String(i + 1)), make("span", { class: "name" }, label), bar, score === null ? null : make("span", { class: "num" }, percent(score))));
  });
  const hint = suggested && model
    ? make("p", { class: "hint" }, "Suggested: ", make("strong", { class: suggested }, said(proposal.entry.marks[0])), ". ",
      make("button", { type: "button", "data-k": "accept", onclick: accept }, "Accept ", make("kbd", {}, "Enter")))
    : null;
  return make("section", { class: "labels", "aria-label": "Label" }, make("ol", {}, ...rows), hint);
}

function panelAttributes(unit) {
  if (unit.mark === null) return null;
  const { mark } = unit;
  const toggle = (key, name, pressed, act) => make("button", { type: "button", "data-k": key, "aria-pressed": String(pressed), onclick: act }, `${name} `, make("kbd", {}, key));
  const note = make("textarea", {
    id: "rv-note", rows: "2", maxlength: "4000", dir: "auto", "data-k": "note", "data-of": unit.name,
    onblur: (event) => keepNote(unit.name, event.target.value),
  });
  note.value = mark.note ?? "";
  return make("section", { class: "attributes", "aria-label": "About this unit" },
    make("div", {},
      mark.label === NONE ? null : toggle("t", "view of others", mark.attribution === "reported", toggleAttribution),
      toggle("q", "unsure", Boolean(mark.unsure), toggleUnsure),
      unit.part ? make("button", { type: "button", "data-k": "join", onclick: joinUnit }, "Join to the unit before ", make("kbd", {}, "⌫")) : null,
      make("button", { type: "button", "data-k": "clear", onclick: clearSentence }, "Not looked at ", make("kbd", {}, "0"))),
    make("label", { for: "rv-note" }, "Note ", make("kbd", {}, "e")), note);
}

function panelRelations(unit) {
  const { drawn, proposed, settled } = relationsOf(unit.name);
  if (!isUnit(unit.name) && !drawn.length && !proposed.length && !settled.length) return null;
  const line = (r) => {
    const out = hereOf(r.source) === unit.name;
    const other = hereOf(out ? r.target : r.source);
    const text = unitsOf(numberOf(other))[partOf(other)]?.text ?? sentences[numberOf(other) - 1]?.text ?? "";
    return [make("span", { class: `rel ${r.label}` }, out ? `${r.label} → ` : `← ${r.label} `),
      make("button", { type: "button", class: "to", dir: "auto", "data-k": `go${other}`, onclick: () => goTo(other) }, `${other} ${cutText(text, 110)}`)];
  };
  const rows = drawn.map((r) => make("li", {}, ...line(r),
    make("button", { type: "button", class: "small", "data-k": `un${r.source}>${r.target}`, "aria-label": `Remove ${r.label} from ${r.source} to ${r.target}`,
      onclick: () => send({ op: "unrelate", source: r.source, target: r.target }) }, "✕")));
  const offers = proposed.map((r, i) => {
    const possible = canBe(r);
    const who = model ? (r.score === null ? "suggested" : percent(r.score)) : r.by.join(" and ");
    const about = () => make("span", { class: "vh" }, ` ${r.label} from ${r.source} to ${r.target}`);
    const key = (name) => (i === 0 ? make("kbd", { class: "after" }, name) : null);
    return make("li", { class: "proposed" }, ...line(r), make("span", { class: "num" }, who), make("span", { class: "choose" },
      make("button", { type: "button", class: "small", "data-k": `ok${i}`, disabled: !possible, title: possible ? null : "label both units first", onclick: () => acceptRelation(r) }, "Accept", about(), key("v")),
      make("button", { type: "button", class: "small", "data-k": `no${i}`, onclick: () => refuseRelation(r) }, "Reject", about(), key("V"))));
  });
  const others = settled.map((r, i) => make("li", { class: "settled" }, ...line(r), make("span", { class: "num" }, model ? "rejected" : `${r.by.join(" and ")}; ${r.standing === "rejected" ? "rejected" : r.why}`),
    r.standing === "rejected" ? make("button", { type: "button", class: "small", "data-k": `re${i}`, onclick: () => refuseRelation(r, false) }, "Take back", make("span", { class: "vh" }, ` the rejection of ${r.label} from ${r.source} to ${r.target}`)) : null));
  return make("section", { class: "relations" },
    make("h3", {}, "Relations "), isUnit(unit.name) ? make("button", { type: "button", "data-k": "r", onclick: () => startRelation(false) }, "Draw ", make("kbd", {}, "r")) : null,
    rows.length || offers.length || others.length ? make("ul", {}, ...rows, ...offers, ...others) : make("p", { class: "hint" }, "None yet."));
}

const cutText = (text, limit) => (text.length > limit ? `${text.slice(0, limit).replace(/\s+\S*$/, "")} …` : text);

/** The scheme: the question of the label that this unit has, or all six where it has none. */
function panelWords(unit) {
  const label = unit.mark?.label ?? null;
  if (label === null) {
    return make("section", { class: "words" }, make("h3", {}, "Ask in this order, stop at the first yes"),
      make("ol", {}, ...data.guide.labels.map((words) => make("li", {}, make("details", {},
        make("summary", {}, make("strong", { class: words.label }, words.label), ` ${words.question}`), ...wordsOf(words))))));
  }
  const words = guide.get(label);
  return make("section", { class: "words" }, make("h3", { class: label }, label), make("p", {}, words.question), ...wordsOf(words));
}

const wordsOf = (words) => [
  make("p", {}, words.decides),
  make("ul", {}, ...words.examples.map(([text, why]) => make("li", {}, make("q", {}, text), ` ${why}`))),
];
