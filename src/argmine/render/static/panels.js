// Views, and what a selection shows in text, list and table.

import { all, byId } from "./dom.js";
import { narrow, relationsOf, reveal, state, units } from "./state.js";
import { bringUp, draw, drawn, highlight, scale } from "./graph.js";
import { showDetail } from "./detail.js";

const VIEWS = ["text", "graph", "units", "relations"];
export const marks = new Map(all(".u").map((node) => [node.dataset.u, node]));
/** The key points that stand on no unit, by the ids of their sentences. */
export const points = new Map(all(".point").map((node) => [node.id, node]));
export const rows = new Map(all("[data-row]").map((node) => [node.dataset.row, node]));
const smooth = () => (window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");

export function showView(name) {
  for (const view of VIEWS) {
    const shown = view === name;
    const tab = byId(`am-tab-${view}`);
    tab.setAttribute("aria-selected", shown);
    tab.tabIndex = shown ? 0 : -1;
    byId(`am-${view}`).hidden = !shown && (view !== "text" || narrow.matches);
  }
  if (name === "graph" && drawn) scale();
}

const currentView = () => VIEWS.find((view) => byId(`am-tab-${view}`).getAttribute("aria-selected") === "true");

/** Show the units of a label in the list. */
export function listLabel(label) {
  showView("units");
  const group = all(".unit-group").find((node) => node.dataset.label === label);
  group?.scrollIntoView({ block: "start" });
  group?.querySelector("a").focus({ preventScroll: true });
}

/** Wide screens always show the text beside another view; it is no view of its own there. */
export function fitViews() {
  showView(currentView() === "text" && !narrow.matches ? "graph" : currentView());
}

/** Select a unit everywhere, or a sentence that is none in the text; null selects nothing. `origin` is the view that asked: it isn't scrolled. */
export function choose(id, origin = "") {
  state.chosen = units.has(id) ? id : null;
  const near = new Set((relationsOf.get(state.chosen) || []).flatMap((r) => [r.source, r.target]));
  for (const [unit, node] of marks) {
    node.classList.toggle("sel", unit === state.chosen);
    node.classList.toggle("near", unit !== state.chosen && near.has(unit));
  }
  for (const [sentence, node] of points) node.classList.toggle("sel", sentence === id);
  for (const [unit, node] of rows) node.classList.toggle("sel", unit === state.chosen);
  for (const row of all("tbody tr")) {
    row.classList.toggle("sel", state.chosen !== null && [row.dataset.source, row.dataset.target].includes(state.chosen));
  }
  showDetail(state.chosen);
  if (state.chosen === null) {
    highlight();
    if (points.has(id)) showPoint(id);
    return;
  }
  const changed = [state.chosen, ...near].map(reveal).some(Boolean);
  if (changed) draw();
  else highlight();
  if (origin !== "text") scrollText(state.chosen);
  bringUp(state.chosen);
  const row = rows.get(state.chosen);
  if (row && origin !== "units" && !byId("am-units").hidden) row.scrollIntoView({ block: "center" });
}

function showPoint(id) {
  if (narrow.matches) showView("text");
  scrollText(id);
  points.get(id).focus({ preventScroll: true });
}

function scrollText(id) {
  const node = marks.get(id) ?? points.get(id);
  const pane = byId("am-text");
  if (!node || pane.hidden) return;
  const box = node.getBoundingClientRect();
  if (narrow.matches) {
    window.scrollTo({ top: window.scrollY + box.top - window.innerHeight * 0.25, behavior: smooth() });
  } else {
    const top = box.top - pane.getBoundingClientRect().top + pane.scrollTop;
    pane.scrollTo({ top: top - pane.clientHeight * 0.3, behavior: smooth() });
  }
}
