// Levels: machines with a planted bug; and the same steps on the correct machine.

/** The result of the steps of a broken machine on the correct one. */
let comparison = null;

/** Lists the machines with a planted bug, and the reader's result on each. */
function showLevels() {
  const broken = graphs.filter((graph) => graph.fault);
  if (!show(byId("levels-part"), broken.length > 0)) return;
  const items = broken.map((graph, number) => {
    const known = sessions[graph.position];
    const isShown = (position) => graph.goals[position].violated !== null;
    const isDone = known && [...known.reached].some(isShown);
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

/** Shows the notice at the top: the machine has a bug, or something is violated. */
function showMachine() {
  const { graph } = session;
  const broken = session.broken();
  const isCompared = !graph.fault && comparison !== null && comparison.graph === graph;
  const notice = byId("machine");
  if (!show(notice, Boolean(graph.fault) || isCompared || broken.length > 0)) return;
  notice.className = `notice ${broken.length > 0 ? "bad" : isCompared ? "good" : "warn"}`;
  const found = broken.map(brokenInWords);
  if (graph.fault)
    fill(notice, bugInWords(graph, broken.length > 0), found, bugButtons(graph, broken));
  else if (isCompared) fill(notice, make("p", {}, comparison.words), found, backButton());
  else fill(notice, found);
}

function brokenInWords({ what, message, at }) {
  const { id, sentence } = violation(what);
  const head = make("strong", {}, `✗ ${id} is broken at step ${at.depth}: `, prose(message), ". ");
  return make("p", {}, head, prose(sentence), ".");
}

function bugInWords(graph, isShown) {
  const bug = make("strong", {}, "This machine has a bug: ");
  return make("p", {}, bug, `${graph.fault.summary}. ${isShown ? "" : "Find steps that show it."}`);
}

function bugButtons(graph, broken) {
  const right = counterpart(graph);
  if (!right) return null;
  const button = (id, text, onclick, kind) =>
    make("button", { type: "button", id, class: kind, onclick }, text);
  const tryIt = () =>
    button("try-right", "Try the same steps on the correct machine", tryOnRight, "main");
  const back = button("to-right", "Back to the correct machine", () => open(right, null), null);
  return make("p", { class: "tools" }, broken.length > 0 && tryIt(), back);
}

function backButton() {
  const onclick = () => open(comparison.broken, null);
  const text = "Back to the machine with the bug";
  return make(
    "p",
    { class: "tools" },
    make("button", { type: "button", id: "to-broken", onclick }, text),
  );
}

function tryOnRight() {
  const [broken, choices] = [session.graph, session.choices()];
  const right = counterpart(broken);
  open(right, choices);
  const done = session.here.depth;
  const rest =
    done < choices.length
      ? `step ${done + 1} (${nameOf(choices[done])}) is not possible here: ` +
        `${whyNot(session.here.node, choices[done])}.`
      : `all ${count(done, "step")} are possible here, too.`;
  const isBroken = session.broken().length > 0;
  const verdict = isBroken ? "A clause is broken here, too." : "✓ No clause is broken.";
  comparison = {
    graph: right,
    broken,
    words: `The same steps on the correct machine: ${rest} ${verdict}`,
  };
  say(comparison.words);
  refresh();
}
