//! Reductions: what an exploration saves itself, and leaves what it proves as it is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One way of doing less. `docs/reductions.md` has the arguments for the engine `protocol`,
/// `docs/reductions-exhaustive.md` those for `exhaustive`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reduction {
    /// Actors that share no thread and no call are explored apart.
    IndependentParts,
    /// Actors with the same steps, whom nobody names, are interchangeable.
    IdenticalActors,
    /// Under the free clock, where time only ever enables a step, a wait may end at any moment,
    /// and no clock is explored.
    FreeWaits,
    /// Steps of an implementation that were run before are not run again.
    KnownSteps,
}

impl Reduction {
    /// Those of the engine `protocol`.
    pub const OF_PROTOCOL: [Reduction; 3] =
        [Reduction::IndependentParts, Reduction::IdenticalActors, Reduction::FreeWaits];

    /// Those of the engine `exhaustive`. Identical actors need known steps there.
    pub const OF_EXHAUSTIVE: [Reduction; 2] = [Reduction::IdenticalActors, Reduction::KnownSteps];

    /// All of them, in the order in which they are listed.
    pub const ALL: [Reduction; 4] = [
        Reduction::IndependentParts,
        Reduction::IdenticalActors,
        Reduction::FreeWaits,
        Reduction::KnownSteps,
    ];

    /// The name in flags and reports.
    pub fn name(self) -> &'static str {
        match self {
            Reduction::IndependentParts => "independent-parts",
            Reduction::IdenticalActors => "identical-actors",
            Reduction::FreeWaits => "free-waits",
            Reduction::KnownSteps => "known-steps",
        }
    }

    /// What it does, in one sentence.
    pub fn summary(self) -> &'static str {
        match self {
            Reduction::IndependentParts => {
                "Actors that share no thread and no call are explored apart."
            }
            Reduction::IdenticalActors => {
                "Of states that differ only in which of several identical actors is where, one is \
                 explored."
            }
            Reduction::FreeWaits => {
                "On a free clock, where the canceller waits, a wait may end at any moment, and the \
                 clock has no steps of its own."
            }
            Reduction::KnownSteps => {
                "Steps of an implementation that were run before are not run again."
            }
        }
    }
}

crate::names::by_name!(Reduction, "reduction", Reduction::name, |name: &str| {
    Reduction::ALL.into_iter().find(|reduction| reduction.name() == name)
});

/// The reductions that are on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "Vec<Reduction>", from = "Vec<Reduction>")]
pub struct Reductions(u8);

impl Default for Reductions {
    /// All of them: each is proven.
    fn default() -> Reductions {
        Reductions((1 << Reduction::ALL.len()) - 1)
    }
}

impl Reductions {
    /// None of them.
    pub const NONE: Reductions = Reductions(0);

    /// These alone.
    pub const fn of(reductions: &[Reduction]) -> Reductions {
        let (mut all, mut rest) = (0, reductions);
        while let [first, others @ ..] = rest {
            all |= 1 << *first as u8;
            rest = others;
        }
        Reductions(all)
    }

    /// Those that are among these, too.
    #[must_use]
    pub fn among(self, these: &[Reduction]) -> Reductions {
        Reductions(self.0 & Reductions::of(these).0)
    }

    /// Whether it is on.
    pub fn has(self, reduction: Reduction) -> bool {
        self.0 & (1 << reduction as u8) != 0
    }

    /// These, but for that one.
    #[must_use]
    pub fn without(self, reduction: Reduction) -> Reductions {
        Reductions(self.0 & !(1 << reduction as u8))
    }

    /// Those that are on, in order.
    pub fn iter(self) -> impl Iterator<Item = Reduction> {
        Reduction::ALL.into_iter().filter(move |reduction| self.has(*reduction))
    }
}

impl From<Reductions> for Vec<Reduction> {
    fn from(reductions: Reductions) -> Vec<Reduction> {
        reductions.iter().collect()
    }
}

impl From<Vec<Reduction>> for Reductions {
    fn from(reductions: Vec<Reduction>) -> Reductions {
        Reductions::of(&reductions)
    }
}

impl fmt::Display for Reductions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Reduction::name).collect();
        match names.is_empty() {
            true => f.write_str("none"),
            false => f.write_str(&names.join(", ")),
        }
    }
}
