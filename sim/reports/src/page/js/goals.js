// Goals: things to try, whether each can still be met from here, and a hint.

function showGoals() {
  const { graph, here, reached } = session;
  const isPossible = (goal) => graph.waysTo(goal, 0) > 0;
  const possible = graph.goals.filter(isPossible).length;
  byId("progress").textContent =
    possible > 0 ? `${reached.size} of ${possible} reached.` : "None is known to be possible.";
  const focused = document.activeElement && document.activeElement.dataset.goal;
  const items = graph.goals.map((goal, position) => {
    const { mark, words, canHint } = goalStatus(goal, position, graph.reachable(here.node));
    const isOn = session.hinted === position;
    const hint =
      canHint &&
      make(
        "button",
        {
          type: "button",
          class: "small",
          "data-goal": position,
          "aria-pressed": String(isOn),
          "aria-label": `Hint for goal ${position + 1}`,
          onclick: () => toggleHint(position),
        },
        isOn ? "Hide hint" : "Hint",
      );
    return make(
      "li",
      { class: `goal ${mark.name}` },
      make("span", { class: "mark", "aria-hidden": "true" }, mark.sign),
      make(
        "span",
        { class: "body" },
        make("span", {}, prose(goal.text)),
        make("span", { class: "status" }, words),
        isOn && canHint && make("span", { class: "hint" }, hintInWords(goal)),
      ),
      hint,
    );
  });
  fill(byId("goals"), items);
  const again = focused && byId("goals").querySelector(`[data-goal="${focused}"]`);
  if (again) again.focus();
}

function goalStatus(goal, position, found) {
  const { graph, here, reached } = session;
  const label = here.step ? here.step.label : null;
  const sign = (name, sign) => ({ name, sign });
  if (graph.meets(goal, here.node, label)) {
    return { mark: sign("met", "✓"), words: "reached, right here", canHint: false };
  }
  const number = graph.waysTo(goal, here.node);
  const before = reached.has(position) ? "reached before; " : "";
  const mark = reached.has(position) ? sign("met", "✓") : sign("open", "●");
  if (number > 0) return { mark, words: `${before}possible on ${ways(number)}`, canHint: true };
  if (graph.waysTo(goal, 0) > 0) {
    const lost =
      found.beyond > 0 ? "unknown beyond what this page holds" : "no longer possible from here";
    return {
      mark: reached.has(position) ? mark : sign("lost", "○"),
      words: `${before}${lost}`,
      canHint: true,
    };
  }
  const words = graph.whole
    ? `impossible: all ${count(graph.size, "state")} were explored, and no end is like that`
    : "not in the part that this page holds; unknown beyond it";
  return { mark: sign("never", graph.whole ? "–" : "?"), words, canHint: false };
}

function toggleHint(position) {
  session.hinted = session.hinted === position ? null : position;
  refresh();
}

/** Who steps next on a shortest way to the goal for which the reader wants a hint. */
function nextOfHint() {
  const goal = session.graph.goals[session.hinted];
  const way = goal && session.graph.shortest(goal, session.here.node);
  return way && way.length > 0 ? way[0] : null;
}

function hintInWords(goal) {
  const way = session.graph.shortest(goal, session.here.node);
  if (way === null) return "Undo, until it is possible again.";
  return `Next: ${nameOf(way[0])}. ${count(way.length, "step")} to go.`;
}
