// The ends of the race: the number of ways to each, from the start and from here.

let outcomeCells = [];

function makeOutcomes() {
  const { graph } = session;
  const start = graph.reachable(0);
  const columns = data.actors.flatMap((actor, who) =>
    actor.returning.map((operation, step) => ({ who, step, name: actor.name, operation })),
  );
  const isStuck = graph.outcomes.some((outcome) => outcome.stuck.length > 0);
  const head = make(
    "tr",
    {},
    make("th", { scope: "col" }, "from here"),
    columns.map(({ name, operation }) =>
      make("th", { scope: "col" }, name, make("span", { class: "operation" }, operation)),
    ),
    isStuck && make("th", { scope: "col" }, "stuck"),
    make("th", { scope: "col" }, "in all"),
    make("th", { scope: "col" }, "shortest"),
  );
  outcomeCells = graph.outcomes.map(() => make("td", { class: "ways" }));
  const rows = graph.outcomes.map((outcome, position) => {
    const code = ({ who, step }) => textOrNothing(outcome.codes[who][step]) || "–";
    const stuck = outcome.stuck.map(nameOf).join(", ") || "–";
    return make(
      "tr",
      {},
      outcomeCells[position],
      columns.map((column) => make("td", { class: "code" }, code(column))),
      isStuck && make("td", {}, stuck),
      make("td", { class: "number" }, ways(start.ends.get(position) || 0)),
      make(
        "td",
        {},
        make(
          "button",
          {
            type: "button",
            "aria-label": `Show the shortest schedule to end ${position + 1}`,
            onclick: () => showShortest(position),
          },
          "Show",
        ),
      ),
    );
  });
  fill(byId("outcomes"), make("thead", {}, head), make("tbody", {}, rows));
}

function showShortest(outcome) {
  const { graph } = session;
  session.replay(graph.toOutcome(outcome));
  say(`The shortest way to that end: ${count(session.here.depth, "step")}.`);
  refresh();
}

function showOutcomes() {
  const { graph, here } = session;
  const found = graph.reachable(here.node);
  const held = graph.whole
    ? `All ${count(graph.size, "state")} are in the page: what is not listed cannot happen.`
    : `The page holds ${count(graph.size, "state")}, not all: ` +
      (graph.outcomes.length > 0
        ? "other ends are unknown beyond them."
        : "no end is among them, and how it can end is unknown beyond them.");
  show(byId("outcomes"), graph.outcomes.length > 0);
  const isRight = graph.whole && graph.violated.length === 0;
  byId("outcomes-note").textContent = isRight ? `${held} No clause is broken on any way.` : held;
  outcomeCells.forEach((cell, outcome) => {
    const number = found.ends.get(outcome) || 0;
    const isHere = graph.endOf.get(here.node) === outcome;
    cell.parentElement.className = isHere ? "here" : number > 0 ? "open" : "gone";
    cell.textContent = isHere ? "✓ here" : number > 0 ? `● ${ways(number)}` : noLonger(found);
  });
  showViolations(found);
}

const noLonger = (found) => (found.beyond > 0 ? "? unknown" : "○ not from here");

/** While a card is hovered or focused: the number of ways that would be left after its step. */
function previewOutcomes(who) {
  const { graph, here } = session;
  const step = who === null ? null : graph.step(here.node, who);
  const [now, after] = [graph.reachable(here.node), step && graph.reachable(step.to)];
  outcomeCells.forEach((cell, outcome) => {
    const number = now.ends.get(outcome) || 0;
    if (number === 0 || graph.endOf.has(here.node)) return;
    const left = after && (after.ends.get(outcome) || 0);
    const isLost = after && left === 0 && after.beyond === 0;
    cell.parentElement.classList.toggle("losing", Boolean(isLost));
    cell.textContent = !after
      ? `● ${ways(number)}`
      : isLost
        ? "✗ given up"
        : `● ${ways(left)} after ${nameOf(who)}`;
  });
}

function showViolations(found) {
  const { graph } = session;
  const broken = session.broken();
  const items = graph.violated.map((what, position) => {
    const { id, sentence, source } = violation(what);
    const seen = broken.find((known) => known.what === what);
    const number = found.violated.get(position) || 0;
    const ahead = number > 0 ? `still ahead on ${ways(number)}` : noLonger(found).slice(2);
    const status = seen ? [`✗ broken in row ${seen.at.depth}: `, prose(seen.message)] : ahead;
    return make(
      "li",
      {},
      make("strong", {}, id),
      " ",
      prose(sentence),
      make("span", { class: "note" }, ` (${source})`),
      make("span", { class: seen ? "breaks" : "status" }, status),
    );
  });
  fill(
    byId("violations"),
    items.length > 0 && make("h3", {}, "What can go wrong"),
    items.length > 0 && make("ul", { class: "list" }, items),
  );
}
