// What the page knows and what is open, chosen and filtered in it. Text reaches the page as text nodes only.

import { byId } from "./dom.js";
import { howMany } from "./scheme.js";
import { byEnds, byParent } from "./place.js";

/**
 * @typedef {object} Unit
 * @property {string} id
 * @property {string} label
 * @property {number} start
 * @property {number} end
 * @property {string} text
 * @property {number | null} score
 * @property {Record<string, number>} scores
 * @property {"own" | "reported"} attribution
 * @property {number | null} page
 * @property {[number, number, number, number, number][]} boxes a page and four corners on it, in points
 * @property {string | null} section
 * @property {string[]} citations
 * @property {boolean} unsure
 * @property {string | null} note
 * @property {number} lane
 * @property {number} chain
 * @property {number} column
 * @property {string | null} parent
 * @property {string | null} via
 * @property {boolean} shown whether it is open at first
 * @property {boolean} in_chain the same where the lanes are chains
 * @property {boolean} unaddressed whether nothing in the map addresses it where something might
 * @property {string | null} gap
 * @property {string | null} voice whose words it stands in, where they are not the author's
 * @property {string[]} lines
 * @property {string[]} narrow lines of a card on narrow screens
 * @property {[string, string, number][]} why kind, words and weight of each reason
 */
/** @typedef {{ id: string, source: string, target: string, label: string, score: number | null, from?: "key_points" }} Relation */
/** @typedef {import("./place.js").Lane & { units: number }} Lane */
/**
 * @typedef {object} MapData see page_data in Python
 * @property {Unit[]} units
 * @property {Relation[]} relations
 * @property {Lane[]} lanes
 * @property {Lane[]} chains
 * @property {Record<string, [string, string | null]>} sections title and the section above
 * @property {Record<string, string>} references
 * @property {[number, number, number][]} thresholds least probability, precision, recall
 * @property {object} map
 * @property {string} unexplained
 * @property {string[]} columns
 * @property {{ card: number, narrow: number, indent: number }} size
 */

/** @type {MapData} */
export const data = JSON.parse(byId("am-data").textContent);
export const units = new Map(data.units.map((unit) => [unit.id, unit]));
const children = byParent(data.units);
export const relationsOf = byEnds(data.units, data.relations);
export const relationById = new Map(data.relations.map((relation) => [relation.id, relation]));

export const state = {
  chosen: null, // id of the selected unit
  open: new Set(), // ids of cards whose supports are open
  cells: new Set(), // "arrangement:lane:column" where every card is open
  revealed: new Set(), // ids of cards that a selection brought up
  by: "sections", // what the graph's lanes are: "sections" or "chains"
  hidden: new Set(), // labels that are filtered out
  section: "", // id of the only section to show, empty for all
  whose: "", // "own" or "reported", empty for both
  least: 0, // the least probability of a unit, in hundredths
  off: new Set(), // ids of the units that these four take out of every view
  few: false, // whether they leave so little that all of it is shown
  focus: null, // {id, steps}: the graph shows only what is so near to a unit
  near: null, // ids of the units in focus
  hits: null, // ids that the search found, null without a search
  zoom: null, // null: fit to the width
};
export const narrow = window.matchMedia("screen and (max-width: 760px)");

export const percent = (score) => (score === null || score === undefined ? "" : `${Math.round(100 * score)} %`);

/** What a relation's score is followed by where an answer or a reason of the key points brought it. */
export const broughtBy = (relation) => (relation.from ? ", an answer or reason among the key points" : "");

export const nameOf = (unit) => (unit.unaddressed ? `unaddressed ${unit.label}` : unit.label);

/** How many units of which labels are folded below a card. */
export function tally(members) {
  const counts = new Map();
  for (const { label } of members) counts.set(label, (counts.get(label) || 0) + 1);
  return [...counts].map(([label, n]) => howMany(n, label)).join(", ");
}

/** Text as the search compares it: without case and accents. */
export const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export const sectionOf = (unit) => data.sections[unit.section]?.[0] ?? "";

/** The graph's lanes as they are arranged now, and a unit's place in them. */
export const lanesNow = () => data[state.by === "chains" ? "chains" : "lanes"];
export const laneOf = (unit) => (state.by === "chains" ? unit.chain : unit.lane);
export const shownAtFirst = (unit) => (state.by === "chains" ? unit.in_chain : unit.shown);
export const cellKey = (lane, column) => `${state.by}:${lane}:${column}`;
export const cellOf = (unit) => cellKey(laneOf(unit), unit.column);

/** Whether the graph leaves a unit out: filtered, or too far from the unit in focus. */
export const gone = (id) => state.off.has(id) || (state.near !== null && !state.near.has(id));
export const childrenOf = (id) => (children.get(id) || []).filter((unit) => !gone(unit.id));

/** Whether a card that stands by itself is open; folded ones follow the card above them. */
export function isOpen(unit) {
  return state.focus !== null || state.few || shownAtFirst(unit) || state.revealed.has(unit.id) || state.cells.has(cellOf(unit));
}

/** Open whatever keeps a unit's card from being seen; true if anything had to be. */
export function reveal(id) {
  let unit = units.get(id);
  let changed = false;
  while (unit.parent !== null && !gone(unit.parent)) {
    changed ||= !state.open.has(unit.parent);
    state.open.add(unit.parent);
    unit = units.get(unit.parent);
  }
  changed ||= !isOpen(unit);
  state.revealed.add(unit.id);
  return changed;
}

/** Whether the cards folded below a card are open. */
export const unfolded = (id) => state.open.has(id) || state.focus !== null;
