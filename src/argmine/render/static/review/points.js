// Key points: sentences chosen for the paper's places, answers to its problems, and whose voice a run of sentences is.

import { byId, element } from "../dom.js";
import {
  agreed, allPoints, data, gradeOf, groupOf, isProblem, numberOf, offersAt, offersFrom, partOf, percent, pointsAt, readers, sentences,
} from "./model.js";
import { announce, send, toast } from "./server.js";
import { goTo, state } from "./draw.js";
import { askEnd } from "./relate.js";
import { ask, backToText, focusNumber, leaveMode, leftWords } from "./act.js";

/** The sentence in focus; of those merged into one the first. */
const here = () => groupOf(focusNumber())[0];
const isSentence = (name) => partOf(name) === 0 && (sentences[numberOf(name) - 1]?.letters ?? false);
const NEXT = { 2: 1, 1: 0, 0: 2 };

/** Choose the sentence in focus for a place; again steps its grade: among the best, acceptable, not chosen. */
export function stepGrade(place) {
  const n = here();
  if (!sentences[n - 1].letters) return;
  const offer = offersFrom(n).find((p) => p.kind === "key_point" && p.place === place);
  sayPoint({ kind: "key_point", place, sentence: n, other: 0 }, offer ? offer.by[0].value : NEXT[gradeOf(place, n)]);
}

/** Ask which sentence answers the problem in focus. */
export function startAnswer() {
  const n = here();
  if (!isProblem(n)) {
    toast(`Only what is chosen for ${data.answered.join(" or ")} is answered: choose it there first.`);
    return;
  }
  const finish = (other) => { leaveMode(); sayPoint({ kind: "answer", place: "", sentence: n, other }, 1); };
  askEnd(`What does the paper say against ${n}?`, "sentence", {
    fits: isSentence, wrong: (name) => `${name || "This"} is no sentence.`, done: (name) => finish(numberOf(name)),
    choices: [{ key: "0", name: "no answer", words: "the paper has none", act: () => finish(0) }],
  });
}

/** Ask how far another's voice runs from the sentence in focus, and whose it is. */
export function startVoice() {
  const n = here();
  askEnd(`Not the author speaks from ${n} to …`, "end's sentence", {
    fits: (name) => isSentence(name) && numberOf(name) !== n, wrong: (name) => `A voice runs over two sentences or more; ${name || "this"} is no other one.`,
    done: (name) => askWhose(Math.min(n, numberOf(name)), Math.max(n, numberOf(name))),
  });
}

function askWhose(first, last) {
  leaveMode();
  state.mode = { kind: "whose" };
  const known = [...new Set(allPoints().filter((p) => p.kind === "voice").map((p) => p.value))];
  const field = element("input", { type: "text", id: "rv-whose", list: "rv-known", maxlength: "200", autocomplete: "off", "aria-label": "Whose voice" });
  const finish = () => {
    const whose = field.value.trim();
    if (!whose) { toast("Say whose voice it is, for example: dissent."); return; }
    leaveMode();
    backToText();
    sayPoint({ kind: "voice", place: "", sentence: first, other: last }, whose);
  };
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); finish(); } });
  ask(`Whose voice is it from ${first} to ${last}?`, "Enter keeps it, Esc leaves.", [{ key: "Enter", name: "keep", words: "", act: finish }]);
  byId("rv-typed").before(field, element("datalist", { id: "rv-known" }, ...known.map((value) => element("option", { value }))));
  field.focus();
}

/** Say what a point is worth: a grade, whose voice, 1 for an answer; 0 or "" takes it back. */
function sayPoint(point, value) {
  const { kind, place, sentence, other } = point;
  const operation = kind === "key_point" ? { op: kind, place, sentence, grade: value }
    : kind === "answer" ? { op: kind, problem: sentence, sentence: other || null, there: Boolean(value) }
      : { op: kind, sentences: [sentence, other], whose: value };
  void send(operation).then((done) => { if (done) announce(`${inWords({ ...point, value })}. ${leftWords()}`); });
}
const takeBack = (point) => sayPoint(point, point.kind === "voice" ? "" : 0);

/** A point in words, as `n` sees it where that is given. */
function inWords({ kind, place, sentence, other, value }, n = 0) {
  if (kind === "key_point") return `${sentence} ${place}, ${value ? `grade ${value}` : "not chosen"}`;
  if (kind === "answer") return `${other || "nothing"} ${value || n ? "" : "no longer "}answers ${sentence}`;
  return `${sentence} to ${other}: ${value || "the author's voice"}`;
}

/** Accept the first key point, answer or voice that is proposed here; where the readers grade it differently, ask whose. */
export function acceptOffer(offer = offersFrom(here())[0]) {
  if (!offer) { toast("No key point is proposed here that isn't decided."); return; }
  if (offer.by.every(({ value }) => value === offer.by[0].value)) { sayPoint(offer, offer.by[0].value); return; }
  state.mode = { kind: "choice" };
  ask("Whose?", "Esc leaves.", offer.by.map(({ name, value }) => ({
    key: "ab"[readers.findIndex((voice) => voice.name === name)], name: `${name}:`, words: inWords({ ...offer, value }), act: () => { leaveMode(); sayPoint(offer, value); },
  })));
}

export function rejectOffer(offer = offersFrom(here())[0]) {
  if (offer) takeBack(offer);
  else toast("No key point is proposed here that isn't decided.");
}

