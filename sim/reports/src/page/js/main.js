// The page as a whole: selects the machine and the reading, and updates all panels after each step.

const sessions = [];
let session = null;

/** Shows a graph: after those choices from the start, or where the reader left it. */
function open(graph, choices) {
  const known = sessions[graph.position];
  session = known || (sessions[graph.position] = new Session(graph));
  show(byId("alert"), false);
  comparison = null;
  makeOutcomes();
  const wanted = choices || (known ? null : graph.start);
  if (wanted) session.replay(wanted);
  showHeader();
  refresh();
}

/** Updates everything on the page to the reader's position. */
function refresh() {
  showMachine();
  showWhere();
  showCards();
  showGoals();
  showLevels();
  const layout = laidOut(session);
  showLanes(layout);
  showState();
  showOutcomes();
  showBranches();
  showLink();
  showExport(layout);
}

const MEANINGS = {
  "at-issue": "A call can be canceled if its thread had enabled that when the call was issued",
  "at-request": "A call can be canceled while its thread has that enabled",
  canceller: "Cancel itself waits for its seconds to pass",
  caller: "Cancel returns at once, and the caller’s wait ends when the seconds have passed",
};

function showHeader() {
  const { graph } = session;
  const known = "the page knows what each choice does and where it can still lead.";
  byId("held").textContent = graph.whole
    ? `All ${count(graph.size, "state")} were explored beforehand, so ${known}`
    : "It has more states than this page holds: within the nearest " +
      `${grouped(graph.size)}, ${known}`;
  byId("meaning").textContent = `${MEANINGS[graph.cancelable]}; ${MEANINGS[graph.waiter]}.`;
  const right = counterpart(graph);
  byId("reading").value = String((right || graph).position);
}

function showBranches() {
  const leaves = session.leaves();
  byId("branches-note").textContent =
    leaves.length > 1
      ? "Nothing that you tried is lost: go back to any of them."
      : "Undo and choose otherwise, and both ways stay here.";
  const items = leaves
    .filter((leaf) => leaf.depth > 0)
    .map((leaf, number) => {
      const names = [];
      for (let at = leaf; at.parent; at = at.parent) names.unshift(nameOf(at.who));
      const end = session.graph.endOf.has(leaf.node) ? ", to the end" : "";
      const isHere = leaf === session.here;
      return make(
        "li",
        {},
        make(
          "button",
          {
            type: "button",
            class: "branch",
            "aria-current": isHere ? "true" : null,
            onclick: () => {
              session.go(leaf);
              refresh();
            },
          },
          make(
            "strong",
            {},
            `${isHere ? "▶ " : ""}Branch ${number + 1}: ${count(leaf.depth, "step")}${end}`,
          ),
          make("span", { class: "note" }, names.join(" · ")),
        ),
      );
    });
  fill(byId("branches"), items);
}

function showTheme() {
  const theme = document.documentElement.dataset.theme || "auto";
  byId("theme").textContent = `Theme: ${theme}`;
}

function nextTheme() {
  const order = { auto: "light", light: "dark", dark: "auto" };
  const next = order[document.documentElement.dataset.theme || "auto"];
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  showTheme();
}

function undo() {
  if (!session.here.parent) return say("There is nothing to undo.");
  session.undo();
  say(`Undone. ${count(session.here.depth, "step")} so far.`);
  refresh();
}

function redo() {
  if (!session.here.next) return say("There is nothing to redo.");
  session.redo();
  say(`${count(session.here.depth, "step")} so far.`);
  refresh();
}

function onKey(event) {
  const isTyping = ["INPUT", "TEXTAREA", "SELECT"].includes(event.target.tagName);
  if (isTyping || event.ctrlKey || event.altKey || event.metaKey) return;
  const who = Number(event.key) - 1;
  if (event.key === "u") undo();
  else if (event.key === "r") redo();
  else if (event.key.length === 1 && who >= 0 && who <= CLOCK) choose(who);
  else return;
  event.preventDefault();
}

function start() {
  byId("tool").textContent = data.tool;
  byId("name").textContent = data.name;
  show(byId("summary"), data.summary !== "");
  byId("summary").textContent = data.summary;
  for (const graph of graphs.filter((graph) => !graph.fault)) {
    const name = `${graph.cancelable}, the ${graph.waiter} waits`;
    byId("reading").append(make("option", { value: graph.position }, name));
  }
  makeCards();
  makeState();
  const on = (id, event, action) => byId(id).addEventListener(event, action);
  on("undo", "click", undo);
  on("redo", "click", redo);
  on("restart", "click", () => {
    session.go(session.root);
    say("At the start.");
    refresh();
  });
  on("theme", "click", nextTheme);
  on("reading", "change", () => open(graphs[Number(byId("reading").value)], null));
  on("format", "change", () => showExport(laidOut(session)));
  on("copy", "click", () => copy(byId("export").value, "Export"));
  on("copy-link", "click", () => copy(location.href.split("#")[0] + fragment(), "Link"));
  on("download", "click", download);
  document.addEventListener("keydown", onKey);
  const followLink = (hash) => hash.startsWith("#s=") && follow(hash);
  // Use the event's address: by now the page's address may already have changed again.
  addEventListener("hashchange", (event) => followLink(new URL(event.newURL).hash));
  showTheme();
  const asked = location.hash;
  open(graphs[0], null);
  followLink(asked);
}

start();
