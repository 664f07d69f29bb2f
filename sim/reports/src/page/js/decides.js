// The sentence about the two steps whose order decides, with the templates of the reports.

/** What a way shows: its first violation, or its end; `null` if nothing is decided yet. */
function pointOf(walk) {
  const [first] = walk.broken();
  if (!first) return walk.graph.endOf.has(walk.here.node) ? {} : null;
  return violation(first.what).isClause ? { clause: first.what } : { isStuck: true };
}

/** The decision at a position. It never changes, so it is cached. */
function decisionOf(walk) {
  const { graph, here } = walk;
  if (here.decision === undefined) {
    const point = here.depth < 2 ? null : pointOf(walk);
    here.decision = point && { point, ...deciding(graph, walk.path(), point) };
  }
  return here.decision;
}

/** The sentence about a decision; the rows are those of the way. */
function sentenceOf(graph, rows, decision) {
  const says = WORDS.decides;
  const isOver = graph.endOf.has(rows[rows.length - 1].at.node);
  if (decision.why === "nothing") return filled(says.nothing, isOver ? "" : says.runningOn);
  if (decision.why) return says[decision.why];
  const { first, second } = decision;
  const changes = changesOf(graph, decision);
  const told = changes.slice(0, says.changesMax);
  const more = changes.length - told.length;
  if (more > 0) told.push(`and ${count(more, says.more)}`);
  return filled(
    says.pair,
    toldOf(rows[second]),
    toldOf(rows[first]),
    isOver ? "" : says.runOn,
    told.join("; "),
  );
}

/** A short description of the actor and its step. */
function toldOf(row) {
  if (row.lane === null) return filled(WORDS.decides.advances, row.time);
  const lines = row.cells[row.lane].lines.map((line) =>
    line.kind === RETURNS ? signed(line) : line.text,
  );
  return `${data.actors[row.lane].shown}: ${lines.join(", ").replaceAll(", = ", " = ")}`;
}

/** The differences after the swap; steps that are reached in only one of the orders come last. */
function changesOf(graph, { point, here, there }) {
  const says = WORDS.decides;
  const [old, other] = [graph.outcomes[here.outcome], graph.outcomes[there.outcome]];
  const changes = [];
  const unreached = [];
  if (point.clause !== undefined && here.isSeen !== there.isSeen) {
    changes.push(filled(says.isNotBroken, violation(point.clause).id));
  }
  data.actors.forEach(({ shown, returning }, actor) => {
    returning.forEach((operation, step) => {
      const [was, is] = [old, other].map(({ codes }) => textOrNothing(codes[actor][step]));
      if (was === is) return;
      if (is === null) unreached.push(filled(says.noCode, shown, operation, was));
      else if (was === null) unreached.push(filled(says.newCode, shown, operation, is));
      else changes.push(filled(says.code, shown, operation, is, was));
    });
    const [wasStuck, isStuck] = [old, other].map(({ stuck }) => stuck.includes(actor));
    if (wasStuck !== isStuck) {
      changes.push(filled(isStuck ? says.isStuck : says.isNotStuck, shown));
    }
  });
  return [...changes, ...unreached];
}
