use std::{collections::BTreeMap, fs::File, io::Read, path::PathBuf};

use calamine::{Data, Range, Reader, Xlsx, open_workbook};

use super::*;
use crate::{ledger::Repeat, message::fixture, text::Lang};

/// A workbook written to a folder that goes when it is dropped.
struct Written {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Written {
    fn new(write: impl FnOnce(&std::path::Path)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("workbook.xlsx");
        write(&path);
        Self { _folder: folder, path }
    }

    fn errors(outcome: &Outcome, unit: usize, lang: Lang) -> Self {
        Self::new(|path| write_error_workbook(outcome, unit, lang, path).expect("written"))
    }

    fn names(&self) -> Vec<String> {
        open_workbook::<Xlsx<_>, _>(&self.path).expect("a workbook").sheet_names()
    }

    fn sheet(&self, name: &str) -> Range<Data> {
        open_workbook::<Xlsx<_>, _>(&self.path).expect("a workbook").worksheet_range(name).expect("the sheet")
    }

    fn parts(&self) -> BTreeMap<String, String> {
        let mut zip = zip::ZipArchive::new(File::open(&self.path).expect("open")).expect("a zip");
        (0..zip.len())
            .map(|at| {
                let mut part = zip.by_index(at).expect("a part");
                let mut text = String::new();
                part.read_to_string(&mut text).expect("text");
                (part.name().expect("a name").into_owned(), text)
            })
            .collect()
    }
}

fn cell(sheet: &Range<Data>, row: u32, column: u32) -> Data {
    sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty)
}

fn texts(sheet: &Range<Data>, row: u32) -> Vec<String> {
    (0..=sheet.end().expect("cells").1).map(|column| cell(sheet, row, column).to_string()).collect()
}

/// Whether the format of a cell leaves it open for entries.
fn is_unlocked(parts: &BTreeMap<String, String>, sheet: &str, cell: &str) -> bool {
    let xml = &parts[sheet];
    let from = xml.find(&format!("<c r=\"{cell}\" s=\"")).unwrap_or_else(|| panic!("{cell} is in {sheet}"));
    let index: usize = xml[from..].split('"').nth(3).and_then(|text| text.parse().ok()).expect("a format");
    let styles = &parts["xl/styles.xml"];
    let formats = styles.split("<cellXfs").nth(1).and_then(|rest| rest.split("</cellXfs>").next()).expect("formats");
    formats.split("<xf ").nth(index + 1).expect("the format").contains("locked=\"0\"")
}

const LIST: &str = "xl/worksheets/sheet2.xml";
const REISSUED: &str = "xl/worksheets/sheet3.xml";

#[test]
fn sheets_come_in_order_and_the_last_is_hidden() {
    let written = Written::errors(&fixture::outcome(), 0, Lang::Zh);
    assert_eq!(written.names(), ["说明", "问题清单", "贷款明细", "_baosong"]);
    assert!(written.parts()["xl/workbook.xml"].contains("name=\"_baosong\" sheetId=\"4\" state=\"veryHidden\""));
    let identity = written.sheet(IDENTITY_SHEET);
    assert_eq!(texts(&identity, 3)[..2], ["period", "2026-10"]);
    assert_eq!(texts(&identity, 4)[..2], ["unit", "150102"]);
    let fields = "unit_code loan_no customer_name rep_doc_no amount balance disbursed overdue_days - address";
    let source =
        ["sheet", "贷款明细", "loans", "150102-城关社部/贷款数据.xlsx", "贷款明细", fields, "社部代码", "借据号"];
    assert_eq!(texts(&identity, 10)[..8], source);
    // Finding 5 is about balance and amount of the record JJ002.
    let record = crate::digest::hex(&crate::digest::short(["JJ002"]));
    let line = texts(&identity, 15);
    assert_eq!(
        (line[0].as_str(), line[1].len(), &line[2..5]),
        ("finding", 20, &["5", "loans", "balance"].map(String::from)[..])
    );
    assert_eq!(line[5..8], [record.as_str(), "1", "4 5"]);
    assert_eq!(line[8], cell_mark("560"));
    let sheet = written.sheet("贷款明细");
    let mark = cell(&sheet, 2, 12).to_string();
    assert!(mark.starts_with(&format!("{record}:5:")), "{mark}");
    assert_eq!(mark.len(), 20 + ":5:".len() + 10 * CELL_MARK);
    assert_eq!(mark[23 + 5 * CELL_MARK..][..CELL_MARK], cell_mark("560"), "the sixth column");
    assert!(
        written.parts()[REISSUED].contains("<autoFilter ref=\"A1:M5\"/>"),
        "the hidden column is sorted with the others"
    );
    assert!(written.parts()[LIST].contains("<autoFilter ref=\"A1:Q9\"/>"));
    let english = Written::errors(&fixture::outcome(), 0, Lang::En).names();
    assert_eq!(english, ["Read me", "Findings", "贷款明细", "_baosong"]);
}

