// Draws what `place` and `route` say. Everything is drawn anew when something opens; a selection only sets classes.

import { all, byId, svg } from "./dom.js";
import { fittingZoom } from "./zoom.js";
import { FOOT, LINE, place, stacked } from "./place.js";
import { route } from "./edges.js";
import { drawLane, drawParts, fitting } from "./cards.js";
import { labelOf, relationLabels, relationOf } from "./scheme.js";
import {
  broughtBy, cellKey, cellOf, childrenOf, data, gone, isOpen, laneOf, lanesNow, nameOf, narrow, percent, relationById,
  relationsOf, shownAtFirst, state, tally, unfolded,
} from "./state.js";

export const picture = byId("am-svg");
export const canvas = byId("am-canvas");
/** @typedef {import("./state.js").Unit} Unit */
/** @typedef {import("./place.js").Scene<Unit, import("./state.js").Relation>} Scene */

/** The last placement, and at which zoom it is shown.
 * @type {import("./place.js").Placed<Unit> & { zoom?: number }}
 */
export let drawn = null;
/** @type {Scene} */
let scene = null;
let nodes = { cards: new Map(), edges: [] };

export function draw() {
  const focused = document.activeElement?.closest?.("#am-svg [data-key]")?.dataset.key;
  scene = sceneNow();
  drawn = place(scene);
  const edges = route(drawn, scene);
  nodes = { cards: new Map(), edges: [] };
  const layer = { lanes: svg("g"), nests: svg("g"), edges: svg("g"), cards: svg("g"), words: svg("g", { "aria-hidden": true }) };
  layer.lanes.append(...drawn.lanes.map((lane) => drawLane(lane, drawn)));
  for (const edge of edges) drawEdge(edge, layer);
  for (const box of drawn.boxes.values()) {
    const nest = drawNest(box);
    if (nest) layer.nests.append(nest);
  }
  // by lane and column, so that a screen reader and Tab meet the cards in the order of the text
  const order = [...drawn.boxes.values()].sort((a, b) => a.lane - b.lane || a.column - b.column || a.y - b.y);
  layer.cards.append(...order.map(drawCard), ...drawn.more.map(drawMore));
  picture.replaceChildren(arrows(), svg("g", { id: "am-layers" }, layer.lanes, layer.edges, layer.nests, layer.words, layer.cards));
  scale();
  highlight();
  rove(picture.querySelector(".card .open-card"));
  if (focused) all("[data-key]", picture).find((node) => node.dataset.key === focused)?.focus({ preventScroll: true });
}

/** Make one of a view's focusable parts the one that Tab reaches. */
export function rove(node) {
  if (!node) return;
  const group = node.closest("#am-svg, #am-article");
  for (const other of all('[tabindex="0"]', group)) other.setAttribute("tabindex", "-1");
  node.setAttribute("tabindex", "0");
}

/** What is to be placed: on narrow screens all cards stand in one column.
 * @returns {Scene}
 */
function sceneNow() {
  const one = narrow.matches;
  return {
    units: data.units, relations: data.relations, lanes: lanesNow(), columns: one ? 1 : Math.max(1, data.columns.length),
    width: one ? data.size.narrow : data.size.card, gutter: one ? 58 : 64, margin: one ? 8 : 18, indent: data.size.indent, word: 50,
    laneOf, columnOf: (unit) => (one ? 0 : unit.column), linesOf: (unit) => (one ? unit.narrow : unit.lines),
    feetOf: (unit) => (endOf(unit) ? 1 : 0) + (childrenOf(unit.id).length ? 1 : 0),
    gone, childrenOf, isOpen, unfolded, canFold, speaks: (edge) => !edge.far,
  };
}

/** Whether the open cards of a cell can be folded away again. */
const canFold = (members) => state.cells.has(cellOf(members[0])) && members.some((unit) => !shownAtFirst(unit));

/** What is missing at a unit's side of its chain; said where the lanes are chains. */
const endOf = (unit) => (state.by === "chains" ? unit.gap : null);

