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
        "{overdue_amonut}",
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

/// Line and column (from 1) at which `part` stands after the first `start` bytes.
fn position(text: &str, start: usize, part: &str) -> String {
    let before = &text[..start + text[start..].find(part).expect("the part")];
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("loans.toml:{}:{column}", before.matches('\n').count() + 1)
}

#[track_caller]
fn expect_all(run: &crate::desk::Ran, text: &str) {
    run.expect_code(2);
    for (_, _, at, words) in MISTAKES {
        run.expect_words(&[&position(text, 0, at)]);
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
    let words = ["没有规则包 `large-credit`", "there is no pack `large-credit`", "no folder in", "holds a pack.toml"];
    ran(command, folder.path()).expect_code(2).expect_words(&words);
}

/// Lints a copy of the shipped packs with this text behind the loans' rules; gives the whole file too.
fn lint_with(addition: &str) -> (String, crate::desk::Ran) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&project("rules"), folder.path());
    let path = folder.path().join("large-credit/loans.toml");
    let text = std::fs::read_to_string(&path).expect("read") + addition;
    std::fs::write(&path, &text).expect("written");
    let mut command = program(&["rules", "lint", "--period", "2026-10", "--rules"]);
    command.arg(folder.path());
    (text, ran(command, folder.path()))
}

/// A good rule, for tests to spoil.
const RULE: &str = r#"
[[rule]]
id       = "LOAN-TRY-001"
severity = "error"
on       = "loans"
when     = "amount > 0"
assert   = "balance < 100"
message  = { zh = "余额{balance}万元", en = "Balance {balance}" }
fix      = { zh = "更正", en = "Correct it" }
source   = { doc = "客户风险信息共享管理办法", article = "第八条" }
pass     = [{ amount = 1.00, balance = 1.00 }]
fail     = [{ amount = 1.00, balance = 100.00 }]
"#;

/// The rule with other parts, and the rest of what is said: how many problems, and where.
#[track_caller]
fn expect_only(changes: &[(&str, &str)], places: &[&str], words: &[&str]) {
    let mut rule = RULE.to_owned();
    for (from, to) in changes {
        assert!(rule.contains(from), "correct the test: no `{from}`");
        rule = rule.replacen(from, to, 1);
    }
    let (text, run) = lint_with(&rule);
    run.expect_code(2);
    let start = text.len() - rule.len();
    for part in places {
        run.expect_words(&[&position(&text, start, part)]);
    }
    run.expect_words(words);
    run.expect_words(&[&format!("{0} 处错误 / {0} problem(s)", places.len())]);
}

#[test]
fn the_rule_of_these_tests_is_good() {
    lint_with(RULE).1.expect_code(0);
}

#[test]
fn every_mistake_of_a_condition_has_its_own_caret() {
    let condition = "assert   = \"annual_rat < 5 AND amout < $large_loans AND resident_idd(loan_no)\"";
    let words = [
        "没有字段 `annual_rat` / unknown field `annual_rat`",
        "是否应为 `amount`？ / did you mean `amount`?",
        "没有参数 `$large_loans` / unknown parameter `$large_loans`",
        "没有函数 `resident_idd` / unknown function `resident_idd`",
    ];
    expect_only(
        &[("assert   = \"balance < 100\"", condition)],
        &["annual_rat", "amout", "$large_loans", "resident_idd"],
        &words,
    );
}

#[test]
fn comparisons_that_never_hold() {
    let words = ["数字与文字不能比较", "数字不加引号", "与 NULL 比较永远不成立", "write IS NULL or IS NOT NULL"];
    expect_only(&[("amount > 0", "amount > '0'"), ("balance < 100", "balance <> NULL")], &["'0'", "NULL"], &words);
}

#[test]
fn a_placeholder_is_pointed_at_in_its_language() {
    let words = ["占位符 {balanse} 没有对应的字段", "是否应为 `balance`？"];
    expect_only(&[("Balance {balance}", "Balance {balanse}")], &["{balanse}"], &words);
}