#[test]
fn the_list_has_a_line_for_each_finding() {
    let list = Written::errors(&fixture::outcome(), 0, Lang::Zh).sheet("问题清单");
    assert_eq!(list.end(), Some((8, 16)));
    assert_eq!(texts(&list, 0)[..3], ["序号\nNo.", "级别\nSeverity", "文件\nFile"]);
    let line = [
        "5",
        "强制",
        "150102-城关社部/贷款数据.xlsx",
        "贷款明细",
        "5",
        "G",
        "贷款余额(万元)",
        "JJ002",
        "560",
        "贷款余额560万元大于贷款金额500万元",
        "核对借据余额和发放金额，改正其中有误的一项",
        "LOAN-AMT-003\n《客户风险信息共享管理办法》第八条第一项［LJX-026］",
        "跳转",
        "",
        "",
        "",
    ];
    assert_eq!(texts(&list, 5)[..16], line);
    assert_eq!(cell(&list, 5, 16).to_string().len(), 20);
    // About a whole unit: no place, no link.
    assert_eq!(texts(&list, 1)[2..9], [""; 7]);
    assert_eq!(cell(&list, 1, 12).to_string(), "");
    // Personal data is in full: the unit handed it in.
    assert_eq!(cell(&list, 4, 8).to_string(), "150102198503051238");
}

#[test]
fn the_list_says_what_came_before() {
    let note = |repeat: Option<Repeat>, last_answer: Option<&str>| {
        let mut outcome = fixture::outcome();
        outcome.repeats = vec![None; outcome.findings.len()];
        outcome.repeats[4] = repeat;
        let list = Written::errors(&outcome, 0, Lang::Zh).sheet("问题清单");
        let fingerprint = cell(&list, 5, 16).to_string();
        outcome.overlay.notes.extend(last_answer.map(|text| (("150102".to_owned(), fingerprint), text.to_owned())));
        let list = Written::errors(&outcome, 0, Lang::Zh).sheet("问题清单");
        cell(&list, 5, 9).to_string().replace("贷款余额560万元大于贷款金额500万元", "")
    };
    let period = |text: &str| text.parse().expect("a period");
    let repeat = Repeat {
        times: 3,
        first_period: period("2026-08"),
        last_period: period("2026-09"),
        source_not_corrected: false,
        other_record: false,
    };
    assert_eq!(note(Some(repeat.clone()), None), "\n【上月已报，第3次】");
    let source = Repeat { source_not_corrected: true, ..repeat.clone() };
    assert_eq!(note(Some(source), None), "\n【上月已更正，源系统未修改，第3次】");
    let other = Repeat { other_record: true, last_period: period("2026-08"), ..repeat };
    assert_eq!(
        note(Some(other), Some("上次改后仍不符合")),
        "\n【2026-08同一客户已报同样的错误，第3次】\n【上次改后仍不符合】"
    );
}

#[test]
fn the_list_links_to_the_flagged_cells_and_offers_answers() {
    let written = Written::errors(&fixture::outcome(), 0, Lang::Zh);
    let xml = &written.parts()[LIST];
    // Finding 5 stands in row 6; the balance is the sixth field, behind two leading columns: H, third line.
    assert!(xml.contains("<hyperlink ref=\"M6\" location=\"'贷款明细'!H3\""), "{xml}");
    assert_eq!(xml.matches("<hyperlink ").count(), 6);
    assert!(xml.contains("<dataValidation type=\"list\""));
    assert!(xml.contains("sqref=\"N2:N9\"><formula1>\"已更正,情况属实并说明,已改源系统,非本社部数据\"</formula1>"));
    assert!(xml.contains("<col min=\"17\" max=\"17\"") && xml.contains("hidden=\"1\""));
    assert!(written.parts()[REISSUED].contains("<hyperlink ref=\"B3\" location=\"'问题清单'!A5\""));
}

