//! The reports of the small packs: figures counted by hand from the samples' tables, and from small tables of this file.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

use calamine::Data;

use super::{rows, table, text};
use crate::{
    desk::{program, project, ran},
    shipped::job,
};

/// The report of a run of `job`.
fn report(job: &Path, period: &str, file: &str) -> (tempfile::TempDir, PathBuf) {
    let out = tempfile::tempdir().expect("a temporary folder");
    let mut command = program(&["run", "-q"]);
    command.arg(job).arg("--out").arg(out.path());
    ran(command, out.path()).expect_code(1);
    let report = out.path().join(period).join("reports").join(file);
    (out, report)
}

fn sample(pack: &str, period: &str, file: &str) -> (tempfile::TempDir, PathBuf) {
    report(&project("sample-input").join(pack).join(period), period, file)
}

/// The rows below the headings that begin with `first`; whole numbers without decimals.
fn list(report: &Path, sheet: &str, first: &str) -> Vec<Vec<String>> {
    let shown = |cell: &Data| match cell {
        Data::Float(number) => number.to_string(),
        Data::DateTime(day) => day.as_datetime().map(|day| day.date().to_string()).unwrap_or_default(),
        other => text(other),
    };
    let rows = rows(report, sheet);
    let (_, list, _) = table(&rows, first);
    let width =
        list.iter().filter_map(|row| row.iter().rposition(|cell| *cell != Data::Empty)).max().map_or(0, |at| at + 1);
    list.iter().map(|row| row.iter().take(width).map(shown).collect()).collect()
}

fn column(lines: &[Vec<String>], at: usize) -> Vec<&str> {
    lines.iter().map(|line| line[at].as_str()).collect()
}

/// Due on 20 September, 30 August, 31 August, 20 July and 22 June: 10, 31, 30, 72 and 100 days to 30 September. What is due
/// on that day is not overdue.
#[test]
fn what_is_overdue_stands_in_its_band() {
    let (_out, report) = sample("trade-credit", "2026Q3", "账期与回访报表.xlsx");
    assert_eq!(
        list(&report, "逾期账龄", "账龄档"),
        [
            ["1", "10", "30", "2", "2", "5800"],
            ["2", "31", "31", "1", "1", "700"],
            ["3", "72", "72", "1", "1", "800"],
            ["4", "100", "100", "1", "1", "20000"],
        ]
    );
    let customers = list(&report, "逾期账龄", "客户编号");
    assert_eq!(column(&customers, 0), ["KH1001", "KH0001", "KH1002", "KH1003"]);
    assert_eq!(customers[2][3..11], ["2", "31", "800", "700", "0", "0", "1500", "0"]);
    // KH0005 was last visited on the day before the quarter, KH0006 telephoned to; KH2001 has no record at all.
    let visits = list(&report, "未回访客户", "序号");
    assert_eq!(column(&visits, 2), ["KH0005", "KH0006", "KH2001"]);
    assert_eq!(column(&visits, 4), ["2026-06-30", "", ""]);
    let files = list(&report, "待核实档案", "序号");
    let overdue: Vec<_> = files.iter().filter(|line| !line[6].is_empty()).map(|line| line[2].as_str()).collect();
    assert_eq!(overdue, ["KH0002"], "verified on 29 June; KH0001 on the 30th");
    let lacking = list(&report, "缺审批账期客户", "序号");
    assert_eq!(column(&lacking, 2), ["KH0002", "KH0004", "KH1003"]);
}

/// Each edge of a band: 30 and 31, 60 and 61, 90 and 91 days.
#[test]
fn bands_of_the_ageing_end_on_their_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut lines = "供货单号,客户编号,供货日期,货款到期日,货款金额(元),已付金额(元),未付金额(元)\n".to_owned();
    // Counted back from 30 September 2026.
    for (number, due) in
        ["2026-09-29", "2026-08-31", "2026-08-30", "2026-08-01", "2026-07-31", "2026-07-02", "2026-07-01"]
            .iter()
            .enumerate()
    {
        let _ = writeln!(lines, "G{number},K1,2026-06-01,{due},100.00,0.00,100.00");
    }
    lines += "G8,K1,2026-06-01,2026-09-30,100.00,0.00,100.00\n";
    let job = job(folder.path(), "trade-credit", "2026Q3", &[("供货与货款明细", &lines)], "");
    let (_out, report) = report(&job, "2026Q3", "账期与回访报表.xlsx");
    assert_eq!(
        list(&report, "逾期账龄", "账龄档"),
        [
            ["1", "1", "30", "2", "1", "200"],
            ["2", "31", "60", "2", "1", "200"],
            ["3", "61", "90", "2", "1", "200"],
            ["4", "91", "91", "1", "1", "100"],
        ]
    );
}

