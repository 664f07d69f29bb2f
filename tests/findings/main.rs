//! Findings: how they are searched for in campaigns, shrunk, saved, replayed, kept and drawn.

mod ends;
mod kept_formats;
mod regressions;
mod replay;
mod resume;
mod saved;
mod shrink;
mod shrink_own;
mod witness;
