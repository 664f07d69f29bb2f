//! Tests of every clause on histories written by hand: what it accepts, what it accuses, and where
//! it must stay silent because it cannot know.

mod answers;
mod clients;
mod endings;
mod intervals;
mod ledgers;
mod legal;
mod outcomes;
mod requests;
mod servers;
mod story;
mod tables;
mod windows;
mod witnesses;