function arrows() {
  const heads = relationLabels.map(({ css }) =>
    svg("marker", { id: `am-arrow-${css}`, class: css, viewBox: "0 0 8 8", refX: 1, refY: 4, markerWidth: 8, markerHeight: 8,
      markerUnits: "userSpaceOnUse", orient: "auto" }, svg("path", { d: "M0 0L8 4L0 8z" })));
  return svg("defs", {}, ...heads);
}

function drawEdge(edge, layer) {
  const { label, source, target, score } = edge.relation;
  const { css } = relationOf(label);
  const kind = `${css}${edge.far ? " far" : ""}`;
  const line = svg("path", { class: `edge ${kind}`, d: edge.path, "marker-end": `url(#am-arrow-${css})` },
    svg("title", {}, `${label}${score === null ? "" : ` (${percent(score)})`}${broughtBy(edge.relation)}`));
  const word = svg("text", { class: `edge-label ${kind}`, x: edge.word.x, y: edge.word.y + 3.5 }, label);
  layer.edges.append(line);
  layer.words.append(word);
  nodes.edges.push({ source, target, parts: [line, word] });
}

/** The elbow from a card to one that is folded out below it. */
function drawNest(box) {
  const parent = drawn.boxes.get(box.unit.parent);
  if (!parent || stacked(box.unit, scene)) return null;
  const x = parent.x + 5;
  return svg("path", { class: `nest ${relationOf(relationById.get(box.unit.via).label).css}`, d: `M${x} ${parent.y + parent.height}V${box.y + 13}H${box.x}` });
}

function drawCard(box) {
  const { unit } = box;
  const via = unit.via && !stacked(unit, scene) ? relationById.get(unit.via).label : null;
  const words = [nameOf(unit)];
  if (via) words.push(via);
  else if (unit.attribution === "reported") words.push("reported"); // a folded card's dashes say it
  const facts = [percent(unit.score), unit.page === null ? "" : `p. ${unit.page}`].filter(Boolean);
  const tries = /** @type {[string[], string[]][]} */ ([[words, facts], [words, facts.slice(0, 1)], ...(via ? [[words, []]] : []), [words.slice(0, 1), facts], [words.slice(0, 1), facts.slice(0, 1)]]);
  const main = svg("g", { class: "open-card", role: "button", tabindex: -1, "data-key": `card ${unit.id}`, "data-go": unit.id },
    ...drawParts(box, [shape(unit.label, box.x + 10, box.y + 7)], fitting(tries, box.width)));
  const group = svg("g", { class: `card ${labelOf(unit.label).css}${unit.attribution === "reported" ? " reported" : ""}` }, main);
  if (endOf(unit)) group.append(drawEnd(box));
  if (box.below.length) group.append(drawToggle(box));
  nodes.cards.set(unit.id, group);
  return group;
}

const POINTS = { square: "0,0 13,0 13,13 0,13", hexagon: "3,0 12,0 15,6.5 12,13 3,13 0,6.5", arrow: "0,0 9,0 15,6.5 9,13 0,13" };
const MIDDLE = { hexagon: 7.5, arrow: 5.5 }; // of the letter; 6.5 in the others

/** A label's shape, the same as its marker's in the text. */
function shape(label, x, y) {
  const look = labelOf(label);
  const points = POINTS[look.shape];
  const mark = points ? svg("polygon", { points, class: "shape" }) : svg("circle", { cx: 6.5, cy: 6.5, r: 6, class: "shape" });
  const letter = svg("text", { class: "letter", x: MIDDLE[look.shape] ?? 6.5, y: 9.8, "text-anchor": "middle" }, look.initial);
  return svg("g", { transform: `translate(${x} ${y})`, class: "mark", "aria-hidden": true }, mark, letter);
}

