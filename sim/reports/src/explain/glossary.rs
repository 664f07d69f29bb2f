//! The words of the reports: what each means, and where to read on. `docs/glossary.md` is
//! generated from this table.

/// A word that the reports use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word {
    /// The word.
    pub name: &'static str,
    /// Synonyms and other forms.
    pub also: &'static [&'static str],
    /// Its meaning, in two sentences.
    pub meaning: &'static str,
    /// The page of the documentation to read on, in `docs/`.
    pub page: &'static str,
    /// Names of related topics.
    pub see: &'static [&'static str],
}

impl Word {
    /// The first sentence of the meaning.
    pub fn short(&self) -> &'static str {
        super::first_sentence(self.meaning)
    }
}

/// The word with that name, in lower case with single spaces.
pub(super) fn named(name: &str) -> Option<&'static Word> {
    GLOSSARY.iter().find(|word| word.name == name || word.also.contains(&name))
}

/// Every word, in alphabetical order.
pub const GLOSSARY: &[Word] = &[
    Word {
        name: "actor",
        also: &["actors", "thread", "com thread"],
        meaning: "A COM thread of a scenario: a caller, a server or a canceller. It takes its \
                  steps one after the other, and has a column in the lanes.",
        page: "scenarios.md",
        see: &["step", "lane"],
    },
    Word {
        name: "bound",
        also: &["exhausted", "inconclusive"],
        meaning: "How far an engine explored: everything (exhausted), a part, or up to a limit. \
                  Only what is exhausted is called proven.",
        page: "engines.md",
        see: &["engine", "verdict"],
    },
    Word {
        name: "cancelable",
        also: &[],
        meaning: "Whether a call can be canceled, which its thread decides by enabling or \
                  disabling cancellation. The sources leave open which moment counts: when the \
                  call is issued, or when the request is made.",
        page: "semantics.md",
        see: &["depth", "at-issue", "at-request"],
    },
    Word {
        name: "choice",
        also: &["choices"],
        meaning: "Who takes the next step: the name of an actor, or `clock` when time advances. \
                  A list of choices is a schedule.",
        page: "playing.md",
        see: &["schedule", "clock"],
    },
    Word {
        name: "clause",
        also: &["clauses"],
        meaning: "A rule taken from the documentation, against which every execution is checked: \
                  K1, K2 and so on. Some clauses must always hold, others must be seen at least \
                  once.",
        page: "semantics.md",
        see: &["K1", "K2"],
    },
    Word {
        name: "client program",
        also: &["client programs"],
        meaning: "A scenario with loops, decisions, locks, events, or cancel objects of its own: \
                  whatever a program does between its calls. The engines that run code take \
                  it, too, where they can.",
        page: "client-programs.md",
        see: &["scenario", "starving"],
    },
    Word {
        name: "clock",
        also: &["time", "free", "urgent"],
        meaning: "The virtual time of an execution, which advances only from one deadline to the \
                  next. A free clock may advance between any two steps, an urgent one only when \
                  nobody can step.",
        page: "scenarios.md",
        see: &["window", "sleep"],
    },
    Word {
        name: "code",
        also: &["codes", "hresult", "return code"],
        meaning: "The number that an operation returns as its result, shown by its name. COM \
                  calls it an HRESULT: values from 0x80000000 on are failures.",
        page: "semantics.md",
        see: &["S_OK", "RPC_E_CALL_COMPLETE"],
    },
    Word {
        name: "counterexample",
        also: &["finding", "findings"],
        meaning: "An execution that breaks a clause. As a file it holds the scenario, the \
                  reading and the schedule, so that it can be replayed anywhere.",
        page: "counterexamples.md",
        see: &["schedule", "witness"],
    },
    Word {
        name: "custom object",
        also: &["custom cancel object", "custom objects"],
        meaning: "A cancel object that a client sets on its own thread with \
                  CoSetCancelObject. A cancel of the thread finds it while it is \
                  topmost, and returns the code that it returns.",
        page: "client-programs.md",
        see: &["client program", "handle"],
    },
    Word {
        name: "daemon",
        also: &["daemons"],
        meaning: "An actor that need not finish: a server that serves for ever, a watchdog. An \
                  execution is over when all others have finished.",
        page: "client-programs.md",
        see: &["actor", "end"],
    },
    Word {
        name: "deadline",
        also: &[],
        meaning: "The moment at which a window or a sleep ends. The clock stops at each \
                  deadline, and what ends there happens in a step of its own.",
        page: "course/the-window.md",
        see: &["window", "expired"],
    },
    Word {
        name: "deciding pair",
        also: &["pair", "decides", "order"],
        meaning: "Two steps, marked ◀a and ◀b, whose order decides how the execution ends. If \
                  the second came before the first, the execution would end differently.",
        page: "playing.md",
        see: &["step", "lane"],
    },
    Word {
        name: "depth",
        also: &["enabled", "disabled", "cancellation enabled", "cancellation disabled"],
        meaning: "How many more times a thread has enabled cancellation than disabled it. At \
                  depth 0, the default, cancellation is disabled.",
        page: "course/disabled.md",
        see: &["enable", "CO_E_CANCEL_DISABLED"],
    },
    Word {
        name: "dispatched",
        also: &["running", "not dispatched", "skipped"],
        meaning: "A call is dispatched when its server enters the method, and then runs until \
                  the server replies. A call that is over before that is skipped: its method is \
                  never entered.",
        page: "semantics.md",
        see: &["dispatch", "reply"],
    },
    Word {
        name: "end",
        also: &["ends", "outcome", "outcomes"],
        meaning: "The result of an execution: every code that each actor was returned, and who \
                  is stuck. Many schedules lead to one end.",
        page: "scenarios.md",
        see: &["code", "stuck"],
    },
    Word {
        name: "engine",
        also: &["engines"],
        meaning: "A way to explore the executions of a scenario. One engine explores the model \
                  of call cancellation, the others run code that implements it, and their \
                  results are compared.",
        page: "engines.md",
        see: &["protocol", "exhaustive"],
    },
    Word {
        name: "execution",
        also: &["executions", "interleaving", "interleavings"],
        meaning: "One order in which the steps of all actors can happen, from the start to an \
                  end. A scenario is a race if its executions end in different ways.",
        page: "course/why-cancel-is-hard.md",
        see: &["schedule", "end"],
    },
    Word {
        name: "expired",
        also: &["expiry", "expires", "expire"],
        meaning: "A request expires when its window ends and the server has not replied: the \
                  caller stops waiting. Its call returns that it was canceled, unless a reply \
                  arrives before the caller resumes.",
        page: "course/the-window.md",
        see: &["window", "request"],
    },
    Word {
        name: "found the call",
        also: &[],
        meaning: "A cancel of a thread first looks up the call for which that thread waits, and \
                  makes its request in a second step. Between the two the call may end.",
        page: "semantics.md",
        see: &["cancel", "E_NOINTERFACE"],
    },
    Word {
        name: "handle",
        also: &["handles", "object", "objects", "cancel object", "stale"],
        meaning: "A cancel object: it lets a canceller reach one particular call, whatever that \
                  call's thread does next. After the call it is stale: it still answers about \
                  that call, and never reaches another one.",
        page: "course/nested-and-stale.md",
        see: &["get_cancel_object", "cancel"],
    },
    Word {
        name: "handler",
        also: &["handlers"],
        meaning: "Steps that an actor may run while it waits for a call, such as serving \
                  a callback. The wait returns only when they are over.",
        page: "client-programs.md",
        see: &["client program", "way"],
    },
    Word {
        name: "history",
        also: &["event", "events"],
        meaning: "What can be observed of an execution from outside: which operations began and \
                  ended, when, and with which codes. Clauses judge only histories.",
        page: "architecture.md",
        see: &["clause", "execution"],
    },
    Word {
        name: "innermost",
        also: &["nested", "outer"],
        meaning: "A thread that waits for a call may serve another one meanwhile, and issue a \
                  nested call from there. A cancel of that thread reaches the call that it \
                  issued last, the innermost one.",
        page: "course/nested-and-stale.md",
        see: &["cancel", "handle"],
    },
    Word {
        name: "instance",
        also: &["instances"],
        meaning: "One of the calls that are issued under one name, in a loop. A server \
                  enters the oldest one that waits, and a cancel object stays on its \
                  own.",
        page: "client-programs.md",
        see: &["client program", "handle"],
    },
    Word {
        name: "lane",
        also: &["lanes"],
        meaning: "A column in the picture of an execution, for the clock or an actor, with time \
                  running down. │ is an actor that could step and does not, ┊ one that has to \
                  wait, … an operation in progress, = the code that it returns.",
        page: "playing.md",
        see: &["actor", "deciding pair"],
    },
    Word {
        name: "lasso",
        also: &["lassos"],
        meaning: "An execution that goes on for ever: a way in, and a cycle that repeats. It is \
                  the counterexample for an actor that starves.",
        page: "client-programs.md",
        see: &["starving", "counterexample"],
    },
    Word {
        name: "limit",
        also: &["limits", "states-max", "executions-max", "stopped"],
        meaning: "How far an engine may go before it gives up: a number of states, of \
                  executions, or of seconds. Each limit has a default and a flag, and a report \
                  says which one was hit.",
        page: "scenarios.md",
        see: &["bound", "state"],
    },
    Word {
        name: "machine",
        also: &["model"],
        meaning: "The model of call cancellation: one function from a state and an operation to \
                  a new state and a result. It contains no threads, locks or clock.",
        page: "semantics.md",
        see: &["monitor", "state"],
    },
    Word {
        name: "message filter",
        also: &["filter", "filters"],
        meaning: "What lets a waiting thread give its own call up, without any Cancel. \
                  It can do so only before the reply.",
        page: "client-programs.md",
        see: &["client program", "settled"],
    },
    Word {
        name: "monitor",
        also: &[],
        meaning: "The machine protected by a lock, so that real threads can call it and block in \
                  it: the code that a program ships. Engines run it to check that it has exactly \
                  the ends that the machine has.",
        page: "architecture.md",
        see: &["machine", "exhaustive"],
    },
    Word {
        name: "pending",
        also: &["call pending", "pending call"],
        meaning: "A call is pending from its issue until its caller has returned from it; only a \
                  pending call can be canceled. `TestCancel` returns RPC_S_CALLPENDING for a \
                  call that nobody has asked to cancel.",
        page: "semantics.md",
        see: &["settled", "innermost"],
    },
    Word {
        name: "reading",
        also: &["readings"],
        meaning: "One interpretation of the sources, where they allow two. There are four, \
                  written like `at-issue / canceller`: when it is decided whether a call can be \
                  canceled, and who waits for the window.",
        page: "semantics.md",
        see: &["at-issue", "canceller"],
    },
    Word {
        name: "replied",
        also: &["late reply", "result"],
        meaning: "The server has sent the result of a call, which the call returns when its \
                  caller resumes. A reply to a call that was already canceled is late, and is \
                  dropped.",
        page: "semantics.md",
        see: &["reply", "settled"],
    },
    Word {
        name: "request",
        also: &["requests", "request accepted", "accepted"],
        meaning: "What `Cancel` makes: it asks that a call be canceled. At most one request is \
                  accepted per call, and it stays open until its window ends.",
        page: "course/s-ok-is-not-canceled.md",
        see: &["window", "S_OK"],
    },
    Word {
        name: "scenario",
        also: &["scenarios", "corpus"],
        meaning: "A file that lists the steps of each actor, and says nothing about their order \
                  between actors. The scenarios that calloff ships are the corpus.",
        page: "scenarios.md",
        see: &["actor", "step"],
    },
    Word {
        name: "schedule",
        also: &["schedules"],
        meaning: "One order of all steps, as a list of who takes the next one: `caller canceller \
                  clock`. Together with a scenario and a reading it determines an execution, \
                  which `calloff replay` shows.",
        page: "playing.md",
        see: &["choice", "execution"],
    },
    Word {
        name: "seeded bug",
        also: &["seeded bugs", "fault", "faults", "bug"],
        meaning: "A mistake that calloff can plant in the machine or in the code around it, to \
                  show that the checks detect it. `calloff faults --list` names them all.",
        page: "zoo.md",
        see: &["clause", "second-cancel-accepted"],
    },
    Word {
        name: "settled",
        also: &["completed", "canceled", "cancelled", "complete"],
        meaning: "A call is settled when its caller has returned from it: completed, with the \
                  server's result, or canceled, with RPC_E_CALL_CANCELED. This happens once and \
                  never changes.",
        page: "semantics.md",
        see: &["await", "request"],
    },
    Word {
        name: "starving",
        also: &["starve", "starves", "fair", "fairness"],
        meaning: "An actor starves when it may never finish although something goes on for ever \
                  and everybody has their turn. That is a violation, unless the file expects it.",
        page: "client-programs.md",
        see: &["stuck", "lasso"],
    },
    Word {
        name: "state",
        also: &["states"],
        meaning: "Everything that determines what can happen next: the position of each actor, \
                  and what the machine remembers. An engine explores each state only once, which \
                  makes complete exploration possible.",
        page: "course/how-the-proof-works.md",
        see: &["machine", "bound"],
    },
    Word {
        name: "step",
        also: &["steps"],
        meaning: "The smallest action: no other actor can act during it. An operation takes one \
                  or more steps, and other actors may step between them.",
        page: "scenarios.md",
        see: &["actor", "execution"],
    },
    Word {
        name: "stuck",
        also: &["for ever", "stuck for ever"],
        meaning: "An actor is stuck when it waits for something that can never happen any more. \
                  That is a violation, unless the file expects it.",
        page: "course/real-clients.md",
        see: &["end", "infinite"],
    },
    Word {
        name: "verdict",
        also: &["verdicts", "holds", "violated"],
        meaning: "The result of a check: it holds in every execution, it is violated, or it is \
                  inconclusive. It never holds when a limit was hit.",
        page: "scenarios.md",
        see: &["bound", "clause"],
    },
    Word {
        name: "waiter",
        also: &[],
        meaning: "Who waits while a window runs: the canceller inside `Cancel`, or only the \
                  caller, in which case `Cancel` returns at once. The sources support both, and \
                  each is a reading.",
        page: "semantics.md",
        see: &["canceller", "window"],
    },
    Word {
        name: "way",
        also: &["ways"],
        meaning: "One execution from the current state to an end, where executions are counted. \
                  Two ways may lead to one end.",
        page: "explore.md",
        see: &["execution", "end"],
    },
    Word {
        name: "window",
        also: &["windows", "infinite", "infinite window", "seconds", "timeout"],
        meaning: "The number of seconds that `Cancel` gives the server to reply before the call \
                  is canceled. A window of 0 ends at once; an infinite one ends only with a \
                  reply.",
        page: "course/the-window.md",
        see: &["cancel", "expired"],
    },
    Word {
        name: "witness",
        also: &["witnesses"],
        meaning: "An execution that shows that something is possible. `calloff witness` finds \
                  the shortest one, or proves that none exists.",
        page: "playing.md",
        see: &["counterexample", "schedule"],
    },
];
