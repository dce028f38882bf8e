//! The register and the notices, read back.

use calamine::{Data, Reader as _, Xlsx, open_workbook};

use super::*;
use crate::{
    ledger::{Bounds, tests::register::two_months},
    message::fixture,
};

fn register() -> Register {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = two_months(folder.path());
    let now = "2026-11-06T14:00:00".parse().expect("a time");
    let period = "2026-10".parse().expect("a period");
    ledger.register("large-credit", period, Bounds::default(), now).expect("read").expect("it was run")
}

fn sheets(write: impl Fn(&Path)) -> Vec<(String, Vec<Vec<String>>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("book.xlsx");
    write(&path);
    let first = std::fs::read(&path).expect("read");
    write(&path);
    assert!(std::fs::read(&path).expect("read") == first, "the same register gives the same bytes");
    let mut workbook: Xlsx<_> = open_workbook(&path).expect("a workbook");
    let names = workbook.sheet_names();
    let mut rows = |name: &str| {
        let range = workbook.worksheet_range(name).expect("the sheet");
        range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
    };
    names.iter().map(|name| (name.clone(), rows(name))).collect()
}

fn book() -> Vec<(String, Vec<Vec<String>>)> {
    let (register, pack) = (register(), fixture::outcome().pack);
    sheets(|path| write_register(&register, &pack, Lang::Zh, path).expect("written"))
}

#[test]
fn the_register_lists_every_problem_with_its_end() {
    let book = book();
    let names: Vec<_> = book.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["登记簿", "评分表", "第二十二条线索", "手工登记", "报送人员"]);
    let lines = &book[0].1;
    assert_eq!(lines.len(), 5);
    let at = |line: usize, columns: &[usize]| columns.iter().map(|at| lines[line][*at].clone()).collect::<Vec<_>>();
    assert_eq!(
        at(1, &[0, 2, 4, 6, 7, 9, 11, 13, 14, 15, 16, 17]),
        [
            "1",
            "150102",
            "报送员甲",
            "JJ000001",
            "贷款金额(万元)",
            "强制",
            "系统",
            "2026-11-05 10:00",
            "2026-09",
            "2",
            "未处理",
            ""
        ]
    );
    assert_eq!(at(2, &[6, 16, 17]), ["JJ000003", "已消除", "2026-11-06 13:00"]);
}

#[test]
fn the_scorecard_counts_months_and_amounts() {
    let book = book();
    let lines = &book[1].1;
    let first: Vec<_> = lines[1].iter().map(String::as_str).collect();
    // 50 records, 3 errors: 60 per 1,000.
    assert_eq!(first[..8], ["150102", "城关社部", "报送员甲", "迟报", "未重报", "50", "3", "1"]);
    assert_eq!(first[8..], ["60", "1", "1", "1", "0", "12345", "0", "2", "2", "2"]);
}

#[test]
fn article_22_names_leads_and_leaves_the_decision_open() {
    let book = book();
    let lines = &book[2].1;
    let items: Vec<_> = lines[1..4].iter().map(|line| [line[0].as_str(), line[1].as_str()]).collect();
    assert_eq!(items, [["（一）", "150102"], ["（二）", "150102"], ["（三）", "150102"]]);
    assert_eq!(lines[1][7], "2026-09 新增；2026-10 未处理");
    assert!(lines[3][7].contains("2026-09 迟报、未重报；2026-10 迟报、未重报"), "{:?}", lines[3]);
    assert!(lines[1..4].iter().all(|line| line[9].is_empty() && line[10].is_empty()), "the decision is for people");
    assert!(!lines.iter().flatten().any(|cell| cell.contains("100") && cell.contains('元')), "no amount of a fine");
    let by_hand = &book[3].1;
    assert!(by_hand[1..].iter().any(|line| line[0].contains("（四）")), "what is left to people is said");
}

#[test]
fn a_changed_officer_wants_a_handover_record() {
    let book = book();
    let lines = &book[4].1;
    assert_eq!(lines[1][8], "没有复核人");
    assert_eq!(lines[2][2..7], ["报送员丙", "", "", "报送员乙", "2026-09"]);
    assert!(lines[2][8].contains("没有交接记录"), "{:?}", lines[2]);
    let mut register = register();
    register.units[1].people.handover = "2026-10-20 交接".into();
    register.units[0].people.officer.clear();
    let pack = fixture::outcome().pack;
    let book = sheets(|path| write_register(&register, &pack, Lang::Zh, path).expect("written"));
    assert_eq!(book[4].1[2][8], "报送人员有变动，有交接记录");
    assert!(book[4].1[1][8].contains("未指定报送人员"), "{:?}", book[4].1[1]);
}

#[test]
fn each_unit_has_a_page_of_its_own() {
    let register = register();
    let pages = sheets(|path| write_notices(&register, Lang::Zh, path).expect("written"));
    let names: Vec<_> = pages.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["150102 城关社部", "150103 河西社部"]);
    let text = |page: usize| pages[page].1.iter().flatten().cloned().collect::<Vec<_>>().join("|");
    for part in
        ["2026-11-06 12:00", "迟报 2026-11-04 09:00", "12,345.00", "60.0", "2026-09", "单笔贷款金额为0万元", "签收人"]
    {
        assert!(text(0).contains(part), "{part} in {}", text(0));
    }
    assert!(text(1).contains("没有未了的强制性和提示性问题"));
    let english = sheets(|path| write_notices(&register, Lang::En, path).expect("written"));
    assert!(english[0].1.iter().flatten().any(|cell| cell.contains("Article 14")));
}
