// What the page knows: the paper, the state as the server last told it, and what others propose.

import { byId } from "../dom.js";
import { relationOf } from "../scheme.js";

export const data = JSON.parse(byId("rv-data").textContent);
export const LABELS = data.labels.map(({ name }) => name);
/** What a sentence is called that is no unit; null where every sentence is one. */
export const NONE = data.none;
const looks = new Map(data.labels.map((look) => [look.name, look]));
export const initialOf = (label) => looks.get(label)?.initial;
export const classOf = (label) => looks.get(label)?.css ?? "todo";
export const relationClass = (label) => relationOf(label)?.css ?? "";

export const sentences = data.sentences.map(([start, text, page, letters], i) => ({ n: i + 1, start, text, page, letters: Boolean(letters) }));
export const total = data.total;
export const doubt = new Map(data.doubt);
export const guide = new Map(data.guide.labels.map((words) => [words.label, words]));
const voices = data.proposals.map((voice) => ({
  ...voice,
  entries: new Map(voice.entries),
  scores: new Map(voice.scores),
  relations: voice.relations.map(([source, target, label, score]) => ({ source, target, label, score })),
}));
export const model = voices.find((voice) => voice.kind === "model") ?? null;
export const readers = voices.filter((voice) => voice.kind === "reader" && voice.name !== "agreed");
export const agreed = voices.find((voice) => voice.kind === "reader" && voice.name === "agreed") ?? null;

/** The heading above each sentence, and which sentences begin a section. */
export const sectionOf = [];
export const sectionStarts = [];
for (let head = "", fresh = true, i = 0; i < data.blocks.length; i += 1) {
  const block = data.blocks[i];
  if (block.head !== undefined) { head = block.head; fresh = true; continue; }
  for (const n of block.of) {
    sectionOf[n] = head;
    if (fresh) { sectionStarts.push(n); fresh = false; }
  }
}

export const book = { entries: new Map(), relations: new Map(), fixes: new Map(), rejected: new Map(), points: new Map(), revision: 0, undo: 0, redo: 0, checked: 0 };
/** What others chose and is not decided here, by its key. */
const undecided = new Map();
/** What there is to decide between two readings, as the server tells: counts, and by pair of units how it stands. */
export const decide = { labels: 0, relations: 0, questions: new Map() };
const UNTOUCHED = { marks: [null], cuts: [] };

/** Take over a patch; returns the numbers of the sentences that look different now. */
export function applyPatch(patch) {
  const touched = new Set();
  for (const [n, entry] of patch.entries) {
    if (entry === null) book.entries.delete(n);
    else book.entries.set(n, entry);
    touched.add(n);
  }
  for (const [source, target, label] of patch.relations) {
    const key = `${source}>${target}`;
    if (label === null) book.relations.delete(key);
    else book.relations.set(key, { source, target, label });
    touched.add(numberOf(source)).add(numberOf(target));
  }
  for (const [one, other, there] of patch.rejected ?? []) {
    if (there) book.rejected.set(pairKey(one, other), [one, other]);
    else book.rejected.delete(pairKey(one, other));
    touched.add(numberOf(one)).add(numberOf(other));
  }
  for (const [row, value] of patch.points) {
    const point = pointFrom(row, value);
    if (value === null) book.points.delete(point.key);
    else book.points.set(point.key, point);
    for (const n of sentencesOf(point)) touched.add(n);
  }
  for (const [fix, there] of patch.fixes) {
    if (there) book.fixes.set(fix.join(" "), fix);
    else book.fixes.delete(fix.join(" "));
    for (const n of fix.slice(1)) touched.add(Number(n));
  }
  return touched;
}

/** Take over the counts; returns the numbers of the sentences whose questions stand otherwise now. */
export function takeStatus(answer) {
  for (const key of ["revision", "undo", "redo", "checked"]) book[key] = answer[key];
  const touched = new Set();
  const gone = new Map(undecided);
  undecided.clear();
  for (const row of answer.proposed) {
    const point = pointFrom(row, 0);
    undecided.set(point.key, point);
    if (!gone.delete(point.key)) for (const n of sentencesOf(point)) touched.add(n);
  }
  for (const point of gone.values()) for (const n of sentencesOf(point)) touched.add(n);
  if (!answer.decide) return touched;
  decide.labels = answer.decide.labels;
  decide.relations = answer.decide.relations;
  const before = new Map(decide.questions);
  decide.questions.clear();
  for (const [source, target, differs, standing, why] of answer.decide.questions) {
    const key = pairKey(source, target);
    decide.questions.set(key, { source, target, differs, standing, why });
    if (before.get(key)?.standing !== standing) touched.add(numberOf(source)).add(numberOf(target));
  }
  return touched;
}

