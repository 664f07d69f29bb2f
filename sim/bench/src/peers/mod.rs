//! The same scenarios under calloff and under other tools, and a search made by hand.

pub mod calloff;
pub mod family;
pub mod hand;
pub mod spin;
pub mod stateright;
