//! Lanes: pictures of an interleaving.
//!
//! There is one column per actor and one for the clock, and one row per step. [`Layout`] determines
//! the content of each cell. One renderer each draws it as text (side by side, or narrow if the
//! lanes do not fit), as SVG, as a Mermaid sequence diagram, and as an HTML table. Renderers read
//! only the layout and not the execution, so they all show the same; and none of them relies on
//! colour alone.

mod decides;
mod html;
mod layout;
mod mermaid;
mod svg;
mod text;
mod words;

#[cfg(test)]
mod tests;

use calloff_protocol::pair::Point;
use calloff_protocol::program::Program;
use calloff_protocol::trace::Trace;
pub use layout::{Cell, Layout, Line, Mark, Row, State};
pub(crate) use layout::{acted, towards};
pub(crate) use words::words;
use words::{BROKEN_LEGEND, LEGEND, PAIR_LEGEND, READY};

/// The form of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

impl Picture {
    /// All of them.
    pub const ALL: [Picture; 4] = [Picture::Text, Picture::Svg, Picture::Mermaid, Picture::Html];

    /// The name in flags, and what it is for.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Picture::Text => ("text", "For a terminal"),
            Picture::Svg => ("svg", "A drawing, as a file of its own"),
            Picture::Mermaid => (
                "mermaid",
                "A sequence diagram in Mermaid's language, as Markdown of code hosts shows it",
            ),
            Picture::Html => ("html", "A table, to be put into a page"),
        }
    }
}

/// Lays out the trace, with the pair of steps whose order decides what the trace shows; without a
/// point, there is nothing to decide.
pub fn laid_out(program: &Program, trace: &Trace, point: Option<&Point>) -> Layout {
    let layout = Layout::new(program, trace);
    match point {
        Some(point) => layout.with_pair(program, trace, point),
        None => layout,
    }
}

impl Layout {
    /// The legend of the signs that the lanes contain.
    fn legend(&self, has_lines: bool) -> Vec<(&'static str, &'static str)> {
        let signs = LEGEND.into_iter().filter(|(sign, _)| has_lines || *sign != READY);
        let has = |is_so: fn(&Row) -> bool| self.rows.iter().any(is_so);
        let pair = has(|row| row.mark.is_some()).then_some(PAIR_LEGEND);
        let broken = has(|row| !row.broken.is_empty()).then_some(BROKEN_LEGEND);
        signs.chain(pair).chain(broken).collect()
    }

    /// Draws it in that form, for a terminal of that width.
    pub fn render(&self, picture: Picture, width: usize) -> String {
        match picture {
            Picture::Text => self.to_text(width),
            Picture::Svg => self.to_svg(),
            Picture::Mermaid => self.to_mermaid(),
            Picture::Html => self.to_html(),
        }
    }
}