/** The whole state anew. */
export function takeState(answer) {
  book.entries.clear();
  book.relations.clear();
  book.fixes.clear();
  book.rejected.clear();
  book.points.clear();
  applyPatch(answer.state);
  takeStatus(answer);
}

export const numberOf = (unit) => parseInt(unit, 10);
export const partOf = (unit) => (/[b-z]$/.test(unit) ? unit.charCodeAt(unit.length - 1) - 97 : 0);
export const nameOf = (n, part) => (part === 0 ? String(n) : n + String.fromCharCode(97 + part));
export const entryOf = (n) => book.entries.get(n) ?? UNTOUCHED;
export const markOf = (unit) => entryOf(numberOf(unit)).marks[partOf(unit)] ?? null;
export const isChecked = (n) => book.entries.has(n) && entryOf(n).marks.every((mark) => mark !== null);
export const isUnit = (unit) => { const mark = markOf(unit); return mark !== null && mark.label !== NONE; };
export const hasFix = (kind, n) => [...book.fixes.values()].some((fix) => fix[0] === kind && fix.slice(1).includes(String(n)));
export const groupOf = (n) => {
  const fix = [...book.fixes.values()].find((f) => f[0] === "merge" && f.includes(String(n), 1));
  return fix ? fix.slice(1).map(Number) : [n];
};

const byPlace = (one, other) => numberOf(one) - numberOf(other) || partOf(one) - partOf(other);
/** Two units, whichever way a relation between them runs. */
export const pairKey = (one, other) => (byPlace(one, other) < 0 ? `${one} ${other}` : `${other} ${one}`);
/** The unit that stands here for one that somebody else named: the first of a merged group, or the sentence's only one. */
export function hereOf(unit) {
  const n = groupOf(numberOf(unit))[0];
  return nameOf(n, partOf(unit) < entryOf(n).marks.length ? partOf(unit) : 0);
}

/** Code points to and from the string offsets of JavaScript. */
export const pointsBefore = (text, offset) => [...text.slice(0, offset)].length;
function offsetOf(text, points) {
  let offset = 0;
  for (let i = 0; i < points && offset < text.length; i += 1) offset += text.codePointAt(offset) > 0xffff ? 2 : 1;
  return offset;
}

/** A sentence's units: name, text, mark and where each begins in the sentence's string. */
export function unitsOf(n) {
  const { text, start } = sentences[n - 1];
  const entry = entryOf(n);
  const borders = [0, ...entry.cuts.map((cut) => offsetOf(text, cut - start)), text.length];
  return entry.marks.map((mark, part) => ({
    name: nameOf(n, part), n, part, mark, from: borders[part], text: text.slice(borders[part], borders[part + 1]),
  }));
}

/** What is proposed for a sentence that nobody has judged yet: a model's suggestion or what two readers agree on. */
export function proposalFor(n) {
  if (book.entries.has(n)) return null;
  if (agreed !== null) return agreed.entries.has(n) ? { voice: agreed, entry: agreed.entries.get(n) } : null;
  return model !== null && model.entries.has(n) ? { voice: model, entry: model.entries.get(n) } : null;
}

export const differs = (n) => agreed !== null && !agreed.entries.has(n) && readers.some((voice) => voice.entries.has(n));
export const scoreOf = (n, label) => { const row = model?.scores.get(n); return row ? row[LABELS.indexOf(label)] : null; };
export const percent = (score) => `${Math.round(100 * score)} %`;

/** How what is proposed between two units stands, see the server's `Standing`; of a model it is open until rejected. */
function standingOf(r) {
  const question = decide.questions.get(pairKey(r.source, r.target));
  return question ?? { standing: book.rejected.has(pairKey(r.source, r.target)) ? "rejected" : "open", why: "" };
}