#[test]
fn calls_and_visits_of_days_are_held_against_the_weeks() {
    let (_out, report) = sample("property-sales", "2026-09", "来电来访与信息使用报表.xlsx");
    let weeks = list(&report, "来电来访周统计", "项目代码");
    // The second week says 1 call and 3 visits; its days have none and 2.
    let figures: Vec<_> = weeks.iter().map(|week| week[3..10].to_vec()).collect();
    assert_eq!(figures, [["18", "21", "7", "18", "21", "0", "0"], ["1", "3", "2", "0", "2", "1", "1"]]);
    let uses = list(&report, "信息使用登记", "序号");
    let lacking: Vec<_> = uses.iter().filter(|line| !line[14].is_empty()).map(|line| line[1].as_str()).collect();
    assert_eq!(lacking, ["U003"], "an electronic copy went outside without the director's consent");
}

#[test]
fn the_list_of_contacts_has_every_customer_once_with_its_last_call_and_visit() {
    let (_out, report) = sample("abc-archive", "2026-09", "客户联络一览表.xlsx");
    let contacts = list(&report, "客户联络一览表", "序号");
    assert_eq!(
        column(&contacts, 2),
        ["A001", "A002", "A021", "A022", "A003", "A004", "A023", "A005", "A006", "A024"],
        "by class"
    );
    assert_eq!(contacts[0][10..13], ["2026-09-24", "1", "2026-07-30"]);
    assert_eq!(contacts[0][6], "黎**", "persons are masked");
    let shares = list(&report, "分类占比", "类别");
    let figures: Vec<_> = shares.iter().map(|line| line[1..4].to_vec()).collect();
    assert_eq!(figures, [["4", "40", "20"], ["3", "30", "40"], ["3", "30", "40"]]);
}

/// Within a day, on the second, on the third, before it was known, and not yet.
#[test]
fn the_lag_of_updates_is_counted_in_days() {
    let folder = tempfile::tempdir().expect("a folder");
    let customers = "档案编号,客户名称,类别,负责人,获取新信息日期,信息更新日期\n\
                     A1,甲公司,A,王,2026-09-01,2026-09-01\nA2,乙公司,A,王,2026-09-01,2026-09-02\n\
                     A3,丙公司,B,王,2026-09-01,2026-09-03\nA4,丁公司,B,王,2026-09-01,2026-09-04\n\
                     A5,戊公司,C,王,2026-09-10,2026-09-09\nA6,己公司,C,李,2026-09-20,\nA7,庚公司,C,李,,2026-09-20\n";
    let job = job(folder.path(), "abc-archive", "2026-09", &[("客户档案", customers)], "");
    let (_out, report) = report(&job, "2026-09", "客户联络一览表.xlsx");
    let mut lags = list(&report, "更新滞后", "负责人");
    lags.sort();
    assert_eq!(lags, [["李", "1", "0", "0", "0", "1", "10"], ["王", "5", "2", "1", "1", "1", "20"]]);
}

#[test]
fn classes_of_two_quarters_make_a_matrix() {
    let folder = tempfile::tempdir().expect("a folder");
    let head = "客户代码,店铺名称,客户经理,客户分类,客户状态,进货金额(元)\n";
    let before = format!(
        "{head}R1,店一,石,A,正常,1\nR2,店二,石,B,正常,1\nR3,店三,石,C,正常,1\nR4,店四,钱,B,正常,1\nR5,店五,钱,,正常,1\n"
    );
    // Down, up, same, closed, classed for the first time, new.
    let after = format!(
        "{head}R1,店一,石,B,正常,100.50\nR2,店二,石,A,正常,200\nR3,店三,石,C,正常,300\nR4,店四,钱,A,注销,400\n\
         R5,店五,钱,C,正常,500\nR6,店六,钱,A,正常,600\n"
    );
    let pack = "retail-dictionary";
    let first = job(folder.path(), pack, "2026Q2", &[("零售客户基础信息", &before)], "");
    assert!(first.exists());
    let prior = "prior = \"../2026Q2/job.toml\"";
    let second = job(folder.path(), pack, "2026Q3", &[("零售客户基础信息", &after)], prior);
    let (_out, report) = report(&second, "2026Q3", "客户等级与信息维护报表.xlsx");
    // Was, A, B, C, other, none, customers, amount.
    assert_eq!(
        list(&report, "等级变动", "上期等级"),
        [
            ["A", "0", "1", "0", "0", "0", "1", "100.5"],
            ["B", "1", "0", "0", "0", "0", "1", "200"],
            ["C", "0", "0", "1", "0", "0", "1", "300"],
            ["新增 new", "1", "0", "0", "0", "0", "1", "600"],
            ["未分级 none", "0", "0", "1", "0", "0", "1", "500"],
        ]
    );
    // Customers, up, down, same, new, without.
    let managers = list(&report, "等级变动", "客户经理");
    let line = |name: &str| managers.iter().find(|line| line[0] == name).expect("the manager")[1..7].to_vec();
    assert_eq!(line("石"), ["3", "1", "1", "1", "0", "0"]);
    assert_eq!(line("钱"), ["2", "0", "0", "0", "1", "0"]);
}

