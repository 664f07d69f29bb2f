// The deciding pair: the two steps of a way whose order decides what the way shows.
//
// The definition is that of the command line (`sim/protocol/src/pair.rs`). Here swaps are tried by
// walking the graph. Where one leads beyond what the page holds, nothing is claimed.

/** Thrown when a step is needed from a state at which the graph was cut off. */
const BEYOND = Symbol("beyond");

/** A walk among the states, which records whether the clause in question was violated. */
class Run {
  constructor(graph, clause, node, isSeen) {
    Object.assign(this, { graph, clause, node, isSeen });
    this.look(null);
  }

  look(label) {
    if (this.clause === null || this.isSeen) return;
    this.isSeen = this.graph.breaks(this.clause, this.node, label);
  }

  /** Takes the next step of an actor or of the clock; returns whether it was possible. */
  take(who) {
    const { graph } = this;
    if (graph.isBeyond.has(this.node)) throw BEYOND;
    const at = graph.find(this.node, who);
    if (at < 0) return false;
    this.node = graph.edges[at + 1];
    this.look(graph.edges[at + 2]);
    return true;
  }

  /** Runs to the end: the first actor that can step does; the clock advances if none can. */
  complete() {
    const { graph } = this;
    while (!graph.endOf.has(this.node)) {
      if (graph.isBeyond.has(this.node)) throw BEYOND;
      this.take(graph.edges[graph.offsets[this.node] + 1]);
    }
    return { outcome: graph.endOf.get(this.node), isSeen: this.isSeen };
  }
}

/** The search for the pair of one way, which is a list of `{ who, node }`, one for each step. */
class Search {
  constructor(graph, steps, point) {
    Object.assign(this, { graph, steps, point });
    this.clause = point.clause ?? null;
    // For each step of the unchanged way: whether the clause was violated before it.
    const run = this.run(0, false);
    this.isSeenBefore = steps.map(({ who }) => {
      const before = run.isSeen;
      run.take(who);
      return before;
    });
    this.here = run.complete();
  }

  run(position, isSeen) {
    return new Run(this.graph, this.clause, this.before(position), isSeen);
  }

  before(position) {
    return position === 0 ? 0 : this.steps[position - 1].node;
  }

  /** Whether the next step of that actor belongs to the same instruction as in the way. */
  isSame(run, position) {
    const { who } = this.steps[position];
    const { graph } = this;
    if (who === CLOCK) return true;
    return graph.done(run.node, who) === graph.done(this.before(position), who);
  }

  /** The result if the second step comes right before the first; `null` if that is impossible. */
  swapped(first, second) {
    const { who } = this.steps[second];
    return this.moved(first, second, [who]) || this.moved(first, second, [who, CLOCK]);
  }

  /** The swapped way; the steps of the actors in `along` between the two are moved as well. */
  moved(first, second, along) {
    const { graph, steps } = this;
    const moves = (at) => first <= at && at <= second && along.includes(steps[at].who);
    if (moves(first)) return null;
    const run = this.run(first, this.isSeenBefore[first]);
    for (let at = first; at <= second; at++) {
      if (!moves(at)) continue;
      const { who, node } = steps[at];
      if (!this.isSame(run, at) || !run.take(who)) return null;
      // An advance of the clock to another time would be a different step.
      if (who === CLOCK && graph.now[run.node] !== graph.now[node]) return null;
    }
    if (!run.take(steps[first].who)) return null;
    for (let at = first + 1; at < steps.length; at++) {
      if (!moves(at) && this.isSame(run, at)) run.take(steps[at].who);
    }
    return run.complete();
  }

  isOther(there) {
    const { here, point, graph } = this;
    if (point.clause !== undefined) return here.isSeen && !there.isSeen;
    if (!point.isStuck) return here.outcome !== there.outcome;
    const stuck = ({ outcome }) => graph.outcomes[outcome].stuck.join();
    return stuck(here) !== stuck(there);
  }

  /** Returns `{ first, second, here, there }`, or `{ why }` if there is no pair. */
  decide() {
    let swaps = 0;
    for (let distance = 1; distance < this.steps.length; distance++) {
      for (let second = this.steps.length - 1; second >= distance; second--) {
        const first = second - distance;
        if (swaps++ === WORDS.decides.swapsMax) return { why: "unknown" };
        const there = this.swapped(first, second);
        if (there && this.isOther(there)) return { first, second, here: this.here, there };
      }
    }
    return { why: "nothing" };
  }
}

/** The pair that decides what a way shows, or `{ why }` if none is known. */
function deciding(graph, steps, point) {
  try {
    return new Search(graph, steps, point).decide();
  } catch (thrown) {
    if (thrown !== BEYOND) throw thrown;
    return { why: "beyond" };
  }
}