#[test]
fn an_unknown_dataset_is_the_only_problem() {
    expect_only(&[("\"loans\"", "\"loan\"")], &["\"loan\""], &["没有数据集 `loan`", "did you mean `loans`?"]);
}

#[test]
fn nothing_follows_from_a_missing_or_misspelt_part() {
    let nothing = [("severity = \"error\"\n", "")];
    expect_only(&nothing, &["[[rule]]"], &["缺少 `severity` / `severity` is missing"]);
    expect_only(&[("\"error\"", "\"\"")], &["\"\""], &["`severity` 是空的 / `severity` is empty"]);
    let two = [("assert   =", "asert    =")];
    expect_only(
        &two,
        &["[[rule]]", "asert"],
        &["有 0 个条件 / LOAN-TRY-001 has 0 conditions", "did you mean `assert`?"],
    );
    // What prior() reads may stand in the texts; that the condition cannot be read is the problem.
    let prior = [("balance < 100", "prior(balance) < amuont"), ("余额{balance}", "余额{prior_balance}")];
    expect_only(&prior, &["amuont"], &["没有字段 `amuont`"]);
}

#[test]
fn the_other_rule_with_the_same_id_is_named() {
    let shipped = std::fs::read_to_string(project("rules/large-credit/loans.toml")).expect("read");
    let line = position(&shipped, 0, "\"LOAN-AMT-001\"");
    let (place, _) = line.rsplit_once(':').expect("a column");
    let words = [
        format!("两条规则编号相同：LOAN-AMT-001，另一条在 large-credit/{place}"),
        format!("the other is at large-credit/{place}"),
    ];
    expect_only(&[("LOAN-TRY-001", "LOAN-AMT-001")], &["\"LOAN-AMT-001\""], &words.each_ref().map(String::as_str));
    // A declared key makes a rule of its own.
    let (_, run) = lint_with(&RULE.replace("LOAN-TRY-001", "LOAN-KEY-001"));
    run.expect_code(2).expect_words(&["两条规则编号相同：LOAN-KEY-001", "large-credit/pack.toml", "loans.toml:"]);
}

#[test]
fn a_pack_without_the_common_rules() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&project("rules/large-credit"), &folder.path().join("large-credit"));
    let mut command = program(&["rules", "lint", "--period", "2026-10", "--rules"]);
    command.arg(folder.path());
    ran(command, folder.path()).expect_code(2).expect_words(&[
        "没有文件夹 `common` / there is no folder `common`",
        "文件夹复制到 `large-credit` 旁边",
        "copy the folder `common` of the shipped rules beside `large-credit`",
        "1 处错误",
    ]);
}

/// What lint says of the shipped packs with one text of a file replaced.
fn lint_changed(file: &str, from: &str, to: &str) -> crate::desk::Ran {
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
    let run = lint_changed("derived.toml", "\"split-loans\"", "\"split-loan\"");
    run.expect_code(2).expect_words(&["split-loan", "did you mean `split-loans`?"]);
    let run = lint_changed("derived.toml", "\"guarantor-in-default\"", "\"near-name\"");
    run.expect_code(2).expect_words(&["`near-name` is not about guarantees", "on = \"customers\""]);
    let run = lint_changed(
        "derived.toml",
        "derived  = \"near-name\"",
        "derived  = \"near-name\"\nwhen = \"country = 'CHN'\"",
    );
    run.expect_code(2).expect_words(&["what is derived says itself which records it applies to"]);
    let run = lint_changed("params.toml", "\"split_days\"", "\"split_dayz\"");
    run.expect_code(2).expect_words(&["it needs a parameter `split_days`"]);
    let run = lint_changed("derived.toml", "params = { net_capital = 1000 }", "params = { net_kapital = 1000 }");
    run.expect_code(2).expect_words(&["net_kapital", "did you mean `net_capital`?"]);
}