/** Relations of a unit: those that were drawn, those that are proposed and may be taken, and those that can't or shan't be. */
export function relationsOf(unit) {
  const drawn = [...book.relations.values()].filter((r) => r.source === unit || r.target === unit);
  const pairs = new Set([...book.relations.values()].map((r) => pairKey(r.source, r.target)));
  const found = new Map();
  for (const voice of voices) {
    if (voice === agreed) continue;
    for (const r of voice.relations) {
      const [source, target] = [hereOf(r.source), hereOf(r.target)];
      if ((source !== unit && target !== unit) || pairs.has(pairKey(source, target))) continue;
      const key = `${r.source}>${r.target} ${r.label}`;
      if (found.has(key)) found.get(key).by.push(voice.name);
      else found.set(key, { ...r, by: [voice.name], ...standingOf(r), source: r.source, target: r.target });
    }
  }
  const best = [...found.values()].sort((a, b) => b.by.length - a.by.length || (b.score ?? 0) - (a.score ?? 0));
  const rank = new Map(); // two for one pair of units stand together
  const rankOf = (r) => { const key = pairKey(hereOf(r.source), hereOf(r.target)); if (!rank.has(key)) rank.set(key, rank.size); return rank.get(key); };
  best.forEach(rankOf);
  const all = best.sort((a, b) => rankOf(a) - rankOf(b));
  const settled = (r) => r.standing === "rejected" || r.standing === "impossible";
  return { drawn, proposed: all.filter((r) => !settled(r)), settled: all.filter(settled) };
}

/** The questions about relations that belong to a sentence: those whose first-named source stands in it. */
export const questionsAt = (n) => [...decide.questions.values()].filter((q) => numberOf(hereOf(q.source)) === n);
export const openAt = (n) => questionsAt(n).filter((q) => q.standing === "open");
/** Whether it is a sentence that neither reader judged. */
export const leftOut = (n) => agreed !== null && !readers.some((voice) => voice.entries.has(n));
/** Whether anything is left to decide at a sentence. */
export const isLeft = (n) => (!isChecked(n) && !leftOut(n)) || openAt(n).length > 0 || (agreed !== null && offersFrom(n).length > 0);

/** The relation labels that may run between two units, as the scheme has it. */
export function allowedBetween(source, target) {
  const from = markOf(source)?.label;
  const to = markOf(target)?.label;
  return data.relations.filter((r) => r.sources.includes(from) && r.targets.includes(to));
}

/** A key point, answer or voice; `other` is the answer's sentence (0 for none) or where a voice ends. */
function pointFrom([kind, place, sentence, other], value) {
  return { kind, place, sentence, other, value, key: JSON.stringify([kind, place, sentence, other]) };
}

/** The sentences that show a point: its own, and of a voice all. */
function sentencesOf({ kind, sentence, other }) {
  if (kind !== "voice") return other ? [sentence, other] : [sentence];
  return Array.from({ length: other - sentence + 1 }, (_, i) => sentence + i);
}
const standsAt = ({ kind, sentence, other }, n) => (kind === "voice" ? sentence <= n && n <= other : sentence === n || other === n);

const rankOfPoint = ({ kind, place }) => (kind === "voice" ? -1 : kind === "answer" ? data.places.length : data.places.findIndex(({ name }) => name === place));
/** All that is chosen: voices, key points in the order of the places, answers. */
export const allPoints = () => [...book.points.values()].filter((point) => point.value)
  .sort((p, q) => rankOfPoint(p) - rankOfPoint(q) || p.sentence - q.sentence || p.other - q.other);
export const pointsAt = (n) => allPoints().filter((point) => standsAt(point, n));
export const gradeOf = (place, n) => book.points.get(pointFrom(["key_point", place, n, 0], 0).key)?.value || 0;
export const isProblem = (n) => data.answered.some((place) => gradeOf(place, n));

/** What others chose, with what each says, by its key. */
const theirs = new Map();
for (const voice of voices.filter((v) => v !== agreed)) {
  for (const [row, value, score] of voice.points) {
    const point = pointFrom(row, 0);
    if (!theirs.has(point.key)) theirs.set(point.key, { ...point, by: [] });
    theirs.get(point.key).by.push({ name: voice.name, value, score });
  }
}
const differing = new Set([...theirs.values()].filter(({ by }) => by.length < 2 || by[0].value !== by[1].value).map(({ sentence }) => sentence));
/** What is proposed at a sentence and not decided. */
export const offersAt = (n) => [...undecided.values()].filter((point) => standsAt(point, n)).map(({ key }) => theirs.get(key));
export const offersFrom = (n) => groupOf(n).flatMap((member) => offersAt(member).filter((point) => point.sentence === member));
export const offerCount = () => undecided.size;
/** Whether readers chose key points differently here. */
export const chosenDifferently = (n) => agreed !== null && differing.has(n);
