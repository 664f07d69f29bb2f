//! Lanes: an interleaving as a picture.
//!
//! One column per actor and one for the clock, one row per step. [`Layout`] says what stands where;
//! a renderer each draws it as text (wide, or narrow where the lanes do not fit), as SVG, as a
//! Mermaid sequence diagram, and as an HTML table. No renderer looks at the execution itself, so
//! that all of them show the same; and none says anything by colour alone.

mod html;
mod layout;
mod mermaid;
mod svg;
mod text;

pub(crate) use layout::acted;
pub use layout::{Cell, Layout, Line, Mark, Row, State, Swap};

use crate::check::Violated;
use crate::goal::Goal;
use crate::pair::Point;
use crate::program::Program;
use crate::trace::Trace;

/// The form of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Picture {
    /// For a terminal.
    Text,
    /// A drawing, as a file of its own.
    Svg,
    /// A sequence diagram in Mermaid's language, as Markdown of code hosts shows it.
    Mermaid,
    /// A table, to be put into a page.
    Html,
}

/// Draws the trace for a terminal of that width, with what changed, and with the pair of steps
/// whose order decides what the trace shows.
pub fn draw(program: &Program, trace: &Trace, point: &Point, width: usize) -> String {
    Layout::new(program, trace).with_pair(program, trace, point).to_text(width)
}

impl Point {
    /// What an execution shows that violates something.
    pub fn of(violated: Violated) -> Point {
        match violated {
            Violated::Clause(clause) => Point::Goal(Goal::Clause(clause)),
            Violated::Stuck => Point::Stuck,
            _ => Point::End,
        }
    }
}

/// What the signs mean, one by one.
const LEGEND: [(&str, &str); 5] = [
    ("│", "could step"),
    ("┊", "waits"),
    ("…", "still in flight"),
    ("=", "returns"),
    ("▶", "the clock advances"),
];

/// The same for the marks of a pair.
const PAIR_LEGEND: (&str, &str) = ("◀a ◀b", "the order of these two decides");

impl Layout {
    /// The legend of the signs that the lanes use.
    fn legend(&self, has_lines: bool) -> Vec<(&'static str, &'static str)> {
        let signs = LEGEND.into_iter().filter(|(sign, _)| has_lines || *sign != "│");
        signs.chain(self.swap.iter().map(|_| PAIR_LEGEND)).collect()
    }

    /// Draws it in that form; the width is that of a terminal.
    pub fn render(&self, picture: Picture, width: usize) -> String {
        match picture {
            Picture::Text => self.to_text(width),
            Picture::Svg => self.to_svg(),
            Picture::Mermaid => self.to_mermaid(),
            Picture::Html => self.to_html(),
        }
    }
}
