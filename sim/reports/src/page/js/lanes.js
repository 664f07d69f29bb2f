// The picture on the page: a table; a click on a row goes back to that step.

function showLanes(layout) {
  const { rows, lanes } = layout;
  const hasRows = rows.length > 0;
  show(byId("nothing-yet"), !hasRows);
  for (const id of ["lanes-scroll", "legend"]) show(byId(id), hasRows);
  show(byId("decides"), layout.decides !== null);
  byId("decides").textContent = layout.decides ?? "";
  fill(
    byId("for-ever"),
    layout.stuck.map((stuck) => make("p", {}, filled(WORDS.stuck, stuck))),
  );
  const signs = legendOf(layout, true).map((sign) => [make("span", {}, sign), " "]);
  fill(byId("legend"), signs.flat());
  const { step, clock, changed } = WORDS.head;
  const head = [step, clock, ...lanes, changed].map((name) => make("th", { scope: "col" }, name));
  fill(
    byId("lanes"),
    make("thead", {}, make("tr", {}, head)),
    make(
      "tbody",
      {},
      rows.map((row) => laneRow(row, lanes)),
    ),
  );
}

function laneRow(row, lanes) {
  const goBack = () => {
    session.go(row.at);
    refresh();
  };
  const label = `Go back to step ${row.number}`;
  const number = make(
    "button",
    { type: "button", class: "plain", "aria-label": label, onclick: goBack },
    String(row.number),
  );
  const isClock = row.lane === null;
  const time = isClock ? `${WORDS.advances} ${row.time}` : row.time;
  const line = (kind, value) => make("span", { class: kind }, value);
  const attributes = {
    "aria-current": row.at === session.here ? "step" : null,
    class: row.mark && "marked",
  };
  return make(
    "tr",
    attributes,
    make("th", { scope: "row" }, number),
    make(
      "td",
      { class: isClock ? "acts time" : "time" },
      isClock && row.mark ? [`${time} `, markOf(row)] : time,
    ),
    row.cells.map((cell, lane) => laneCell(row, cell, lane, lanes[lane])),
    make(
      "td",
      { class: "changes" },
      row.changes.map((change) => line("change", change)),
      [...row.broken, ...row.also].map((broken) => line("breaks", prose(broken))),
    ),
  );
}

const markOf = (row) => make("b", { class: "decides" }, row.mark);

function laneCell(row, cell, lane, name) {
  const isStep = row.lane === lane;
  const lines = cell.lines.map((line, at) =>
    make("span", {}, signed(line), at === 0 && row.mark && [" ", markOf(row)]),
  );
  if (cell.reason !== null) {
    lines.push(make("span", { class: "waits" }, `${WORDS.waits} ${cell.reason}`));
  }
  const isIdle = lines.length === 0;
  if (isIdle && cell.state !== "finished") lines.push(make("span", {}, WORDS[cell.state]));
  return make(
    "td",
    { class: isStep ? "acts" : isIdle ? "idle" : cell.state, "data-lane": name },
    lines,
  );
}
