//! The shipped packs: rules in order, with texts in both languages and examples that fire, and the commands about rules.

use std::collections::{BTreeMap, BTreeSet};

use baosong::{
    check::examples::prove,
    job::Calendar,
    pack::{Body, RulePack, pack_names},
    text::Text,
};

use crate::{
    desk::{copy, program, project, ran},
    sample::shipped_pack,
};

const SNAPSHOT: &str = "tests/snapshots/large-credit-rules.txt";

#[test]
fn a_change_of_the_rules_is_one_visible_line() {
    let pack = shipped_pack();
    let lines: Vec<_> = pack.rules.iter().map(|rule| format!("{} {}\n", rule.id, rule.severity.name())).collect();
    let now = lines.concat();
    let path = project(SNAPSHOT);
    if std::env::var_os("BAOSONG_WRITE_SNAPSHOTS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(&path, &now).expect("written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    let set = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (kept_lines, now_lines) = (set(&kept), set(&now));
    let gone: Vec<_> = kept_lines.difference(&now_lines).collect();
    let new: Vec<_> = now_lines.difference(&kept_lines).collect();
    assert!(
        kept == now,
        "rules of large-credit differ from {SNAPSHOT}\n  gone: {gone:?}\n  new: {new:?}\n\
         If this is meant, run `BAOSONG_WRITE_SNAPSHOTS=1 cargo test --release --test all rules` and commit the file; \
         an id that is gone goes into `retired` of pack.toml."
    );
}

#[test]
fn ids_are_well_formed_unique_and_sorted() {
    let pack = shipped_pack();
    let form =
        regex::Regex::new("^[A-Z]{2,5}-([A-Z]{2,5}-[0-9]{3}|(REQ|LEN|COD|WID)-[A-Z0-9_]+)$").expect("an expression");
    for rule in &pack.rules {
        assert!(form.is_match(&rule.id), "{}: an id is dataset, topic and number, such as LOAN-AMT-001", rule.id);
        assert!(!pack.retired.contains(&rule.id), "{}: this id was retired and is not used again", rule.id);
    }
    let ids: Vec<_> = pack.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "ids are not unique and sorted");
    for rule in &pack.rules {
        let prefix = rule.id.split('-').next().unwrap_or_default();
        let own = rule.on.map_or("", |on| pack.datasets[on].prefix.as_str());
        assert!(own == prefix || rule.on.is_none(), "{}: rules of this dataset begin with {own}", rule.id);
    }
}

#[test]
fn texts_are_there_in_both_languages() {
    let pack = shipped_pack();
    let check = |what: &str, text: &Text| {
        assert!(text.zh.chars().any(|c| c >= '\u{4e00}'), "{what}: `zh` is not Chinese: {}", text.zh);
        assert!(text.en.chars().any(|c| c.is_ascii_alphabetic()), "{what}: `en` is not English: {}", text.en);
        // Headings and document names are Chinese in both.
        assert!(!text.zh.contains("{}") && !text.en.contains("{}"), "{what}: an empty placeholder");
    };
    check("the pack's title", &pack.title);
    for dataset in &pack.datasets {
        check(&dataset.id, &dataset.title);
        dataset.fields.iter().for_each(|field| check(&format!("{}.{}", dataset.id, field.id), &field.title()));
    }
    for rule in &pack.rules {
        check(&format!("{} message", rule.id), &rule.message);
        check(&format!("{} fix", rule.id), &rule.fix);
        assert!(!rule.source.article.is_empty(), "{}: `source` names no article", rule.id);
        for word in ["should", "must", "please", "wrong!"] {
            let message = rule.message.en.to_lowercase();
            assert!(!message.contains(word), "{}: a message says what was found, not what `{word}` be", rule.id);
        }
    }
}

