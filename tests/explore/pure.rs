//! The pure part runs in a browser, and reports there what the command line reports.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use calloff_protocol::program::Program;

use super::browser::browser;

const TARGET: &str = "wasm32-unknown-unknown";

/// What a command prints; nothing when it fails.
fn said_by(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    let text = output.ok().filter(|output| output.status.success()).map(|output| output.stdout);
    String::from_utf8(text.unwrap_or_default()).expect("text").trim().to_owned()
}

/// A command that builds for the browser: rustup's target if it is installed, or else Debian's own
/// compiler, which builds the standard library from its sources. Or why there is neither.
fn cargo() -> Result<Command, String> {
    let library = said_by("rustc", &["--print", "target-libdir", "--target", TARGET]);
    if !library.is_empty() && Path::new(&library).exists() {
        return Ok(Command::new("cargo"));
    }
    let sources = Path::new("/usr/lib/rustlib/src/rust/library/std");
    let sysroot = said_by("rustc", &["--print", "sysroot"]);
    let host = said_by("rustc", &["-vV"]);
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
    let linker: PathBuf = [&sysroot, "lib/rustlib", host, "bin/rust-lld"].iter().collect();
    if !sources.exists() || !Path::new("/usr/bin/cargo").exists() || !linker.exists() {
        return Err(format!(
            "there is neither the target {TARGET} (rustup target add {TARGET}) nor Debian's \
             compiler with its sources (apt-get install rustc-web cargo-web rust-web-src)"
        ));
    }
    let mut command = Command::new("/usr/bin/cargo");
    let path = std::env::var("PATH").unwrap_or_default();
    // What this test's own cargo has set is for another compiler.
    for variable in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH"] {
        command.env_remove(variable);
    }
    command.env("PATH", format!("/usr/bin:{path}")).env("RUSTC_BOOTSTRAP", "1");
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    command.arg("-Zbuild-std=std,panic_abort");
    Ok(command)
}

/// The pure part as WebAssembly, or why it cannot be built here.
fn built() -> Result<PathBuf, String> {
    let target = calloff_tests::project_file("target/wasm");
    let status = cargo()?
        .args(["build", "--quiet", "--package", "calloff-pure", "--target", TARGET])
        // It is built more quickly than it runs.
        .args(["--config", "profile.dev.debug=false", "--config", "profile.dev.opt-level=0"])
        .arg("--target-dir")
        .arg(&target)
        .current_dir(calloff_tests::project_file(""))
        .status();
    assert!(status.expect("cargo runs").success(), "the pure part does not build for {TARGET}");
    Ok(target.join(TARGET).join("debug/calloff-pure.wasm"))
}

/// A page that runs the program, and keeps the report that it leaves in its memory.
const PAGE: &str = "<!doctype html><meta charset=\"utf-8\"><title>pure</title><script>
    const bytes = Uint8Array.from(atob('{{wasm}}'), (c) => c.charCodeAt(0));
    WebAssembly.instantiate(bytes, {}).then(({ instance }) => {
        instance.exports.main(0, 0);
        const text = new TextDecoder().decode(instance.exports.memory.buffer);
        const start = text.indexOf('<report>{') + '<report>'.length;
        window.report = text.slice(start, text.indexOf('</report>', start));
    });
</script>";

#[test]
fn the_pure_part_reports_in_a_browser_what_the_command_line_reports() {
    let wasm = match built() {
        Ok(wasm) => std::fs::read(wasm).expect("what was built"),
        // Written past the test harness, which hides what `eprintln` says in a test that passes.
        Err(why) => return writeln!(io::stderr(), "skipped: {why}").expect("stderr is open"),
    };
    let page = super::write("pure", &PAGE.replace("{{wasm}}", &BASE64_STANDARD.encode(wasm)));
    let mut browser = browser();
    browser.open(&page, "");
    browser.wait_for("typeof window.report === 'string'");
    let report = browser.eval("window.report");

    let small = |source: &calloff_protocol::judge::Source| {
        let is_client = Program::new(&source.scenario).is_client;
        source.scenario.actors.len() <= if is_client { 2 } else { 3 }
    };
    let files = calloff_tests::whole_corpus().into_iter().filter(small).map(|source| source.file);
    let mut check = Command::new(calloff_tests::binary());
    check.arg("check").args(files).args(["--engine", "protocol", "--format", "json"]);
    let output = check.env_remove("CALLOFF_SEED").output().expect("calloff runs");
    let expected = String::from_utf8(output.stdout).expect("text");
    assert!(expected.contains("\"verdict\": \"holds\""), "{expected}");
    let report = report.as_str().expect("text");
    // Line by line, for a failure that can be read.
    for (at, (got, expected)) in report.lines().zip(expected.lines()).enumerate() {
        assert_eq!(got, expected, "line {}", at + 1);
    }
    assert!(report == expected, "one of the two ends earlier, or in another line break");
}
