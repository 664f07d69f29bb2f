// The picture as a sequence diagram: a step that concerns another actor is an arrow, others are
// notes.

function asMermaid(layout) {
  const says = WORDS.mermaid;
  const safe = (value) => escaped(value, says.escapes);
  const note = (over, value) => filled(says.note, over, value);
  const last = layout.lanes.length - 1;
  const all = last > 0 ? `p0,p${last}` : "p0";
  const step = (row) => {
    const { lane, towards } = row;
    const lines =
      lane === null
        ? [`${WORDS.advances} ${safe(row.time)}`]
        : row.cells[lane].lines.map((line) => safe(signed(line)));
    const mark = row.mark ? ` ${row.mark}` : "";
    const said = `${row.number}. ${lines.join(says.break)}${mark}`;
    const over = lane === null ? all : `p${lane}`;
    if (towards === null) return [note(over, said), ...notes(row, over)];
    const isBack = row.cells[lane].lines.some(({ kind }) => kind === RETURNS);
    const arrow = filled(says.arrow, lane, isBack ? says.back : says.there, towards, said);
    return [arrow, ...notes(row, over)];
  };
  const notes = (row, over) => [
    ...row.broken.map((line) => note(over, safe(line))),
    ...row.cells.flatMap(({ reason }, lane) =>
      reason === null ? [] : [note(`p${lane}`, `${WORDS.waits} ${safe(reason)}`)],
    ),
  ];
  return [
    says.head,
    ...layout.lanes.map((name, lane) => filled(says.participant, lane, safe(name))),
    ...layout.rows.flatMap(step),
    ...layout.stuck.map((stuck) => note(all, safe(filled(WORDS.stuck, stuck)))),
    ...(layout.decides ? [note(all, safe(layout.decides))] : []),
  ].join("");
}