const shortOf = ({ kind, place, sentence, other, value }, n) => {
  if (kind === "key_point") return `${place}${value ? ` ${value}` : ""}`;
  if (kind === "answer") return sentence === n ? `→ ${other || "no answer"}` : `answers ${sentence}`;
  return `“ ${value}`;
};
const whoSays = ({ kind, by }) => (agreed ? by.map(({ name, value }) => (kind === "key_point" ? `${name} ${value}` : name)).join(", ") : typeof by[0]?.score === "number" ? percent(by[0].score) : "");

/** The marks of a sentence: what is chosen, and faintly what is proposed. A voice has its mark where it begins. */
export function drawPoints(n) {
  const begins = (p) => p.kind !== "voice" || p.sentence === n;
  const mark = (words, classes) => element("span", { class: classes, "aria-hidden": "true" }, words);
  return [
    ...pointsAt(n).filter(begins).map((p) => mark(shortOf(p, n), `kp ${p.kind}${p.value === 1 ? " second" : ""}`)),
    ...offersAt(n).filter(begins).map((p) => mark(`${shortOf({ ...p, value: p.kind === "voice" ? p.by[0].value : 0 }, n)}? ${whoSays(p)}`.trim(), `kp ${p.kind} offered`)),
  ];
}

/** What a screen reader says of a sentence's key points. */
export const spokenPoints = (n) => [
  ...pointsAt(n).map((p) => (p.kind === "key_point" ? `${p.place} grade ${p.value}` : p.kind === "voice" ? `voice of ${p.value}` : p.sentence === n ? `answered by ${p.other || "nothing"}` : `answers ${p.sentence}`)),
  ...offersFrom(n).map((p) => `${shortOf({ ...p, value: p.kind === "voice" ? p.by[0].value : 0 }, n)} proposed`),
];

/** Beside the text: the places of the sentence in focus, and what else is said of it. */
export function panelPoints() {
  const n = here();
  if (!data.places.length || !sentences[n - 1].letters) return null;
  const button = (key, name, act, more = {}) => element("button", { type: "button", "data-k": `point${name}`, onclick: act, ...more }, `${name} `, key ? element("kbd", {}, key) : null);
  const buttons = data.places.map(({ name, key, title }) => {
    const grade = gradeOf(name, n);
    return button(key, grade ? `${name} ${grade}` : name, () => stepGrade(name), { "data-k": `place${name}`, title: title || null, "aria-pressed": String(grade > 0) });
  });
  const jump = (p) => { const to = p.sentence === n ? p.other : p.sentence; return to && to !== n ? element("button", { type: "button", class: "to", dir: "auto", "data-k": `at${p.key}`, onclick: () => goTo(String(to)) }, sentences[to - 1].text) : element("span", {}); };
  const members = groupOf(n);
  const others = allPoints().filter((p) => members.some((m) => pointsAt(m).some(({ key }) => key === p.key)) && !(p.kind === "key_point" && p.sentence === n));
  const chosen = others.map((p) => element("li", {}, element("span", { class: "rel" }, inWords(p, n)), jump(p),
    element("button", { type: "button", class: "small", "data-k": `off${p.key}`, "aria-label": `Take back: ${inWords(p, n)}`, onclick: () => takeBack(p) }, "✕")));
  const offers = offersFrom(n).map((p, i) => {
    const words = shortOf({ ...p, value: p.kind === "voice" ? `${p.by[0].value}, to ${p.other}` : 0 }, n);
    const choice = (name, key, act) => element("button", { type: "button", class: "small", "data-k": `${name}${i}`, onclick: act }, name, element("span", { class: "vh" }, ` ${words}`), i === 0 ? element("kbd", { class: "after" }, key) : null);
    return element("li", { class: "proposed" }, element("span", { class: "rel" }, words), jump(p), element("span", { class: "num" }, whoSays(p)),
      element("span", { class: "choose" }, choice("Accept", "y", () => acceptOffer(p)), choice("Reject", "Y", () => rejectOffer(p))));
  });
  return element("section", { class: "relations points", "aria-label": "Key points of this sentence" }, element("h3", {}, "Key points"),
    element("div", {}, ...buttons, isProblem(n) ? button("A", "answer …", startAnswer) : null, button("S", "voice …", startVoice)),
    element("ul", {}, ...chosen, ...offers));
}

let listOpen = true;
/** The paper's key points by place, each a way to its sentence. */
export function panelList() {
  const all = allPoints();
  if (!all.length) return null;
  const entry = (p, words) => element("li", {}, element("button", { type: "button", class: "to", dir: "auto", "data-k": `list${p.key}`, onclick: () => goTo(String(p.sentence)) },
    element("span", { class: "num" }, words), ` ${sentences[p.sentence - 1].text}`));
  const group = (title, entries) => (entries.length ? [element("h4", {}, title), element("ul", {}, ...entries)] : []);
  const answersTo = (n) => all.filter((p) => p.kind === "answer" && p.sentence === n).map((p) => ` → ${p.other || "no answer"}`).join("");
  const places = data.places.flatMap(({ name }) => group(name, all.filter((p) => p.kind === "key_point" && p.place === name)
    .sort((p, q) => q.value - p.value).map((p) => entry(p, `${p.value} · ${p.sentence}${data.answered.includes(name) ? answersTo(p.sentence) : ""}`))));
  return element("details", { class: "chosen", open: listOpen, ontoggle: (event) => { listOpen = event.target.open; } },
    element("summary", { "data-k": "chosen" }, `Key points of the paper (${all.filter((p) => p.kind === "key_point").length})`), ...places,
    ...group("voices", all.filter((p) => p.kind === "voice").map((p) => entry(p, `${p.sentence}–${p.other} ${p.value}:`))));
}
