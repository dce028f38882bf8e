//! Definitions: the one the manual shows, and what is said of mistakes.

use super::{rows, table, text};
use crate::desk::{Desk, program, project, ran};

/// The definition in the manual: the block that begins with its id.
fn shown(manual: &str) -> String {
    let text = std::fs::read_to_string(project(manual)).expect("the manual");
    let start = text.find("id    = \"non-performing\"").unwrap_or_else(|| panic!("{manual} shows no report"));
    let block = &text[start..];
    block[..block.find("```").expect("the end of the block")].to_owned()
}

#[test]
fn the_report_of_the_manual_works_as_it_stands() {
    let definition = shown("README.md");
    assert_eq!(definition, shown("README.zh.md"));
    assert!(definition.lines().filter(|line| !line.trim().is_empty()).count() <= 10, "ten lines");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("my-reports")).expect("a folder");
    std::fs::write(folder.path().join("my-reports/non-performing.toml"), definition).expect("written");
    crate::desk::copy(&project("sample-input/large-credit/2026-10"), folder.path());
    let job = std::fs::read_to_string(folder.path().join("job.toml")).expect("the job");
    let job = job.replace("prior       = \"../2026-09/job.toml\"", "reports = \"my-reports\"");
    std::fs::write(folder.path().join("job.toml"), job).expect("written");
    let out = folder.path().join("out");
    let mut command = program(&["report", "--only", "non-performing"]);
    command.arg(folder.path()).arg("--out").arg(&out);
    ran(command, folder.path()).expect_code(0);
    let (headings, units, total) = table(&rows(&out.join("2026-10/reports/不良贷款.xlsx"), "不良贷款"), "社部代码");
    assert_eq!(headings[..3], ["社部代码", "笔数", "贷款余额(万元)"]);
    assert!(units.len() > 5, "{units:?}");
    assert_eq!(text(&total.expect("a total")[0]), "合计");
}

fn lint(files: &[(&str, &str)]) -> crate::desk::Ran {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let mut command = program(&["report", "lint", "--reports"]);
    command.arg(folder.path());
    ran(command, folder.path())
}

#[test]
fn all_mistakes_are_reported_at_once_with_their_places() {
    let definition = "id = \"Mine\"\nfile = \"../x.xlsx\"\ntitle = \"x\"\ntitel = \"y\"\n[[sheet]]\nname = \"s\"\n\
                      [[sheet.block]]\nquery = \"SELECT unit_code, balnce FROM loans\"\n\
                      [[sheet.block]]\nquery = \"SELECT * FROM loan\"\n\
                      [[sheet.block]]\nquery = \"SELECT unit_code, balance FROM loans ORDER BY balance LIMIT 3\"\n\
                      [[sheet.block]]\nquery = \"SELECT customer_code, amount FROM loans\"\nsort = [\"-amont\"]\n\
                      total = [\"customer_code\"]\n\
                      [[sheet.block]]\nquery = \"SELECT AVG(amount) AS mean FROM loans\"\n\
                      [[sheet.block]]\nchart = \"colum\"\nof = \"nothing\"\ncategory = \"a\"\nvalues = [\"b\"]\ntitle = \"t\"\n\
                      [[sheet.block]]\ncells = [{ at = \"1A\", value = \"x\" }, { at = \"A1\", value = \"$large_lown\" }]\n";
    lint(&[("mine.toml", definition)]).expect_code(2).expect_words(&[
        "mine.toml:1:",
        "`Mine` 不是报表编号",
        "`../x.xlsx` 不能作文件名",
        "没有 `titel` 这个键",
        "mine.toml:8:",
        "没有列 `balnce`",
        "`balance`",
        "没有表 `loan`",
        "`loans`",
        "最外层不写 ORDER BY",
        "查询没有列 `amont`",
        "`amount`",
        "`customer_code` 不是数，不能合计",
        "列 `mean` 是近似的小数",
        "这里不能写 `colum`",
        "本表上方没有名为 `nothing` 的清单",
        "`1A` 不是单元格",
        "没有参数 `$large_lown`",
    ]);
}

