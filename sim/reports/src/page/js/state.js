// The state panel: each actor's program with its position, and each call's state in the diagram.

const PARTS = ["request", "server", "outcome"];
const diagrams = [];

function makeState() {
  for (const name of data.calls) {
    const svg = byId("diagram").content.cloneNode(true).querySelector("svg");
    const words = make("p", { class: "note" });
    byId("calls").append(
      make("figure", {}, make("figcaption", {}, make("strong", {}, name), words), svg),
    );
    diagrams.push({ svg, words });
  }
}

function showState() {
  const { graph, here } = session;
  fill(
    byId("programs"),
    data.actors.map((actor, who) => {
      const { done, operation, depth } = graph.place(here.node, who);
      const steps = actor.steps.map((step, at) => {
        const state = at < done ? "done" : at === done ? "now" : "later";
        const sign = { done: "✓", now: "▶", later: "·" }[state];
        const is = { done: "done", now: "next", later: "later" }[state];
        return make(
          "li",
          { class: state },
          make("span", { "aria-hidden": "true" }, sign),
          make("span", { class: "quiet" }, `${is}: `),
          step,
        );
      });
      return make(
        "div",
        { class: "program" },
        make("h3", {}, actor.name),
        make("ol", {}, steps),
        make(
          "p",
          { class: "note" },
          `${operation === null ? "finished, " : ""}enable depth ${depth}`,
        ),
      );
    }),
  );
  const before = here.parent;
  data.calls.forEach((_, call) => {
    const state = graph.callState(here.node, call);
    lightUp(diagrams[call], state, before && graph.callState(before.node, call));
  });
}

function lightUp({ svg, words }, state, before) {
  for (const element of svg.querySelectorAll("[data-state]")) {
    const [part, at] = element.dataset.state.split(".").map(Number);
    element.classList.toggle("lit", state !== null && state.parts[part] === at);
  }
  for (const element of svg.querySelectorAll("[data-way]")) {
    const [part, from, to] = element.dataset.way.split(".").map(Number);
    const isTaken = state && before && before.parts[part] === from && state.parts[part] === to;
    element.classList.toggle("taken", Boolean(isTaken));
  }
  words.textContent = state === null ? "not issued yet" : stateInWords(svg, state);
}

function stateInWords(svg, state) {
  const name = (part) =>
    svg.querySelector(`[data-state="${part}.${state.parts[part]}"] text`).textContent;
  const detail = [state.until ? ` ${state.until}` : "", state.reply ? ` ${state.reply}` : "", ""];
  const parts = PARTS.map((title, part) => `${title} ${name(part)}${detail[part]}`);
  const cancelable = state.cancelable ? "enabled" : "disabled";
  return [`issued with cancellation ${cancelable}`, ...parts].join("; ");
}