#[test]
fn stale_fields_licences_and_edits_of_system_fields_are_counted() {
    let (_out, report) = sample("retail-dictionary", "2026Q3", "客户等级与信息维护报表.xlsx");
    let stale: Vec<_> = list(&report, "信息过期", "客户经理").iter().map(|line| line[1..5].to_vec()).collect();
    assert_eq!(stale, [["7", "1", "1", "1"], ["2", "0", "0", "0"]]);
    let licences: Vec<_> = list(&report, "证照到期", "部门代码").iter().map(|line| line[1..6].to_vec()).collect();
    assert_eq!(licences, [["7", "1", "1", "1", "1"], ["2", "0", "0", "0", "0"]]);
    assert_eq!(column(&list(&report, "手工改系统字段", "序号"), 1), ["B007"]);
    assert_eq!(column(&list(&report, "不能分级", "序号"), 1), ["R007"]);
}

/// Ten enquiries answered after 0, 0, 1, 1, 2, 2, 3, 4, 5 and 20 days: the fifth took 2 days, the ninth 5. One is open.
#[test]
fn response_times_are_told_by_their_percentiles() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut enquiries = "咨询编号,客户编号,咨询日期,答复日期\n".to_owned();
    for (number, days) in [0, 0, 1, 1, 2, 2, 3, 4, 5, 20].into_iter().enumerate() {
        let _ = writeln!(enquiries, "Q{number},K1,2026-09-01,2026-09-{:02}", days + 1);
    }
    enquiries += "Q10,K1,2026-09-28,\n";
    let complaints = "投诉编号,客户编号,受理日期,原因,办结日期,整改措施\nC1,K1,2026-09-01,交付延误,2026-09-15,增加班次\n\
                      C2,K2,2026-09-01,交付延误,2026-09-04,\nC3,K2,2026-09-02,产品质量,,\n";
    let head = "客户编号,客户名称,客户分类,业务笔数,价值评分\n";
    let before = format!("{head}K1,甲公司,一般客户,3,50\nK2,乙公司,一般客户,1,60\nK3,丙公司,潜在客户,0,\n");
    let after = format!("{head}K1,甲公司,一般客户,0,50\nK3,丙公司,一般客户,2,99\nK4,丁公司,一般客户,1,\n");
    let pack = "customer-regulation";
    job(folder.path(), pack, "2026-08", &[("客户档案", &before)], "");
    let files = [("客户档案", after.as_str()), ("客户咨询", &enquiries), ("客户投诉记录", complaints)];
    let second = job(folder.path(), pack, "2026-09", &files, "prior = \"../2026-08/job.toml\"");
    let (_out, report) = report(&second, "2026-09", "客户投诉与响应报表.xlsx");
    // Entries, answered, open, half, nine in ten, longest.
    let times = list(&report, "响应时间", "项目");
    assert_eq!(times[0][1..7], ["11", "10", "1", "2", "5", "20"]);
    assert_eq!(times[1][1..7], ["3", "2", "1", "3", "14", "14"]);
    // Cause, entries, closed, open, without correction, days on average, longest.
    let causes = list(&report, "投诉统计", "原因");
    assert_eq!(causes[0], ["3 交付延误", "2", "2", "0", "1", "8.5", "14"]);
    assert_eq!(causes[1][1..5], ["1", "0", "1", "1"]);
    let rows = rows(&report, "抓两头");
    let moves: Vec<_> = rows
        .iter()
        .map(|row| row.iter().map(text).collect::<Vec<_>>())
        .filter(|row| row[1].starts_with("流失") || row[1].starts_with("新增 "))
        .map(|row| [row[1].clone(), row[2].clone()].join(" "))
        .collect();
    // K1 does no business any more and K2 is gone; K3 and K4 do now.
    assert_eq!(moves, ["新增 gained K3", "新增 gained K4", "流失 lost K1", "流失 lost K2"]);
}

#[test]
fn cards_are_counted_three_ways() {
    let (_out, report) = sample("customer-regulation", "2026-09", "客户投诉与响应报表.xlsx");
    let counts = list(&report, "温馨卡核对", "日期");
    let differing: Vec<_> = counts.iter().filter(|line| !line[4].is_empty()).map(|line| line[0].as_str()).collect();
    assert_eq!(differing, ["2026-09-06"]);
    let saturdays = list(&report, "温馨卡核对", "检查日期");
    assert_eq!(saturdays[0], ["2026-09-05", "1", "2", "0"]);
    let top = list(&report, "抓两头", "序号");
    assert_eq!(column(&top, 1), ["K001", "K008"]);
}
