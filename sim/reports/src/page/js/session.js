// The reader's walk: a tree of all visited positions, and the current one. No position is lost.

class Session {
  constructor(graph) {
    this.graph = graph;
    this.root = { node: 0, parent: null, who: null, step: null, kids: [], next: null, depth: 0 };
    this.here = this.root;
    this.reached = new Set();
    this.hinted = null;
    this.noteGoals();
  }

  /** Takes a step, unless it is not possible; returns whether it was taken. */
  take(who) {
    const step = this.graph.step(this.here.node, who);
    if (!step) return false;
    let kid = this.here.kids.find((known) => known.who === who);
    if (!kid) {
      const [parent, depth] = [this.here, this.here.depth + 1];
      kid = { node: step.to, parent, who, step, kids: [], next: null, depth };
      this.here.kids.push(kid);
    }
    this.go(kid);
    return true;
  }

  /** Goes to a position that was visited before; redo then follows the same way. */
  go(position) {
    this.here = position;
    for (let at = position; at.parent; at = at.parent) at.parent.next = at;
    this.noteGoals();
  }

  undo() {
    if (this.here.parent) this.here = this.here.parent;
  }

  redo() {
    if (this.here.next) this.go(this.here.next);
  }

  /** Walks from the start; returns how many of the choices were possible. */
  replay(choices) {
    this.here = this.root;
    for (let done = 0; done < choices.length; done++) {
      if (!this.take(choices[done])) return done;
    }
    return choices.length;
  }

  /** The positions from the first step to here. */
  path() {
    const path = [];
    for (let at = this.here; at.parent; at = at.parent) path.push(at);
    return path.reverse();
  }

  choices() {
    return this.path().map((position) => position.who);
  }

  /** The last position of every branch, in the order in which the branches were created. */
  leaves(at = this.root) {
    return at.kids.length === 0 ? [at] : at.kids.flatMap((kid) => this.leaves(kid));
  }

  /** All violations on the way to here, each with the step at which it shows. */
  broken() {
    const found = [];
    for (const at of this.path()) {
      const there = this.graph.brokenAt.get(at.node) || [];
      for (const { what, message } of [...labelOf(at.step.label).broken, ...there]) {
        if (!found.some((known) => known.what === what)) found.push({ what, message, at });
      }
    }
    return found;
  }

  noteGoals() {
    const label = this.here.step ? this.here.step.label : null;
    this.graph.goals.forEach((goal, position) => {
      if (this.graph.meets(goal, this.here.node, label)) this.reached.add(position);
    });
  }
}
