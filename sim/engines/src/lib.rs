//! Runs implementations of call cancellation, in every interleaving or in many, and holds them
//! against the machine. [`verify`] is where to begin with one of your own.

pub mod catch;
pub mod caught;
pub mod check;
pub mod drive;
pub mod engine;
pub mod exit;
pub mod generate;
pub mod load;
pub mod pool;
pub mod recorded;
pub mod replay;
pub mod results;
pub mod runtime;
pub mod settle;
pub mod shards;
pub mod shorten;
pub mod shrink;
pub mod subjects;
pub mod time;
pub mod verify;
pub mod zoo;
