// Searches the units of all papers: every word must be in the text; results come in pages; the address keeps the search.

import { byId, element } from "./dom.js";
import { labelOf, signOf } from "./scheme.js";

const PAGE = 50;
const LONGEST = 200; // characters of a search that are looked at

/** Without case and accents, so that "naive" finds "naïve". */
function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}+/gu, "").toLowerCase();
}

function wordsOf(query) {
  const found = query.slice(0, LONGEST).match(/"[^"]*"?|[^\s"]+/g) || [];
  return found.map((part) => fold(part.replaceAll('"', " ")).trim().replace(/\s+/g, " ")).filter(Boolean);
}

/** The text with the words marked; without marks where folding moved the letters. */
function marked(text, words) {
  const said = element("span", { class: "said" });
  const folded = fold(text);
  const hits = folded.length !== text.length ? [] : words.flatMap((word) => {
    const places = [];
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) places.push([at, at + word.length]);
    return places;
  }).sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  let done = 0;
  for (const [start, end] of hits) {
    if (start < done) continue;
    said.append(text.slice(done, start), element("mark", {}, text.slice(start, end)));
    done = end;
  }
  said.append(text.slice(done));
  return said;
}

/** Let the form search the index of units. */
export function startSearch(index) {
  const searchForm = byId("am-search");
  const query = byId("am-query"), paper = byId("am-paper"), whose = byId("am-whose"), order = byId("am-order");
  const kinds = [...searchForm.querySelectorAll("[data-label]")];
  const status = byId("am-status"), hits = byId("am-hits"), turn = byId("am-turn");
  const total = index.papers.reduce((sum, each) => sum + each[3].length, 0);
  let entries = null; // [paper's number, unit, folded text], made when first searched
  let found = [], words = [], page = 0, waiting = 0;

  index.papers.forEach(([title], n) => paper.append(new Option(title, String(n))));
  searchForm.hidden = false;

  function labelsWanted() {
    return kinds.filter((kind) => kind.getAttribute("aria-pressed") === "true").map((kind) => kind.dataset.label);
  }

  function search() {
    words = wordsOf(query.value);
    const labels = labelsWanted().map((label) => index.labels.indexOf(label));
    const idle = !words.length && !labels.length && !paper.value && !whose.value;
    found = [];
    if (!idle) {
      entries ??= index.papers.flatMap((each, n) => each[3].map((unit) => [n, unit, fold(unit[6])]));
      const from = paper.value === "" ? null : Number(paper.value);
      const reported = whose.value === "" ? null : whose.value === "reported" ? 1 : 0;
      found = entries.filter(([n, unit, text]) =>
        (from === null || n === from) && (!labels.length || labels.includes(unit[1])) &&
        (reported === null || unit[4] === reported) && words.every((word) => text.includes(word)));
      if (order.value === "score") found.sort((a, b) => (b[1][5] ?? -1) - (a[1][5] ?? -1));
    }
    page = 0;
    const papers = new Set(found.map(([n]) => n)).size;
    status.textContent = idle ? "" : found.length === 0 ? "No unit has all of this. Try fewer words or labels."
      : `${found.length.toLocaleString("en")} of ${total.toLocaleString("en")} units, in ${papers} ${papers === 1 ? "paper" : "papers"}`;
    byId("am-clear").hidden = idle;
    remember();
    show();
  }

  function show() {
    const shown = found.slice(page * PAGE, (page + 1) * PAGE);
    hits.replaceChildren(...shown.map(hit));
    hits.start = page * PAGE + 1;
    hits.hidden = !shown.length;
    const pages = Math.ceil(found.length / PAGE);
    turn.hidden = pages < 2;
    byId("am-before").disabled = page === 0;
    byId("am-after").disabled = page + 1 >= pages;
    byId("am-where").textContent = `page ${page + 1} of ${pages}`;
  }

  function hit([n, unit]) {
    const [id, label, onPage, section, reported, score, text] = unit;
    const [title, address, sections] = index.papers[n];
    const name = label === null ? null : index.labels[label]; // a key point on no unit
    const link = element("a", { href: `${address}#${encodeURIComponent(id)}`, dir: "auto" },
      name === null ? "" : signOf(name), marked(text, words));
    const where = element("span", { class: "from" });
    const parts = [title, section === null ? "" : sections[section], onPage === null ? "" : `p. ${onPage}`,
      reported ? "reported" : "", score === null ? "" : `${score}\u00a0%`].filter(Boolean);
    parts.forEach((part, i) => where.append(i ? " · " : "", element("bdi", {}, part)));
    return element("li", { class: name === null ? null : labelOf(name).css }, link, where);
  }

  function turnTo(next) {
    page = next;
    show();
    hits.querySelector("a").focus();
  }

  function remember() {
    const kept = new URLSearchParams();
    if (query.value.trim()) kept.set("q", query.value.trim().slice(0, LONGEST));
    for (const label of labelsWanted()) kept.append("label", label);
    if (paper.value) kept.set("paper", index.papers[Number(paper.value)][1]);
    if (whose.value) kept.set("whose", whose.value);
    if (order.value) kept.set("order", order.value);
    const hash = kept.toString();
    if (hash !== location.hash.slice(1)) history.replaceState(null, "", hash ? `#${hash}` : location.pathname);
  }

  function recall() {
    const kept = new URLSearchParams(location.hash.slice(1));
    const labels = kept.getAll("label");
    query.value = kept.get("q") || "";
    for (const kind of kinds) kind.setAttribute("aria-pressed", String(labels.includes(kind.dataset.label)));
    const from = index.papers.findIndex((each) => each[1] === kept.get("paper"));
    paper.value = from < 0 ? "" : String(from);
    whose.value = kept.get("whose") || "";
    order.value = kept.get("order") || "";
    search();
  }

  query.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  for (const choice of [paper, whose, order]) choice.addEventListener("change", search);
  for (const kind of kinds) {
    kind.addEventListener("click", () => {
      kind.setAttribute("aria-pressed", String(kind.getAttribute("aria-pressed") !== "true"));
      search();
    });
  }
  searchForm.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    search();
  });
  byId("am-clear").addEventListener("click", () => {
    for (const choice of [query, paper, whose, order]) choice.value = "";
    for (const kind of kinds) kind.setAttribute("aria-pressed", "false");
    search();
    query.focus();
  });
  byId("am-before").addEventListener("click", () => turnTo(page - 1));
  byId("am-after").addEventListener("click", () => turnTo(page + 1));
  window.addEventListener("hashchange", recall);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.target.closest("input, select")) {
      event.preventDefault();
      query.focus();
    }
  });
  recall();
}
