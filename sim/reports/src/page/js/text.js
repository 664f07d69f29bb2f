// The picture as text: lanes side by side or, if they do not fit, one below the other.

function asText(layout) {
  const says = WORDS.text;
  const { clock } = WORDS.head;
  const columns = WORDS.width;
  const times = layout.rows.map((row) => width(clockOf(row)));
  const clockWidth = Math.max(...times, clock.length) + 1;
  const lane = Math.floor((columns - says.number - clockWidth) / layout.lanes.length);
  const isWide = lane >= says.laneMin;
  const drawn = isWide
    ? asWide(layout, clockWidth, Math.min(lane, says.laneMax))
    : asNarrow(layout, columns);
  // A sign and its meaning stay on one line.
  const signs = legendOf(layout, isWide).map((sign) => sign.replaceAll(" ", "\u00a0"));
  const legend = wrap(signs.join("   "), columns).map((line) =>
    line.replace(/ +$/, "").replaceAll("\u00a0", " "),
  );
  const sentence = layout.decides ? ["", ...wrap(layout.decides, columns)] : [];
  const stuck = layout.stuck.map((line) => hanging("     ", line, columns));
  const changes = layout.rows.flatMap((row) =>
    [...row.changes, ...row.broken].map((line) =>
      hanging(`${String(row.number).padStart(3)}  `, line, columns),
    ),
  );
  const under = (head, lines) => (lines.length > 0 ? ["", head, ...lines] : []);
  const below = [...under(says.forEver, stuck), ...under(WORDS.head.changed, changes)];
  return [...drawn, "", ...legend, ...sentence, ...below, ""].join("\n");
}

function asWide(layout, clockWidth, lane) {
  const lines = (number, clock, cells) => {
    const height = Math.max(1, ...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, at) => {
      const [first, second] = at === 0 ? [number, clock] : ["", ""];
      const start = `${first.padStart(3)} ${pad(second, clockWidth)}`;
      const all = start + cells.map((cell) => pad(cell[at] ?? "", lane)).join("");
      return all.replace(/\p{White_Space}+$/u, "");
    });
  };
  // A blank at least to the next name.
  const names = layout.lanes.map((name) => wrap(name, lane - 1));
  const rows = layout.rows.flatMap((row) => {
    const cells = row.cells.map((cell) => textCell(row, cell, lane));
    return lines(String(row.number), clockOf(row), cells);
  });
  return [...lines("", WORDS.head.clock, names), ...rows];
}

/** The time, a sign if it has just advanced, and a mark if that decides. */
function clockOf(row) {
  return row.lane !== null ? ` ${row.time}` : WORDS.advances + row.time + (row.mark ?? "");
}

function textCell(row, cell, columns) {
  const said = cell.lines.map(signed);
  if (row.mark && said.length > 0) {
    // Put the mark on the first line with room for it, to save a line of its own.
    const at = said.findIndex((line) => width(line) + 1 + width(row.mark) < columns);
    said[Math.max(at, 0)] += ` ${row.mark}`;
  }
  const lines = said.flatMap((line) => wrap(line, columns - 1));
  if (cell.reason !== null) {
    lines.push(...wrap(cell.reason, columns - 4).map((line) => `${WORDS.waits} ${line}`));
  } else if (lines.length === 0 && cell.state !== "finished") lines.push(WORDS[cell.state]);
  return lines;
}

function asNarrow(layout, columns) {
  const names = Math.min(20, Math.max(5, ...layout.lanes.map(width)));
  return layout.rows.flatMap((row) => {
    const [name, said] =
      row.lane === null
        ? [WORDS.head.clock, `${WORDS.advances} ${row.time}`]
        : [layout.lanes[row.lane], row.cells[row.lane].lines.map(signed).join("  ")];
    const number = `${String(row.number).padStart(4)}  ${row.time.padEnd(5)}`;
    const mark = row.mark ? `  ${row.mark}` : "";
    const waits = row.cells.flatMap(({ reason }, lane) => {
      const head = `${" ".repeat(12)}${pad(layout.lanes[lane], names)}  ${WORDS.waits} `;
      return reason === null ? [] : [hanging(head, reason, columns)];
    });
    return [hanging(`${number} ${pad(name, names)}  `, said + mark, columns), ...waits];
  });
}