function drawToggle(box) {
  const open = unfolded(box.unit.id);
  const text = tally(box.below);
  const y = box.y + box.height - FOOT - 1;
  return svg("g", { class: "toggle", role: "button", tabindex: -1, "aria-expanded": open, "aria-label": `${text} below this ${box.unit.label}`,
    "data-key": `toggle ${box.unit.id}`, "data-toggle": box.unit.id },
    svg("rect", { x: box.x + 9, y, width: box.width - 18, height: 17, rx: 8 }),
    svg("text", { x: box.x + 18, y: y + 12.5 }, `${open ? "▾" : "▸"} ${text}`));
}

/** An open end of a chain: what is missing, in a dashed frame. */
function drawEnd(box) {
  const y = box.y + 25 + box.lines.length * LINE;
  return svg("g", { class: "open-end" },
    svg("rect", { x: box.x + 9, y, width: box.width - 18, height: 17, rx: 3 }),
    svg("text", { x: box.x + 15, y: y + 12.5 }, `${box.unit.gap} `));
}

function drawMore(cell) {
  const key = cellKey(cell.lane, cell.column);
  const text = cell.rest ? `+ ${cell.rest} more` : "show fewer";
  return svg("g", { class: "cell-more", role: "button", tabindex: -1, "aria-label": `${text} in ${lanesNow()[cell.lane].title}`, "data-key": `cell ${key}`,
    "data-cell": key },
    svg("rect", { x: cell.x, y: cell.y, width: 92, height: 19, rx: 9.5 }),
    svg("text", { x: cell.x + 12, y: cell.y + 13.5 }, text));
}

/** Set the picture's size from the zoom; without one it fits the width, as far as it stays readable. */
export function scale() {
  const room = canvas.clientWidth || drawn.total;
  const zoom = state.zoom ?? fittingZoom(room, drawn.total, narrow.matches ? 0.9 : 0.72);
  picture.setAttribute("viewBox", `0 0 ${drawn.total} ${drawn.height}`);
  picture.setAttribute("width", Math.round(drawn.total * zoom));
  picture.setAttribute("height", Math.round(drawn.height * zoom));
  const heads = byId("am-columns");
  heads.style.width = `${Math.max(room, Math.round(drawn.total * zoom))}px`;
  [...heads.children].forEach((column, c) => {
    column.style.left = `${(drawn.columns[c] ?? 0) * zoom}px`;
  });
  drawn.zoom = zoom;
}

/** Show in the graph which unit is selected, what it is related to, and what the search found. */
export function highlight() {
  const near = new Set();
  for (const { source, target } of relationsOf.get(state.chosen) || []) near.add(source === state.chosen ? target : source);
  for (const [id, card] of nodes.cards) {
    card.classList.toggle("sel", id === state.chosen);
    card.classList.toggle("near", near.has(id));
    card.classList.toggle("hit", Boolean(state.hits?.has(id)));
    card.querySelector(".open-card").setAttribute("aria-pressed", id === state.chosen);
  }
  for (const { source, target, parts } of nodes.edges) {
    const hot = source === state.chosen || target === state.chosen;
    for (const part of parts) part.classList.toggle("hot", hot);
  }
  picture.classList.toggle("picked", state.chosen !== null && nodes.cards.has(state.chosen));
  picture.classList.toggle("searching", Boolean(state.hits));
}

/** Scroll the graph so that a card can be seen. */
export function bringUp(id) {
  const box = drawn.boxes.get(id);
  const panel = narrow.matches ? null : byId("am-graph");
  if (!box || byId("am-graph").hidden) return;
  const middle = (box.y + box.height / 2) * drawn.zoom;
  if (panel) {
    const offset = picture.getBoundingClientRect().top - panel.getBoundingClientRect().top + panel.scrollTop;
    const top = offset + box.y * drawn.zoom;
    const seen = top > panel.scrollTop + 30 && top + box.height * drawn.zoom < panel.scrollTop + panel.clientHeight;
    if (!seen) panel.scrollTop = offset + middle - panel.clientHeight / 2;
  } else {
    window.scrollTo({ top: window.scrollY + picture.getBoundingClientRect().top + middle - window.innerHeight * 0.3 });
  }
}
