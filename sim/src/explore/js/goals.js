// Goals: what to try, whether it can still be met from here, and a hint; and the levels.

function showGoals() {
  const { graph, here, reached } = session;
  const isPossible = (goal) => graph.waysTo(goal, 0) > 0;
  const possible = graph.goals.filter(isPossible).length;
  byId("progress").textContent = `${reached.size} of ${possible} reached.`;
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
        make("span", {}, goal.text),
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
  const label = here.step && labelOf(here.step.label);
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
  return { mark: sign("never", "–"), words, canHint: false };
}

function toggleHint(position) {
  session.hinted = session.hinted === position ? null : position;
  refresh();
}

/** Who steps next on a shortest way to the goal that a hint is wanted for. */
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

/** The machines with a planted bug, and what came of each. */
function showLevels() {
  const broken = graphs.filter((graph) => graph.fault);
  if (!show(byId("levels-part"), broken.length > 0)) return;
  const items = broken.map((graph, number) => {
    const known = sessions[graph.position];
    const isDone = known && known.reached.size > 0;
    const isHere = graph === session.graph;
    return make(
      "li",
      { class: `goal ${isDone ? "met" : "open"}` },
      make("span", { class: "mark", "aria-hidden": "true" }, isDone ? "✓" : "●"),
      make(
        "span",
        { class: "body" },
        make("span", {}, `Bug ${number + 1}: ${graph.fault.summary}`),
        make(
          "span",
          { class: "status" },
          isDone ? "shown" : isHere ? "you are on it" : "not shown yet",
        ),
      ),
      !isHere &&
        make(
          "button",
          {
            type: "button",
            class: "small",
            "data-level": graph.fault.name,
            "aria-label": `Play bug ${number + 1}`,
            onclick: () => open(graph, null),
          },
          "Play",
        ),
    );
  });
  fill(byId("levels"), items);
}

/** The correct machine under the same reading. */
function counterpart(graph) {
  const isIt = (other) =>
    !other.fault && other.cancelable === graph.cancelable && other.waiter === graph.waiter;
  return graphs.find(isIt);
}

/** What is said above everything else while the machine is a broken one, or was compared. */
function showMachine() {
  const { graph } = session;
  const notice = byId("machine");
  const broken = session.broken();
  if (graph.fault) {
    notice.className = broken.length > 0 ? "notice bad" : "notice warn";
    const right = counterpart(graph);
    const found = broken.map(({ what, message, at }) => {
      const { id, sentence } = violation(what);
      return make(
        "p",
        {},
        make("strong", {}, `✗ ${id} is broken at step ${at.depth}: ${message}. `),
        sentence,
      );
    });
    fill(
      notice,
      make(
        "p",
        {},
        make("strong", {}, "This machine has a bug: "),
        `${graph.fault.summary}. `,
        broken.length > 0 ? "" : "Find steps that show it.",
      ),
      found,
      make(
        "p",
        { class: "tools" },
        right &&
          broken.length > 0 &&
          make(
            "button",
            { type: "button", class: "main", id: "try-right", onclick: tryOnRight },
            "Try the same steps on the correct machine",
          ),
        right &&
          make(
            "button",
            { type: "button", id: "to-right", onclick: () => open(right, null) },
            "Back to the correct machine",
          ),
      ),
    );
  } else if (comparison && comparison.graph === graph) {
    notice.className = "notice good";
    fill(
      notice,
      make("p", {}, comparison.words),
      make(
        "p",
        { class: "tools" },
        make(
          "button",
          { type: "button", id: "to-broken", onclick: () => open(comparison.broken, null) },
          "Back to the machine with the bug",
        ),
      ),
    );
  } else if (session.broken().length > 0) {
    notice.className = "notice bad";
    fill(
      notice,
      session
        .broken()
        .map(({ what, message, at }) =>
          make(
            "p",
            {},
            make("strong", {}, `✗ ${violation(what).id} is broken at step ${at.depth}: `),
            `${message}. ${violation(what).sentence}`,
          ),
        ),
    );
  }
  show(
    notice,
    Boolean(graph.fault) || broken.length > 0 || Boolean(comparison && comparison.graph === graph),
  );
}

let comparison = null;

function tryOnRight() {
  const [broken, choices] = [session.graph, session.choices()];
  const right = counterpart(broken);
  open(right, choices);
  const done = session.here.depth;
  const breaks = session.broken().length > 0;
  const rest =
    done < choices.length
      ? `step ${done + 1} (${nameOf(choices[done])}) is not possible here: ` +
        `${whyNot(session.here.node, choices[done])}.`
      : `all ${count(done, "step")} are possible here, too.`;
  comparison = {
    graph: right,
    broken,
    words:
      `The same steps on the correct machine: ${rest} ` +
      (breaks ? "A clause is broken here, too." : "✓ No clause is broken."),
  };
  say(comparison.words);
  refresh();
}
