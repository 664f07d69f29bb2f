// The explored graph: looks things up in the page's data. This code does not know what a step does;
// every state and every step was explored before the page was written.

const data = JSON.parse(byId("data").textContent);
const CLOCK = data.actors.length;
const nameOf = (who) => (who === CLOCK ? "clock" : data.actors[who].name);
const text = (position) => data.tables.strings[position];
const textOrNothing = (position) => (position === 0 ? null : text(position - 1));

class Graph {
  constructor(graph, position) {
    Object.assign(this, graph);
    this.position = position;
    this.size = graph.now.length;
    // The position of each state's first step in the list of all steps.
    this.offsets = new Int32Array(this.size);
    for (let node = 0, at = 0; node < this.size; node++) {
      this.offsets[node] = at;
      at += 1 + 3 * graph.edges[at];
    }
    this.endOf = new Map(graph.ends);
    this.isBeyond = new Set(graph.beyond);
    this.brokenAt = new Map();
    for (const [node, what, message] of graph.broken) {
      if (!this.brokenAt.has(node)) this.brokenAt.set(node, []);
      this.brokenAt.get(node).push({ what, message: text(message) });
    }
  }

  /** The steps that are possible in a state. */
  steps(node) {
    const steps = [];
    const offset = this.offsets[node];
    for (let i = 0; i < this.edges[offset]; i++) {
      const at = offset + 1 + 3 * i;
      const [who, to, label] = [this.edges[at], this.edges[at + 1], this.edges[at + 2]];
      steps.push({ who, to, label });
    }
    return steps;
  }

  /** The step of an actor or of the clock; `undefined` if it cannot step. */
  step(node, who) {
    return this.steps(node).find((step) => step.who === who);
  }

  /** The position of that step in the list of all steps; -1 if it is not possible. */
  find(node, who) {
    const offset = this.offsets[node] + 1;
    for (let i = 0; i < this.edges[offset - 1]; i++) {
      if (this.edges[offset + 3 * i] === who) return offset + 3 * i;
    }
    return -1;
  }

  /** The lines that describe a step. */
  said({ who, to, label }) {
    if (who === CLOCK) return [`${WORDS.advances} ${this.time(to)}`];
    return labelOf(label).lines.map(signed);
  }

  /** The time in a state. */
  time(node) {
    return text(this.now[node]);
  }

  /** The number of instructions that an actor has finished. */
  done(node, actor) {
    return data.tables.places[this.places[node * data.actors.length + actor]][3];
  }

  /** The position of an actor in a state. */
  place(node, actor) {
    const position = this.places[node * data.actors.length + actor];
    const [operation, wait, depth, done] = data.tables.places[position];
    return { operation: textOrNothing(operation), wait: textOrNothing(wait), depth, done };
  }

  /** The state of a call: positions in the diagram, and details; `null` if it was not issued. */
  callState(node, call) {
    const state = data.tables.states[this.states[node * data.calls.length + call]];
    if (state.length === 0) return null;
    const [request, server, settled, until, reply, cancelable] = state;
    return {
      parts: [request, server, settled],
      until: textOrNothing(until),
      reply: textOrNothing(reply),
      cancelable: cancelable === 1,
    };
  }

  /** What can still come from a state, with the number of ways: by outcome, and by violation. */
  reachable(node) {
    const pairs = this.reach[this.ways[node]];
    const found = { ends: new Map(), violated: new Map(), beyond: 0, all: 0 };
    for (let i = 0; i < pairs.length; i += 2) {
      const [what, number] = [pairs[i], pairs[i + 1]];
      if (what > this.outcomes.length) {
        found.violated.set(what - this.outcomes.length - 1, number);
        continue;
      }
      if (what === this.outcomes.length) found.beyond = number;
      else found.ends.set(what, number);
      found.all = Math.min(found.all + number, WAYS_MAX);
    }
    return found;
  }

  /** Whether something is violated in a state, or by the step to it (`null`: no step). */
  breaks(what, node, label) {
    const there = this.brokenAt.get(node) || [];
    const byStep = label === null ? [] : data.tables.labels[label][2];
    return there.some((broken) => broken.what === what) || byStep.some(([it]) => it === what);
  }

  /** Whether a state, or the step to it, meets the goal. */
  meets(goal, node, label) {
    if (goal.violated === null) return goal.ends.includes(this.endOf.get(node));
    return this.breaks(this.violated[goal.violated], node, label);
  }

  /** The number of ways from a state on which the goal is met. */
  waysTo(goal, node) {
    const found = this.reachable(node);
    if (goal.violated !== null) return found.violated.get(goal.violated) || 0;
    const numbers = goal.ends.map((end) => found.ends.get(end) || 0);
    return Math.min(
      numbers.reduce((one, other) => one + other, 0),
      WAYS_MAX,
    );
  }

  /** A shortest list of choices that leads from a state to the goal; `null` if there is none. */
  shortest(goal, from) {
    if (this.meets(goal, from, null)) return [];
    // Plain loops over numbers, so that the first click is fast too.
    const { edges, offsets } = this;
    const { isThere, byStep } = this.meetings(goal);
    // How each state was found: the state before it, and who stepped.
    const before = new Int32Array(this.size).fill(-1);
    const by = new Int32Array(this.size);
    before[from] = from;
    const queue = [from];
    for (let done = 0; done < queue.length; done++) {
      const node = queue[done];
      const first = offsets[node] + 1;
      const end = first + 3 * edges[first - 1];
      for (let at = first; at < end; at += 3) {
        const to = edges[at + 1];
        if (isThere[to] === 1 || byStep.has(edges[at + 2])) {
          const choices = [edges[at]];
          for (let back = node; back !== from; back = before[back]) choices.push(by[back]);
          return choices.reverse();
        }
        if (before[to] >= 0) continue;
        before[to] = node;
        by[to] = edges[at];
        queue.push(to);
      }
    }
    return null;
  }

  /** All states and all steps that meet a goal. */
  meetings(goal) {
    const isThere = new Uint8Array(this.size);
    const byStep = new Set();
    if (goal.violated === null) {
      for (const [node, outcome] of this.endOf) {
        if (goal.ends.includes(outcome)) isThere[node] = 1;
      }
      return { isThere, byStep };
    }
    const what = this.violated[goal.violated];
    for (const node of this.brokenAt.keys()) {
      if (this.breaks(what, node, null)) isThere[node] = 1;
    }
    data.tables.labels.forEach(([, , broken], label) => {
      if (broken.some(([it]) => it === what)) byStep.add(label);
    });
    return { isThere, byStep };
  }

  /** A shortest list of choices from the start to an outcome. */
  toOutcome(outcome) {
    return this.shortest({ ends: [outcome], violated: null }, 0);
  }
}

const labels = new Map();

/** The label of a step: its lines, its changes and violations, the lane that it concerns. */
function labelOf(position) {
  if (!labels.has(position)) {
    const [lines, changes, broken, towards] = data.tables.labels[position];
    labels.set(position, {
      lines: lines.map(([kind, line]) => ({ kind, text: text(line) })),
      changes: changes.map(text),
      broken: broken.map(([what, message]) => ({ what, message: text(message) })),
      // The lane of the actor that it concerns.
      towards: towards === 0 ? null : towards - 1,
    });
  }
  return labels.get(position);
}

/** A violation: its id, its sentence, its source, and whether it is of a clause. */
function violation(what) {
  const [id, sentence, source, isClause] = data.tables.violated[what];
  return { id, sentence, source, isClause };
}

const graphs = data.graphs.map((graph, position) => new Graph(graph, position));
