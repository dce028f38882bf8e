//! The small packs: each sample finds what was planted in it, every written rule fires in its sample or says why not,
//! and every clause of the policies is carried out by something.

use std::collections::BTreeSet;

use baosong::{
    check::examples::prove,
    job::Calendar,
    pack::{Body, clauses::matches},
};

use calamine::{Reader as _, Xlsx, open_workbook};

use crate::{
    desk::{Ran, program, project, ran},
    planted::{Planted, shipped_pack},
};

/// Pack, period of its sample, and the number of faults planted at least.
const PACKS: [(&str, &str, usize); 5] = [
    ("trade-credit", "2026Q3", 60),
    ("property-sales", "2026-09", 50),
    ("retail-dictionary", "2026Q3", 40),
    ("abc-archive", "2026-09", 40),
    ("customer-regulation", "2026-09", 60),
];

fn planted(pack: &str, period: &str) -> Planted {
    Planted { pack: shipped_pack(pack, period), sample: project("sample-input").join(pack).join(period) }
}

/// The run of a sample.
fn run(pack: &str, period: &str) -> (tempfile::TempDir, Ran) {
    let out = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(&["run", "--json"]);
    command.arg(project("sample-input").join(pack).join(period)).arg("--out").arg(out.path());
    let ran = ran(command, &out.path().join(period));
    (out, ran)
}

#[test]
fn the_planted_faults_of_each_sample_are_found_and_nothing_else() {
    for (pack, period, at_least) in PACKS {
        let (_out, run) = run(pack, period);
        run.expect_code(1);
        planted(pack, period).assert_found(&run, at_least, "make_pack_samples");
        for line in run.lines() {
            let (rule, message) = (line.get("rule"), line.get("message"));
            let faulty = ["{", "}", "%%", "“”", "“（空）”"].into_iter().find(|part| message.contains(part));
            assert_eq!(faulty, None, "{pack}: {rule}: {message}");
        }
    }
}

/// The days T+4, T+5 and T+7 are those of the credit risk policy.
#[test]
fn packs_without_deadlines_show_none() {
    for (pack, period, _) in PACKS {
        let out = tempfile::tempdir().expect("a temporary folder");
        let mut command = program(&["run"]);
        command.arg(project("sample-input").join(pack).join(period)).arg("--out").arg(out.path());
        let said = String::from_utf8(command.output().expect("started").stdout).expect("text");
        assert!(said.contains("文件 ") && !said.contains("更正截止"), "{pack}: {said}");
        let place = out.path().join(period);
        let manifest = std::fs::read_to_string(place.join("manifest.json")).expect("the manifest");
        assert!(manifest.contains("\"deadlines\": null"), "{pack}");
        let mut summary: Xlsx<_> = open_workbook(place.join("summary/校验汇总.xlsx")).expect("the summary");
        assert!(!summary.sheet_names().iter().any(|name| name == "期限"), "{pack}");
        let overview = format!("{:?}", summary.worksheet_range("总览").expect("the overview"));
        assert!(overview.contains("数据日期") && !overview.contains("截止"), "{pack}");
        let first = std::fs::read_dir(place.join("errors")).expect("workbooks").flatten().next().expect("one");
        let mut errors: Xlsx<_> = open_workbook(first.path()).expect("the workbook");
        let steps = format!("{:?}", errors.worksheet_range("说明").expect("the instructions"));
        assert!(steps.contains("一并交回") && !steps.contains("12:00"), "{pack}");
    }
}

#[test]
fn every_written_rule_fires_in_the_sample_of_its_pack() {
    for (pack, period, _) in PACKS {
        let planted = planted(pack, period);
        let fired: BTreeSet<_> = planted.expected().into_iter().map(|[.., rule]| rule).collect();
        // Cell and sheet rules are those of all packs: their faults are planted in the sample of large-credit.
        let written = planted.pack.rules.iter().filter(|rule| !rule.expanded && rule.on.is_some());
        let silent: Vec<_> = written.map(|rule| rule.id.as_str()).filter(|id| !fired.contains(*id)).collect();
        assert!(silent.is_empty(), "{pack}: no fault is planted for {silent:?}");
    }
}

#[test]
fn examples_come_out_in_any_period() {
    let calendar = Calendar::built_in().expect("the calendar");
    for (pack, period, _) in PACKS {
        for period in [period, "2020-02"] {
            let proof = prove(&shipped_pack(pack, period), period.parse().expect("a period"), &calendar);
            let mismatches: Vec<_> = proof.expect("evaluated").mismatches.iter().map(ToString::to_string).collect();
            assert!(mismatches.is_empty(), "{pack} {period}: {}", mismatches.join("\n"));
        }
    }
}

