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
  const claim = claimInWords();
  const notice = byId("machine");
  if (!show(notice, Boolean(graph.fault) || isCompared || broken.length > 0 || claim)) return;
  const isBad = broken.length > 0 || claim;
  notice.className = `notice ${isBad ? "bad" : isCompared ? "good" : "warn"}`;
  const found = [claim, ...broken.map(brokenInWords)].filter(Boolean);
  if (graph.fault)
    fill(notice, bugInWords(graph, broken.length > 0), found, bugButtons(graph, broken));
  else if (isCompared) fill(notice, make("p", {}, comparison.words), found, backButton());
  else fill(notice, found);
}

/** Whether the reader has not left the execution that the page was made to show. */
function isAtClaim() {
  const { graph, here } = session;
  const done = session.choices();
  const starts = graph.start.every((who, position) => done[position] === who);
  return Boolean(graph.claim) && starts && here.depth >= graph.start.length;
}

/** What the execution violates, unless its steps say so themselves. */
function claimInWords() {
  if (!isAtClaim()) return null;
  const [id, message] = session.graph.claim;
  const isSaid = session.broken().some(({ what }) => violation(what).id === id);
  if (isSaid) return null;
  return make("p", {}, make("strong", {}, `✗ ${id}: `, prose(message), "."));
}

/** The actors that are stuck, and what each waits for. */
function stuckInWords(node) {
  const { graph } = session;
  const outcome = graph.outcomes[graph.endOf.get(node)];
  if (!outcome) return "";
  const waits = (who) => `${nameOf(who)} ${graph.place(node, who).wait || "waits"}, for ever`;
  return outcome.stuck.map(waits).join("; ");
}

function brokenInWords({ what, message, at }) {
  const { id, sentence, isClause } = violation(what);
  if (!isClause) {
    const why = stuckInWords(at.node);
    const head = make("strong", {}, `✗ ${id} in row ${at.depth}: `, prose(message), ".");
    return make("p", {}, head, why && ` ${why}.`);
  }
  const head = make("strong", {}, `✗ ${id} is broken in row ${at.depth}: `, prose(message), ". ");
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
      ? `choice ${done + 1} (${nameOf(choices[done])}) is not possible here: ` +
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
