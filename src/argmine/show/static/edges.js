// Lines between open cards: ports spread over a card's side, curves that leave sideways, words in the gutters.

/** The relations whose two cards are open, without those that nesting shows, as curves with a place for the word. */
function route(placed) {
  const edges = [];
  for (const relation of data.relations) {
    const from = placed.boxes.get(relation.source);
    const to = placed.boxes.get(relation.target);
    if (!from || !to || nests(relation, from, to)) continue;
    edges.push({ relation, from, to, ...sides(from, to, placed), far: from.lane !== to.lane });
  }
  spread(edges);
  const taken = [];
  for (const edge of edges) Object.assign(edge, curve(edge, placed, taken));
  return edges;
}

/** Whether a relation is the one that a card is folded by. */
function nests(relation, from) {
  return from.unit.via === relation.id && !stacked(from.unit);
}

/** Which side of its card each end leaves from: 1 right, -1 left. */
function sides(from, to, placed) {
  if (from.column < to.column) return { out: 1, in: -1 };
  if (from.column > to.column) return { out: -1, in: 1 };
  const side = placed.one || from.column < placed.columns.length - 1 || placed.columns.length === 1 ? 1 : -1;
  return { out: side, in: side };
}

/** Spread the ends on each side of a card over its height, in the order of where they lead. */
function spread(edges) {
  const ports = new Map();
  const note = (box, side, edge, end, other) => {
    const key = `${box.unit.id} ${side}`;
    if (!ports.has(key)) ports.set(key, { box, ends: [] });
    ports.get(key).ends.push({ edge, end, at: other.y + other.height / 2 });
  };
  for (const edge of edges) {
    note(edge.from, edge.out, edge, "y1", edge.to);
    note(edge.to, edge.in, edge, "y2", edge.from);
  }
  for (const { box, ends } of ports.values()) {
    ends.sort((a, b) => a.at - b.at);
    const room = Math.min(box.height - 16, ends.length * 14);
    ends.forEach(({ edge, end }, n) => {
      edge[end] = box.y + box.height / 2 + (ends.length === 1 ? 0 : room * (n / (ends.length - 1) - 0.5));
    });
  }
}

/** A curve between the ports and a free place for its word. */
function curve(edge, placed, taken) {
  const x1 = edge.out > 0 ? edge.from.x + edge.from.width : edge.from.x;
  const x2 = edge.in > 0 ? edge.to.x + edge.to.width : edge.to.x;
  const { y1, y2 } = edge;
  const same = edge.out === edge.in;
  const bow = same ? Math.min(placed.gutter - 8, 26 + Math.abs(y2 - y1) * 0.06) : Math.max(placed.gutter * 0.7, Math.abs(x2 - x1) * 0.4);
  const end = x2 + 6 * edge.in; // the arrow's head fills what is left
  const c1 = x1 + edge.out * bow;
  const c2 = end + edge.in * bow;
  const at = (t) => {
    const s = 1 - t;
    const mix = (a, b, c, d) => s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d;
    return { x: mix(x1, c1, c2, end), y: mix(y1, y1, y2, y2) };
  };
  return { path: `M${x1} ${y1}C${c1} ${y1} ${c2} ${y2} ${end} ${y2}`, word: wordAt(edge, at, x1, placed, taken) };
}

/** The first place along a curve where its word stands in a gutter and on no other word. */
function wordAt(edge, at, x1, placed, taken) {
  const middle = x1 + (edge.out * placed.gutter) / 2;
  const same = edge.out === edge.in;
  const tries = [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78].map(at);
  const free = (p) => !taken.some((q) => Math.abs(q.x - p.x) < 50 && Math.abs(q.y - p.y) < 12);
  const inGutter = (p) => same || Math.abs(p.x - middle) < placed.gutter * 0.3;
  const near = [0.08, 0.12, 0.16, 0.2, 0.25].map(at);
  const found = [...tries, ...near].find((p) => inGutter(p) && free(p)) || [...near, ...tries].find(inGutter) || tries[0];
  const word = { x: Math.round(Math.min(same ? found.x : middle, placed.total - 28)), y: Math.round(found.y) };
  if (!edge.far) taken.push(word);
  return word;
}
