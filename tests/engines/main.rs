//! The engines: what each of them sees, that they agree, and that they notice every seeded bug.

mod client_programs;
mod corpus;
mod generated;
mod litmus;
mod loom;
mod loom_worker;
mod mutations;
mod nondeterminism;
mod per_call;
mod reductions;
mod shell_faults;
mod truth;
mod wake_order;
mod zoo;
