// Export: the steps so far as text, as SVG and as a Mermaid sequence diagram.

/** The lanes as text, one line for each line of a row. */
function asText() {
  const rows = laneRows();
  const names = data.actors.map((actor) => actor.name);
  const cells = [["", "clock", ...names], ...rows.flatMap(textLines)];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] + 2))
      .join("")
      .trimEnd();
  const changes = rows.flatMap((row) => [
    ...row.changes.map((change) => `${String(row.number).padStart(3)}  ${change}`),
    ...row.broken.map(
      ({ what, message }) =>
        `${String(row.number).padStart(3)}  ✗ ${violation(what).id}: ${message}`,
    ),
  ]);
  const legend = "│ could step   ┊ waits   … still in flight   = returns   ▶ the clock advances";
  const end = session.graph.endOf.get(session.here.node);
  const over = end === undefined ? [] : ["", outcomeInWords(session.graph.outcomes[end])];
  return [...cells.map(line), "", legend, "", "what changed", ...changes, ...over, ""].join("\n");
}

function textLines(row) {
  const height = Math.max(1, ...row.cells.map((cell) => cell.length));
  return Array.from({ length: height }, (_, line) => [
    line === 0 ? String(row.number).padStart(3) : "",
    line === 0 ? row.time : "",
    ...row.cells.map((cell) => cell[line] || ""),
  ]);
}

function escaped(value) {
  const marks = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return value.replace(/[&<>"]/g, (mark) => marks[mark]);
}

function asSvg() {
  const lines = asText().split("\n");
  const [wide, high] = [
    Math.max(...lines.map((line) => line.length)) * 8 + 24,
    lines.length * 18 + 24,
  ];
  const rows = lines.map(
    (line, i) => `<text x="12" y="${i * 18 + 26}" xml:space="preserve">${escaped(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}"`,
    `  width="${wide}" height="${high}">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    `<g font-family="ui-monospace, monospace" font-size="13" fill="black">`,
    ...rows,
    "</g></svg>",
    "",
  ].join("\n");
}

/** A sequence diagram; what has a meaning of its own there is written as a number. */
function asMermaid() {
  const entity = (mark) => `#${mark.codePointAt(0)};`;
  const safe = (value) => value.replace(/[^A-Za-z0-9 _.,:()/…=→▶┊-]/gu, entity);
  const note = (over, value) => `    Note over ${over}: ${value}`;
  const all = data.actors.length > 1 ? `p0,p${data.actors.length - 1}` : "p0";
  const steps = laneRows().flatMap((row) => {
    const label = labelOf(row.at.step.label).lines.map(safe).join("<br/>");
    const over = row.at.who === CLOCK ? all : `p${row.at.who}`;
    const waits = row.cells.flatMap((lines, actor) =>
      lines.filter((line) => line.startsWith("┊ ")).map((line) => note(`p${actor}`, safe(line))),
    );
    return [note(over, `${row.number}. ${label}`), ...waits];
  });
  const actors = data.actors.map((actor, i) => `    participant p${i} as ${safe(actor.name)}`);
  return ["sequenceDiagram", ...actors, ...steps, ""].join("\n");
}

const EXPORTS = {
  txt: { make: asText, type: "text/plain" },
  svg: { make: asSvg, type: "image/svg+xml" },
  mmd: { make: asMermaid, type: "text/plain" },
};

const format = () => byId("format").value;

function showExport() {
  byId("export").value = EXPORTS[format()].make();
  byId("copied").textContent = "";
}

function download() {
  const blob = new Blob([byId("export").value], {
    type: `${EXPORTS[format()].type};charset=utf-8`,
  });
  const link = make("a", { href: URL.createObjectURL(blob), download: `calloff.${format()}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** Copies; where the browser does not allow it, the text is selected instead. */
async function copy(value, what) {
  try {
    await navigator.clipboard.writeText(value);
    byId("copied").textContent = `${what} copied.`;
  } catch {
    byId("export").value = value;
    byId("export").select();
    byId("copied").textContent = "Selected below: copy it from there.";
  }
}
