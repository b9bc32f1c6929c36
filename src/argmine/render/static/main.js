// Wires the page: clicks, keys, addresses, sizes.

import { all, byId } from "./dom.js";
import { panning, zooming } from "./zoom.js";
import { childrenOf, data, narrow, state, units } from "./state.js";
import { canvas, draw, drawn, picture, rove, scale } from "./graph.js";
import { showPages } from "./picture.js";
import { choose, fitViews, listLabel, marks, points, showView } from "./panels.js";
import { applyFilters, search, toggleLabel } from "./filters.js";
import { focusOn, go, remember, unitOfAddress } from "./history.js";
import "./save.js";

document.documentElement.classList.add("js");
document.documentElement.classList.toggle("no-units", data.units.length === 0);

function originOf(node) {
  if (node.closest("#am-svg")) return "graph";
  if (node.closest("#am-text")) return "text";
  return node.closest("#am-units") ? "units" : "";
}

function activate(target) {
  const node = target.closest("[data-u], [data-go], [data-toggle], [data-cell]");
  if (!node) return false;
  const { u, go: to, toggle, cell } = node.dataset;
  if (toggle !== undefined) {
    if (state.focus === null) flip(state.open, toggle); // in focus everything near is open
  }
  else if (cell !== undefined) flip(state.cells, cell);
  else go(u ?? to, originOf(node));
  return true;
}

function flip(set, key) {
  if (set.has(key)) set.delete(key);
  else set.add(key);
  draw();
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a link opens in a new tab as anywhere
  if (event.target.closest("#am-close")) {
    close();
    return;
  }
  const focus = event.target.closest("[data-focus]");
  if (focus) {
    focusOn(focus.dataset.focus, Number(focus.dataset.steps));
    return;
  }
  const pages = event.target.closest("[data-pages]");
  if (pages) {
    showPages(units.get(pages.dataset.pages));
    return;
  }
  const more = event.target.closest("[data-list]");
  if (more) listLabel(more.dataset.list);
  const filterButton = event.target.closest("[data-filter]");
  if (filterButton) toggleLabel(filterButton.dataset.filter);
  else if (activate(event.target)) event.preventDefault();
});

function close() {
  const last = state.chosen;
  choose(null);
  if (window.location.hash) remember("");
  marks.get(last)?.focus({ preventScroll: true });
}

document.addEventListener("focusin", (event) => {
  if (event.target.matches(".u, #am-svg [data-key]")) rove(event.target);
});

const ARROWS = { ArrowDown: [0, 1], ArrowUp: [0, -1], ArrowRight: [1, 0], ArrowLeft: [-1, 0] };

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const at = event.target;
  if (event.key === "Escape" && at.closest("dialog")) return; // closes the dialog alone
  if (event.key === "Escape" && state.chosen !== null) close();
  else if (at.matches("#am-query") && event.key === "Enter") nextHit(event.shiftKey ? -1 : 1);
  else if (at.matches("[role=tab]") && ARROWS[event.key]) moveTab(at, ARROWS[event.key][0]);
  else if (at.matches(".u") && ARROWS[event.key]) moveText(at, ARROWS[event.key]);
  else if (at.closest("#am-svg")) graphKey(event);
  else if (at.matches("#am-split") && ARROWS[event.key]) setShare(share + 2 * ARROWS[event.key][0]);
  else return;
  if (ARROWS[event.key] || event.key === "Enter" || event.key === " ") event.preventDefault();
});

/** Go to the next found unit after the selected one, or the one before it. */
function nextHit(step) {
  const found = data.units.filter((unit) => state.hits?.has(unit.id));
  if (!found.length) return;
  const at = found.findIndex((unit) => unit.id === state.chosen);
  go(found[at < 0 ? (step > 0 ? 0 : found.length - 1) : (at + step + found.length) % found.length].id, "search");
}

function moveTab(tab, step) {
  const tabs = all("[role=tab]").filter((node) => node.offsetParent !== null);
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  showView(next.id.replace("am-tab-", ""));
  next.focus();
}

