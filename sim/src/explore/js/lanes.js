// The steps so far as lanes: a column for each actor and one for the clock, a row for each step.

/** What stands in each lane of each row, as lists of lines. */
function laneRows() {
  const { graph } = session;
  const rows = [];
  const known = data.actors.map(() => null);
  for (const at of session.path()) {
    const label = labelOf(at.step.label);
    const cells = data.actors.map((_, actor) => {
      const place = graph.place(at.node, actor);
      const lines = at.who === actor ? [...label.lines] : [];
      if (place.wait && place.wait !== known[actor]) lines.push(`┊ ${place.wait}`);
      else if (place.wait && lines.length === 0) lines.push("┊");
      else if (lines.length === 0 && place.operation !== null) lines.push("│");
      known[actor] = place.wait;
      return lines;
    });
    const time = `${at.who === CLOCK ? "▶ " : ""}${graph.now[at.node]}s`;
    const there = graph.brokenAt.get(at.node) || [];
    const broken = [...label.broken, ...there];
    rows.push({ at, number: at.depth, time, cells, changes: label.changes, broken });
  }
  return rows;
}

/** The two steps whose order decides how this execution ends, if that is known. */
function deciding() {
  const choices = session.choices();
  const isThis = ([of]) =>
    of.length === choices.length && of.every((who, at) => who === choices[at]);
  const found = session.graph.pairs.find(isThis);
  return found ? { rows: found[1], sentence: text(found[2]) } : null;
}

function showLanes() {
  const rows = laneRows();
  const pair = deciding();
  for (const row of rows) {
    const at = pair ? pair.rows.indexOf(row.number) : -1;
    row.mark = at < 0 ? null : ["◀a", "◀b"][at];
  }
  show(byId("decides"), pair !== null);
  byId("decides").textContent = pair ? pair.sentence : "";
  show(byId("nothing-yet"), rows.length === 0);
  show(byId("lanes-scroll"), rows.length > 0);
  show(byId("legend"), rows.length > 0);
  const head = ["step", "clock", ...data.actors.map((actor) => actor.name), "what changed"];
  fill(
    byId("lanes"),
    make(
      "thead",
      {},
      make(
        "tr",
        {},
        head.map((name) => make("th", { scope: "col" }, name)),
      ),
    ),
    make("tbody", {}, rows.map(laneRow)),
  );
}

function laneRow(row) {
  const number = make(
    "button",
    {
      type: "button",
      class: "plain",
      "aria-label": `Go back to step ${row.number}`,
      onclick: () => {
        session.go(row.at);
        refresh();
      },
    },
    String(row.number),
  );
  const cell = (lines, actor) => {
    const acts = row.at.who === actor;
    const isIdle = lines.length === 1 && lines[0].length === 1;
    return make(
      "td",
      { class: acts ? "acts" : isIdle ? "idle" : "", "data-lane": nameOf(actor) },
      acts && row.mark && make("span", { class: "decides" }, row.mark),
      lines.map((line) => make("span", { class: line.startsWith("┊") ? "waits" : "" }, line)),
    );
  };
  return make(
    "tr",
    { "aria-current": row.at === session.here ? "step" : null },
    make("th", { scope: "row" }, number),
    make(
      "td",
      { class: row.at.who === CLOCK ? "acts time" : "time" },
      row.at.who === CLOCK && row.mark && make("span", { class: "decides" }, row.mark),
      row.time,
    ),
    row.cells.map(cell),
    make(
      "td",
      { class: "changes" },
      row.changes.map((change) => make("span", { class: "change" }, change)),
      row.broken.map(({ what, message }) =>
        make("span", { class: "breaks" }, `✗ ${violation(what).id}: `, prose(message)),
      ),
    ),
  );
}
