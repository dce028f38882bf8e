//! The sheets 期限 and 收件, read back.

use calamine::{Data, Reader as _, Xlsx, open_workbook};

use super::*;
use crate::{job::receipts::Receipt, message::fixture, outcome::Timeliness};

fn receipt(unit: &str, file: &str, received: &str, again: bool) -> Receipt {
    Receipt {
        unit: unit.into(),
        file: file.into(),
        received: received.parse().expect("a time"),
        channel: "信贷管理部内网".into(),
        again,
    }
}

/// The fixture, with one unit that corrected in time, one that did not, and one that is missing.
fn outcome() -> Outcome {
    let mut outcome = fixture::outcome();
    outcome.receipts.list = vec![
        receipt("150102", "贷款数据.xlsx", "2026-11-04T09:00:00", false),
        receipt("150199", "x.xlsx", "2026-11-04T10:00:00", false),
        receipt("150102", "旧.xlsx", "2026-11-05T09:00:00", false),
        receipt("150102", "贷款数据.xlsx", "2026-11-06T11:59:00", true),
    ];
    outcome.standings[0].resubmitted = Some("2026-11-06T11:59:00".parse().expect("a time"));
    outcome.standings[1].warnings = 2;
    outcome
        .units
        .insert(2, crate::job::Unit { code: "150104".into(), name: "西梁社部".into(), ..outcome.units[0].clone() });
    outcome.standings.insert(2, crate::outcome::Standing::default());
    outcome
}

fn sheet(name: &str) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("summary.xlsx");
    write_summary(&outcome(), Lang::Zh, &path).expect("written");
    let mut workbook: Xlsx<_> = open_workbook(&path).expect("a workbook");
    let range = workbook.worksheet_range(name).expect("the sheet");
    range.rows().map(|row| row.iter().map(Data::to_string).collect()).collect()
}

fn formulas(name: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("summary.xlsx");
    write_summary(&outcome(), Lang::Zh, &path).expect("written");
    let mut workbook: Xlsx<_> = open_workbook(&path).expect("a workbook");
    let range = workbook.worksheet_formula(name).expect("the sheet");
    range.rows().flatten().filter(|formula| !formula.is_empty()).cloned().collect()
}

#[test]
fn each_unit_has_met_or_missed_its_deadlines() {
    assert_eq!(outcome().standings[1].timeliness, Timeliness::NoReceipt);
    let lines = sheet("期限");
    let of = |line: usize| lines[line].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(
        of(1)[3..],
        ["2026-11-05", "2026-11-05 16:20", "按时", "7", "2026-11-06 12:00", "2026-11-06 11:59", "按时重报", ""]
    );
    assert_eq!(of(2)[3..10], ["2026-11-05", "", "无收件记录", "2", "2026-11-06 12:00", "", "待重报"]);
    assert_eq!(of(3)[3..10], ["2026-11-05", "", "未报", "0", "2026-11-06 12:00", "", "—"]);
    assert_eq!(of(4)[..4], ["150100", "示例市农村信用合作联社", "上报监管部门", "2026-11-10"]);
    // 46,332 is 6 November 2026: noon of it; the end of the 5th; the end of the 10th.
    let formulas = formulas("期限");
    assert_eq!(formulas.len(), 3, "{formulas:?}");
    assert!(
        formulas[0].contains("NOW()>1111980/24") && formulas[0].contains("46329,46330,46331,46332}"),
        "{formulas:?}"
    );
    assert!(formulas[1].contains("NOW()>1111968/24") && formulas[1].contains("46330,46331}"), "{formulas:?}");
    assert!(formulas[2].contains("NOW()>1112088/24") && formulas[2].contains("46335,46336}"), "{formulas:?}");
}

#[test]
fn the_receipt_log_has_way_time_and_hash() {
    let lines = sheet("收件");
    let short: Vec<_> = lines.iter().skip(1).map(|line| [2, 3, 4, 5, 6, 9].map(|at| line[at].as_str())).collect();
    let way = "信贷管理部内网";
    let book = "150102-城关社部/贷款数据.xlsx";
    assert_eq!(
        short,
        [
            ["2026-11-04 09:00:00", way, "首报", "贷款数据.xlsx", "", "已由后来的文件代替"],
            ["2026-11-04 10:00:00", way, "首报", "x.xlsx", "", "名册中没有这个社部"],
            ["2026-11-05 09:00:00", way, "首报", "旧.xlsx", "", "报送文件夹中没有这个文件"],
            ["2026-11-06 11:59:00", way, "重报", "贷款数据.xlsx", book, ""],
            ["", "", "", "", "150103-河西社部/贷款.csv", "没有收件记录"],
            ["", "", "", "", "150103-河西社部/损坏.xlsx", "没有收件记录"],
        ]
    );
    assert_eq!(lines[4][8], outcome().intake.files[0].sha256);
}