function moveText(mark, [x, y]) {
  const list = [...marks.values()].filter((node) => !node.classList.contains("off"));
  const next = list[list.indexOf(mark) + x + y];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function graphKey(event) {
  const node = event.target.closest("[data-key]");
  if (!node) return;
  if (event.key === "Enter") activate(node);
  else if (event.key === " ") {
    const id = node.dataset.go;
    if (id !== undefined && childrenOf(id).length && state.focus === null) flip(state.open, id);
    else activate(node);
  } else if (ARROWS[event.key]) nearest(node, ARROWS[event.key])?.focus();
}

/** The card or button that a step from this one meets: down and up in its column, sideways the nearest in height. */
function nearest(node, [x, y]) {
  const middle = (n) => {
    const box = n.getBoundingClientRect();
    return { left: box.left, x: box.left + box.width / 2, y: box.top + box.height / 2 };
  };
  const here = middle(node);
  let best = null;
  let least = Infinity;
  for (const other of all("[data-key]", picture)) {
    if (other === node) continue;
    const there = middle(other);
    const dx = there.left - here.left;
    const dy = there.y - here.y;
    const ahead = x ? x * dx > 60 : y * dy > 0.5 && Math.abs(dx) < 60;
    const cost = x ? Math.abs(dx) + 3 * Math.abs(dy) : Math.abs(dy);
    if (ahead && cost < least) [best, least] = [other, cost];
  }
  return best;
}

for (const button of all("[data-by]")) {
  button.addEventListener("click", () => {
    state.by = button.dataset.by;
    for (const other of all("[data-by]")) other.setAttribute("aria-pressed", other === button);
    draw();
    if (state.chosen !== null) choose(state.chosen, "arrangement");
  });
}
byId("am-more-filters").addEventListener("click", (event) => {
  const open = document.documentElement.classList.toggle("more-filters");
  event.currentTarget.setAttribute("aria-expanded", open);
});
for (const tab of all("[role=tab]")) tab.addEventListener("click", () => showView(tab.id.replace("am-tab-", "")));
byId("am-query").addEventListener("input", (event) => search(event.target.value));
byId("am-open-all").addEventListener("click", () => {
  for (const unit of data.units) {
    state.revealed.add(unit.id);
    state.open.add(unit.id);
  }
  draw();
});
byId("am-reset").addEventListener("click", () => {
  for (const set of [state.open, state.cells, state.revealed]) set.clear();
  state.zoom = null;
  if (state.focus) focusOn(null);
  else draw();
});
zooming([byId("am-graph")], () => drawn.zoom, (zoom) => {
  state.zoom = zoom;
  scale();
});
panning(canvas, byId("am-graph"), "[data-key]");

let share = 35;
function setShare(percentage) {
  share = Math.min(70, Math.max(20, percentage));
  document.querySelector("main").style.setProperty("--share", `${share}%`);
  byId("am-split").setAttribute("aria-valuenow", Math.round(share));
  scale();
}
byId("am-split").addEventListener("pointerdown", (event) => {
  const move = (e) => setShare((100 * e.clientX) / window.innerWidth);
  const stop = () => {
    window.removeEventListener("pointermove", move);
    window.removeEventListener("pointerup", stop);
  };
  event.preventDefault();
  window.addEventListener("pointermove", move);
  window.addEventListener("pointerup", stop);
});

window.addEventListener("resize", () => scale());
narrow.addEventListener("change", () => {
  fitViews();
  draw();
});
if (narrow.matches) byId("am-figures")?.removeAttribute("open");
fitViews(); // first, so that the browser doesn't lay out what it won't show
applyFilters();
for (const mark of marks.values()) mark.setAttribute("tabindex", "-1");
marks.values().next().value?.setAttribute("tabindex", "0");
if (units.has(unitOfAddress()) || points.has(unitOfAddress())) choose(unitOfAddress());