#[test]
fn every_example_comes_out_and_every_written_rule_has_some() {
    let pack = shipped_pack();
    let calendar = Calendar::built_in().expect("the calendar");
    let proof = prove(&pack, "2026-10".parse().expect("a period"), &calendar).expect("can be evaluated");
    let mismatches: Vec<_> = proof.mismatches.iter().map(ToString::to_string).collect();
    assert!(mismatches.is_empty(), "{}", mismatches.join("\n"));
    let mut tried = 0;
    for rule in &pack.rules {
        tried += [&rule.examples.pass, &rule.examples.fail, &rule.examples.skip].map(Vec::len).iter().sum::<usize>();
        let part = rule.id.split('-').nth(1).unwrap_or_default();
        let expanded = ["REQ", "LEN", "COD", "WID", "KEY"].contains(&part);
        if !expanded && !matches!(rule.body, Body::Sheet(_)) {
            assert!(!rule.examples.fail.is_empty(), "{}: add a record under `fail` that the rule catches", rule.id);
            assert!(!rule.examples.pass.is_empty(), "{}: add a record under `pass` that satisfies the rule", rule.id);
        }
    }
    assert_eq!(proof.tried, tried);
}

#[test]
fn every_clause_of_article_8_has_a_rule() {
    let pack = shipped_pack();
    let doc = "客户风险信息共享管理办法";
    for item in ["一", "二", "三", "四", "五", "六"] {
        let clause = format!("第八条第{item}项");
        let rules: Vec<_> = pack
            .rules
            .iter()
            .filter(|rule| rule.source.doc == doc && rule.source.article.starts_with(&clause))
            .map(|rule| &rule.id)
            .collect();
        assert!(!rules.is_empty(), "{clause} has no rule");
    }
}

#[test]
fn a_rule_reads_like_its_neighbours() {
    // Placeholders that stay in a message are mistakes of the template.
    for rule in shipped_pack().rules {
        for text in [&rule.message.zh, &rule.message.en, &rule.fix.zh, &rule.fix.en] {
            let (open, close) = (text.matches('{').count(), text.matches('}').count());
            assert_eq!(open, close, "{}: {text}", rule.id);
        }
        assert!(rule.message.zh.chars().count() <= 80, "{}: a message is one short sentence", rule.id);
    }
}

fn rules(arguments: &[&str]) -> crate::desk::Ran {
    let mut command = program(&["rules"]);
    command.args(arguments).args(["--period", "2026-10"]);
    ran(command, std::path::Path::new(""))
}

/// Packs that can be asked for by name.
fn packs() -> Vec<String> {
    pack_names(None).expect("the packs in the program").into_iter().filter(|name| name != "common").collect()
}

#[test]
fn commands_about_rules_work_for_each_pack() {
    let packs = packs();
    assert!(packs.contains(&"large-credit".to_owned()), "{packs:?}");
    for pack in &packs {
        rules(&["lint", "--pack", pack]).expect_code(0).expect_words(&["没有发现错误"]);
        rules(&["lint", "--pack", pack, "--lang", "en"]).expect_code(0).expect_words(&["no problems"]);
        rules(&["test", "--pack", pack]).expect_code(0).expect_words(&["0 个不符"]);
        let list = rules(&["list", "--json", "--pack", pack]);
        let json = list.expect_code(0).json();
        let json = json.as_array().expect("a list");
        for rule in json {
            for part in ["id", "severity", "on", "place", "condition", "message", "fix", "source"] {
                assert!(rule.get(part).is_some_and(|part| !part.is_null()), "`{part}` is missing in {rule}");
            }
            let id = rule["id"].as_str().expect("a text");
            assert!(["error", "warning", "info"].contains(&rule["severity"].as_str().expect("a text")), "{rule}");
            assert!(["zh", "en"].iter().all(|lang| rule["message"][lang].is_string()), "{id}");
        }
        let plain = rules(&["list", "--pack", pack]);
        plain.expect_code(0).expect_words(&[json[0]["id"].as_str().expect("a text")]);
    }
}

#[test]
fn show_tells_all_about_a_rule_of_each_kind() {
    let pack = shipped_pack();
    for rule in one_of_each_kind(&pack).values() {
        let shown = rules(&["show", rule]);
        shown.expect_code(0);
        let rule = pack.rule(rule).expect("the rule");
        let source = rule.source.article.as_str();
        shown.expect_words(&[
            &rule.id,
            &rule.place,
            rule.severity.name(),
            &rule.message.zh,
            &rule.message.en,
            &rule.fix.zh,
            &rule.fix.en,
            source,
        ]);
        let json = rules(&["show", &rule.id, "--json"]);
        assert_eq!(json.json()["id"], rule.id.as_str());
    }
}

