// Measures and wraps text in columns, exactly as the reports do.

const WORDS = data.words;

/** The template with its gaps filled in order. */
const filled = (template, ...values) =>
  template
    .split("{}")
    .map((part, i) => (i === 0 ? part : values[i - 1] + part))
    .join("");

/** The width of a text in columns. */
function width(value) {
  let columns = 0;
  for (const c of value) columns += data.widths[c] ?? 1;
  return columns;
}

const pad = (value, columns) => value + " ".repeat(Math.max(0, columns - width(value)));

/** Breaks text at spaces into lines of at most that many columns, and too long words inside. */
function wrap(value, columns) {
  const lines = [];
  let line = "";
  const next = () => {
    lines.push(line);
    line = "";
  };
  for (const word of value.split(" ")) {
    if (line !== "" && width(line) + 1 + width(word) > columns) next();
    if (line !== "") line += " ";
    for (const c of word) {
      if (line !== "" && width(line + c) > columns) next();
      line += c;
    }
  }
  return [...lines, line];
}

/** The text after its head. The text that does not fit is indented, not placed below the head. */
function hanging(head, value, columns) {
  const indent = Math.min(width(head), columns - WORDS.text.textMin);
  const lines = wrap(value, Math.max(columns - indent, 20));
  return head + lines.join(`\n${" ".repeat(indent)}`);
}

/** The text with some characters escaped. */
function escaped(value, escapes) {
  const known = new Map(escapes);
  return [...value].map((c) => known.get(c) ?? c).join("");
}
