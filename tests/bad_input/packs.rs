//! A pack with mistakes: all of them are reported at once, each with its place.

use std::path::Path;

use crate::desk::{Desk, copy, program, project, ran};

/// The mistakes: what stands in loans.toml, what is written instead, the part of it the problem points at, what is said.
const MISTAKES: [(&str, &str, &str, &[&str]); 5] = [
    ("severity = \"error\"", "severity = \"eror\"", "\"eror\"", &["eror", "did you mean `error`?"]),
    (
        "assert   = \"balance >= 0\"",
        "assert   = \"balence >= 0\"",
        "balence >= 0",
        &["balence", "did you mean `balance`?"],
    ),
    (
        "fields   = [\"balance\", \"amount\"]",
        "fields   = [\"balance\", \"amuont\"]",
        "\"amuont\"",
        &["amuont", "did you mean `amount`?"],
    ),
    (
        "逾期本金{overdue_amount}万元",
        "逾期本金{overdue_amonut}万元",
        "{ zh = \"逾期本金{overdue_amonut}",
        &["overdue_amonut", "did you mean `overdue_amount`?"],
    ),
    (
        "when     = \"overdue_amount > 0\"",
        "wenn     = \"overdue_amount > 0\"",
        "wenn",
        &["unknown key `wenn`", "did you mean `when`?"],
    ),
];

/// The shipped packs in a folder, with the mistakes in one file; gives its text too.
fn spoilt(folder: &Path) -> String {
    copy(&project("rules"), folder);
    let path = folder.join("large-credit/loans.toml");
    let mut text = std::fs::read_to_string(&path).expect("read");
    for (from, to, ..) in MISTAKES {
        assert!(text.contains(from), "loans.toml has no `{from}` now; correct the test");
        text = text.replacen(from, to, 1);
    }
    std::fs::write(&path, &text).expect("written");
    text
}

/// Line and column (from 1) at which `part` stands.
fn position(text: &str, part: &str) -> String {
    let before = &text[..text.find(part).expect("the part")];
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("loans.toml:{}:{column}", before.matches('\n').count() + 1)
}

#[track_caller]
fn expect_all(run: &crate::desk::Ran, text: &str) {
    run.expect_code(2);
    for (_, _, at, words) in MISTAKES {
        run.expect_words(&[&position(text, at)]);
        run.expect_words(words);
    }
    run.expect_words(&["5 处错误 / 5 problem(s)"]);
    // The place is underlined.
    let underlined = run.stderr.lines().filter(|line| line.contains('·') && line.contains('─')).count();
    assert_eq!(underlined, 5, "lines with a caret:\n{}", run.stderr);
}

#[test]
fn lint_reports_five_mistakes_at_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = spoilt(folder.path());
    let mut command = program(&["rules", "lint", "--period", "2026-10", "--rules"]);
    command.arg(folder.path());
    let run = ran(command, folder.path());
    expect_all(&run, &text);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_job_with_such_a_pack_is_not_begun() {
    let desk = Desk::new();
    let text = spoilt(&desk.path().join("my-rules"));
    desk.write_job("2026-10", "rules = \"my-rules\"");
    expect_all(&desk.run(), &text);
    assert!(!desk.out().exists(), "outputs were written");
}

#[test]
fn a_folder_without_the_pack() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(&["rules", "lint", "--rules"]);
    command.arg(folder.path());
    ran(command, folder.path()).expect_code(2).expect_words(&["there is no pack `large-credit`"]);
}

/// What lint says of the shipped packs with one text of a file replaced.
fn lint_with(file: &str, from: &str, to: &str) -> crate::desk::Ran {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&project("rules"), folder.path());
    let path = folder.path().join("large-credit").join(file);
    let text = std::fs::read_to_string(&path).expect("read");
    assert!(text.contains(from), "{file} has no `{from}` now; correct the test");
    std::fs::write(&path, text.replacen(from, to, 1)).expect("written");
    let mut command = program(&["rules", "lint", "--period", "2026-10", "--rules"]);
    command.arg(folder.path());
    ran(command, folder.path())
}

#[test]
fn what_is_derived_is_known_by_name() {
    let run = lint_with("derived.toml", "\"split-loans\"", "\"split-loan\"");
    run.expect_code(2).expect_words(&["split-loan", "did you mean `split-loans`?"]);
    let run = lint_with("derived.toml", "\"guarantor-in-default\"", "\"near-name\"");
    run.expect_code(2).expect_words(&["`near-name` is not about guarantees", "on = \"customers\""]);
    let run =
        lint_with("derived.toml", "derived  = \"near-name\"", "derived  = \"near-name\"\nwhen = \"country = 'CHN'\"");
    run.expect_code(2).expect_words(&["what is derived says itself which records it applies to"]);
    let run = lint_with("params.toml", "\"split_days\"", "\"split_dayz\"");
    run.expect_code(2).expect_words(&["it needs a parameter `split_days`"]);
    let run = lint_with("derived.toml", "params = { net_capital = 1000 }", "params = { net_kapital = 1000 }");
    run.expect_code(2).expect_words(&["net_kapital", "did you mean `net_capital`?"]);
}
