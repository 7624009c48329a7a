//! What the command prints, as transcripts. `TRYCMD=overwrite` rewrites them.

#[test]
fn transcripts() {
    trycmd::TestCases::new().env("COLUMNS", "100").case("tests/cmd/*.trycmd");
}