#[test]
fn sheets_are_issued_again_with_the_records_at_fault() {
    let written = Written::errors(&fixture::outcome(), 0, Lang::Zh);
    let sheet = written.sheet("贷款明细");
    let headings = [
        "原行号\nRow",
        "问题序号\nFindings",
        "社部代码",
        "借据号",
        "客户名称",
        "法定代表人证件号码",
        "贷款金额(万元)",
        "贷款余额(万元)",
        "发放日期",
        "本金逾期天数",
        "备注",
        "注册地",
        "_baosong:1",
    ];
    assert_eq!(texts(&sheet, 0), headings);
    // Records 0 to 3 stood in rows 4, 5, 7 and 8; record 4 is clean.
    let rows: Vec<_> = (1..5).map(|row| cell(&sheet, row, 0)).collect();
    assert_eq!(rows, [4.0, 5.0, 7.0, 8.0].map(Data::Float));
    assert_eq!(cell(&sheet, 2, 1), Data::String("4, 5".into()));
    assert_eq!(sheet.end(), Some((4, 12)));
}

#[test]
fn identifiers_are_text_amounts_numbers_and_dates_dates() {
    let sheet = Written::errors(&fixture::outcome(), 0, Lang::Zh).sheet("贷款明细");
    assert_eq!(cell(&sheet, 1, 2), Data::String("150102".into()));
    assert_eq!(cell(&sheet, 2, 5), Data::String("150102198503051238".into()));
    assert_eq!(cell(&sheet, 2, 6), Data::Float(500.0));
    assert_eq!(cell(&sheet, 2, 7), Data::Float(560.0));
    let Data::DateTime(date) = cell(&sheet, 1, 8) else { panic!("no date") };
    assert_eq!(date.as_datetime().expect("a date").date().to_string(), "2026-10-31");
    // More than 15 significant digits, text that is no number or date, and a day before 1900 stay as text.
    assert_eq!(cell(&sheet, 3, 6), Data::String("12345678901234.56789".into()));
    assert_eq!(cell(&sheet, 3, 7), Data::String("1,200.50元".into()));
    assert_eq!(cell(&sheet, 3, 8), Data::String("2026年13月".into()));
    assert_eq!(cell(&sheet, 4, 8), Data::String("1860-06-26".into()));
    assert_eq!(cell(&sheet, 3, 5), Data::String("1.50102E+17".into()));
    // Text that looks like a formula stays text.
    assert_eq!(cell(&sheet, 2, 4), Data::String("=示例乙有限公司".into()));
    assert_eq!(cell(&sheet, 2, 10), Data::String("+甲".into()));
    assert_eq!(cell(&sheet, 3, 10), Data::String("<r>".into()));
}

#[test]
fn converted_amounts_are_issued_as_submitted() {
    let mut outcome = fixture::outcome();
    // A column in yuan: 5,000,000 yuan were read as 500 (10,000 yuan), the heading is issued again as it was.
    let submitted = &mut outcome.intake.tables[0].submitted;
    submitted.insert((1, fixture::AMOUNT), "5,000,000.00".into());
    submitted.insert((1, fixture::BALANCE), "￥5600000".into());
    let sheet = Written::errors(&outcome, 0, Lang::Zh).sheet("贷款明细");
    assert_eq!(cell(&sheet, 2, 6), Data::Float(5_000_000.0));
    assert_eq!(cell(&sheet, 2, 7), Data::String("￥5600000".into()));
}