#[test]
fn reports_of_other_packs_are_passed_over_and_two_cannot_share_a_file() {
    let minimal = |id: &str, more: &str| {
        format!(
            "id = \"{id}\"\nfile = \"x.xlsx\"\ntitle = \"x\"\n{more}[[sheet]]\nname = \"s\"\n[[sheet.block]]\nquery = \"SELECT * FROM rules\"\n"
        )
    };
    let other = "id = \"other\"\npack = \"elsewhere\"\nfile = \"x.xlsx\"\ntitle = \"x\"\nwhatever = 1\n";
    lint(&[("a.toml", &minimal("a", "")), ("other.toml", other)]).expect_code(0);
    lint(&[("a.toml", &minimal("a", "")), ("b.toml", &minimal("b", ""))])
        .expect_code(2)
        .expect_words(&["x.xlsx", "a", "b"]);
    lint(&[("a.toml", &minimal("a", "")), ("b.toml", &minimal("a", ""))])
        .expect_code(2)
        .expect_words(&["两个报表编号相同"]);
}

#[test]
fn personal_data_is_masked_unless_the_report_asks_for_it_in_full() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path().join("own")).expect("a folder");
    for (id, more) in [("masked", ""), ("full", "identifiers = \"full\"\n")] {
        let text = format!(
            "id = \"{id}\"\nfile = \"{id}.xlsx\"\ntitle = \"x\"\n{more}[[sheet]]\nname = \"s\"\n[[sheet.block]]\n\
             query = \"SELECT shareholder_name AS who, doc_no AS number FROM shareholders WHERE doc_no LIKE '1502%'\"\n"
        );
        std::fs::write(desk.path().join(format!("own/{id}.toml")), text).expect("written");
    }
    desk.write_job("2026-10", "reports = \"own\"");
    desk.run();
    let shown = |id: &str| {
        let (_, found, _) = table(&rows(&desk.out().join(format!("2026-10/reports/{id}.xlsx")), "s"), "who");
        found.iter().map(|row| (text(&row[0]), text(&row[1]))).collect::<Vec<_>>()
    };
    assert_eq!(shown("full"), [("罗海涵".to_owned(), "150221199608128907".to_owned())]);
    // What a query compares is masked too: a report that may not show it cannot find it out.
    assert_eq!(shown("masked"), [("罗**".to_owned(), "150221********8907".to_owned())]);
}

#[test]
fn an_unknown_report_is_named_with_its_neighbour() {
    let mut command = program(&["report", "--only", "reconcilation"]);
    command.arg(project("sample-input/large-credit/2026-10"));
    ran(command, &project("tests")).expect_code(2).expect_words(&["没有报表 `reconcilation`", "`reconciliation`"]);
}

#[test]
fn tiers_of_the_ledger_can_be_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    crate::desk::copy(&project("sample-input/abc-archive/2026-09"), folder.path());
    let definition = "id = \"tier-counts\"\nfile = \"分层汇总.xlsx\"\ntitle = \"分层汇总\"\n[[sheet]]\nname = \"分层\"\n\
                      [[sheet.block]]\nquery = \"SELECT tier, COUNT(*) AS customers FROM tiers WHERE latest = 0 GROUP BY tier\"\n";
    std::fs::create_dir(folder.path().join("my-reports")).expect("a folder");
    std::fs::write(folder.path().join("my-reports/tiers.toml"), definition).expect("written");
    let job = std::fs::read_to_string(folder.path().join("job.toml")).expect("the job");
    std::fs::write(folder.path().join("job.toml"), format!("reports = \"my-reports\"\n{job}")).expect("written");
    let (out, ledger) = (folder.path().join("out"), folder.path().join("ledger.db"));
    for (arguments, code) in [(["tier", "--quarter", "2026Q3"], 0), (["report", "--only", "tier-counts"], 0)] {
        let mut command = program(&arguments);
        command.arg(folder.path()).arg("--out").arg(&out).arg("--ledger").arg(&ledger);
        ran(command, folder.path()).expect_code(code);
    }
    let (headings, tiers, _) = table(&rows(&out.join("2026-09/reports/分层汇总.xlsx"), "分层"), "层级");
    assert_eq!(headings[..2], ["层级", "户数"]);
    // Ten customers, cut 20 : 40 : 40.
    let found: Vec<_> = tiers.iter().map(|row| (text(&row[0]), text(&row[1]))).collect();
    assert_eq!(found, [("A", "2"), ("B", "4"), ("C", "4")].map(|(tier, count)| (tier.to_owned(), count.to_owned())));
}
