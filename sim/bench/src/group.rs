//! What is measured, as data: groups of cases, each run by several variants that take turns.

use crate::numbers::Numbers;

/// Cases and variants that answer one question, and the tables that show it.
pub struct Group {
    /// Its name for `--only`.
    pub name: &'static str,
    /// The question.
    pub title: &'static str,
    /// What is run, the quickest first.
    pub cases: Vec<Case>,
    /// How it is run.
    pub variants: Vec<Variant>,
    /// The tables.
    pub tables: Vec<Shown>,
    /// What a case and a variant are in those tables.
    pub rows: Rows,
    /// A run that takes more CPU time is stopped, in seconds.
    pub seconds_max: f64,
    /// A variant that took more CPU time at one case is not run at later ones, in seconds.
    pub seconds_enough: f64,
}

/// One thing to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// What a variant gets, and the name in the JSON report.
    pub name: String,
    /// The number of actors, if the case is on the plots.
    pub actors: Option<u32>,
}

impl Case {
    /// A case that is on no plot.
    pub fn named(name: impl Into<String>) -> Case {
        Case { name: name.into(), actors: None }
    }
}

/// One way to run the cases.
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// Makes ready what is not to be measured. An error is the reason to leave the variant out.
    pub prepare: fn(&str) -> Result<(), String>,
    /// Runs a case, in a process of its own, with a seed that is another one each time. What it
    /// does not say about time and memory is measured around it.
    pub run: Run,
}

/// Runs a case with a seed.
pub type Run = Box<dyn Fn(&str, u64) -> Result<Numbers, String>>;

impl Variant {
    /// A variant that needs nothing made ready.
    pub fn new(
        name: &'static str,
        run: impl Fn(&str, u64) -> Result<Numbers, String> + 'static,
    ) -> Variant {
        Variant { name, prepare: |_| Ok(()), run: Box::new(run) }
    }
}

/// Which of the two are rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rows {
    /// A row for each variant, a column for each case.
    Variants,
    /// A row for each case, a column for each variant.
    Cases,
}

/// A table: one number of every run.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// The name of the number.
    pub number: &'static str,
    /// Above the table.
    pub title: &'static str,
    /// What of it.
    pub what: What,
}

/// What a table shows of a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// The median, with three digits.
    Median,
    /// The median, as a whole number.
    Count,
    /// Half the distance between the quartiles, in percent of the median.
    Spread,
    /// How many times the least median that these variants have at the same case.
    Times(&'static [&'static str]),
}
