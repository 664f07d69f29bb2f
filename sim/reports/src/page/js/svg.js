// The picture as an SVG file, with an arrow to the actor that a step concerns.

const SVG = WORDS.svg;
const svgLeft = (lane) => SVG.left + lane * SVG.laneWidth;
const svgEscaped = (value) => escaped(value, SVG.escapes);

function svgText(x, y, kind, value) {
  return filled(SVG.text, kind === "" ? "" : filled(SVG.class, kind), x, y, svgEscaped(value));
}

function asSvg(layout) {
  const [rows, bottom] = svgPlaced(layout);
  const lanes = layout.lanes.length;
  const wide = svgLeft(lanes) + (SVG.changes + 2) * SVG.letter;
  const notes = svgNotes(layout, Math.floor(wide / SVG.letter) - 2);
  const high = bottom + (notes.length + 2) * SVG.line;
  const title = svgEscaped(filled(SVG.title, layout.lanes.join(", ")));
  const heads = [...svgHeadings(layout), [WORDS.head.changed]];
  const y = SVG.line + 2;
  return [
    filled(SVG.open, wide, high, wide, high, title, SVG.style),
    svgText(5 * SVG.letter, y, "head", WORDS.head.clock),
    ...heads.flatMap((lines, lane) =>
      lines.map((value, at) => svgText(svgLeft(lane), y + at * SVG.line, "head", value)),
    ),
    ...rows.flatMap((placed, at) => svgLanes(placed, at > 0 ? rows[at - 1].row : null)),
    ...rows.flatMap(svgRow),
    ...notes.map((note, at) => svgText(SVG.gap, bottom + (at + 1) * SVG.line, "muted", note)),
    SVG.close,
  ].join("");
}

/** The name of each lane, line by line. */
const svgHeadings = (layout) => layout.lanes.map((name) => wrap(name, SVG.lane));

/** Each row with its lines broken, and where it begins; and where the last one ends. */
function svgPlaced(layout) {
  const names = Math.max(1, ...svgHeadings(layout).map((lines) => lines.length));
  let top = SVG.head + (names - 1) * SVG.line;
  const rows = layout.rows.map((row) => {
    const cells = row.cells.map((cell) => svgCell(row, cell));
    const broken = (lines, kind) =>
      lines.flatMap((line) => wrap(line, SVG.changes).map((value) => ({ value, kind })));
    const changes = [...broken(row.changes, "muted"), ...broken(row.broken, "code")];
    const lines = Math.max(1, changes.length, ...cells.map((cell) => cell.length));
    const height = lines * SVG.line + 3 * SVG.gap;
    top += height;
    return { row, top: top - height, height, cells, changes };
  });
  return [rows, top];
}

function svgNotes(layout, columns) {
  return [
    ...layout.stuck.map((stuck) => filled(WORDS.stuck, stuck)),
    ...(layout.decides ? wrap(layout.decides, columns) : []),
    ...wrap(legendOf(layout, true).join("   "), columns),
  ];
}

/** The lanes behind the boxes: the state of each actor before the step. */
function svgLanes({ row, top, height }, before) {
  return row.cells.flatMap((cell, lane) => {
    const state = before ? before.cells[lane].state : "ready";
    if (state === "finished") return [];
    const x = svgLeft(lane) - SVG.letter;
    const end = cell.state === "finished" ? SVG.gap + SVG.line : height;
    return [filled(SVG.laneLine, state, x, top, x, top + end)];
  });
}

function svgRow(placed) {
  const { row, top, cells, changes } = placed;
  const y = top + SVG.gap + SVG.line - 4;
  const mark = row.lane === null && row.mark ? row.mark : "";
  const time = `${row.lane === null ? WORDS.advances : " "}${row.time} ${mark}`;
  const lanes = cells.flatMap((lines, lane) => {
    const isStep = row.lane === lane;
    const drawn = lines.map(({ value, kind }, at) => {
      // Text that belongs below the box.
      const down = kind === "muted" && isStep ? SVG.gap : 0;
      return svgText(svgLeft(lane), y + down + at * SVG.line, kind, value);
    });
    return [...(isStep ? svgStep(placed, lane) : []), ...drawn];
  });
  const right = svgLeft(cells.length);
  return [
    svgText(SVG.gap, y, "muted", String(row.number)),
    svgText(4 * SVG.letter, y, "", time),
    ...lanes,
    ...changes.map(({ value, kind }, at) => svgText(right, y + at * SVG.line, kind, value)),
  ];
}

/** The box of a step, and the arrow from it. */
function svgStep({ row, top, cells }, lane) {
  const lines = Math.max(1, cells[lane].filter(({ kind }) => kind !== "muted").length);
  const [x, y] = [svgLeft(lane) - SVG.letter - 4, top + 4];
  const [wide, high] = [SVG.laneWidth - SVG.letter, lines * SVG.line + SVG.gap];
  const box = filled(SVG.box, row.mark ? "box decides" : "box", x, y, wide, high);
  if (row.towards === null) return [box];
  const to = svgLeft(row.towards) - SVG.letter;
  const [from, until] = row.towards > lane ? [x + wide, to - 3] : [x, to + 3];
  const middle = y + Math.floor(high / 2);
  return [box, filled(SVG.arrow, from, middle, until, middle)];
}

function svgCell(row, cell) {
  const said = cell.lines.flatMap((line, at) => {
    const mark = at === 0 && row.mark ? ` ${row.mark}` : "";
    const kind = line.kind === RETURNS ? "code" : "";
    return wrap(signed(line) + mark, SVG.lane).map((value) => ({ value, kind }));
  });
  const reason = cell.reason === null ? [] : wrap(cell.reason, SVG.lane - 2);
  const waits = reason.map((line) => ({ value: `${WORDS.waits} ${line}`, kind: "muted" }));
  return [...said, ...waits];
}
