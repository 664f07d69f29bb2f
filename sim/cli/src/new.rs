//! The command `calloff new`: a crate to begin with.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use calloff_protocol::text::printable_path;
use calloff_sim::exit::Exit;

use super::{Early, complain, stdout, unwritable};

/// What to begin.
#[derive(clap::Subcommand, Debug)]
pub enum New {
    /// A crate with an implementation of call cancellation, and the program that verifies it.
    #[command(after_help = "\
Examples:
  calloff new implementation my-cancel
  cd my-cancel && cargo run --release                      it passes: exit code 0
  cd my-cancel && cargo run --release -- --break --first   a finding: exit code 1

Exit codes: 0 written, 2 the folder exists or calloff's sources are not found, 74 not written.")]
    Implementation {
        /// The folder. It must not exist.
        folder: PathBuf,
        /// The folder with calloff's sources [default: the one that this program was built from].
        #[arg(long, value_name = "FOLDER")]
        calloff: Option<PathBuf>,
    },
}

const MAIN: &str = include_str!("../../engines/examples/template/main.rs");
const MINE: &str = include_str!("../../engines/examples/template/mine.rs");

pub(super) fn run(args: &New) -> Result<Exit, Early> {
    let New::Implementation { folder, calloff } = args;
    let built_from = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let sources = calloff.clone().unwrap_or_else(built_from);
    let Ok(sources) = sources.join("sim/engines").canonicalize() else {
        complain(&format!(
            "error: calloff's sources are not in `{}`; say where they are: --calloff FOLDER",
            printable_path(&sources)
        ));
        return Err(Exit::Usage.into());
    };
    if folder.exists() {
        complain(&format!("error: `{}` exists already", printable_path(folder)));
        return Err(Exit::Usage.into());
    }
    let files = [
        ("Cargo.toml", manifest(folder, &sources)),
        ("src/main.rs", MAIN.to_owned()),
        ("src/mine.rs", MINE.to_owned()),
    ];
    let src = folder.join("src");
    fs::create_dir_all(&src).map_err(unwritable(&src))?;
    for (name, text) in files {
        let path = folder.join(name);
        fs::write(&path, text).map_err(unwritable(&path))?;
    }
    writeln!(
        stdout(),
        "Wrote `{folder}`. Verify it, and see what a finding looks like:\n\n  cd {folder}\n  \
         cargo run --release\n  cargo run --release -- --break --first",
        folder = printable_path(folder)
    )?;
    Ok(Exit::Met)
}

/// The manifest of a crate with the name of its folder, as far as that is a name.
fn manifest(folder: &Path, engines: &Path) -> String {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let letters = name.unwrap_or_default().chars().collect::<Vec<_>>();
    let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let name: String = letters.into_iter().filter(allowed).collect();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let name = if is_name { name } else { "my-cancel".to_owned() };
    let model = engines.join("../../model");
    let model = model.canonicalize().unwrap_or(model);
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\ncalloff-model = {{ path = {:?} }}\ncalloff-sim = {{ path = {:?} }}\n\n\
         [workspace]\n",
        model, engines
    )
}
