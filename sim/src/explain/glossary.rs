//! The glossary: the words of the reports, what each one means, and where to read on.
//! `docs/glossary.md` is generated from it.

/// A word that the reports use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// Other words for it, and its other forms.
    pub also: &'static [&'static str],
    /// Its meaning, in two sentences.
    pub meaning: &'static str,
    /// The page of the documentation to read on, in `docs/`.
    pub page: &'static str,
    /// The names of related topics.
    pub see: &'static [&'static str],
}

impl Word {
    /// The first sentence of the meaning.
    pub fn short(&self) -> &'static str {
        super::first_sentence(self.meaning)
    }
}

/// The word with that name, which is written in lower case with single spaces.
pub(super) fn named(name: &str) -> Option<&'static Word> {
    GLOSSARY.iter().find(|word| word.name == name || word.also.contains(&name))
}

/// All words, in alphabetical order.
pub const GLOSSARY: &[Word] = &[
    Word {
        name: "actor",
        also: &["actors", "thread", "com thread"],
        meaning: "Somebody who takes steps, one after the other: a caller, a server, a canceller. \
                  Each is one COM thread, and has a column in the lanes.",
        page: "scenarios.md",
        see: &["step", "lane"],
    },
    Word {
        name: "bound",
        also: &["exhausted", "inconclusive"],
        meaning: "How far an engine went: through everything (exhausted), through a part, or \
                  until a limit was hit. What was only looked at in part is never called proven.",
        page: "engines.md",
        see: &["engine", "verdict"],
    },
    Word {
        name: "cancelable",
        also: &[],
        meaning: "Whether a call may be canceled at all, which its thread allows by enabling \
                  cancellation. The sources leave open when that is looked at: as the call is \
                  issued, or as the request is made.",
        page: "semantics.md",
        see: &["depth", "at-issue", "at-request"],
    },
    Word {
        name: "choice",
        also: &["choices"],
        meaning: "Who takes the next step: the name of an actor, or `clock` when time advances. A \
                  row of choices is a schedule.",
        page: "playing.md",
        see: &["schedule", "clock"],
    },
    Word {
        name: "clause",
        also: &["clauses"],
        meaning: "One promise of the documentation, as a rule that every execution is held \
                  against: K1, K2 and so on. Some must hold always, others must be seen at least \
                  once.",
        page: "semantics.md",
        see: &["K1", "K2"],
    },
    Word {
        name: "clock",
        also: &["time", "free", "urgent"],
        meaning: "The virtual time of an execution, which stands still until somebody lets it \
                  advance to the next deadline. A free clock may do so between any two steps, an \
                  urgent one only when nobody can step.",
        page: "scenarios.md",
        see: &["window", "sleep"],
    },
    Word {
        name: "code",
        also: &["codes", "hresult", "return code"],
        meaning: "The number that an operation returns to say how it went, shown by its name. COM \
                  calls it an HRESULT: those from 0x80000000 on are failures.",
        page: "semantics.md",
        see: &["S_OK", "RPC_E_CALL_COMPLETE"],
    },
    Word {
        name: "counterexample",
        also: &["finding", "findings"],
        meaning: "An execution that breaks a promise, written down so that it can be seen again \
                  anywhere. As a file it holds the scenario, the reading and the schedule.",
        page: "counterexamples.md",
        see: &["schedule", "witness"],
    },
    Word {
        name: "deadline",
        also: &[],
        meaning: "The moment at which a window or a sleep is over. The clock stops at each of \
                  them, and what it ends happens in a step of its own.",
        page: "course/the-window.md",
        see: &["window", "expired"],
    },
    Word {
        name: "deciding pair",
        also: &["pair", "decides", "order"],
        meaning: "The two steps, marked ◀a and ◀b, whose order makes an execution come out as it \
                  does. Had the second come before the first, it would have come out otherwise.",
        page: "playing.md",
        see: &["step", "lane"],
    },
    Word {
        name: "depth",
        also: &["enabled", "disabled", "cancellation enabled", "cancellation disabled"],
        meaning: "How many times more a thread has enabled cancellation than disabled it. At 0 \
                  cancellation is disabled there, as it is for every thread that says nothing.",
        page: "course/disabled.md",
        see: &["enable", "CO_E_CANCEL_DISABLED"],
    },
    Word {
        name: "dispatched",
        also: &["running", "not dispatched", "skipped"],
        meaning: "A call is dispatched when its server enters the method, and runs until the \
                  server replies. One that is over before that is skipped: the method is never \
                  entered.",
        page: "semantics.md",
        see: &["dispatch", "reply"],
    },
    Word {
        name: "end",
        also: &["ends", "outcome", "outcomes"],
        meaning: "How an execution comes out: every code that each actor got, and who is stuck. \
                  Many schedules come to the same end.",
        page: "scenarios.md",
        see: &["code", "stuck"],
    },
    Word {
        name: "engine",
        also: &["engines"],
        meaning: "A way of going through the executions of a scenario. One explores the model of \
                  call cancellation, the others run code that implements it, and they are held \
                  against each other.",
        page: "engines.md",
        see: &["protocol", "exhaustive"],
    },
    Word {
        name: "execution",
        also: &["executions", "interleaving", "interleavings"],
        meaning: "One order in which the steps of all actors can happen, from the start to an \
                  end. A race is that there are many of them, and that they do not end alike.",
        page: "course/why-cancel-is-hard.md",
        see: &["schedule", "end"],
    },
    Word {
        name: "expired",
        also: &["expiry", "expires", "expire"],
        meaning: "A request has expired when its window is over and the server has not replied: \
                  from then on the caller waits no more. It is told that its call was canceled, \
                  unless a reply arrives before it has looked.",
        page: "course/the-window.md",
        see: &["window", "request"],
    },
    Word {
        name: "found the call",
        also: &[],
        meaning: "A cancel of a thread first finds out which call that thread waits for, and asks \
                  for it to be canceled in a second step. Between the two the call may be over.",
        page: "semantics.md",
        see: &["cancel", "E_NOINTERFACE"],
    },
    Word {
        name: "handle",
        also: &["handles", "object", "objects", "cancel object", "stale"],
        meaning: "A cancel object: what a canceller holds to reach one call, whatever that call's \
                  thread does next. It is stale when its call is over; then it answers for that \
                  call still, and reaches no other.",
        page: "course/nested-and-stale.md",
        see: &["get_cancel_object", "cancel"],
    },
    Word {
        name: "history",
        also: &["event", "events"],
        meaning: "What can be seen of an execution from outside: which operations began and \
                  ended, when, and with which codes. Clauses judge that and nothing else.",
        page: "architecture.md",
        see: &["clause", "execution"],
    },
    Word {
        name: "innermost",
        also: &["nested", "outer"],
        meaning: "A thread that waits for a call may serve another one meanwhile, and call out \
                  again from there. A cancel of that thread is for the call it issued last, the \
                  innermost one.",
        page: "course/nested-and-stale.md",
        see: &["cancel", "handle"],
    },
    Word {
        name: "lane",
        also: &["lanes"],
        meaning: "A column in the picture of an execution: the clock's or an actor's, with time \
                  running down. │ is somebody who could step and does not, ┊ somebody who has to \
                  wait, … an operation that goes on, = what one returns.",
        page: "playing.md",
        see: &["actor", "deciding pair"],
    },
    Word {
        name: "limit",
        also: &["limits", "states-max", "executions-max", "stopped"],
        meaning: "How far an engine may go before it gives up: a number of states, of executions, \
                  of seconds. Each has a default and a flag, and a report says if one was hit.",
        page: "scenarios.md",
        see: &["bound", "state"],
    },
    Word {
        name: "machine",
        also: &["model"],
        meaning: "The rules of call cancellation, written down once as a function from a state \
                  and an operation to what comes of it. It knows no threads and no time of its \
                  own.",
        page: "semantics.md",
        see: &["monitor", "state"],
    },
    Word {
        name: "monitor",
        also: &[],
        meaning: "The machine behind a lock, so that real threads can use it and wait in it: the \
                  code that a program ships. Engines run it to see that it ends as the machine \
                  does.",
        page: "architecture.md",
        see: &["machine", "exhaustive"],
    },
    Word {
        name: "pending",
        also: &["call pending", "pending call"],
        meaning: "A call is pending from its issue until its caller has come back from it; only \
                  then is there something to cancel. `TestCancel` says so of one that nobody has \
                  asked to be canceled: RPC_S_CALLPENDING.",
        page: "semantics.md",
        see: &["settled", "innermost"],
    },
    Word {
        name: "reading",
        also: &["readings"],
        meaning: "One way to understand the sources, where they allow two meanings. There are \
                  four, written as `at-issue / canceller`: when it is decided whether a call can \
                  be canceled, and who waits for the window.",
        page: "semantics.md",
        see: &["at-issue", "canceller"],
    },
    Word {
        name: "replied",
        also: &["late reply", "result"],
        meaning: "The server has sent the result of a call, which its caller gets when it looks. \
                  A reply to a call that was canceled by then is late, and is dropped.",
        page: "semantics.md",
        see: &["reply", "settled"],
    },
    Word {
        name: "request",
        also: &["requests", "request accepted", "accepted"],
        meaning: "What `Cancel` makes: the wish that a call be canceled. It is accepted once for \
                  each call, and is open until its window is over.",
        page: "course/s-ok-is-not-canceled.md",
        see: &["window", "S_OK"],
    },
    Word {
        name: "scenario",
        also: &["scenarios", "corpus"],
        meaning: "A file that says who does what, one list of steps for each actor, and nothing \
                  of the order between them. The shipped ones are the corpus.",
        page: "scenarios.md",
        see: &["actor", "step"],
    },
    Word {
        name: "schedule",
        also: &["schedules"],
        meaning: "One order of all steps, as a list of who takes the next one: `caller canceller \
                  clock`. With a scenario and a reading it is a whole execution, which `calloff \
                  replay` shows again.",
        page: "playing.md",
        see: &["choice", "execution"],
    },
    Word {
        name: "seeded bug",
        also: &["seeded bugs", "fault", "faults", "bug"],
        meaning: "A mistake that calloff can plant into the machine or into the code round it, to \
                  see that the checks notice. `calloff faults --list` names them all.",
        page: "zoo.md",
        see: &["clause", "second-cancel-accepted"],
    },
    Word {
        name: "settled",
        also: &["completed", "canceled", "cancelled", "complete"],
        meaning: "A call is settled when its caller has come back from it: completed, with the \
                  server's result, or canceled, with RPC_E_CALL_CANCELED. That happens once, and \
                  never changes.",
        page: "semantics.md",
        see: &["await", "request"],
    },
    Word {
        name: "state",
        also: &["states"],
        meaning: "Where everybody is at one moment, and all that the machine remembers. An engine \
                  that meets a state again need not go on from it, which is why it can see them \
                  all.",
        page: "course/how-the-proof-works.md",
        see: &["machine", "bound"],
    },
    Word {
        name: "step",
        also: &["steps"],
        meaning: "The smallest thing that happens: nobody else comes in between. An operation \
                  takes one or several, and between those the others may take theirs.",
        page: "scenarios.md",
        see: &["actor", "execution"],
    },
    Word {
        name: "stuck",
        also: &["for ever", "stuck for ever"],
        meaning: "An actor is stuck when it waits for something that can never come any more. A \
                  file that does not expect it is told so.",
        page: "course/real-clients.md",
        see: &["end", "infinite"],
    },
    Word {
        name: "verdict",
        also: &["verdicts", "holds", "violated"],
        meaning: "What a check comes to: it holds in every execution, something is violated, or \
                  it is inconclusive. It never holds when a limit was hit.",
        page: "scenarios.md",
        see: &["bound", "clause"],
    },
    Word {
        name: "waiter",
        also: &[],
        meaning: "Who waits while a window runs: the canceller in its `Cancel`, or the caller \
                  alone, so that `Cancel` returns at once. The sources say both, and each is a \
                  reading.",
        page: "semantics.md",
        see: &["canceller", "window"],
    },
    Word {
        name: "way",
        also: &["ways"],
        meaning: "One execution, where they are counted: from here to an end. Two ways may come \
                  to the same end.",
        page: "explore.md",
        see: &["execution", "end"],
    },
    Word {
        name: "window",
        also: &["windows", "infinite", "infinite window", "seconds", "timeout"],
        meaning: "The seconds that `Cancel` gives the server to reply all the same. A window of 0 \
                  is over at once; an infinite one is ended by a reply alone.",
        page: "course/the-window.md",
        see: &["cancel", "expired"],
    },
    Word {
        name: "witness",
        also: &["witnesses"],
        meaning: "An execution that shows that something can happen. `calloff witness` finds the \
                  shortest one, or proves that there is none.",
        page: "playing.md",
        see: &["counterexample", "schedule"],
    },
];