#[test]
fn only_flagged_cells_and_answers_are_open() {
    let written = Written::errors(&fixture::outcome(), 0, Lang::Zh);
    let parts = written.parts();
    for sheet in [LIST, REISSUED] {
        let protection = parts[sheet].split("<sheetProtection").nth(1).expect("protected");
        let protection = protection.split("/>").next().expect("attributes");
        for allowed in ["sheet=\"1\"", "sort=\"0\"", "autoFilter=\"0\"", "formatColumns=\"0\""] {
            assert!(protection.contains(allowed), "{protection}");
        }
        assert!(!protection.contains("password") && !protection.contains("hashValue"));
        assert!(parts[sheet].contains("<pane ") && parts[sheet].contains("<autoFilter "));
        assert!(parts[sheet].contains("paperSize=\"9\"") && parts[sheet].contains("fitToHeight=\"0\""));
    }
    // Finding 5 is about balance and amount: both are open, the name beside them is not.
    assert!(is_unlocked(&parts, REISSUED, "G3") && is_unlocked(&parts, REISSUED, "H3"));
    assert!(!is_unlocked(&parts, REISSUED, "E3") && !is_unlocked(&parts, REISSUED, "A3"));
    assert!(is_unlocked(&parts, LIST, "N6") && is_unlocked(&parts, LIST, "P6"));
    assert!(!is_unlocked(&parts, LIST, "J6"));
}

#[test]
fn notes_join_what_is_wrong_with_a_cell() {
    let parts = Written::errors(&fixture::outcome(), 0, Lang::Zh).parts();
    let comments = &parts["xl/comments1.xml"];
    // Cells: F3, G3 and H3 (one finding marks two), F4 with two findings, G2, G5.
    assert_eq!(comments.matches("<comment ").count(), 6);
    let note = comments.split("<comment ref=\"F4\"").nth(1).and_then(|rest| rest.split("</comment>").next());
    let note = note.expect("a note on F4");
    assert!(note.contains("6. [强制] 法定代表人证件号码以数值存放") && note.contains("→ 将该列设为文本格式后"));
    assert!(note.contains("7. [提示] 证件号码1.50102E+17校验位不符"));
}

#[test]
fn a_finding_without_a_column_marks_the_row_number() {
    let mut outcome = fixture::outcome();
    outcome.intake.tables[0].segments[0].columns.retain(|column| column.field != Some(fixture::AMOUNT));
    let written = Written::errors(&outcome, 0, Lang::Zh);
    let parts = written.parts();
    assert!(parts[LIST].contains("<hyperlink ref=\"M4\" location=\"'贷款明细'!A2\""));
    assert!(parts["xl/comments1.xml"].contains("<comment ref=\"A2\""));
    let list = written.sheet("问题清单");
    assert_eq!(texts(&list, 3)[4..9], ["4", "", "贷款金额(万元)", "JJ001", "0"]);
}

#[test]
fn instructions_count_and_name_the_deadline() {
    let sheet = Written::errors(&fixture::outcome(), 0, Lang::Zh).sheet("说明");
    let text: Vec<String> = sheet.rows().map(|row| row.iter().map(ToString::to_string).collect::<String>()).collect();
    let has = |wanted: &str| assert!(text.iter().any(|line| line.contains(wanted)), "{wanted} in {text:#?}");
    has("150102 城关社部");
    has("报送员甲");
    has("2026-11-06 中午 12:00 前");
    has("强制 error4必须更正");
    has("150102-城关社部/贷款数据.xlsx54421");
    has("（整个社部）0010");
    let other = Written::errors(&fixture::outcome(), 1, Lang::Zh).sheet("说明");
    let text = format!("{:?}", other.rows().collect::<Vec<_>>());
    assert!(text.contains("损坏.xlsx：文件已损坏，请重新导出"));
}

#[test]
fn the_same_outcome_gives_the_same_bytes() {
    let bytes = |outcome: &Outcome| {
        let read = |written: Written| std::fs::read(&written.path).expect("read");
        let summary = Written::new(|path| write_summary(outcome, Lang::Zh, path).expect("written"));
        (read(Written::errors(outcome, 0, Lang::Zh)), read(summary))
    };
    assert!(bytes(&fixture::outcome()) == bytes(&fixture::outcome()));
    // Large enough for many pieces; whichever thread makes which.
    let large = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| bytes(&fixture::large(17_000, 1)))
    };
    assert!(large(1) == large(3));
}

