// The choices: one card for each actor and one for the clock; cards keep their places.

const cards = [];

function makeCards() {
  for (let who = 0; who <= CLOCK; who++) {
    const parts = {};
    for (const part of ["name", "badge", "does", "changes", "leads"]) {
      parts[part] = make("span", { class: part });
    }
    const key = make("kbd", { "aria-hidden": "true" }, String(who + 1));
    const button = make(
      "button",
      { type: "button", class: "card", "data-who": nameOf(who), onclick: () => choose(who) },
      make("span", { class: "top" }, parts.name, parts.badge, who < 9 && key),
      parts.does,
      parts.changes,
      parts.leads,
    );
    parts.name.append(nameOf(who));
    for (const event of ["mouseenter", "focus"]) {
      button.addEventListener(event, () => previewOutcomes(who));
    }
    for (const event of ["mouseleave", "blur"]) {
      button.addEventListener(event, () => previewOutcomes(null));
    }
    cards.push({ button, ...parts });
    byId("choices").append(make("li", {}, button));
  }
  byId("last-key").textContent = String(Math.min(9, CLOCK + 1));
}

function showCards() {
  const { graph, here } = session;
  const hint = nextOfHint();
  for (let who = 0; who <= CLOCK; who++) {
    const card = cards[who];
    const step = graph.step(here.node, who);
    card.button.setAttribute("aria-disabled", String(!step));
    card.button.classList.toggle("hinted", hint === who);
    card.badge.textContent = hint === who ? "hint" : "";
    if (step) showStep(card, step);
    else {
      card.does.textContent = whyNot(here.node, who);
      fill(card.changes);
      card.leads.textContent = "";
    }
  }
}

function showStep(card, step) {
  const label = labelOf(step.label);
  card.does.textContent = session.graph.said(step).join("  ");
  const there = session.graph.brokenAt.get(step.to) || [];
  const broken = [...label.broken, ...there].map(({ what }) => violation(what).id);
  fill(
    card.changes,
    label.changes.map((change) => make("span", { class: "change" }, change)),
    [...new Set(broken)].map((id) => make("span", { class: "breaks" }, `✗ breaks ${id}`)),
  );
  card.leads.textContent = leadsTo(step.to);
}

/** A line that describes where a step can lead. */
function leadsTo(node) {
  const { graph } = session;
  const found = graph.reachable(node);
  const parts = [];
  if (graph.endOf.has(node)) parts.push("the race ends");
  else if (found.ends.size > 0) {
    parts.push(`leads to ${found.ends.size} of ${count(graph.outcomes.length, "end")}`);
    parts.push(ways(found.all));
  }
  if (found.beyond > 0) {
    parts.push(parts.length > 0 ? "and beyond this page" : "leads beyond this page");
  }
  const broken = [...found.violated.keys()].map((what) => violation(graph.violated[what]).id);
  if (broken.length > 0) parts.push(`can break ${broken.join(", ")}`);
  return parts.join(" · ");
}

/** The reason why an actor or the clock cannot step. */
function whyNot(node, who) {
  const { graph } = session;
  if (graph.isBeyond.has(node)) return "not held in this page";
  if (who === CLOCK) {
    const isUrgent = data.time === "urgent" && graph.steps(node).length > 0;
    return isUrgent ? "moves only when nobody can step" : "nobody waits for a time";
  }
  const place = graph.place(node, who);
  return place.operation === null ? "has finished" : place.wait || "waits";
}

function choose(who) {
  const step = session.graph.step(session.here.node, who);
  if (!step) {
    say(`${nameOf(who)} cannot step: ${whyNot(session.here.node, who)}`);
    return;
  }
  session.take(who);
  say(`Choice ${session.here.depth}, ${nameOf(who)}: ${session.graph.said(step).join(", ")}.`);
  refresh();
}

function say(sentence) {
  byId("said").textContent = sentence;
}

function showWhere() {
  const { graph, here } = session;
  const found = graph.reachable(here.node);
  const step = here.depth === 0 ? "At the start" : `After ${count(here.depth, "step")}`;
  const isOver = graph.endOf.has(here.node);
  const unknown = found.beyond > 0 ? ", within this page; beyond it, unknown" : "";
  const isUnknown = found.ends.size === 0 && found.beyond > 0;
  byId("where").textContent = isOver
    ? `${step}, nothing more can happen.`
    : isUnknown
      ? `${step}, at ${graph.time(here.node)}: how it can end is unknown, beyond this page.`
      : `${step}, at ${graph.time(here.node)}: ${ways(found.all)} to go on, ` +
        `${count(found.ends.size, "end")} still possible${unknown}.`;
  // Not the `disabled` attribute: a reader who uses the keyboard would lose the focus.
  const able = (id, isAble) => byId(id).setAttribute("aria-disabled", String(!isAble));
  able("undo", here.parent !== null);
  able("redo", here.next !== null);
  able("restart", here.parent !== null);
  showOver();
}

/** Shows the end of the race, or where the page's graph was cut off. */
function showOver() {
  const { graph, here } = session;
  const over = byId("over");
  const outcome = graph.endOf.get(here.node);
  if (graph.isBeyond.has(here.node)) {
    over.className = "notice";
    fill(
      over,
      "This page holds nothing beyond this state. More: ",
      make("code", {}, "calloff explore --states-max N"),
    );
    show(over, true);
  } else if (show(over, outcome !== undefined)) {
    const { stuck } = graph.outcomes[outcome];
    const isWrong = session.broken().length > 0 || isAtClaim();
    over.className = `notice ${isWrong ? "bad" : stuck.length > 0 ? "warn" : "end"}`;
    const why = stuck.length > 0 && `Nothing more can happen: ${stuckInWords(here.node)}. `;
    fill(
      over,
      make("strong", {}, why || "The race is over. "),
      outcomeInWords(graph.outcomes[outcome]),
    );
  }
}

function outcomeInWords(outcome) {
  const parts = [];
  outcome.codes.forEach((codes, actor) => {
    const names = codes.map(textOrNothing).filter((name) => name !== null);
    if (names.length > 0) parts.push(`${nameOf(actor)}: ${names.join(", ")}`);
  });
  outcome.stuck.forEach((actor) => parts.push(`${nameOf(actor)} is stuck for ever`));
  return `${parts.join("; ")}.`;
}
