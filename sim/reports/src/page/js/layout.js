// The layout of a picture of lanes: a row for each step, a cell for each actor. The lines, changes
// and reasons are part of the page's data; every picture is drawn from this layout.

const RETURNS = 2;
const signed = ({ kind, text }) => WORDS.lineSigns[kind] + text;

/** The layout of the way to the reader's position. */
function laidOut(walk) {
  const { graph } = walk;
  const known = data.actors.map(() => null);
  const told = new Set();
  const rows = walk.path().map((at) => rowOf(graph, at, known, told));
  const decision = decisionOf(walk);
  if (decision && !decision.why) {
    rows[decision.first].mark = WORDS.marks[0];
    rows[decision.second].mark = WORDS.marks[1];
  }
  return {
    lanes: data.actors.map((actor) => actor.shown),
    rows,
    stuck: stuckAt(graph, walk.here.node),
    decides: decision && sentenceOf(graph, rows, decision),
  };
}

/** One step; `known` has what each actor waited for, `told` the violations already reported. */
function rowOf(graph, at, known, told) {
  const label = labelOf(at.step.label);
  const cells = data.actors.map((_, actor) => {
    const { operation, wait } = graph.place(at.node, actor);
    const isNew = wait !== known[actor];
    known[actor] = wait;
    const state = wait !== null ? "waits" : operation === null ? "finished" : "ready";
    return { lines: at.who === actor ? label.lines : [], state, reason: isNew ? wait : null };
  });
  const there = graph.brokenAt.get(at.node) || [];
  const row = { broken: [], also: [] };
  for (const { what, message } of [...label.broken, ...there]) {
    const { id, isClause } = violation(what);
    const line = filled(WORDS.broken, id, message);
    // Stuck actors have a place of their own in a picture.
    if (!told.has(line)) row[isClause ? "broken" : "also"].push(line);
    told.add(line);
  }
  return {
    at,
    number: at.depth,
    lane: at.who === CLOCK ? null : at.who,
    towards: label.towards,
    time: graph.time(at.node),
    cells,
    changes: label.changes,
    mark: null,
    ...row,
  };
}

/** The actors that can never continue, and their operations. */
function stuckAt(graph, node) {
  if (node === 0 || !graph.endOf.has(node)) return [];
  const waits = data.actors.map(({ shown }, actor) => [shown, graph.place(node, actor).wait]);
  return waits.filter(([, wait]) => wait !== null).map((stuck) => stuck.join(" "));
}

/** The signs that a picture contains, each with its meaning. */
function legendOf(layout, hasLines) {
  const signs = WORDS.legend.filter(([sign]) => hasLines || sign !== WORDS.ready);
  if (layout.rows.some((row) => row.mark)) signs.push(WORDS.pairLegend);
  if (layout.rows.some((row) => row.broken.length > 0)) signs.push(WORDS.brokenLegend);
  return signs.map((sign) => sign.join(" "));
}
