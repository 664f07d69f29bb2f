//! Builds the crate anew when there is another scenario in its folder.

fn main() {
    println!("cargo:rerun-if-changed=.");
}