#[test]
fn nothing_is_lost_where_pieces_meet() {
    let outcome = fixture::large(3_000, 1);
    let count = outcome.findings.len();
    let written = Written::errors(&outcome, 0, Lang::Zh);
    let (list, sheet) = (written.sheet("问题清单"), written.sheet("贷款明细"));
    let numbers: Vec<_> = list.rows().skip(1).map(|row| row[0].to_string()).collect();
    assert_eq!(numbers, (1..=count).map(|number| number.to_string()).collect::<Vec<_>>());
    // The records stood in rows 2 to 3,001.
    let rows: Vec<_> = sheet.rows().skip(1).map(|row| row[0].to_string()).collect();
    assert_eq!(rows, (2..3_002).map(|row| row.to_string()).collect::<Vec<_>>());
    let identity = written.sheet(IDENTITY_SHEET);
    // Of the hidden sheet the last lines are those of the findings.
    let hidden = identity.rows().skip(identity.height() - count).map(|row| row[1].to_string());
    let listed = list.rows().skip(1).map(|row| row[16].to_string());
    assert!(listed.eq(hidden));
    let parts = written.parts();
    assert_eq!(parts[LIST].matches("<hyperlink ").count(), count);
    assert_eq!(parts[REISSUED].matches("<hyperlink ").count(), 3_000);
    assert!(parts[LIST].contains(&format!("<dimension ref=\"A1:Q{}\"/>", count + 1)));
    assert!(parts[REISSUED].contains("<dimension ref=\"A1:M3001\"/>"));
}

#[test]
fn an_unwritable_path_names_the_unit() {
    let path = std::path::Path::new("/nowhere/150102.xlsx");
    let error = write_error_workbook(&fixture::outcome(), 0, Lang::Zh, path).expect_err("no such folder");
    assert!(error.to_string().contains("150102"));
}

#[test]
fn the_summary_balances_and_says_who_gets_no_workbook() {
    let written = Written::new(|path| write_summary(&fixture::outcome(), Lang::Zh, path).expect("written"));
    assert_eq!(written.names(), ["总览", "社部", "期限", "收件", "规则", "文件", "跳过的行"]);
    let overview = written.sheet("总览");
    let lines: Vec<String> =
        overview.rows().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect();
    let has = |wanted: &str| assert!(lines.iter().any(|line| line.contains(wanted)), "{wanted} in {lines:#?}");
    has("records read = clean + flagged|6|2|4|✓ 平");
    has("files found = read + unreadable|3|2|1|✓ 平");
    has("2|1|0|0|1");
    let units = written.sheet("社部");
    let first =
        ["150102", "城关社部", "报送员甲", "按时", "2026-11-05 16:20", "1", "5", "4", "4", "3", "1", "800", "已生成"];
    assert_eq!(texts(&units, 1), first);
    assert_eq!(texts(&units, 2)[12], "无问题，不发差错工作簿");
    assert_eq!(texts(&units, 3)[..9], ["合计", "", "", "", "", "3", "6", "4", "4"]);
    let parts = written.parts();
    assert!(parts["xl/worksheets/sheet2.xml"].contains("<f>SUM(I2:I3)</f><v>4</v>"));
    assert!(parts.contains_key("xl/charts/chart1.xml") && parts.contains_key("xl/charts/chart2.xml"));
}

#[test]
fn the_summary_lists_rules_files_and_skipped_rows() {
    let written = Written::new(|path| write_summary(&fixture::outcome(), Lang::Zh, path).expect("written"));
    let rules = written.sheet("规则");
    let line = ["LOAN-AMT-003", "强制", "贷款明细"];
    assert_eq!(texts(&rules, 3)[..3], line);
    assert_eq!(texts(&rules, 3)[5..], ["6", "1", "0", "0.16666666666666666", "600000"]);
    // The rule that had nothing to check comes last.
    assert_eq!(texts(&rules, 7)[0], "LOAN-NAM-001");
    let files = written.sheet("文件");
    assert_eq!(
        texts(&files, 1)[..11],
        [
            "150102",
            "150102-城关社部/贷款数据.xlsx",
            "xlsx",
            "12345",
            "贷款明细",
            "贷款明细",
            "3",
            "5",
            "1",
            "3",
            "文本作日期 2"
        ]
    );
    assert_eq!(texts(&files, 3)[11], "文件已损坏，请重新导出");
    let skipped = written.sheet("跳过的行");
    assert_eq!(texts(&skipped, 2)[2..], ["贷款明细", "6", "6", "1", "合计行", "小计 150102********1238"]);
}
