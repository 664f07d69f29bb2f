// Links: a position as the names of those who stepped, in the part of the address after the `#`.

/** The position as a fragment; the page's default machine is omitted. */
function fragment() {
  const { graph } = session;
  const names = session.choices().map((who) => encodeURIComponent(nameOf(who)));
  let hash = `#s=${names.join(",")}`;
  const first = graphs[0];
  if (graph.cancelable !== first.cancelable || graph.waiter !== first.waiter) {
    hash += `&r=${graph.cancelable}/${graph.waiter}`;
  }
  const fault = graph.fault ? graph.fault.name : "";
  if (fault !== (first.fault ? first.fault.name : "")) hash += `&m=${fault}`;
  return hash;
}

/** Opens the position in a fragment; reports what is wrong with the fragment in words. */
function follow(hash) {
  const parts = new Map(
    hash
      .slice(1)
      .split("&")
      .map((part) => {
        const at = part.indexOf("=");
        return [part.slice(0, at), part.slice(at + 1)];
      }),
  );
  const graph = graphOf(parts);
  if (!graph) {
    complain("The link names a reading or a machine that is not in this page.");
    return;
  }
  const listed = parts.get("s");
  const names = listed === "" ? [] : listed.split(",").map(decoded);
  open(graph, []);
  names.every((name, position) => stepByName(name, position));
  refresh();
}

function graphOf(parts) {
  const [first, fault] = [graphs[0], parts.get("m")];
  const reading = parts.get("r") || `${first.cancelable}/${first.waiter}`;
  const wanted = fault === undefined ? first.fault && first.fault.name : fault;
  return graphs.find(
    (graph) =>
      `${graph.cancelable}/${graph.waiter}` === reading &&
      (graph.fault ? graph.fault.name : "") === (wanted || ""),
  );
}

function stepByName(name, position) {
  const { graph, here } = session;
  const who = name === "clock" ? CLOCK : data.actors.findIndex((actor) => actor.name === name);
  const enabled =
    graph
      .steps(here.node)
      .map((step) => nameOf(step.who))
      .join(", ") || "nobody";
  const at = `The link stops at choice ${position + 1}: `;
  if (who === -1) complain(`${at}nobody is called “${name}”. Possible there: ${enabled}.`);
  else if (session.take(who)) return true;
  else
    complain(`${at}“${name}” cannot step (${whyNot(here.node, who)}). Possible there: ${enabled}.`);
  return false;
}

function decoded(name) {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function complain(sentence) {
  const alert = byId("alert");
  fill(
    alert,
    sentence,
    " ",
    make(
      "button",
      { type: "button", class: "small", onclick: () => show(alert, false) },
      "Dismiss",
    ),
  );
  show(alert, true);
}

let hashTimer = null;

/** Keeps the address up to date, with a delay: browsers limit how often it may change. */
function showLink() {
  const hash = fragment();
  byId("link").textContent = hash;
  byId("link").setAttribute("href", hash);
  clearTimeout(hashTimer);
  hashTimer = setTimeout(() => {
    if (session.here.depth === 0 && location.hash === "") return;
    history.replaceState(null, "", hash);
  }, 300);
}