#[test]
fn rules_of_the_small_packs_are_complete() {
    let forms: [fn(&Body) -> bool; 2] = [|body| matches!(body, Body::Sheet(_)), |body| matches!(body, Body::Cell(_))];
    for (pack, period, _) in PACKS {
        let pack = shipped_pack(pack, period);
        for rule in pack.rules.iter().filter(|rule| !forms.iter().any(|form| form(&rule.body))) {
            let id = &rule.id;
            let chinese = |text: &str| text.chars().any(|c| c >= '\u{4e00}');
            assert!(chinese(&rule.message.zh) && chinese(&rule.fix.zh), "{id}: Chinese texts");
            assert!(rule.message.zh.chars().count() <= 80, "{id}: a message is one short sentence");
            assert!(!rule.source.article.is_empty() && rule.source.checked.is_some(), "{id}: article and date");
            if !rule.expanded {
                assert!(!rule.source.clauses.is_empty(), "{id}: names no clause");
            }
            for word in ["should", "must", "please"] {
                assert!(!rule.message.en.to_lowercase().contains(word), "{id}: `{word}` in a message");
            }
        }
    }
}

/// The clause table of a manual: one table for each pack, the main one first.
fn clause_tables(lang: &str) -> String {
    let mut tables = String::new();
    for (pack, period) in [("large-credit", "2026-10")].into_iter().chain(PACKS.map(|(pack, period, _)| (pack, period)))
    {
        let mut command =
            program(&["rules", "clauses", "--markdown", "--lang", lang, "--pack", pack, "--period", period]);
        let output = command.output().expect("runs");
        let table = String::from_utf8(output.stdout).expect("text");
        tables += &["\n`", pack, "`:\n\n", table.as_str()].concat();
    }
    tables
}

#[test]
fn the_manuals_list_all_clauses() {
    for (manual, lang) in [("README.md", "en"), ("README.zh.md", "zh")] {
        let path = project(manual);
        let text = std::fs::read_to_string(&path).expect("the manual").replace('\r', "");
        let (before, rest) = text.split_once("<!-- clauses -->\n").expect("where the tables begin");
        let (kept, after) = rest.split_once("<!-- end of clauses -->").expect("where they end");
        let now = clause_tables(lang);
        if std::env::var_os("BAOSONG_WRITE_SNAPSHOTS").is_some() {
            let text = format!("{before}<!-- clauses -->\n{now}<!-- end of clauses -->{after}");
            std::fs::write(&path, text).expect("written");
            continue;
        }
        let line = kept.lines().zip(now.lines()).find(|(kept, now)| kept != now);
        assert!(
            kept == now,
            "the clause tables of {manual} are out of date, first at {line:?}; run \
             `BAOSONG_WRITE_SNAPSHOTS=1 cargo test --release --test all the_manuals_list_all_clauses` and look at the change"
        );
    }
}

#[test]
fn every_clause_of_the_policies_is_there() {
    let counted = [
        ("large-credit", "B", 32),
        ("large-credit", "X", 9),
        ("trade-credit", "T", 16),
        ("property-sales", "P", 17),
        ("retail-dictionary", "C", 11),
        ("abc-archive", "A", 10),
        ("customer-regulation", "K", 9),
        ("customer-regulation", "D", 12),
        ("customer-regulation", "E", 6),
    ];
    for (pack, letter, last) in counted {
        let pack = shipped_pack(pack, "2026-10");
        let own = pack.clauses.iter().filter_map(|clause| clause.id.strip_prefix(letter));
        let expected: Vec<_> = (1..=last).map(|number| format!("{number:02}")).collect();
        assert_eq!(own.collect::<Vec<_>>(), expected, "clauses {letter} of {}", pack.id);
        for clause in &pack.clauses {
            let titles = [&clause.title.zh, &clause.title.en];
            assert!(titles.iter().all(|title| !title.is_empty()), "{}: text in both languages", clause.id);
            let also = !clause.also.zh.is_empty() && !clause.also.en.is_empty();
            assert!(also || clause.rules(&pack).next().is_some(), "{}: nothing carries it out", clause.id);
            for pattern in &clause.patterns {
                let known = pack.rules.iter().any(|rule| matches(pattern, &rule.id));
                assert!(known, "{}: `{pattern}` in clauses.csv is the id of no rule", clause.id);
            }
        }
    }
}