fn one_of_each_kind(pack: &RulePack) -> BTreeMap<&'static str, &str> {
    let kind = |body: &Body| match body {
        Body::Assert { .. } => "assert",
        Body::Unique { .. } => "unique",
        Body::Refers { .. } => "refers",
        Body::Determines { .. } => "determines",
        Body::Sum { .. } => "sum",
        Body::Change { .. } => "change",
        Body::Query { .. } => "query",
        Body::Derived(_) => "derived",
        Body::Cell(_) => "cell",
        Body::Sheet(_) => "sheet",
    };
    let kinds: BTreeMap<_, _> = pack.rules.iter().map(|rule| (kind(&rule.body), rule.id.as_str())).collect();
    for needed in ["assert", "unique", "refers", "determines", "sum", "change", "derived", "cell", "sheet"] {
        assert!(kinds.contains_key(needed), "no rule of the kind {needed}");
    }
    kinds
}

#[test]
fn a_rule_or_pack_that_is_not_there_is_answered_with_the_nearest() {
    rules(&["show", "LOAN-AMT-01"]).expect_code(2).expect_words(&["LOAN-AMT-01", "did you mean `LOAN-AMT-001`?"]);
    rules(&["list", "--pack", "large-credits"]).expect_code(2).expect_words(&["large-credits", "large-credit"]);
}

#[test]
fn a_rule_whose_example_comes_out_otherwise_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&project("rules"), folder.path());
    let path = folder.path().join("large-credit/loans.toml");
    let text = std::fs::read_to_string(&path).expect("read");
    let spoilt = text.replacen("balance <= amount", "balance <= amount + 1000000", 1);
    assert_ne!(text, spoilt, "LOAN-AMT-003 is written otherwise now; correct the test");
    std::fs::write(&path, spoilt).expect("written");
    let mut command = program(&["rules", "test", "--period", "2026-10", "--rules"]);
    command.arg(folder.path());
    ran(command, folder.path()).expect_code(2).expect_words(&[
        "LOAN-AMT-003 fail 1",
        &place_of(&text, "LOAN-AMT-003"),
        "应为 / expected: 违反 / violated",
        "结果 / found: 符合 / satisfied",
    ]);
}

/// File and line of a rule of loans.toml.
fn place_of(text: &str, id: &str) -> String {
    let before = text.split(&format!("\"{id}\"")).next().unwrap_or_default();
    format!("large-credit/loans.toml:{}", before.matches('\n').count() + 1)
}

#[test]
fn the_likely_reason_why_an_example_does_not_come_out_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    copy(&project("rules"), folder.path());
    let path = folder.path().join("large-credit/loans.toml");
    let mut text = std::fs::read_to_string(&path).expect("read");
    for (from, to) in [
        // LOAN-AMT-001: `when` cannot hold without a status. LOAN-AMT-002: no answer without the amount.
        ("(status IS NULL OR status <> '9')", "status <> '9'"),
        ("assert   = \"balance >= 0\"", "assert   = \"balance >= 0 AND amount >= 0\""),
        // LOAN-AMT-003: a record it is about among those it is not.
        ("skip     = [{ amount = 0.00, balance = 500.00 }", "skip     = [{ amount = 1.00, balance = 1.00 }"),
    ] {
        assert!(text.contains(from), "loans.toml has no `{from}` now; correct the test");
        text = text.replacen(from, to, 1);
    }
    std::fs::write(&path, &text).expect("written");
    let mut command = program(&["rules", "test", "--period", "2026-10", "--rules"]);
    command.arg(folder.path());
    ran(command, folder.path()).expect_code(2).expect_words(&[
        "LOAN-AMT-001 pass 2",
        "不适用：`when` 不成立；它读取 status，例子里没有填",
        "not eligible: `when` is not true; it reads status, which the example leaves blank",
        "LOAN-AMT-002 pass 1",
        "不可判定：`assert` 没有结果；它读取 amount，例子里没有填",
        "not evaluable: `assert` gave no answer; it reads amount, which the example leaves blank",
        "LOAN-AMT-003 skip 1",
        "适用：`when` 成立；它读取 amount、balance",
    ]);
}
