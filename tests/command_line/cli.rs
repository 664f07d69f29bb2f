//! The command line as a user sees it: each file in `tests/cmd` is a session with its output.
//!
//! To write the expected output anew:
//! `TRYCMD=overwrite cargo test -p calloff-tests --test command_line cli::`.

#[test]
fn every_session_prints_what_is_written_down() {
    let cases = trycmd::TestCases::new();
    cases.register_bin("calloff", calloff_tests::binary());
    // The output must not depend on the user or the place of the test.
    cases.env("COLUMNS", "80");
    cases.env("CALLOFF_SEED", "0");
    cases.env("NO_COLOR", "1");
    cases.case("cmd/*.trycmd");
    // Sessions with typed input in a file next to them.
    cases.case("cmd/*.toml");
}
